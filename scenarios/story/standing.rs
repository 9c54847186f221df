//! How all orders stood at a moment of a run.
//!
//! **Invariant:** it is folded from the facts in the trace, like the verdict; no service is asked.

use std::sync::Arc;

use serde::Serialize;
use stormcart_models::domain::HoldEnd;
use stormcart_models::ledger::{Ledger, OrderTruth};
use stormcart_models::service::{Checkout, payments};
use stormcart_sim::service::{Moment, Truth};
use stormcart_sim::trace::Happening;
use stormcart_sim::{Instant, Service};

use crate::twice::Twice;

use super::telling::money;

/// What was true of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Which.
    pub order: u32,
    /// Its status.
    pub status: String,
    /// What became of its stock.
    pub stock: &'static str,
    /// Where its payment stood.
    pub payment: &'static str,
    /// Money the provider had taken and not given back, in cents.
    pub net_cents: i64,
    /// How often the carrier had taken its goods.
    pub dispatched: u8,
}

/// All accepted orders, as they stood right after this moment.
pub fn at(twice: &Twice, until: Instant) -> Vec<Standing> {
    let physics = &twice.plan.physics;
    let mut ledger = Ledger::new(Arc::clone(&twice.plan.setup));
    for entry in twice.world.trace().entries().iter().take_while(|entry| entry.at <= until) {
        let Happening::Written { node, record } = &entry.what else { continue };
        if let Some(fact) = Checkout::fact(physics.role(*node), record) {
            ledger.observe(Moment { at: entry.at, event: entry.event }, fact);
        }
    }
    let orders = (0..).zip(ledger.orders());
    orders.filter(|(_, order)| order.placed > 0).map(|(number, order)| standing(number, order)).collect()
}

fn standing(number: u32, order: &OrderTruth) -> Standing {
    Standing {
        order: number,
        status: order.status.unwrap_or_default().to_string(),
        stock: match order.hold {
            None => "none held",
            Some(None) => "held",
            Some(Some(HoldEnd::Confirmed)) => "picked",
            Some(Some(HoldEnd::Returned)) => "returned",
            Some(Some(HoldEnd::Released)) => "freed",
            Some(Some(HoldEnd::Expired)) => "expired",
        },
        payment: match order.payment {
            None => "none",
            Some(payments::Row::Charging { given_up: false }) => "charging",
            Some(payments::Row::Charging { given_up: true }) => "charging, given up",
            Some(payments::Row::Charged) => "charged",
            Some(payments::Row::NotNeeded) => "not needed",
            Some(payments::Row::Declined) => "declined",
            Some(payments::Row::Withdrawn) => "withdrawn",
            Some(payments::Row::Refunding) => "refunding",
            Some(payments::Row::Refunded) => "refunded",
        },
        net_cents: order.net_cents(),
        dispatched: order.dispatched,
    }
}

impl std::fmt::Display for Standing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Standing { order, status, stock, payment, net_cents, dispatched } = self;
        let sign = if *net_cents < 0 { "-" } else { "" };
        let net = money(net_cents.unsigned_abs());
        write!(f, "order {order:<4} {status:<10} stock {stock:<10} payment {payment:<18} ")?;
        write!(f, "{sign}{net} taken, {dispatched} dispatched")
    }
}
