//! The last pass of shrinking: is there something with fewer faults that no other pass found?
//!
//! One fault is tried at every place in an ordinary run, so that what it breaks late, or only while a core is healthy,
//! counts too. More than one are left to exploration, which ends a run where anything is broken.
//!
//! **Invariant:** true means that everything was looked at; whatever was cut short, refused or not affordable is not
//! called minimal.

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator};
use stormcart_sim::explore;
use stormcart_sim::fault::Fault;
use stormcart_sim::trace::Trace;

use crate::explore::fault_set_size::{self, Durations, FaultSetSize};
use crate::explore::smaller_than;
use crate::model::Model;
use crate::plan::Plan;
use crate::reduction::Reduction;
use crate::run;

use super::{Trial, breaking};

/// What a search found, and whether it looked at everything.
pub struct Search {
    /// Fewer faults that break the property, if there are any.
    pub found: Option<Vec<Fault>>,
    complete: bool,
}

impl<M: Model> Trial<M> {
    /// Looks for something smaller that no pass found; true if there is none.
    pub(super) fn search(&mut self) -> bool {
        loop {
            let searched = match self.faults.len() {
                // That nothing breaks it without faults was seen before they were made fewer.
                0 | 1 => return !self.spent(),
                2 => self.one_fault(),
                faults => self.several_faults(faults - 1),
            };
            match searched.found {
                None if self.begins_anew() => self.settle(),
                None => return searched.complete && !self.spent(),
                Some(smaller) if self.accepts(&smaller, &self.reduction.clone()) => {
                    self.by_search = true;
                    self.settle();
                }
                Some(_) => return false,
            }
        }
    }

    /// One fault that does it in the world that was given: who was left out on the way may be whom it takes.
    fn begins_anew(&mut self) -> bool {
        if self.given == self.reduction {
            return false;
        }
        let given = self.given.clone();
        let found = self.one_fault_in(&given).found;
        let accepted = found.is_some_and(|one| self.accepts(&one, &given));
        self.by_search |= accepted;
        accepted
    }

    /// Every placement of one fault in what is left.
    pub fn one_fault(&mut self) -> Search {
        self.one_fault_in(&self.reduction.clone())
    }

    /// Every placement of one fault, each in an ordinary run.
    fn one_fault_in(&mut self, reduction: &Reduction) -> Search {
        let bare = self.plan(&[], reduction);
        let mut faults = placements(&bare);
        let complete = faults.len() as u64 <= self.budget.search;
        faults.truncate(self.budget.search as usize);
        let breaks = |fault: &Fault| breaking(&bare.with_faults(vec![*fault]), self.property).is_some();
        let found = faults.par_iter().position_first(breaks);
        self.searched += found.map_or(faults.len(), |number| number + 1) as u64;
        Search { found: found.map(|number| vec![faults[number]]), complete }
    }

    /// Every placement of up to so many faults, by exploration.
    fn several_faults(&mut self, most: usize) -> Search {
        let one = self.one_fault();
        if one.found.is_some() {
            return one;
        }
        let plan = self.plan(&self.faults, &self.reduction);
        let most = u8::try_from(most).unwrap_or(u8::MAX);
        let (found, executions, complete) = smaller_than(&plan, most, self.property, self.budget.search);
        self.searched += executions;
        Search { found, complete: complete && one.complete }
    }
}

/// Every fault of the full fault set at every place of the run without faults, and then those that lie between its short
/// ones and its long ones.
fn placements<M: Model>(bare: &Plan<M>) -> Vec<Fault> {
    let durations = Durations::of(M::timing(&bare.setup));
    let full = FaultSetSize::Full.fault_set::<M>(durations, &bare.setup);
    let world = run::world(bare, Trace::off());
    let placed = |fault_set| explore::placements(world.clone(), fault_set, bare.limits.events);
    [placed(&full), placed(&fault_set_size::between(durations))].concat()
}
