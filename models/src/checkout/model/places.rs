//! Where faults may strike in a checkout, with their weights, and between whom.
//!
//! **Invariant:** places are in business words that every architecture shares; `models/tests/registries` checks that each
//! names an operation of whom it names.

use stormcart_harness::catalog::{Place, Who};
use stormcart_sim::site::MessageKind;

use crate::checkout::vocabulary::{Op, Party};

const fn place(party: Party, op: Op, kind: MessageKind) -> Place {
    Place::of(party.role(), op.operation(), kind)
}

const fn coordinator(op: Op, kind: MessageKind) -> Place {
    Place::of_coordinator(op.operation(), kind)
}

const fn who(party: Party) -> Who {
    Who::Role(party.role())
}

/// Just before and after the writes and sends of every step, more often on the way forward than on the way back, and where
/// a misbehavior shows.
pub const PLACES: &[(f64, Place)] = &[
    (3.0, place(Party::Orders, Op::Place, MessageKind::Ask)),
    (3.0, place(Party::Inventory, Op::Reserve, MessageKind::Ask)),
    (4.0, place(Party::Payments, Op::Charge, MessageKind::Ask)),
    (4.0, place(Party::Inventory, Op::Confirm, MessageKind::Ask)),
    (3.0, place(Party::Shipping, Op::Ship, MessageKind::Ask)),
    (3.0, place(Party::Orders, Op::Close, MessageKind::Ask)),
    (1.0, place(Party::Notifications, Op::Notify, MessageKind::Ask)),
    (2.0, coordinator(Op::Place, MessageKind::Answer)),
    (2.0, coordinator(Op::Reserve, MessageKind::Answer)),
    (2.0, coordinator(Op::Charge, MessageKind::Answer)),
    (2.0, coordinator(Op::Confirm, MessageKind::Answer)),
    (2.0, coordinator(Op::Ship, MessageKind::Answer)),
    (1.0, coordinator(Op::Close, MessageKind::Answer)),
    (0.5, coordinator(Op::Reserve, MessageKind::Ack)),
    (0.5, coordinator(Op::Charge, MessageKind::Ack)),
    (0.5, coordinator(Op::Confirm, MessageKind::Ack)),
    (4.0, place(Party::Psp, Op::Sale, MessageKind::Ask)),
    (4.0, place(Party::Payments, Op::Sale, MessageKind::Answer)),
    (2.0, place(Party::Carrier, Op::Dispatch, MessageKind::Ask)),
    (2.0, place(Party::Shipping, Op::Dispatch, MessageKind::Answer)),
    (1.0, place(Party::Mailer, Op::Mail, MessageKind::Ask)),
    (1.0, place(Party::Customers, Op::Place, MessageKind::Answer)),
    (1.0, place(Party::Customers, Op::Arrive, MessageKind::Timer)),
    (0.5, place(Party::Customers, Op::Patience, MessageKind::Timer)),
    (1.0, place(Party::Orders, Op::Cancel, MessageKind::Ask)),
    (1.0, coordinator(Op::Cancel, MessageKind::Answer)),
    (1.0, place(Party::Payments, Op::Withdraw, MessageKind::Ask)),
    (1.0, place(Party::Inventory, Op::Release, MessageKind::Ask)),
    (1.0, place(Party::Payments, Op::Refund, MessageKind::Ask)),
    (1.0, place(Party::Psp, Op::Reverse, MessageKind::Ask)),
    (1.0, place(Party::Payments, Op::Reverse, MessageKind::Answer)),
    (1.0, place(Party::Payments, Op::Webhook, MessageKind::Ask)),
];

/// Who runs on nodes of ours, in the order in which faults are drawn.
pub const INSIDE: &[Who] = &[
    Who::Coordinator,
    who(Party::Orders),
    who(Party::Inventory),
    who(Party::Payments),
    who(Party::Shipping),
    who(Party::Notifications),
];

/// Who may be parted from others.
pub const SIDES: &[Who] = &[
    Who::Coordinator,
    who(Party::Orders),
    who(Party::Inventory),
    who(Party::Payments),
    who(Party::Shipping),
    who(Party::Notifications),
    who(Party::Psp),
    who(Party::Carrier),
    who(Party::Mailer),
];
