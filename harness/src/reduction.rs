//! What a plan keeps of its scenario: all of it, or less, to tell a failure in as few words as possible.
//!
//! Customers keep their numbers, so that faults and stories that name them stay true.
//!
//! **Invariant:** an excerpt takes away and adds nothing; what is left happens at the same virtual time, unless latencies
//! were made constant.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use stormcart_models::domain::{Basket, Line};
use stormcart_models::setup::Setup;
use stormcart_sim::physics::{Physics, Spread};

use crate::plan::{Plan, Uncut};

/// What is left of a scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reduction {
    /// The customers who come, by number; all of them, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<Vec<u32>>,
    /// The most lines of a basket, and the most pieces in a line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items_max: Option<u16>,
    /// The most of each article on the shelf.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_max: Option<u32>,
    /// Everything takes the least time it can take.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub constant_latency: bool,
}

impl Reduction {
    /// Only these customers.
    pub fn of_orders(orders: impl IntoIterator<Item = u32>) -> Reduction {
        Reduction { orders: Some(orders.into_iter().collect()), ..Reduction::default() }
    }

    /// Whether everything is kept.
    pub fn is_whole(&self) -> bool {
        *self == Reduction::default()
    }

    /// What is left of a whole plan.
    pub fn from(&self, whole: &Plan) -> Plan {
        debug_assert!(whole.reduction.is_whole(), "an excerpt is taken from the whole");
        if self.is_whole() {
            return whole.clone();
        }
        let mut setup = (*whole.setup).clone();
        self.trim(&mut setup);
        let physics = match self.constant_latency {
            true => Arc::new(constant((*whole.physics).clone())),
            false => Arc::clone(&whole.physics),
        };
        let uncut = Uncut { setup: Arc::clone(&whole.setup), physics: Arc::clone(&whole.physics) };
        let uncut = Some(Arc::new(uncut));
        Plan { setup: Arc::new(setup), physics, reduction: self.clone(), uncut, ..whole.clone() }
    }

    fn trim(&self, setup: &mut Setup) {
        if let Some(orders) = &self.orders {
            for (number, intent) in (0..).zip(&mut setup.intents) {
                intent.comes &= orders.contains(&number);
            }
            let left = setup.intents.iter().rposition(|intent| intent.comes).map_or(0, |last| last + 1);
            setup.intents.truncate(left);
        }
        if let Some(most) = self.items_max {
            setup.intents.iter_mut().for_each(|intent| intent.basket = smaller(&intent.basket, most));
        }
        if let Some(most) = self.stock_max {
            setup.stock.iter_mut().for_each(|stock| *stock = (*stock).min(most));
        }
        if self.constant_latency {
            setup.timeouts.jitter_percent = 0;
        }
    }
}

/// The first lines of a basket, with fewer pieces at the same price each.
fn smaller(basket: &Basket, most: u16) -> Basket {
    let fewer = |line: &Line| {
        let quantity = line.quantity.min(most);
        let price_cents = line.price_cents / u64::from(line.quantity.max(1)) * u64::from(quantity);
        Line { quantity, price_cents, ..*line }
    };
    Basket::new(basket.lines().iter().take(usize::from(most)).map(fewer).collect())
}

/// Everything takes the least time it can take.
fn constant(mut physics: Physics) -> Physics {
    let least = |spread: &mut Spread| *spread = Spread::constant(spread.base);
    [&mut physics.link, &mut physics.outside_link, &mut physics.sync].into_iter().for_each(least);
    physics.roles.iter_mut().for_each(|role| least(&mut role.service));
    physics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::run;

    fn plan(case: &str) -> Plan {
        let (stage, variant, seed) = crate::variant::open(&case.parse().unwrap()).unwrap();
        stage.plan(&variant, seed)
    }

    #[test]
    fn who_does_not_come_is_no_customer_and_the_others_keep_their_numbers() {
        let whole = plan("calm:orchestrated-saga:0x1");
        let some = Reduction::of_orders([3, 5]).from(&whole);
        let outcome = run(&some).outcome;
        assert_eq!((outcome.intents, outcome.placed), (2, 2));
        let numbers: Vec<u32> = some.setup.customers(0).map(|(number, _)| number).collect();
        assert_eq!(numbers, [3, 5]);
        assert_eq!(some.setup.intents[3].at, whole.setup.intents[3].at);
    }

    #[test]
    fn a_smaller_basket_costs_less_and_is_never_empty() {
        let whole = plan("storm:choreography:0x5");
        let least = Reduction { items_max: Some(1), ..Reduction::default() }.from(&whole);
        for (before, after) in whole.setup.intents.iter().zip(&least.setup.intents) {
            let [line] = after.basket.lines() else { panic!("one line: {after:?}") };
            assert_eq!((line.sku, line.quantity), (before.basket.lines()[0].sku, 1));
            assert!(after.basket.total_cents() <= before.basket.total_cents());
        }
    }

    #[test]
    fn constant_latencies_draw_nothing() {
        let constant = Reduction { constant_latency: true, ..Reduction::default() }
            .from(&plan("storm:choreography:0x5"));
        assert!(constant.physics.link.spread.0 == 0 && constant.setup.timeouts.jitter_percent == 0);
        assert!(constant.physics.roles.iter().all(|role| role.service.spread.0 == 0));
    }
}
