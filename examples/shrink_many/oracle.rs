//! The least that breaks a property, found the slow way: every fault at every place, each in an ordinary run.
//!
//! It shares the alphabet with exploration and nothing else: no forks, no memo, no early end of a run.
//!
//! **Invariant:** a run counts whatever else it breaks, and whatever it breaks first.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use stormcart::explore::breadth::{Breadth, Durations};
use stormcart::plan::Plan;
use stormcart::run::{Verdict, run, world};
use stormcart_sim::fault::Fault;
use stormcart_sim::site::Site;
use stormcart_sim::trace::Trace;

/// What there is with no fault, or with one.
pub struct Least {
    /// How many placements were executed.
    pub placements: usize,
    /// One that breaks the property.
    pub fewer: Option<Vec<Fault>>,
}

/// Tries no fault, and every placement of one.
pub fn least(plan: &Plan, property: &str) -> Least {
    let singles = singles(plan);
    let mut all: Vec<Vec<Fault>> = vec![Vec::new()];
    all.extend(singles.into_iter().map(|fault| vec![fault]));
    let fewer = all.par_iter().find_first(|faults| breaks(&plan.with_faults((*faults).clone()), property));
    Least { placements: all.len(), fewer: fewer.cloned() }
}

/// Whether one of the faults can go.
pub fn spare(plan: &Plan, property: &str) -> bool {
    (0..plan.faults.len()).any(|number| {
        let mut faults = plan.faults.to_vec();
        faults.remove(number);
        breaks(&plan.with_faults(faults), property)
    })
}

fn breaks(plan: &Plan, property: &str) -> bool {
    match run(plan).verdict {
        Verdict::Violated(violations) => violations.iter().any(|violation| violation.property == property),
        Verdict::Held | Verdict::Inconclusive(_) => false,
    }
}

/// Every fault of the full alphabet at every place of the run without faults.
fn singles(plan: &Plan) -> Vec<Fault> {
    let alphabet = Breadth::Full.alphabet(Durations::of(&plan.setup.terms), &plan.setup.contract);
    let mut world = world(&plan.with_faults(Vec::new()), Trace::off());
    let mut arrivals: BTreeMap<_, u8> = BTreeMap::new();
    let mut faults = Vec::new();
    loop {
        if let Some(next) = world.next_site().filter(|next| !next.put_off) {
            let occurrence = arrivals.entry((next.role, next.identity)).or_default();
            *occurrence = occurrence.saturating_add(1);
            let site = Site { role: next.role, identity: next.identity, occurrence: *occurrence };
            faults.extend(alphabet.verbs(&next).map(|verb| Fault::At { site, verb }));
        }
        if world.events() >= plan.limits.events || !world.step() {
            return faults;
        }
    }
}
