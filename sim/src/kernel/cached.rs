//! A value shared between forks until it changes, with a place to remember its hash.

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::digest::Digest;

/// A shared value; cloning it is cheap.
#[derive(Debug)]
pub(super) struct Cached<T> {
    shared: Arc<Hashed<T>>,
}

impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Cached { shared: Arc::clone(&self.shared) }
    }
}

/// A value and what is known of it.
#[derive(Debug)]
struct Hashed<T> {
    value: T,
    /// 0 while it is not known.
    hash: AtomicU64,
    /// Whether it passed the check that its owner makes of it.
    checked: AtomicBool,
}

impl<T> Cached<T> {
    pub fn new(value: T) -> Self {
        let (hash, checked) = (AtomicU64::new(0), AtomicBool::new(false));
        Cached { shared: Arc::new(Hashed { value, hash, checked }) }
    }

    #[inline]
    pub fn get(&self) -> &T {
        &self.shared.value
    }

    /// Whether it passes a check, which is made once.
    pub fn checked(&self, check: impl FnOnce(&T) -> bool) -> bool {
        let passes = self.shared.checked.load(Ordering::Relaxed) || check(&self.shared.value);
        self.shared.checked.store(passes, Ordering::Relaxed);
        passes
    }
}

impl<T: Clone> Cached<T> {
    /// The value, to change; a fork that shares it keeps its own.
    #[inline]
    pub fn change(&mut self) -> &mut T {
        if Arc::strong_count(&self.shared) > 1 {
            self.part();
        }
        let Hashed { value, hash, checked } =
            Arc::get_mut(&mut self.shared).expect("no other fork holds it now");
        *hash.get_mut() = 0;
        *checked.get_mut() = false;
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
    pub fn fingerprint(&self) -> u64 {
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
