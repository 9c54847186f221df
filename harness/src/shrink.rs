//! Shrinking: the smallest plan that still breaks the same property.
//!
//! Faults that never struck go first; then one, two or all but one of them are tried; then customers, baskets and
//! latencies; then each fault is made weaker; and again, until nothing more can go. At the end a search over every
//! placement of fewer faults in what is left of the world says whether it can be done with less, and a search over every
//! placement of one fault in the world that was given, whether somebody left out on the way was needed for that. (Delta debugging:
//! Zeller and Hildebrandt 2002. That removing one fault leaves the others where they were is what addressed randomness
//! is for.)
//!
//! **Invariant:** whatever is returned breaks the property in an ordinary run; and without any one of its faults it does
//! not, unless the budget of runs ended before all of that was tried. Then it is not called minimal.
//! **Invariant:** budgets count executions, never time: the same input gives the same result everywhere.

mod clock;
mod fewer;
mod less;
mod search;

use stormcart_sim::fault::Fault;

use crate::plan::Plan;
use crate::reduction::Reduction;
use crate::run::{Run, Verdict, run};

/// How much may be executed. The search has a budget of its own: were it one, a long search would leave no run to try
/// what it found.
#[derive(Clone, Copy, Debug)]
struct Budget {
    /// Most runs of the stages.
    runs: u64,
    /// Most executions of one search for something with fewer faults.
    search: u64,
}

const BUDGET: Budget = Budget { runs: 20_000, search: 60_000 };

/// The smallest plan that was found, and what it took.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The property it breaks, by id.
    pub property: &'static str,
    /// The plan that was given.
    pub before: Size,
    /// What is left of it.
    pub after: Size,
    /// How many runs it took.
    pub executions: u64,
    /// Every placement of fewer faults was searched in what is left of the world, and none breaks the property.
    pub minimal: bool,
    /// The search found something smaller than the stages before it had.
    pub by_search: bool,
    /// The smallest plan.
    pub plan: Plan,
}

/// How large a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Faults of the plan.
    pub faults: usize,
    /// Customers who come.
    pub orders: usize,
    /// Events until it was over.
    pub events: u64,
}

/// The property a run broke first.
pub fn broke_first(run: &Run) -> Option<&'static str> {
    match &run.verdict {
        Verdict::Violated(violations) => violations.first().map(|violation| violation.property),
        Verdict::Held | Verdict::Inconclusive(_) => None,
    }
}

fn size(plan: &Plan, run: &Run) -> Size {
    Size { faults: plan.faults.len(), orders: plan.setup.customers(0).count(), events: run.events }
}

/// Shrinks a plan that breaks this property; nothing if it does not break it.
pub fn shrink(plan: &Plan, property: &'static str) -> Option<Shrunk> {
    shrink_within(plan, property, BUDGET)
}

fn shrink_within(plan: &Plan, property: &'static str, budget: Budget) -> Option<Shrunk> {
    let first = breaking(plan, property)?;
    let before = size(plan, &first);
    let mut trial = Trial::of(plan, property, budget);
    trial.unfired(&first);
    trial.settle();
    let minimal = trial.search();
    let plan = trial.plan(&trial.faults, &trial.reduction);
    let last = breaking(&plan, property)?;
    let executions = 2 + trial.runs + trial.searched;
    let after = size(&plan, &last);
    Some(Shrunk { property, before, after, executions, minimal, by_search: trial.by_search, plan })
}

/// The run of a plan, if it breaks the property, whatever else it breaks.
fn breaking(plan: &Plan, property: &str) -> Option<Run> {
    let run = run(plan);
    let broken = match &run.verdict {
        Verdict::Violated(violations) => violations.iter().any(|violation| violation.property == property),
        Verdict::Held | Verdict::Inconclusive(_) => false,
    };
    broken.then_some(run)
}

/// A plan in the middle of being shrunk.
struct Trial {
    property: &'static str,
    /// The plan with all of its scenario.
    whole: Plan,
    /// What was kept of it when it was given.
    given: Reduction,
    faults: Vec<Fault>,
    reduction: Reduction,
    budget: Budget,
    /// Runs of the stages.
    runs: u64,
    /// Executions of the searches.
    searched: u64,
    /// A search found something that was accepted.
    by_search: bool,
}

