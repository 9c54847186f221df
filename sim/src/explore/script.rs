//! Exploration of a script: the same services, with the faults that are placed instead of its own.
//!
//! **Invariant:** nothing heals the world here; what is placed ends by itself, or the run comes to no rest and is
//! told so (`a_run_that_never_rests_is_not_taken_for_explored`).

use crate::fault::Fault;
use crate::kernel::World;
use crate::mask::FingerprintMask;
use crate::script::Script;
use crate::service::{Service, Truth};
use crate::time::Micros;
use crate::trace::Trace;

use super::explorer::Explorer;
use super::fault_set::FaultSet;
use super::naming::named;
use super::outcome::{Explored, Limits, Placed};

/// Most states remembered: twenty megabytes at the most.
const STATES: u64 = 1_000_000;

impl<S: Service> Script<S> {
    /// Every placement of up to so many faults of this set, fewer ones first, in at most so many executions. What it
    /// finds is a path ([`Script::named`] gives the faults); what it does not find is not there, if it is complete.
    pub fn explore(&self, fault_set: &FaultSet, faults: u8, executions: u64) -> Explored<&'static str> {
        let limits = Limits { executions, states: STATES, events: self.events, horizon: self.until };
        let explorer =
            Explorer { fault_set, limits, memo: true, quiet: Micros::ZERO, mask: FingerprintMask::NONE };
        let finish = |world: &mut World<S>| {
            if world.truth().violations().is_empty() {
                world.check_rewound_replays();
                world.judge(self.rest);
            }
            let mut broken: Vec<&str> =
                world.truth().violations().iter().map(|known| known.property).collect();
            broken.sort_unstable();
            broken.dedup();
            broken
        };
        explorer.explore(&self.with_faults(&[]).world(Trace::off()), faults, finish)
    }

    /// The faults of a path that an exploration of this script took.
    pub fn named(&self, path: &[Placed]) -> Option<Vec<Fault>> {
        named(self.with_faults(&[]).world(Trace::off()), path)
    }
}
