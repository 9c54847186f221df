//! Exploration: every placement of up to so many faults over one world, or the smallest one that breaks something.
//!
//! The world is a value, so a branch is a clone. From a world at rest between two events a *walk* goes on to the end
//! without a fault (the trunk) and leaves a fork wherever a fault could strike; each fork and each verb give a branch,
//! which is walked in turn with one fault less to place. A state that was reached before, by whatever faults, with as
//! many left to place as now, has been explored already and is not entered again.
//!
//! Why that is sound: [`World::step`] and [`World::step_with`] are functions of the world, and what they read of it is
//! in its fingerprint (but for traces, counters and absolute time, which they only write). So two worlds with one
//! fingerprint have the same continuations under the same faults, and the set of ends that can be reached is the same.
//! A smaller budget allows a subset of the continuations of a larger one.
//!
//! **Invariant:** what is skipped was entered before with at least as many faults left; nothing is skipped on a guess.
//! **Invariant:** a walk is cut short only by its own past and by walks that come before it in the order of the search,
//! so a run that never comes to rest is told as such instead of being taken for explored.
//! **Invariant:** what is found, and every count, is the same for any number of threads.

mod fault_set;
mod memo;
mod naming;
mod outcome;
mod search;
mod walk;
mod whole;

pub use fault_set::FaultSet;
pub use memo::FAULTS_MAX;
pub use naming::{named, placements};
pub use outcome::{Counterexample, Explored, Limits, Placed, Round, Stop};

use crate::kernel::World;
use crate::mask::FingerprintMask;
use crate::service::Service;
use crate::time::Micros;

use search::Search;

/// What is tried, and how much of it.
#[derive(Clone, Debug)]
pub struct Explorer<'a> {
    /// The verbs.
    pub fault_set: &'a FaultSet,
    /// When to give up.
    pub limits: Limits,
    /// Whether states are remembered. Without it everything is executed that can be: the proof that the memo is honest.
    pub memo: bool,
    /// Where no fault is left to place, states are remembered only when nothing happened for so long: elsewhere it is
    /// cheaper to run than to look, and where all has been quiet runs that went different ways meet again.
    pub quiet: Micros,
    /// What the memo is deliberately blind to: nothing, but in the proofs that it must see everything.
    pub mask: FingerprintMask,
}

impl Explorer<'_> {
    /// Places up to `faults` faults, fewer ones first, and stops after the number at which something broke.
    ///
    /// At most [`FAULTS_MAX`] of them. `finish` is called wherever a run has ended, at rest or at its first violation,
    /// from several threads, and says what was broken.
    pub fn explore<S: Service, B: Clone + PartialEq + Send + Sync>(
        &self,
        world: &World<S>,
        faults: u8,
        finish: impl Fn(&mut World<S>) -> Vec<B> + Sync,
    ) -> Explored<B> {
        let mut search = Search::new(self, &finish);
        for round in 0..=faults.min(FAULTS_MAX) {
            if !search.round(world, round) {
                break;
            }
        }
        search.explored
    }
}
