//! What was seen: fingerprints of states, each with the number of faults that were still to be placed from there.
//!
//! A table of words with linear probing: millions of states have to fit, and eight bytes each is what they need. The
//! lowest three bits of a fingerprint give way to the budget, so two states are taken for one with a chance of about
//! n² / 2⁶² among n: for ten million states, one in forty thousand.
//!
//! The table is looked up, and gone through only to grow: in which order makes no difference.

/// The most faults that can be placed: what fits beside a fingerprint, with zero left for an empty slot.
pub const FAULTS_MAX: u8 = 6;

const BUDGET: u64 = 0b111;

/// Fingerprints with budgets.
pub(super) struct Memo {
    slots: Vec<u64>,
    len: usize,
    /// Whether budgets count: only a proof that they must says no.
    budgeted: bool,
}

impl Memo {
    pub fn new(budgeted: bool) -> Self {
        Memo { slots: vec![0; 1 << 10], len: 0, budgeted }
    }

    #[inline]
    fn entry(&self, fingerprint: u64, budget: u8) -> u64 {
        debug_assert!(budget <= FAULTS_MAX);
        fingerprint & !BUDGET | if self.budgeted { u64::from(budget) + 1 } else { 1 }
    }

    /// How many states there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Notes that a state is about to be explored with this budget; false if it was, with as much or more.
    #[inline]
    pub fn enter(&mut self, fingerprint: u64, budget: u8) -> bool {
        let entry = self.entry(fingerprint, budget);
        let slot = self.slot(entry);
        let seen = self.slots[slot];
        if seen >= entry {
            return false;
        }
        self.slots[slot] = entry;
        if seen == 0 {
            self.len += 1;
            if self.len * 4 > self.slots.len() * 3 {
                self.grow();
            }
        }
        true
    }

    /// Whether a state was entered with as much budget, or more.
    #[inline]
    pub fn covers(&self, fingerprint: u64, budget: u8) -> bool {
        let entry = self.entry(fingerprint, budget);
        self.slots[self.slot(entry)] >= entry
    }

    /// Where a state is, or where it would be put.
    #[inline]
    fn slot(&self, entry: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = (entry >> 3) as usize & mask;
        while self.slots[at] != 0 && (self.slots[at] ^ entry) & !BUDGET != 0 {
            at = (at + 1) & mask;
        }
        at
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![0; self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, larger);
        for entry in old.into_iter().filter(|entry| *entry != 0) {
            let slot = self.slot(entry);
            self.slots[slot] = entry;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn a_state_is_entered_once_for_each_larger_budget() {
        let mut memo = Memo::new(true);
        assert!(memo.enter(0, 0) && !memo.enter(0, 0));
        assert!(memo.enter(0, 2) && !memo.enter(0, 1) && !memo.enter(0, 2));
        assert_eq!(memo.len(), 1);
    }

    #[test]
    fn nothing_is_forgotten_when_it_grows() {
        let mut memo = Memo::new(true);
        let states = 0..10_000u64;
        assert!(states.clone().all(|state| memo.enter(Digest::of(&state), 1)));
        assert!(states.clone().all(|state| !memo.enter(Digest::of(&state), 1)));
        assert!(states.clone().all(|state| memo.enter(Digest::of(&state), 2)));
        assert_eq!(memo.len(), 10_000);
    }
}
