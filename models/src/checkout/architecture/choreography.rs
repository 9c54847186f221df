//! Choreography: services announce what they did and react to what others announced.
//!
//! No service owns the process; this file is the only place where it is written down at all. Each service knows its own
//! row: what it does when it hears something, and what it says when it is done.
//!
//! **Invariant:** no service's rows contain the order of other services' steps; `models/tests/wiring.rs` checks that.

use crate::checkout::vocabulary::{Event, Op, Outcome, Party};

use super::level::{FIRST_WRITTEN, HARDENED, MATCHED};
use super::{Architecture, Level, Process, Style};

const ANNOUNCES: &[(Op, Outcome, Event)] = &[
    (Op::Place, Outcome::Accepted, Event::OrderPlaced),
    (Op::Cancel, Outcome::Accepted, Event::CancelAsked),
    (Op::Reserve, Outcome::Done, Event::StockReserved),
    (Op::Reserve, Outcome::OutOfStock, Event::StockMissing),
    (Op::Charge, Outcome::Done, Event::PaymentCaptured),
    (Op::Charge, Outcome::Declined, Event::PaymentDeclined),
    (Op::Withdraw, Outcome::Withdrawn, Event::PaymentWithdrawn),
    (Op::Withdraw, Outcome::Refunded, Event::PaymentRefunded),
    (Op::Refund, Outcome::Refunded, Event::PaymentRefunded),
    (Op::Confirm, Outcome::Done, Event::StockConfirmed),
    (Op::Confirm, Outcome::HoldLost, Event::HoldLost),
    (Op::Ship, Outcome::Done, Event::Dispatched),
    (Op::Ship, Outcome::Refused, Event::ShipmentRefused),
    (Op::Close, Outcome::Done, Event::OrderClosed),
];

const ON: &[(Event, Party, Op)] = &[
    (Event::OrderPlaced, Party::Inventory, Op::Reserve),
    (Event::StockReserved, Party::Payments, Op::Charge),
    (Event::StockMissing, Party::Orders, Op::Close),
    (Event::PaymentCaptured, Party::Inventory, Op::Confirm),
    (Event::PaymentDeclined, Party::Inventory, Op::Release),
    (Event::PaymentDeclined, Party::Orders, Op::Close),
    (Event::CancelAsked, Party::Payments, Op::Withdraw),
    (Event::PaymentWithdrawn, Party::Inventory, Op::Release),
    (Event::PaymentWithdrawn, Party::Orders, Op::Close),
    (Event::PaymentRefunded, Party::Inventory, Op::Release),
    (Event::PaymentRefunded, Party::Orders, Op::Close),
    (Event::StockConfirmed, Party::Shipping, Op::Ship),
    (Event::HoldLost, Party::Payments, Op::Refund),
    (Event::Dispatched, Party::Orders, Op::Close),
    (Event::ShipmentRefused, Party::Payments, Op::Refund),
    (Event::OrderClosed, Party::Notifications, Op::Notify),
];

/// Services react to each other's events.
pub const CHOREOGRAPHY: Architecture = Architecture {
    name: "choreography",
    about: "services react to each other's events; nobody owns the process",
    style: Style::Choreography,
    process: Process::Reactions(ON),
    announces: ANNOUNCES,
    levels: &[(Level::Hardened, HARDENED), (Level::Matched, MATCHED), (Level::FirstWritten, FIRST_WRITTEN)],
    missing_level: None,
};
