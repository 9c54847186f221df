//! A truth for models whose properties are about which facts there are, and since when.
//!
//! A model takes it as the truth of its service, says in [`Model::truth`](super::Model::truth) what must hold at every fact,
//! and calls [`Facts::check`] there and where it judges at rest; what was checked is counted.
//!
//! **Invariant:** when a fact came and what was checked leave no trace in the future, so they are no part of a state.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stormcart_sim::property::Violation;
use stormcart_sim::service::{Moment, Truth};
use stormcart_sim::site::Role;
use stormcart_sim::{FactCounter, Instant};

use crate::catalog::Catalog;

use super::data::Drawn;

/// Judges a fact that has just become true.
type Judge<F, S> = fn(&mut Facts<F, S>, Moment, &F);

/// Whether a fault would catch a subject in the middle of something.
type UnderWay<F, S> = fn(&Facts<F, S>, u32) -> bool;

/// The facts of a run, and what was found to be wrong with them.
#[derive(Clone, Debug)]
pub struct Facts<F, S> {
    setup: Arc<Drawn<S>>,
    always: Judge<F, S>,
    under_way: UnderWay<F, S>,
    facts: FactCounter<F>,
    since: BTreeMap<F, Instant>,
    exercised: BTreeMap<&'static str, u32>,
}

impl<F: Hash, S> Hash for Facts<F, S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.facts.hash(hasher);
    }
}

impl<F: Ord, S> Facts<F, S> {
    /// No facts yet; each will be judged when it comes. A fault that strikes while a subject is under way is counted as
    /// one in a critical window.
    pub fn new(setup: &Arc<Drawn<S>>, under_way: UnderWay<F, S>, always: Judge<F, S>) -> Self {
        let (facts, since, exercised) = (FactCounter::default(), BTreeMap::new(), BTreeMap::new());
        Facts { setup: Arc::clone(setup), always, under_way, facts, since, exercised }
    }

    /// What the run is about.
    pub fn setup(&self) -> Arc<Drawn<S>> {
        Arc::clone(&self.setup)
    }

    /// Whether this is so.
    pub fn has(&self, fact: &F) -> bool {
        self.since.contains_key(fact)
    }

    /// Since when this is so.
    pub fn since(&self, fact: &F) -> Option<Instant> {
        self.since.get(fact).copied()
    }

    /// Notes that a property was checked for a subject, and what is wrong if it does not hold.
    pub fn check(
        &mut self,
        property: &'static str,
        moment: Moment,
        subject: u32,
        holds: bool,
        otherwise: impl FnOnce() -> String,
    ) {
        *self.exercised.entry(property).or_default() += 1;
        if !holds {
            let (subject, explanation) = (Some(subject), otherwise());
            self.facts.violated(Violation { property, moment, subject, explanation });
        }
    }

    /// How often each property was checked, in the order of the catalog.
    pub fn exercised(&self, catalog: &Catalog) -> Vec<u32> {
        let times = |id| self.exercised.get(id).copied().unwrap_or(0);
        catalog.properties.iter().map(|property| times(property.id)).collect()
    }
}

impl<F: Clone + Ord + Hash + Send + Sync + 'static, S: Clone + Send + Sync + 'static> Truth for Facts<F, S> {
    type Fact = F;

    fn observe(&mut self, moment: Moment, fact: F) {
        self.since.entry(fact.clone()).or_insert(moment.at);
        self.facts.observe(moment, fact.clone());
        (self.always)(self, moment, &fact);
    }

    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        self.facts.replayed(moment, role, equal);
    }

    fn exposed(&self, subject: Option<u32>) -> bool {
        let under_way = |subject| (self.under_way)(self, subject);
        subject.map_or_else(|| self.setup.came().any(|(subject, _)| under_way(subject)), under_way)
    }

    fn violations(&self) -> &[Violation] {
        self.facts.violations()
    }
}
