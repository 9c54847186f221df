//! L7: undoing that cannot be done is somebody's visible problem.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check};
use crate::checkout::ledger::{Ledger, OrderTruth};
use crate::checkout::vocabulary::Op;

/// L7.
pub const PROPERTY: Property = Property {
    id: "L7",
    name: "nothing fails silently",
    slug: "nothing-fails-silently",
    modality: Modality::Obligation,
    definition: "at rest no undoing is unfinished without being parked",
    mutant: "engine-timers=forget, errors=swallow-and-ack",
    benign: "retry=doubled",
    rest: Some(rest),
    ..UNCHECKED
};

/// Operations that give something back.
const UNDOING: u32 = Op::Release.bit() | Op::Withdraw.bit() | Op::Refund.bit();

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if order.begun & UNDOING == 0 && !order.undoing() {
        return Finding::Silent;
    }
    let unfinished = order.begun & UNDOING & !order.ended != 0 || order.undoing();
    check(!unfinished || order.parked, || "an undoing was begun, is not finished, and nobody was told".into())
}
