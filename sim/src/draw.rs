//! Addressed randomness: every draw is a pure function of the seed and of what it is for.
//!
//! One shared stream would make the removal of a fault re-roll everything after it, and with it ruin shrinking and
//! paired comparison. Here a draw has an *address*; ChaCha8 keyed by seed and address gives the value, and no
//! other draw moves it.
//!
//! **Invariant:** no counter of anything that happened in the run is part of an address
//! (`draws_are_functions_of_their_address`).

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use crate::digest::fold;

/// What a draw is for: two draws for different purposes never share a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Latency, service time, sync latency and tie priority of one message.
    Message = 1,
    /// Jitter and tie priority of one timer.
    Timer = 2,
    /// The outcome of a commit that a crash interrupted.
    Torn = 3,
    /// Whether a message on which a partition falls is lost or late.
    Caught = 4,
    /// The orders of a workload.
    Workload = 5,
    /// The faults of a plan.
    Plan = 6,
    /// What heals first.
    Healing = 7,
    /// Whether a lossy link loses a message.
    Lossy = 8,
}

/// The source of addressed draws of one run.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    seed: u64,
}

impl Draws {
    /// Draws of the run with this seed.
    pub const fn new(seed: u64) -> Self {
        Draws { seed }
    }

    /// The generator at an address, for a purpose that needs many values.
    #[inline]
    pub fn stream(&self, purpose: Purpose, a: u64, b: u64) -> Stream {
        let mut key = [0; 32];
        for (part, word) in key.chunks_exact_mut(8).zip([self.seed, purpose as u64, a, b]) {
            part.copy_from_slice(&word.to_le_bytes());
        }
        Stream(ChaCha8Rng::from_seed(key))
    }

    /// One value at an address.
    #[inline]
    pub fn bits(&self, purpose: Purpose, a: u64, b: u64) -> DrawBits {
        DrawBits(self.stream(purpose, a, b).0.next_u64())
    }
}

/// A generator at one address.
#[derive(Clone, Debug)]
pub struct Stream(ChaCha8Rng);

impl Stream {
    /// A number below `bound` (0 if `bound` is 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.0.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// An index drawn in proportion to `weights`; `None` if they are all zero.
    pub fn weighted(&mut self, weights: &[f64]) -> Option<usize> {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        let last = weights.iter().rposition(|w| *w > 0.0)?;
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 && *weight > 0.0 {
                return Some(index);
            }
        }
        Some(last)
    }

    /// One element of a slice that is not empty.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len() as u64) as usize)
    }

    /// A number from an exponential distribution with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        // The platform's logarithm may differ in its last bit from another platform's; this one does not.
        -mean * libm::log(1.0 - self.unit())
    }
}

/// Sixty-four drawn bits, read as several independent small draws: one ChaCha block a message is enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DrawBits(pub u64);

/// Which part of a [`DrawBits`] is read.
#[derive(Clone, Copy, Debug)]
#[repr(u32)]
pub enum Lane {
    /// Time on the link, or jitter of a timer.
    Link = 0,
    /// Time on a worker.
    Service = 21,
    /// Time of a forced write.
    Sync = 42,
}

impl DrawBits {
    /// A number in `0..=span`, from 21 bits.
    #[inline]
    pub fn within(self, part: Lane, span: u64) -> u64 {
        (((self.0 >> part as u32) & 0x1f_ffff) * (span + 1)) >> 21
    }

    /// The order among events of one instant; the upper half is left to those that let others go first.
    #[inline]
    pub fn priority(self) -> u64 {
        fold(self.0, 0xd6e8_feb8_6659_fd93) >> 1
    }
}
