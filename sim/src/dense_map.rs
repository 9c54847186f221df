//! A dense map from small numbers to values, iterated in the order of the numbers.
//!
//! Orders, skus and intents are numbered from zero, so a vector of slots is both the fastest map there is and one
//! whose iteration order and hash depend on nothing but its content.

use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

/// A map from `u32` keys that are used densely.
#[derive(Clone, Debug)]
pub struct DenseMap<V> {
    slots: Vec<Option<V>>,
}

impl<V> Default for DenseMap<V> {
    fn default() -> Self {
        DenseMap { slots: Vec::new() }
    }
}

impl<V> DenseMap<V> {
    /// The value at `key`.
    #[inline]
    pub fn get(&self, key: u32) -> Option<&V> {
        self.slots.get(key as usize)?.as_ref()
    }

    /// The value at `key`, to change.
    #[inline]
    pub fn get_mut(&mut self, key: u32) -> Option<&mut V> {
        self.slots.get_mut(key as usize)?.as_mut()
    }

    /// Puts `value` at `key`, and returns what was there.
    #[inline]
    pub fn insert(&mut self, key: u32, value: V) -> Option<V> {
        self.slot(key).replace(value)
    }

    /// The slot of `key`, made if it was beyond the end.
    #[inline]
    pub fn slot(&mut self, key: u32) -> &mut Option<V> {
        let index = key as usize;
        if index >= self.slots.len() {
            self.grow(index);
        }
        &mut self.slots[index]
    }

    /// Makes slots up to this one; the first time with room for the orders of a usual run.
    #[cold]
    fn grow(&mut self, index: usize) {
        if self.slots.capacity() == 0 {
            self.slots.reserve(16);
        }
        self.slots.resize_with(index + 1, || None);
    }

    /// Takes the value at `key` out.
    pub fn remove(&mut self, key: u32) -> Option<V> {
        self.slots.get_mut(key as usize)?.take()
    }

    /// Present keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &V)> {
        (0u32..).zip(&self.slots).filter_map(|(key, slot)| Some((key, slot.as_ref()?)))
    }
}

impl<V: Default> DenseMap<V> {
    /// The value at `key`, a default one if there was none.
    #[inline]
    pub fn entry(&mut self, key: u32) -> &mut V {
        self.slot(key).get_or_insert_with(V::default)
    }
}

impl<V: PartialEq> PartialEq for DenseMap<V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}
impl<V: Eq> Eq for DenseMap<V> {}

impl<V: Hash> Hash for DenseMap<V> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for (key, value) in self.iter() {
            state.write_u32(key);
            value.hash(state);
        }
        state.write_u32(u32::MAX);
    }
}

/// A map by number; numbers that are not used are not there.
impl<V: Serialize> Serialize for DenseMap<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
