//! L1: every accepted order comes to an end.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// L1.
pub const PROPERTY: Property = Property {
    id: "L1",
    name: "everything ends",
    slug: "everything-ends",
    modality: Modality::ByDeadline,
    definition: "every accepted order is terminal or parked: while only a viable core is healthy, and at rest",
    mutant: "engine-timers=forget",
    benign: "retry=doubled",
    rest: Some(rest),
    core: Some(rest),
    ..UNCHECKED
};

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if order.placed == 0 {
        return Finding::Silent;
    }
    check(order.status.is_some() || order.parked, || "the order was accepted and is still pending".into())
}
