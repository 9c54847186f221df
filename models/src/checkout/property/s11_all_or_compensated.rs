//! S11: what was begun for an order that was given up is undone, and somebody owes that durably.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::domain::{HoldEnd, Status};
use crate::checkout::fact::{Fact, Kind};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// S11.
pub const PROPERTY: Property = Property {
    id: "S11",
    name: "all or compensated",
    slug: "all-or-compensated",
    modality: Modality::Obligation,
    definition: "a forward effect of an order that was given up has a durable open obligation to undo it; at rest net effects equal those of the status",
    mutant: "undo=on-failure",
    benign: "relay=twice",
    always: Some((&[Kind::Closed], always)),
    rest: Some(rest),
    ..UNCHECKED
};

fn has_effects(order: &OrderTruth) -> bool {
    order.hold_lives() || order.net_cents() > 0
}

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Closed(_, status) = seen.fact else { return Finding::Silent };
    if !status.given_up() || !has_effects(seen.now) {
        return Finding::Silent;
    }
    check(seen.now.undoing() || seen.now.parked, || {
        format!("the order became {status} with effects left, and nobody owes their undoing")
    })
}

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    let Some(status) = order.status.filter(|_| !order.parked) else { return Finding::Silent };
    let complete = order.dispatched == 1
        && order.net_cents() == order.quote_cents as i64
        && order.hold == Some(Some(HoldEnd::Confirmed));
    let undone = !has_effects(order) && order.hold != Some(Some(HoldEnd::Confirmed)) && order.dispatched == 0;
    check(if status == Status::Completed { complete } else { undone }, || {
        format!("the order is {status}, and its effects are not those of a {status} order")
    })
}
