//! L3: refunds are made.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check, money};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// L3.
pub const PROPERTY: Property = Property {
    id: "L3",
    name: "what is owed is paid",
    slug: "what-is-owed-is-paid",
    modality: Modality::ByDeadline,
    definition: "every owed refund is made or parked",
    mutant: "late-success=ignore",
    benign: "retry=doubled",
    rest: Some(rest),
    ..UNCHECKED
};

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if !order.given_up() || order.captures == 0 {
        return Finding::Silent;
    }
    check(order.net_cents() <= 0 || order.parked, || {
        format!("{} is owed to the customer", money(order.net_cents()))
    })
}
