//! Virtual time: microseconds since the start of a run.
//!
//! **Invariant:** nothing in a run knows any other time (`clippy.toml` forbids the clocks of the standard library).
//! Services never see an [`Instant`]: they arm timers by duration, so no store contains one and the state of a world
//! does not depend on when it was reached.

use std::fmt;
use std::ops::{Add, Sub};

/// A duration in virtual microseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Micros(pub u64);

/// A moment of virtual time, in microseconds since the start of the run.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Instant(pub u64);

impl Micros {
    /// No time at all.
    pub const ZERO: Micros = Micros(0);
    /// Until the world is healed.
    pub(crate) const FOREVER: Micros = Micros(u64::MAX);

    /// `n` milliseconds.
    pub const fn millis(n: u64) -> Micros {
        Micros(n * 1_000)
    }

    /// `n` seconds.
    pub const fn secs(n: u64) -> Micros {
        Micros(n * 1_000_000)
    }

    /// This duration in whole milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// `self` taken `factor` times, saturating.
    pub const fn times(self, factor: u64) -> Micros {
        Micros(self.0.saturating_mul(factor))
    }
}

/// Where in a run something was observed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Virtual time.
    pub at: Instant,
    /// The number of the event, from 1.
    pub event: u64,
}

impl Instant {
    /// The start of the run.
    pub const ZERO: Instant = Instant(0);
    /// Later than anything that happens.
    pub const NEVER: Instant = Instant(u64::MAX);

    /// How far off this moment is; forever if it never comes.
    pub(crate) fn away_from(self, now: Instant) -> Micros {
        if self == Instant::NEVER { Micros::FOREVER } else { self - now }
    }

    /// Milliseconds since the start, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }
}

impl Add<Micros> for Instant {
    type Output = Instant;
    fn add(self, after: Micros) -> Instant {
        Instant(self.0.saturating_add(after.0))
    }
}

impl Add for Micros {
    type Output = Micros;
    fn add(self, other: Micros) -> Micros {
        Micros(self.0.saturating_add(other.0))
    }
}

impl Sub for Instant {
    type Output = Micros;
    fn sub(self, earlier: Instant) -> Micros {
        Micros(self.0.saturating_sub(earlier.0))
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            us if us % 1_000_000 == 0 => write!(f, "{} s", us / 1_000_000),
            us if us >= 1_000 => write!(f, "{} ms", us / 1_000),
            us => write!(f, "{us} us"),
        }
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} ms", self.0 / 1_000, self.0 % 1_000)
    }
}
