//! What will happen, in order of `(time, addressed priority)`.
//!
//! Events sit still in slots while small keys move through the heap. A replaced or disarmed timer leaves its key
//! behind; a key whose ticket does not match its slot is skipped when it surfaces.
//!
//! **Invariant:** slot numbers do not influence what happens. Of two events of the same time and the same priority (one
//! message from two senders, say) that which was put here first happens first, whatever else is pending
//! (`of_equals_the_first_comes_first`).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxBuildHasher;
use smallvec::SmallVec;

use crate::digest::Digest;
use crate::time::{Instant, Micros};

#[expect(clippy::disallowed_types, reason = "looked up by name, never iterated")]
type Names<K> = std::collections::HashMap<K, u32, FxBuildHasher>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: Instant,
    priority: u64,
    /// Before the slot: which slot was free depends on all events, which of two came first only on these two.
    ticket: u32,
    slot: u32,
}

#[derive(Debug)]
struct Slot<E> {
    ticket: u32,
    event: Option<E>,
    /// The hash of the event; 0 while it is not known.
    hash: AtomicU64,
}

impl<E: Clone> Clone for Slot<E> {
    fn clone(&self) -> Self {
        let Slot { ticket, event, hash } = self;
        Slot { ticket: *ticket, event: event.clone(), hash: AtomicU64::new(hash.load(Ordering::Relaxed)) }
    }
}

impl<E: Hash> Slot<E> {
    /// The hash of the event, remembered: a fork that did not touch the event need not hash it again.
    fn hashed(&self, event: &E) -> u64 {
        match self.hash.load(Ordering::Relaxed) {
            0 => {
                let fresh = Digest::of(event) | 1;
                self.hash.store(fresh, Ordering::Relaxed);
                fresh
            }
            known => known,
        }
    }
}

/// Pending events `E`, some of which have names `K` under which they can be replaced or withdrawn.
#[derive(Debug)]
pub(crate) struct Queue<E, K> {
    heap: BinaryHeap<Reverse<Key>>,
    slots: Vec<Slot<E>>,
    free: Vec<u32>,
    names: Names<K>,
    tickets: u32,
}

/// A copy has room for what will be put there next: forks run on at once.
impl<E: Clone, K: Clone> Clone for Queue<E, K> {
    fn clone(&self) -> Self {
        Queue {
            heap: with_room(self.heap.as_slice()).into(),
            slots: with_room(&self.slots),
            free: with_room(&self.free),
            names: self.names.clone(),
            tickets: self.tickets,
        }
    }
}

fn with_room<T: Clone>(items: &[T]) -> Vec<T> {
    let mut copy = Vec::with_capacity(items.len() + 16);
    copy.extend_from_slice(items);
    copy
}

impl<E, K: Eq + Hash + Copy> Queue<E, K> {
    pub fn new() -> Self {
        Queue {
            heap: BinaryHeap::with_capacity(64),
            slots: Vec::with_capacity(64),
            free: Vec::with_capacity(64),
            names: Names::default(),
            tickets: 0,
        }
    }

