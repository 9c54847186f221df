//! C5: customers can rely on what they were told.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check};
use crate::checkout::domain::Status;
use crate::checkout::ledger::{Ledger, OrderTruth};
use crate::checkout::vocabulary::Outcome;

/// C5.
pub const PROPERTY: Property = Property {
    id: "C5",
    name: "never lied to",
    slug: "never-lied-to",
    modality: Modality::ByDeadline,
    definition: "told confirmed: completed, unless told refunded; told rejected: net 0 and unshipped; told accepted: a definitive answer by D",
    mutant: "timeout=failed",
    benign: "retry=doubled",
    rest: Some(rest),
    ..UNCHECKED
};

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    let told = |outcome: Outcome| order.told & 1 << outcome as u32 != 0;
    let mailed = |status: Status| order.mailed & 1 << status as u8 != 0;
    if order.told == 0 && order.mailed == 0 || order.parked {
        return Finding::Silent;
    }
    let confirmed = told(Outcome::Confirmed) || mailed(Status::Completed);
    let refused = told(Outcome::Rejected) || mailed(Status::Rejected) || mailed(Status::Cancelled);
    let answered = confirmed || refused || mailed(Status::Refunded);
    if confirmed && order.status != Some(Status::Completed) && !mailed(Status::Refunded) {
        return Finding::Broken("the customer was told it is confirmed, and it is not".into());
    }
    if refused && (order.net_cents() != 0 || order.dispatched > 0) {
        return Finding::Broken("the customer was told it is off, and paid or got it all the same".into());
    }
    check(answered, || "the customer was told to wait, and never heard again".into())
}