impl Trial {
    fn of(plan: &Plan, property: &'static str, budget: Budget) -> Trial {
        let (faults, reduction) = (plan.faults.to_vec(), plan.reduction.clone());
        Trial {
            property,
            whole: plan.whole(),
            given: reduction.clone(),
            faults,
            reduction,
            budget,
            runs: 0,
            searched: 0,
            by_search: false,
        }
    }

    fn plan(&self, faults: &[Fault], reduction: &Reduction) -> Plan {
        reduction.from(&self.whole).with_faults(faults.to_vec())
    }

    /// The run of these faults over this excerpt, if it breaks the property and there is a run left to see it.
    fn breaks(&mut self, faults: &[Fault], reduction: &Reduction) -> Option<Run> {
        if self.spent() {
            return None;
        }
        self.runs += 1;
        breaking(&self.plan(faults, reduction), self.property)
    }

    /// No run is left: what was not accepted may only not have been tried.
    fn spent(&self) -> bool {
        self.runs >= self.budget.runs
    }

    /// Goes on with these faults over this excerpt, if they break the property.
    fn accepts(&mut self, faults: &[Fault], reduction: &Reduction) -> bool {
        let Some(run) = self.breaks(faults, reduction) else { return false };
        self.faults = faults.to_vec();
        self.reduction = reduction.clone();
        self.unfired(&run);
        true
    }

    /// All stages, until none of them changes anything.
    fn settle(&mut self) {
        loop {
            let before = (self.faults.clone(), self.reduction.clone());
            self.fewer_faults();
            self.fewer_orders();
            self.fewer_items();
            self.weaker_faults();
            self.constant_latency();
            if (&self.faults, &self.reduction) == (&before.0, &before.1) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explore::smaller_than;
    use crate::plan_file::Opened;

    fn plan(text: &str) -> Plan {
        Opened::parse("p.toml", &format!("format = 2\n{text}")).unwrap().plan
    }

    /// A crash in mid-transaction while whoever leads the process is down.
    const TWO: &str = r#"
        case = "storm:orchestrated-saga+publish-then-commit:0x156"
        fault = [
            { from_us = 179224, for_us = 200000, strike = { crash = { nodes = ["engine", "engine-2"] } } },
            { at = "orders close order 7 attempt 1, ask", do = { crash = { point = "after commit, before send", down_us = 200000 } } },
        ]"#;

    /// However little may be executed, what fails is never said to hold, and what was not tried is not claimed.
    #[test]
    fn a_budget_that_ends_leaves_a_plan_that_breaks_and_no_claim() {
        let plan = plan(TWO);
        let proven = shrink(&plan, "L1").unwrap();
        assert_eq!((proven.minimal, proven.after.faults), (true, 2), "{proven:?}");
        let little = [(0, 60_000), (1, 60_000), (7, 60_000), (20_000, 0), (20_000, 9)];
        for (runs, search) in little {
            let shrunk = shrink_within(&plan, "L1", Budget { runs, search }).unwrap();
            assert!(breaking(&shrunk.plan, "L1").is_some(), "{runs} runs, {search} in the search");
            assert!(!shrunk.minimal, "{runs} runs, {search} in the search");
        }
    }

    /// One fault breaks S13 first, and these at rest. Exploration ends the run at S13: it must not claim to have looked.
    #[test]
    fn what_breaks_late_is_found_by_ordinary_runs_and_not_denied_by_exploration() {
        let plan = plan(
            r#"
            case = "storm:orchestrated-saga+fresh-key-per-attempt:0xbd"
            keep = { orders = [6] }
            fault = [{ at = "engine place order 6 attempt 1, answer", do = { isolate_receiver = 40000000 } }]"#,
        );
        for property in ["S10", "S11", "S2"] {
            let (explored, _, complete) = smaller_than(&plan, 1, property, 60_000);
            assert_eq!((explored, complete), (None, false), "{property}");
            let found = Trial::of(&plan, property, BUDGET).one_fault().found;
            let faults = found.unwrap_or_else(|| panic!("{property} is broken by one fault"));
            assert!(breaking(&plan.with_faults(faults), property).is_some(), "{property}");
        }
    }
}
