//! How many runs an exploration will take, before it starts.
//!
//! The first faults are placed for real, which is cheap; what the next ones cost is judged by how much the last of
//! those cost more than the one before. It is a guess, and on the careful side: the growth slows down.
//!
//! **Invariant:** an estimate depends on the question and on nothing else; it is no time.

use std::fmt;

use crate::model::Model;

use super::ExplorationPlan;

/// Most faults that are placed for real.
const PILOT_FAULTS: u8 = 2;

/// Most runs that the pilot may take.
const PILOT_RUNS: u64 = 20_000;

/// About how many runs an exploration will take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// With the memo, if it was asked for.
    pub runs: u64,
    /// Without it, at least: the ways to choose among the placements on the run without faults.
    pub naive: u64,
}

impl Estimate {
    /// Estimates what is asked.
    pub(super) fn of<M: Model>(plan: &ExplorationPlan<M>) -> Estimate {
        let asked = plan.question.faults;
        let few = asked.saturating_sub(1).clamp(1, PILOT_FAULTS);
        let pilot = plan.search(&plan.fault_set, few, PILOT_RUNS, true);
        let naive = pilot.naive_space_of(asked);
        let runs = match &pilot.rounds[..] {
            _ if !plan.question.memo => naive,
            [.., before, last] if pilot.faults < asked => {
                let growth = last.executions.div_ceil(before.executions.max(1));
                let further = u32::from(asked - pilot.faults);
                last.executions.saturating_mul(growth.saturating_pow(further)).min(naive)
            }
            _ => pilot.executions,
        };
        Estimate { runs, naive }
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "about {} runs at most, of {} or more without a memo", self.runs, self.naive)
    }
}
