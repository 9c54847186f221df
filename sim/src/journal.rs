//! What a run writes down as it goes; both backends keep one.
//!
//! **Invariant:** a service sees none of it, and of all this only the time decides what happens: a fingerprint leaves
//! the rest out (`a_fork_ends_as_its_original_and_leaves_it_alone` in the kernel's tests).

use crate::digest::Digest;
use crate::service::Service;
use crate::time::{Instant, Moment};
use crate::trace::{Cause, Happening, Trace};

/// Exact counts of what a run cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages sent from one node inside to another.
    pub internal_messages: u64,
    /// Messages to or from an outside party.
    pub outside_messages: u64,
    /// Forced writes, by role.
    pub syncs: Vec<u64>,
    /// Commands refused because the queue was full or no process listened.
    pub refused: u64,
}

/// Time, digest, trace and counts of a run.
#[derive(Clone)]
pub(crate) struct Journal<S: Service> {
    pub now: Instant,
    /// How many events there were.
    pub events: u64,
    pub digest: Digest,
    pub trace: Trace<S>,
    pub counts: Counts,
    /// What services noted to have reached, as bits.
    pub probes: u64,
}

impl<S: Service> Journal<S> {
    pub fn new(roles: usize, trace: Trace<S>) -> Self {
        let counts = Counts { syncs: vec![0; roles], ..Counts::default() };
        Journal { now: Instant::ZERO, events: 0, digest: Digest::default(), trace, counts, probes: 0 }
    }

    /// Where the run is.
    #[inline]
    pub fn moment(&self) -> Moment {
        Moment { at: self.now, event: self.events }
    }

    /// Records an entry of the trace, if it is on; returns its position.
    #[inline]
    pub fn record(&mut self, cause: Cause, what: impl FnOnce() -> Happening<S>) -> Cause {
        self.trace.record(self.events, self.now, cause, what)
    }

    /// Adds this moment and a number to the digest; `shift` keeps numbers of different kinds apart.
    #[inline]
    pub fn mark(&mut self, number: u64, shift: u32) {
        self.digest.word(self.now.0 ^ number << shift);
    }
}
