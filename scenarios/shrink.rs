//! Shrinking: the smallest plan that still breaks the same property.
//!
//! Faults that never struck go first; then one, two or all but one of them are tried; then customers, baskets and
//! latencies; then each fault is made weaker; and again, until nothing more can go. At the end a search over every
//! placement of fewer faults in what is left of the world says whether it can be done with less. (Delta debugging:
//! Zeller and Hildebrandt 2002. That removing one fault leaves the others where they were is what addressed randomness
//! is for.)
//!
//! **Invariant:** whatever is returned breaks the property in an ordinary run, and without any one of its faults it
//! does not.
//! **Invariant:** budgets count executions, never time: the same input gives the same result everywhere.

mod fewer;
mod less;
mod weaker;

use stormcart_sim::fault::Fault;

use crate::excerpt::Excerpt;
use crate::explore::smaller_than;
use crate::plan::Plan;
use crate::run::{Run, Verdict, run};

/// Most executions of a whole plan.
const RUNS_MAX: u64 = 20_000;

/// Most executions of the search for something with fewer faults.
const SEARCH_MAX: u64 = 60_000;

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
    let mut trial = Trial::of(plan, property);
    let first = trial.breaks(&trial.faults.clone(), &trial.excerpt.clone())?;
    let before = size(plan, &first);
    trial.unfired(&first);
    trial.settle();
    let minimal = trial.search();
    let plan = trial.plan(&trial.faults, &trial.excerpt);
    let last = trial.breaks(&trial.faults.clone(), &trial.excerpt.clone())?;
    Some(Shrunk { property, before, after: size(&plan, &last), executions: trial.executions, minimal, plan })
}

/// A plan in the middle of being shrunk.
struct Trial {
    property: &'static str,
    /// The plan with all of its scenario.
    whole: Plan,
    faults: Vec<Fault>,
    excerpt: Excerpt,
    executions: u64,
}

impl Trial {
    fn of(plan: &Plan, property: &'static str) -> Trial {
        let (faults, excerpt) = (plan.faults.to_vec(), plan.excerpt.clone());
        Trial { property, whole: plan.whole(), faults, excerpt, executions: 0 }
    }

    fn plan(&self, faults: &[Fault], excerpt: &Excerpt) -> Plan {
        excerpt.from(&self.whole).with_faults(faults.to_vec())
    }

    /// The run of these faults over this excerpt, if it breaks the property.
    fn breaks(&mut self, faults: &[Fault], excerpt: &Excerpt) -> Option<Run> {
        if self.executions >= RUNS_MAX {
            return None;
        }
        self.executions += 1;
        let run = run(&self.plan(faults, excerpt));
        let broken = match &run.verdict {
            Verdict::Violated(violations) => {
                violations.iter().any(|violation| violation.property == self.property)
            }
            Verdict::Held | Verdict::Inconclusive(_) => false,
        };
        broken.then_some(run)
    }

    /// Goes on with these faults over this excerpt, if they break the property.
    fn accepts(&mut self, faults: &[Fault], excerpt: &Excerpt) -> bool {
        let Some(run) = self.breaks(faults, excerpt) else { return false };
        self.faults = faults.to_vec();
        self.excerpt = excerpt.clone();
        self.unfired(&run);
        true
    }

    /// All stages, until none of them changes anything.
    fn settle(&mut self) {
        loop {
            let before = (self.faults.clone(), self.excerpt.clone());
            self.fewer_faults();
            self.fewer_orders();
            self.fewer_items();
            self.weaker_faults();
            self.constant_latency();
            if (&self.faults, &self.excerpt) == (&before.0, &before.1) {
                return;
            }
        }
    }

    /// Looks for something smaller that no stage found; true if there is none.
    fn search(&mut self) -> bool {
        loop {
            let Some(fewer) = self.faults.len().checked_sub(1) else { return true };
            let plan = self.plan(&self.faults, &self.excerpt);
            let (found, executions, complete) = smaller_than(&plan, fewer as u8, self.property, SEARCH_MAX);
            self.executions += executions;
            match found {
                Some(smaller) if self.accepts(&smaller, &self.excerpt.clone()) => self.settle(),
                _ => return complete,
            }
        }
    }
}
