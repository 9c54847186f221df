//! Sentences that stories and comparisons of runs have in common.

use std::fmt::Write;

use stormcart_sim::property::Violation;
use stormcart_sim::site::Vocabulary;

use crate::catalog::Catalog;
use crate::model::Totals;

/// What is to be said of a run that may not have been the same.
pub fn caveat(identical: Option<bool>) -> Option<&'static str> {
    match identical {
        Some(true) => None,
        Some(false) => Some("verdict   not deterministic: two executions of this plan differ"),
        None => Some("replay    recorded by another build, so digests cannot be compared"),
    }
}

/// The ids of broken properties, in the order in which they broke.
pub fn properties(violations: &[Violation]) -> Vec<&'static str> {
    let mut ids = Vec::new();
    for violation in violations {
        if !ids.contains(&violation.property) {
            ids.push(violation.property);
        }
    }
    ids
}

/// The names of properties, by id: `S2 given-up-means-undone, S11 all-or-compensated`.
pub fn named(catalog: &Catalog, ids: &[&'static str]) -> String {
    ids.iter().map(|id| catalog.property_name(id)).collect::<Vec<_>>().join(", ")
}

/// `6 of 6 orders accepted, 5 completed, 1 rejected, 1 waiting for a person`.
pub fn ends(catalog: &Catalog, vocabulary: &Vocabulary, totals: &Totals) -> String {
    let mut ends = format!("{} of {} {}s accepted", totals.accepted, totals.intents, vocabulary.subject);
    for (end, count) in catalog.ends.iter().zip(&totals.ended).filter(|(_, count)| **count > 0) {
        let _ = write!(ends, ", {count} {}", end.name);
    }
    if totals.dead_lettered > 0 {
        let _ = write!(ends, ", {} waiting for a person", totals.dead_lettered);
    }
    ends
}

/// `S1 no-double-charge, order 3, at 1312 ms: charged 2 times, ...`
pub fn broken(catalog: &Catalog, vocabulary: &Vocabulary, violation: &Violation) -> String {
    let name = catalog.property_name(violation.property);
    let subject = violation.subject.map(|number| format!(", {} {number}", vocabulary.subject));
    let at = violation.moment.at.as_millis();
    format!("{name}{}, at {at} ms: {}", subject.unwrap_or_default(), violation.explanation)
}
