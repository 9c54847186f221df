//! The ghost ledger: what really happened, folded from facts that no service can see.
//!
//! Money is posted by two observers, the accounts of the provider and the state of payments, which know nothing of each
//! other.
//!
//! **Invariant:** nothing here is asked of a service; `models/tests/registries/imports.rs` checks the imports.

mod order;
mod progress;
mod shelf;

pub use order::{OrderTruth, Times};
pub use progress::Progress;
pub use shelf::ShelfTruth;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stormcart_sim::property::Violation;
use stormcart_sim::service::{Moment, Truth};
use stormcart_sim::site::Role;
use stormcart_sim::{Instant, Micros};

use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::property::{self, Finding, Seen};
use crate::checkout::setup::{Intent, Setup};
use crate::checkout::vocabulary::Party;

/// Ground truth of one run.
#[derive(Clone, Debug)]
pub struct Ledger {
    setup: Arc<Setup>,
    orders: Vec<OrderTruth>,
    times: Vec<Times>,
    shelves: Vec<ShelfTruth>,
    violations: Vec<Violation>,
    exercised: [u32; property::PROPERTIES.len()],
    in_flight: u32,
}

/// Times and counts of what was checked leave no trace in the future.
impl Hash for Ledger {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.orders.hash(hasher);
        self.shelves.hash(hasher);
        self.violations.iter().for_each(|violation| violation.hash(hasher));
    }
}

impl Ledger {
    /// The truth before anything has happened.
    pub fn new(setup: Arc<Setup>) -> Self {
        let quoted = |intent: &Intent| OrderTruth {
            quote_cents: intent.basket.total_cents(),
            ..OrderTruth::default()
        };
        Ledger {
            orders: setup.intents.iter().map(quoted).collect(),
            times: vec![Times::default(); setup.intents.len()],
            shelves: setup.stock.iter().map(|stock| ShelfTruth::stocked(*stock)).collect(),
            violations: Vec::new(),
            exercised: [0; property::PROPERTIES.len()],
            in_flight: 0,
            setup,
        }
    }

    /// What is true of each order.
    pub fn orders(&self) -> &[OrderTruth] {
        &self.orders
    }

    /// When things happened to each order.
    pub fn times(&self) -> &[Times] {
        &self.times
    }

    /// What is true of each article.
    pub fn shelves(&self) -> &[ShelfTruth] {
        &self.shelves
    }

    /// How often each property had something to check, in the order of the registry.
    pub fn exercised(&self) -> &[u32] {
        &self.exercised
    }

    /// The configuration it judges.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Checks what must hold when all has come to rest.
    pub fn rest(&mut self, moment: Moment) {
        self.settle(moment, |property| property.rest);
    }

    /// Checks, while only a viable core is healthy, that every order has an end.
    pub fn core(&mut self, moment: Moment) {
        self.settle(moment, |property| property.core);
    }

    fn settle(&mut self, moment: Moment, check: impl Fn(&property::Property) -> Option<property::AtRest>) {
        for (index, property) in property::PROPERTIES.iter().enumerate() {
            let Some(check) = check(property) else { continue };
            for order in 0..self.orders.len() {
                let finding = check(self, &self.orders[order]);
                self.note(index, moment, Some(order as Order), finding);
            }
        }
    }

    fn note(&mut self, index: usize, moment: Moment, subject: Option<Order>, finding: Finding) {
        match finding {
            Finding::Silent => {}
            Finding::Held => self.exercised[index] += 1,
            Finding::Broken(explanation) => {
                self.exercised[index] += 1;
                let property = property::PROPERTIES[index].id;
                let known = |known: &Violation| known.property == property && known.subject == subject;
                if !self.violations.iter().any(known) {
                    self.violations.push(Violation { property, moment, subject, explanation });
                }
            }
        }
    }

    fn apply(&mut self, at: Instant, fact: &Fact) {
        let number = fact.order() as usize;
        let order = &mut self.orders[number];
        let before = *order;
        order.apply(fact, &self.setup);
        self.times[number].apply(at, fact);
        self.in_flight = self.in_flight + u32::from(order.in_flight()) - u32::from(before.in_flight());
        let (basket, end) = match fact {
            Fact::Held(_, basket) => (basket, None),
            Fact::HoldEnded(_, end, basket) => (basket, Some(*end)),
            _ => return,
        };
        for line in basket.lines() {
            if let Some(shelf) = self.shelves.get_mut(line.sku as usize) {
                shelf.moved(line.quantity, end, before.hold);
            }
        }
    }

    /// How long customers waited for a definitive answer, for each order that got one.
    pub fn waits(&self) -> impl Iterator<Item = Micros> {
        (self.setup.intents.iter().zip(&self.times))
            .filter_map(|(intent, times)| Some(times.answered? - (Instant::ZERO + intent.at)))
    }
}

impl Truth for Ledger {
    type Fact = Fact;

    fn observe(&mut self, moment: Moment, fact: Fact) {
        let order = fact.order();
        if order as usize >= self.orders.len() {
            return;
        }
        let before = self.orders[order as usize];
        self.apply(moment.at, &fact);
        let now = &self.orders[order as usize];
        debug_assert!(
            property::others_are_silent(&Seen { ledger: self, before: &before, now, fact: &fact }),
            "a property looks at what it does not heed: {fact:?}"
        );
        for (index, check) in property::AT_FACTS[fact.kind() as usize].checks() {
            let now = &self.orders[order as usize];
            match check(&Seen { ledger: self, before: &before, now, fact: &fact }) {
                Finding::Silent => {}
                finding => self.note(*index, moment, Some(order), finding),
            }
        }
    }

    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        let index = property::position("S18");
        let finding = match equal {
            true => Finding::Held,
            false => Finding::Broken(format!("the log of {} does not add up to its state", Party::of(role))),
        };
        self.note(index, moment, None, finding);
    }

    fn exposed(&self, subject: Option<u32>) -> bool {
        match subject.and_then(|order| self.orders.get(order as usize)) {
            Some(order) => order.in_flight(),
            None => self.in_flight > 0,
        }
    }

    fn violations(&self) -> &[Violation] {
        &self.violations
    }
}
