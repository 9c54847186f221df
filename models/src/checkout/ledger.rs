//! The ghost ledger: what really happened, folded from facts that no service can see.
//!
//! Money is posted by two observers, the accounts of the provider and the state of payments, which know nothing of each
//! other.
//!
//! **Invariant:** nothing here is asked of a service; `models/tests/registries/imports.rs` checks the imports.

mod judging;
mod order;
mod progress;
mod shelf;

pub use order::{OrderTruth, Times};
pub use progress::Progress;
pub use shelf::ShelfTruth;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stormcart_sim::property::Violation;
use stormcart_sim::{Instant, Micros};

use crate::checkout::fact::Fact;
use crate::checkout::setup::{Intent, Setup};

/// Room for how often each property had something to check.
const PROPERTIES_MAX: usize = 32;

/// Ground truth of one run.
#[derive(Clone, Debug)]
pub struct Ledger {
    setup: Arc<Setup>,
    orders: Vec<OrderTruth>,
    times: Vec<Times>,
    shelves: Vec<ShelfTruth>,
    violations: Vec<Violation>,
    exercised: [u32; PROPERTIES_MAX],
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
            exercised: [0; PROPERTIES_MAX],
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

    /// The configuration it judges.
    pub fn setup(&self) -> &Setup {
        &self.setup
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
