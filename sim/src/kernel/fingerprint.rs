//! When two worlds have the same future.
//!
//! The fingerprint covers memory, stores with what crashes would leave of them, commands waiting, workers at work,
//! everything pending with its distance from now and its place among equals, links, pauses, what is slow, lossy, full
//! or wrong about the time, which nodes are down, lead or are healed, faults yet to strike, and ground truth; outside
//! parties are nodes like any other.
//!
//! It leaves out, by name: what a run only writes (trace, digest, counts, probes, how often it stepped, which faults
//! struck); what is the same in all states of one run (physics, plan, which nodes are outside); what is a
//! function of what is in it (the bits drawn for a message, by its identity and receiver; a task's role, by its node;
//! the queue's names, slots and tickets; the links on which messages are held back, by these messages); the time
//! itself, because instants count relative to it; and the records behind a store, because only what crashes would
//! leave of them can come back, and half a transaction never does unless a recovery takes it for real.
//!
//! **Invariant:** if two fingerprints are equal, the same continuation gives the same verdict (`the_memo_is_honest`,
//! `a_memo_of_these_point_faults_is_honest`, and `tests/explore/mask.rs` for what must be in it).

use std::hash::{Hash, Hasher};

use crate::digest::Digest;
use crate::mask::FingerprintMask;
use crate::service::Service;

use super::event::Event;
use super::world::World;

impl<S: Service> World<S> {
    /// A number that is equal for worlds with the same future.
    #[inline]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint_but(FingerprintMask::NONE)
    }

    /// The fingerprint without what it must not be without.
    pub(crate) fn fingerprint_but(&self, mask: FingerprintMask) -> u64 {
        let mut hash = Digest::default();
        let remembers = |node| {
            let inside = !self.adversary.is_outside(node) || mask.sees(FingerprintMask::OUTSIDE);
            inside && mask.sees(FingerprintMask::MEMORY)
        };
        self.hosts.fingerprint(remembers, &mut hash);
        let stored = |role: crate::site::Role| match self.physics.roles[role.0 as usize].outside {
            true => mask.sees(FingerprintMask::OUTSIDE),
            false => mask.sees(FingerprintMask::STORES),
        };
        self.disks.fingerprint(stored, &mut hash);
        let timed = mask.sees(FingerprintMask::TIMES);
        hash.word(self.queue.fingerprint(self.now(), timed, |event| match event {
            Event::Timer { .. } => mask.sees(FingerprintMask::TIMERS),
            Event::Deliver(_) => mask.sees(FingerprintMask::MESSAGES),
            Event::Resume(_) => mask.sees(FingerprintMask::TASKS),
            Event::Redeliver { .. } | Event::Scheduled(_) => true,
        }));
        if !self.physics.marks {
            self.disks.fingerprint_torn(&mut hash);
        }
        self.adversary.fingerprint(self.now(), mask, &mut hash);
        if mask.sees(FingerprintMask::LEDGER) {
            hash.word(self.truth.fingerprint());
        }
        hash.finish()
    }

    /// The digest of the run so far: every event with its time and payload, every store, every memory, the truth.
    pub fn digest(&self) -> u64 {
        let mut digest = self.journal.digest;
        digest.word(self.events());
        self.hosts.digest(&mut digest);
        self.disks.fingerprint(|_| true, &mut digest);
        self.truth().hash(&mut digest);
        digest.finish()
    }
}
