//! S2: a customer who gets nothing pays nothing.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check, money};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// S2.
pub const PROPERTY: Property = Property {
    id: "S2",
    name: "given up means undone",
    slug: "given-up-means-undone",
    modality: Modality::Rest,
    definition: "an order that is rejected, cancelled or refunded has net captured 0 and nothing dispatched",
    mutant: "timeout=failed",
    benign: "retry=doubled",
    rest: Some(rest),
    ..UNCHECKED
};

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if !order.given_up() || order.parked {
        return Finding::Silent;
    }
    let status = order.status.unwrap_or_default();
    check(order.net_cents() == 0 && order.dispatched == 0, || match order.dispatched {
        0 => {
            format!("the order is {status}, and {} was taken and never given back", money(order.net_cents()))
        }
        _ => format!("the order is {status}, and the goods were dispatched"),
    })
}
