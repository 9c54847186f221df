//! How all orders stood at a moment of a run.
//!
//! **Invariant:** it is read from the ground truth, like the verdict; no service is asked.

use serde::Serialize;
use stormcart_models::domain::{Basket, HoldEnd};
use stormcart_models::ledger::{Ledger, OrderTruth};
use stormcart_models::service::payments;

use crate::plan::Plan;

use super::trace_formatter::{goods, money};

/// What was true of one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Which.
    pub order: u32,
    /// What the customer wants.
    pub wants: String,
    /// At which price, in cents.
    pub quote_cents: u64,
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

/// All accepted orders, as this truth has them.
pub fn of(plan: &Plan, truth: &Ledger) -> Vec<Standing> {
    let orders = (0..).zip(truth.orders()).zip(&plan.setup.intents);
    let accepted = orders.filter(|((_, order), _)| order.placed > 0);
    accepted.map(|((number, order), intent)| standing(number, order, &intent.basket)).collect()
}

fn standing(number: u32, order: &OrderTruth, basket: &Basket) -> Standing {
    Standing {
        order: number,
        wants: goods(basket),
        quote_cents: basket.total_cents(),
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
        let Standing { order, wants, quote_cents, status, stock, payment, net_cents, dispatched } = self;
        let sign = if *net_cents < 0 { "-" } else { "" };
        let net = money(net_cents.unsigned_abs());
        write!(f, "order {order:<4} {status:<10} stock {stock:<10} payment {payment:<18} ")?;
        write!(f, "{sign}{net} of {} taken, {dispatched} dispatched: {wants}", money(*quote_cents))
    }
}
