//! A fixed hash: the same bytes give the same value on every machine, build and day.
//!
//! The mixing step is the folded 64 x 64 -> 128 bit multiplication (as in wyhash, Wang Yi 2019): one multiplication
//! a word, good diffusion, no state beyond eight bytes. Digests are committed in tests, so the function is ours and
//! frozen; a library would be free to change its output in a patch release.
//!
//! **Invariant:** no address, no capacity, no hasher seed and no iteration order of an unordered map is ever fed in;
//! the function itself is frozen (`the_function_is_frozen`).

use std::hash::{Hash, Hasher};

const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
const FOLD: u64 = 0xa076_1d64_78bd_642f;

/// Folds `a * b` to 64 bits.
#[inline]
pub const fn fold(a: u64, b: u64) -> u64 {
    let wide = (a as u128).wrapping_mul(b as u128);
    (wide as u64) ^ ((wide >> 64) as u64)
}

/// A [`Hasher`] with a specified result, used for digests, fingerprints and addressed priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Digest(ODD)
    }
}

impl Digest {
    /// The digest of one value.
    #[inline]
    pub fn of<T: Hash + ?Sized>(value: &T) -> u64 {
        let mut digest = Digest::default();
        value.hash(&mut digest);
        digest.finish()
    }

    /// Adds one word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        self.0 = fold(self.0 ^ word, FOLD).wrapping_add(ODD);
    }
}

impl Hasher for Digest {
    #[inline]
    fn finish(&self) -> u64 {
        fold(self.0 ^ ODD, FOLD)
    }
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
        self.word(bytes.len() as u64);
    }
    #[inline]
    fn write_u8(&mut self, n: u8) {
        self.word(n as u64);
    }
    #[inline]
    fn write_u16(&mut self, n: u16) {
        self.word(n as u64);
    }
    #[inline]
    fn write_u32(&mut self, n: u32) {
        self.word(n as u64);
    }
    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.word(n);
    }
    #[inline]
    fn write_usize(&mut self, n: usize) {
        self.word(n as u64);
    }
    #[inline]
    fn write_isize(&mut self, n: isize) {
        self.word(n as u64);
    }
}
