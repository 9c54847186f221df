//! L2: stock is not held for ever.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// L2.
pub const PROPERTY: Property = Property {
    id: "L2",
    name: "no zombie hold",
    slug: "no-zombie-hold",
    modality: Modality::ByDeadline,
    definition: "no hold outlives its time-to-live",
    mutant: "a mutant in the tests never expires holds",
    benign: "retry=doubled",
    rest: Some(rest),
    ..UNCHECKED
};

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if order.holds == 0 || order.parked {
        return Finding::Silent;
    }
    check(!order.hold_lives(), || "all is quiet, and stock is still held".into())
}
