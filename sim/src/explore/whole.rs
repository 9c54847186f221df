//! Exploration of a script: the same services, with the faults that are placed instead of its own.
//!
//! **Invariant:** nobody heals the world here; what is placed ends by itself, or the run comes to no rest and is told so.

use crate::fault::Fault;
use crate::kernel::Blind;
use crate::kernel::World;
use crate::script::Script;
use crate::service::{Service, Truth};
use crate::time::Micros;
use crate::trace::Trace;

use super::{Alphabet, Explored, Explorer, Limits, Placed, named};

/// Most states remembered: twenty megabytes at the most.
const STATES: u64 = 1_000_000;

impl<S: Service> Script<S> {
    /// Every placement of up to so many faults of this alphabet, fewer ones first, in at most so many executions. What it
    /// finds is a path ([`Script::named`] gives the faults); what it does not find is not there, if it is complete.
    pub fn explore(&self, alphabet: &Alphabet, faults: u8, executions: u64) -> Explored<()> {
        let limits = Limits { executions, states: STATES, events: self.events, horizon: self.until };
        let explorer = Explorer { alphabet, limits, memo: true, quiet: Micros::ZERO, blind: Blind::NOT };
        let finish = |world: &mut World<S>| {
            if world.truth().violations() == 0 {
                world.check_rewound_replays();
                world.judge(self.rest);
            }
            if world.truth().violations() == 0 { Vec::new() } else { vec![()] }
        };
        explorer.explore(&self.with_faults(&[]).world(Trace::off()), faults, finish)
    }

    /// The faults of a path that an exploration of this script took.
    pub fn named(&self, path: &[Placed]) -> Option<Vec<Fault>> {
        named(self.with_faults(&[]).world(Trace::off()), path)
    }
}