    /// Puts an event in its place; always inlined, so that it is built there and not copied there.
    #[inline(always)]
    pub fn push(&mut self, at: Instant, priority: u64, event: E) -> u32 {
        let ticket = self.tickets.wrapping_add(1);
        self.tickets = ticket;
        let filled = Slot { ticket, event: Some(event), hash: AtomicU64::new(0) };
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = filled;
                slot
            }
            None => {
                self.slots.push(filled);
                self.slots.len() as u32 - 1
            }
        };
        self.heap.push(Reverse(Key { at, priority, slot, ticket }));
        slot
    }

    /// Pushes an event under a name, replacing the one that had it.
    #[inline]
    pub fn push_named(&mut self, name: K, at: Instant, priority: u64, event: E) {
        let slot = self.push(at, priority, event);
        if let Some(old) = self.names.insert(name, slot) {
            self.vacate(old);
        }
    }

    /// Withdraws the event of this name.
    #[inline]
    pub fn withdraw(&mut self, name: K) {
        if let Some(slot) = self.names.remove(&name) {
            self.vacate(slot);
        }
    }

    /// The name's event has just been popped.
    #[inline]
    pub fn fired(&mut self, name: K) {
        self.names.remove(&name);
    }

    fn vacate(&mut self, slot: u32) -> Option<E> {
        let event = self.slots[slot as usize].event.take()?;
        self.free.push(slot);
        Some(event)
    }

    /// The event of a key, unless it was replaced or withdrawn.
    #[inline]
    fn event(&self, key: &Key) -> Option<&E> {
        let slot = &self.slots[key.slot as usize];
        slot.event.as_ref().filter(|_| slot.ticket == key.ticket)
    }

    /// Drops keys without an event from the front.
    #[inline]
    fn settle(&mut self) {
        while let Some(Reverse(key)) = self.heap.peek()
            && self.event(key).is_none()
        {
            self.heap.pop();
        }
    }

    /// When the next event happens.
    #[inline]
    pub fn next_at(&mut self) -> Option<Instant> {
        self.settle();
        self.heap.peek().map(|Reverse(key)| key.at)
    }

    /// The next event.
    pub fn peek(&mut self) -> Option<(Instant, &E)> {
        self.settle();
        let Reverse(key) = self.heap.peek()?;
        Some((key.at, self.event(key)?))
    }

    /// Whether two or more events happen at the instant of the next one.
    pub fn tied(&mut self) -> bool {
        let Some(at) = self.next_at() else { return false };
        self.pending().filter(|(key, _)| key.at == at).take(2).count() == 2
    }

    /// When the first event of these happens.
    pub fn first_of(&self, meant: impl Fn(&E) -> bool) -> Option<Instant> {
        self.pending().filter(|(_, event)| meant(event)).map(|(key, _)| key.at).min()
    }

    /// Every event and its key, in no order.
    fn pending(&self) -> impl Iterator<Item = (&Key, &E)> {
        self.heap.iter().filter_map(|Reverse(key)| Some((key, self.event(key)?)))
    }

    /// Every event and its time, in the order in which they will happen.
    pub fn in_order(&self) -> Vec<(Instant, &E)> {
        let mut pending: Vec<(&Key, &E)> = self.pending().collect();
        pending.sort_unstable_by_key(|(key, _)| **key);
        pending.into_iter().map(|(key, event)| (key.at, event)).collect()
    }

    /// Takes the next event out, with its time and priority.
    #[inline]
    pub fn pop(&mut self) -> Option<(Instant, u64, E)> {
        loop {
            let Reverse(key) = self.heap.pop()?;
            if self.event(&key).is_some() {
                self.free.push(key.slot);
                let event = self.slots[key.slot as usize].event.take();
                return event.map(|event| (key.at, key.priority, event));
            }
        }
    }

    /// Lets what was put off until `until` happen at `now`, as far as it is `meant`.
    pub fn bring_forward(&mut self, until: Instant, now: Instant, meant: impl Fn(&E) -> bool) {
        self.retime(|at| if at == until { now } else { at }, meant);
    }

    /// Lets what is `meant` happen at another time.
    pub fn retime(&mut self, time: impl Fn(Instant) -> Instant, meant: impl Fn(&E) -> bool) {
        let mut keys = std::mem::take(&mut self.heap).into_vec();
        for Reverse(key) in &mut keys {
            if self.event(key).is_some_and(&meant) {
                key.at = time(key.at);
            }
        }
        self.heap = keys.into();
    }

    /// Takes out what is `meant`, none of which has a name, in the order in which it would have happened.
    pub fn extract(&mut self, meant: impl Fn(&E) -> bool) -> Vec<E> {
        let mut keys: Vec<Key> =
            self.pending().filter(|(_, event)| meant(event)).map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys.iter().filter_map(|key| self.vacate(key.slot)).collect()
    }

    /// Removes every event that `gone` says goes; `name` tells a named one's name.
    pub fn remove(&mut self, gone: impl Fn(&E) -> bool, name: impl Fn(&E) -> Option<K>) {
        for slot in 0..self.slots.len() as u32 {
            if self.slots[slot as usize].event.as_ref().is_some_and(&gone)
                && let Some(event) = self.vacate(slot)
                && let Some(name) = name(&event)
            {
                self.names.remove(&name);
            }
        }
    }
}

