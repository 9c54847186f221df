//! The least that breaks a property, by exploration: what the result of shrinking is compared with.
//!
//! Shrinking decides about one fault by ordinary runs; this decides by forked worlds with a memo. Where they agree, two
//! ways to look saw the same.
//!
//! **Invariant:** what exploration finds counts only if an ordinary run of it breaks the property.

use stormcart::harness::explore::smaller_than;
use stormcart::harness::run::{Verdict, run};
use stormcart_models::checkout::model::Plan;
use stormcart_sim::fault::Fault;

/// Most executions of one exploration.
const EXECUTIONS_MAX: u64 = 1_000_000;
/// Most executions where something is expected to be found.
const EXPECTED_MAX: u64 = 50_000;

/// What exploration says about fewer faults than a plan has.
pub enum Least {
    /// These break it too.
    Fewer(Vec<Fault>),
    /// None do.
    Nothing,
    /// Some runs were cut short: none were found, and perhaps there are some.
    Unknown,
}

/// Looks for fewer faults that break the property in this plan's world.
pub fn least(plan: &Plan, property: &'static str) -> Least {
    let fewer = plan.faults.len().saturating_sub(1) as u8;
    match smaller_than(plan, fewer, property, EXECUTIONS_MAX) {
        (Some(faults), ..) if breaks(&plan.with_faults(faults.clone()), property) => Least::Fewer(faults),
        (None, _, true) => Least::Nothing,
        (Some(_), ..) | (None, _, false) => Least::Unknown,
    }
}

/// So many faults, or fewer, that exploration finds and that an ordinary run confirms.
pub fn within(plan: &Plan, property: &'static str, faults: usize) -> Option<Vec<Fault>> {
    let (found, ..) = smaller_than(plan, faults as u8, property, EXPECTED_MAX);
    found.filter(|faults| breaks(&plan.with_faults(faults.clone()), property))
}

/// Whether one of the faults can go.
pub fn spare(plan: &Plan, property: &str) -> bool {
    (0..plan.faults.len()).any(|number| {
        let mut faults = plan.faults.to_vec();
        faults.remove(number);
        breaks(&plan.with_faults(faults), property)
    })
}

/// Whether an ordinary run breaks the property.
pub fn breaks(plan: &Plan, property: &str) -> bool {
    match run(plan).verdict {
        Verdict::Violated(violations) => violations.iter().any(|violation| violation.property == property),
        Verdict::Held | Verdict::Inconclusive(_) => false,
    }
}
