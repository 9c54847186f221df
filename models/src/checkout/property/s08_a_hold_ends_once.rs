//! S8: held stock is picked or freed, and only once.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// S8.
pub const PROPERTY: Property = Property {
    id: "S8",
    name: "a hold ends once",
    slug: "a-hold-ends-once",
    modality: Modality::Always,
    definition: "a hold is confirmed, released or expired at most once, and exactly once at rest",
    mutant: "confirm=blind",
    benign: "relay=twice",
    always: Some((&[Kind::HoldEnded], always)),
    rest: Some(rest),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::HoldEnded(..) = seen.fact else { return Finding::Silent };
    check(seen.now.hold_ends <= seen.now.holds, || format!("a hold ended {} times", seen.now.hold_ends))
}

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if order.holds == 0 || order.parked {
        return Finding::Silent;
    }
    check(order.hold_ends == order.holds, || {
        format!("{} holds, {} of them ended", order.holds, order.hold_ends)
    })
}
