//! Exploration: every placement of up to so many faults over one world, or the smallest one that breaks something.
//!
//! The world is a value, so a branch is a clone. From a world at rest between two events a *walk* goes on to the end
//! without a fault (the trunk) and leaves a fork wherever a fault could strike; each fork and each point fault give a
//! branch, which is walked in turn with one fault less to place. A state that was reached before, by whatever faults,
//! with as many left to place as now, has been explored already and is not entered again.
//!
//! Why that is sound: [`World::step`](crate::World::step) and [`World::step_with`](crate::World::step_with) are
//! functions of the world, and what they read of it is in its fingerprint (but for traces, counters and absolute time, which they only write). So two worlds with one
//! fingerprint have the same continuations under the same faults, and the set of ends that can be reached is the same.
//! A smaller budget allows a subset of the continuations of a larger one.
//!
//! **Invariant:** what is skipped was entered before with at least as many faults left; nothing is skipped on a guess
//! (`the_memo_is_honest`).
//! **Invariant:** a walk is cut short only by its own past and by walks that come before it in the order of the search,
//! so a run that never comes to rest is told as such instead of being taken for explored
//! (`a_run_that_never_rests_is_not_taken_for_explored`).
//! **Invariant:** what is found, and every count, is the same for any number of threads
//! (`any_number_of_threads_finds_the_same`).

mod explorer;
mod fault_set;
mod memo;
mod naming;
mod outcome;
mod script;
mod search;
mod walk;

pub use explorer::Explorer;
pub use fault_set::FaultSet;
pub use memo::FAULTS_MAX;
pub use naming::{named, placements};
pub use outcome::{Counterexample, Explored, Limits, Placed, Round, Stop};
