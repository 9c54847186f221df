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

use crate::model::Model;
use crate::plan::Plan;
use crate::reduction::Reduction;
use crate::run::{Run, Verdict, run};

#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub use clock::by_the_clock;
#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub use search::Search;

/// How much may be executed. The search has a budget of its own: were it one, a long search would leave no run to try
/// what it found.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub struct Budget {
    /// Most runs of the stages.
    pub runs: u64,
    /// Most executions of one search for something with fewer faults.
    pub search: u64,
}

/// The budget of [`shrink`].
#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub const BUDGET: Budget = Budget { runs: 20_000, search: 60_000 };

/// The smallest plan that was found, and what it took.
#[derive(Clone, Debug)]
pub struct Shrunk<M: Model> {
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
    pub plan: Plan<M>,
}

/// How large a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Faults of the plan.
    pub faults: usize,
    /// Subjects that come.
    pub subjects: usize,
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

fn size<M: Model>(plan: &Plan<M>, run: &Run) -> Size {
    Size { faults: plan.faults.len(), subjects: plan.subjects().len(), events: run.events }
}

/// Shrinks a plan that breaks this property; nothing if it does not break it.
pub fn shrink<M: Model>(plan: &Plan<M>, property: &'static str) -> Option<Shrunk<M>> {
    shrink_within(plan, property, BUDGET)
}

/// Shrinks a plan that breaks this property, with no more executions than these; nothing if it does not break it.
#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub fn shrink_within<M: Model>(plan: &Plan<M>, property: &'static str, budget: Budget) -> Option<Shrunk<M>> {
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
fn breaking<M: Model>(plan: &Plan<M>, property: &str) -> Option<Run> {
    let run = run(plan);
    let broken = match &run.verdict {
        Verdict::Violated(violations) => violations.iter().any(|violation| violation.property == property),
        Verdict::Held | Verdict::Inconclusive(_) => false,
    };
    broken.then_some(run)
}

/// A plan in the middle of being shrunk.
#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub struct Trial<M: Model> {
    property: &'static str,
    /// The plan with all of its scenario.
    whole: Plan<M>,
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

impl<M: Model> Trial<M> {
    /// A plan that breaks a property, before anything has been tried.
    pub fn of(plan: &Plan<M>, property: &'static str, budget: Budget) -> Trial<M> {
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

    fn plan(&self, faults: &[Fault], reduction: &Reduction) -> Plan<M> {
        self.whole.reduced(reduction).with_faults(faults.to_vec())
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
            self.fewer_subjects();
            self.fewer_items();
            self.weaker_faults();
            self.constant_latency();
            if (&self.faults, &self.reduction) == (&before.0, &before.1) {
                return;
            }
        }
    }
}
