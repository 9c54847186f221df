//! A truth that knows no more than how often each fact became durable.
//!
//! The order of facts is forgotten, so worlds that differ in nothing else are one to an
//! exploration.

use std::collections::BTreeMap;
use std::hash::Hash;

use crate::property::Violation;
use crate::service::{Moment, Truth};
use crate::site::Role;

/// The property that every store is the fold of its log.
const REPLAY: &str = "replay";

/// How often each fact was observed, and what was found wrong.
#[derive(Clone, Debug, Hash)]
pub struct FactCounter<F> {
    times: BTreeMap<F, u64>,
    violations: Vec<Violation>,
}

impl<F> Default for FactCounter<F> {
    fn default() -> Self {
        FactCounter { times: BTreeMap::new(), violations: Vec::new() }
    }
}

impl<F: Ord> FactCounter<F> {
    /// How often it happened.
    pub fn times(&self, fact: &F) -> u64 {
        self.times.get(fact).copied().unwrap_or(0)
    }

    /// Notes that a property does not hold; once for each property and subject.
    pub fn violated(&mut self, violation: Violation) {
        let known =
            |known: &Violation| (known.property, known.subject) == (violation.property, violation.subject);
        if !self.violations.iter().any(known) {
            self.violations.push(violation);
        }
    }
}

impl<F: Clone + Ord + Hash + Send + Sync + 'static> Truth for FactCounter<F> {
    type Fact = F;

    fn observe(&mut self, _: Moment, fact: F) {
        *self.times.entry(fact).or_default() += 1;
    }

    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        if !equal {
            let explanation = format!("the store of role {} is not what its log says", role.0);
            self.violated(Violation { property: REPLAY, moment, subject: None, explanation });
        }
    }

    fn violations(&self) -> &[Violation] {
        &self.violations
    }
}
