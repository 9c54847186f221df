//! When two worlds have the same future.
//!
//! The fingerprint covers memory, stores with what crashes would leave of them, commands waiting, workers at work,
//! everything pending with its distance from now and its place among equals, links, pauses, what is slow, lossy, full or
//! wrong about the time, who is down, who leads, who is healed, faults yet to strike, and ground truth; outside parties
//! are nodes like any other.
//!
//! It leaves out, by name: what a run only writes (trace, digest, counts, probes, how often it stepped, which faults
//! struck); what is the same in all states of one run (physics, plan, who is outside); what is a function of what is in
//! it (a message's luck, by its identity and receiver; a task's role, by its node; the queue's names, slots and tickets;
//! the links on which messages are held back, by these messages); the time itself, because instants count relative to it;
//! and the records behind a store, because only what crashes would leave of them can come back, and half a transaction
//! never does unless a recovery takes it for real.
//!
//! **Invariant:** if two fingerprints are equal, the same continuation gives the same verdict.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::digest::Digest;
use crate::fault::SustainedFault;
use crate::service::Service;
use crate::site::Node;

use super::event::Event;
use super::{Cached, FingerprintMask, Hashed, World};

impl<T: Clone> Cached<T> {
    pub(super) fn new(value: T) -> Self {
        Cached {
            shared: Arc::new(Hashed { value, hash: AtomicU64::new(0), replayed: AtomicBool::new(false) }),
        }
    }

    /// The value, to change; a fork that shares it keeps its own.
    #[inline]
    pub(super) fn change(&mut self) -> &mut T {
        if Arc::strong_count(&self.shared) > 1 {
            self.part();
        }
        let Hashed { value, hash, replayed } =
            Arc::get_mut(&mut self.shared).expect("nobody else holds it now");
        *hash.get_mut() = 0;
        *replayed.get_mut() = false;
        value
    }

    #[cold]
    fn part(&mut self) {
        *self = Cached::new(self.shared.value.clone());
    }
}

impl<T: Hash> Cached<T> {
    /// The hash of the value; most values of a world have not changed since they were hashed last.
    #[inline]
    fn fingerprint(&self) -> u64 {
        match self.shared.hash.load(Ordering::Relaxed) {
            0 => self.hashed_anew(),
            known => known,
        }
    }

    #[cold]
    fn hashed_anew(&self) -> u64 {
        let fresh = Digest::of(&self.shared.value) | 1;
        self.shared.hash.store(fresh, Ordering::Relaxed);
        fresh
    }
}

impl<S: Service> World<S> {
    /// A number that is equal for worlds with the same future.
    #[inline]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint_but(FingerprintMask::NOT)
    }

    /// The fingerprint without what it must not be without.
    pub(crate) fn fingerprint_but(&self, mask: FingerprintMask) -> u64 {
        let mut hash = Digest::default();
        let inside = |node: usize| !self.outside.has(Node(node as u8)) || mask.sees(FingerprintMask::OUTSIDE);
        let remembers = |node: &usize| inside(*node) && mask.sees(FingerprintMask::MEMORY);
        (0..self.hosts.len()).filter(remembers).for_each(|node| hash.word(self.hosts[node].fingerprint()));
        self.busy.hash(&mut hash);
        let stored = |role: usize| match self.physics.roles[role].outside {
            true => mask.sees(FingerprintMask::OUTSIDE),
            false => mask.sees(FingerprintMask::STORES),
        };
        let databases = self.databases.iter().enumerate().filter(|(role, _)| stored(*role));
        databases.for_each(|(_, database)| hash.word(database.fingerprint()));
        hash.word(self.queue.fingerprint(self.now, mask.sees(FingerprintMask::TIMES), |event| match event {
            Event::Timer { .. } => mask.sees(FingerprintMask::TIMERS),
            Event::Deliver(_) => mask.sees(FingerprintMask::MESSAGES),
            Event::Resume(_) => mask.sees(FingerprintMask::TASKS),
            _ => true,
        }));
        if mask.sees(FingerprintMask::LINKS) {
            // Outages that overlap are a set: in which order they began makes no difference.
            let cuts = self.cuts.iter().filter(|cut| cut.until > self.now);
            hash.word(sum(cuts.map(|cut| Digest::of(&(cut.from, cut.to, cut.until - self.now)))));
        }
        let pauses = self.pauses.iter().filter(|(_, until)| *until > self.now);
        hash.word(sum(pauses.map(|(node, until)| Digest::of(&(node, *until - self.now)))));
        if !self.ailments.is_empty() {
            let felt = self.ailments.iter().filter(|ailment| ailment.until > self.now);
            let clock =
                |sustained| matches!(sustained, SustainedFault::Clock(..) | SustainedFault::Drift(..));
            let seen = felt.filter(|ailment| mask.sees(FingerprintMask::CLOCKS) || !clock(ailment.sustained));
            hash.word(sum(seen.map(|known| Digest::of(&(known.sustained, known.until - self.now)))));
        }
        if !self.physics.marks {
            hash.word(sum(self.torn.iter().map(Digest::of)));
        }
        self.healed.hash(&mut hash);
        if mask.sees(FingerprintMask::OUTAGES) {
            self.down.hash(&mut hash);
            self.leaders.hash(&mut hash);
        }
        self.nemesis.hash(&mut hash);
        if mask.sees(FingerprintMask::LEDGER) {
            hash.word(self.truth.fingerprint());
        }
        hash.finish()
    }

    /// The digest of the run so far: every event with its time and payload, every store, every memory, the truth.
    pub fn digest(&self) -> u64 {
        let mut digest = self.digest;
        digest.word(self.events);
        self.hosts.iter().for_each(|host| digest.word(host.fingerprint()));
        self.databases.iter().for_each(|database| digest.word(database.fingerprint()));
        self.truth().hash(&mut digest);
        digest.finish()
    }
}

fn sum(hashes: impl Iterator<Item = u64>) -> u64 {
    hashes.fold(0, u64::wrapping_add)
}
