//! How the orders of a run ended, counted.

use stormcart_harness::catalog::{End, EndKind};
use stormcart_harness::model::Totals;

use crate::checkout::domain::Status;
use crate::checkout::ledger::{Ledger, OrderTruth};

/// How orders end, in the order of [`Status`].
pub const ENDS: &[End] = &[
    End { name: "pending", about: "accepted orders without an end", kind: EndKind::Open },
    End { name: "completed", about: "orders that ended well", kind: EndKind::Completed },
    End { name: "rejected", about: "orders that were refused", kind: EndKind::Undone },
    End { name: "cancelled", about: "orders given up before a charge", kind: EndKind::Undone },
    End { name: "refunded", about: "orders given up after a charge", kind: EndKind::Undone },
];

/// How the orders of a run ended.
pub fn totals(ledger: &Ledger) -> Totals {
    let accepted = ledger.orders().iter().zip(ledger.times()).filter(|(order, _)| order.placed > 0);
    let closed = accepted.map(|(order, times)| order.status.and(times.closed));
    let mut totals = Totals {
        intents: ledger.setup().customers(0).count() as u64,
        ended: vec![0; ENDS.len()],
        misplaced_cents: ledger.orders().iter().map(misplaced_cents).sum(),
        settled: closed.reduce(|last, closed| Some(last?.max(closed?))).flatten(),
        waits: ledger.waits().collect(),
        ..Totals::default()
    };
    for order in ledger.orders().iter().filter(|order| order.placed > 0) {
        totals.accepted += 1;
        totals.ended[order.status.unwrap_or(Status::Pending) as usize] += 1;
        totals.dead_lettered += u64::from(order.parked && order.status.is_none());
    }
    totals
}

/// How far the provider's ledger is from what the end of an order calls for: the quote for a completed one, and for one
/// without an end if its goods are on their way; nothing for every other.
fn misplaced_cents(order: &OrderTruth) -> u64 {
    let owed = match order.status {
        None if order.parked => return 0,
        Some(Status::Completed) => order.quote_cents,
        None | Some(Status::Pending) if order.dispatched > 0 => order.quote_cents,
        None | Some(Status::Pending | Status::Rejected | Status::Cancelled | Status::Refunded) => 0,
    };
    order.net_cents().abs_diff(owed as i64)
}
