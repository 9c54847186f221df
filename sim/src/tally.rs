//! A truth for those who need to know no more than how often something really happened.
//!
//! **Invariant:** the order in which facts came is forgotten, so worlds that differ in nothing else are one to an
//! exploration.

use std::collections::BTreeMap;
use std::hash::Hash;

use crate::service::{Moment, Truth};
use crate::site::Role;

/// How often each fact was observed, and what was found wrong.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tally<F> {
    times: BTreeMap<F, u64>,
    wrong: Vec<String>,
}

impl<F> Default for Tally<F> {
    fn default() -> Self {
        Tally { times: BTreeMap::new(), wrong: Vec::new() }
    }
}

impl<F: Ord> Tally<F> {
    /// How often it happened.
    pub fn times(&self, fact: &F) -> u64 {
        self.times.get(fact).copied().unwrap_or(0)
    }

    /// A judge found that a rule is violated, and says how.
    pub fn violated(&mut self, how: String) {
        self.wrong.push(how);
    }

    /// What was found wrong, in words.
    pub fn wrong(&self) -> &[String] {
        &self.wrong
    }
}

impl<F: Clone + Ord + Hash + Send + Sync + 'static> Truth for Tally<F> {
    type Fact = F;

    fn observe(&mut self, _: Moment, fact: F) {
        *self.times.entry(fact).or_default() += 1;
    }

    fn replayed(&mut self, _: Moment, role: Role, equal: bool) {
        if !equal {
            self.wrong.push(format!("the store of role {} is not what its log says", role.0));
        }
    }

    fn violations(&self) -> usize {
        self.wrong.len()
    }
}