impl<E: Hash, K: Eq + Hash + Copy> Queue<E, K> {
    /// The same for the same pending events at the same distances from `now`, however they came about.
    ///
    /// They are hashed in the order in which they will happen: where two share an instant and a priority without being
    /// copies, that order is part of the future. What is not `seen` is left out, and so are distances unless `timed`:
    /// only for the proof that they must not be.
    pub fn fingerprint(&self, now: Instant, timed: bool, seen: impl Fn(&E) -> bool) -> u64 {
        let mut pending = SmallVec::<[(&Key, &E); 32]>::new();
        pending.extend(self.pending().filter(|(_, event)| seen(event)));
        pending.sort_unstable_by_key(|(key, _)| **key);
        let hashed = |key: &Key, event: &E| self.slots[key.slot as usize].hashed(event);
        let mut digest = Digest::default();
        let away = |key: &Key| if timed { key.at - now } else { Micros::ZERO };
        for (key, event) in pending {
            digest.word(away(key).0);
            digest.word(key.priority);
            digest.word(hashed(key, event));
        }
        digest.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(events: &[(u64, u64, &'static str)]) -> Queue<&'static str, u8> {
        let mut queue = Queue::new();
        for (at, priority, event) in events {
            queue.push(Instant(*at), *priority, *event);
        }
        queue
    }

    fn drain(mut queue: Queue<&'static str, u8>) -> Vec<&'static str> {
        std::iter::from_fn(|| queue.pop()).map(|(_, _, event)| event).collect()
    }

    #[test]
    fn time_first_then_priority() {
        assert_eq!(drain(queue(&[(2, 0, "c"), (1, 9, "b"), (1, 3, "a")])), ["a", "b", "c"]);
    }

    /// The slot that "late" gets was free because of an event that has nothing to do with it.
    #[test]
    fn of_equals_the_first_comes_first() {
        let mut queue = queue(&[(1, 0, "another"), (5, 3, "early")]);
        queue.pop();
        queue.push(Instant(5), 3, "late");
        assert_eq!(drain(queue), ["early", "late"]);
    }

    #[test]
    fn arming_replaces_and_withdrawing_removes() {
        let mut queue = queue(&[(5, 0, "x")]);
        queue.push_named(1, Instant(1), 0, "old");
        queue.push_named(1, Instant(7), 0, "new");
        queue.push_named(2, Instant(2), 0, "gone");
        queue.withdraw(2);
        assert_eq!(queue.next_at(), Some(Instant(5)));
        assert_eq!(drain(queue), ["x", "new"]);
    }

    #[test]
    fn what_is_brought_forward_comes_first() {
        let mut queue = queue(&[(5, 0, "soon"), (9, 0, "stays"), (9, 1, "comes"), (8, 0, "then")]);
        queue.bring_forward(Instant(9), Instant(4), |event| *event == "comes");
        assert_eq!(drain(queue), ["comes", "soon", "then", "stays"]);
    }

    #[test]
    fn the_fingerprint_forgets_slots_and_absolute_time() {
        let (mut a, mut b) =
            (queue(&[(1, 0, "first"), (12, 1, "x"), (13, 2, "y")]), queue(&[(23, 2, "y"), (22, 1, "x")]));
        a.pop();
        assert_eq!(a.fingerprint(Instant(10), true, |_| true), b.fingerprint(Instant(20), true, |_| true));
        b.pop();
        assert_ne!(a.fingerprint(Instant(10), true, |_| true), b.fingerprint(Instant(20), true, |_| true));
    }
}
