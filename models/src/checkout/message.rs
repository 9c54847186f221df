//! What travels, and what fires.
//!
//! One shape for every transport: an operation, which part of it this is, the order it is about, the caller's attempt,
//! and a body. A command looks the same whether a customer, an orchestrator or the log brings it.

use serde::Serialize;
use stormcart_sim::site::{Identity, MessageKind};

use crate::checkout::domain::{Basket, Status};
use crate::checkout::vocabulary::{Event, Op, Outcome, Party};

/// The number of an order; also the number of the purchase intent it belongs to.
pub type Order = u32;

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Message {
    /// The operation.
    pub op: Op,
    /// The part of the operation that this message is.
    pub kind: MessageKind,
    /// The order it is about.
    pub order: Order,
    /// The attempt of the caller, from 1.
    pub attempt: u8,
    /// What it says beside its name.
    pub body: Body,
}

/// What a message says beside its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Body {
    /// The operation is to be done.
    Command(Command),
    /// How the operation ended.
    Outcome(Outcome),
    /// An event to be announced, with its basket and the final status it is about.
    Publish(Event, Basket, Status),
    /// A transport's confirmation of an event; the slot is where the log keeps it.
    Ack(Event, Slot),
    /// A delivery from the log of which only the key can be read; it would have been this event.
    Damaged(Event, Slot),
}

/// A command: what a service needs to know to act.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Command {
    /// The idempotency key: with the operation and the order it names one logical effect.
    pub key: u8,
    /// The quoted basket.
    pub basket: Basket,
    /// The final status, where one is to be set or told.
    pub status: Status,
    /// The event that brought it, if the log did.
    pub via: Option<(Event, Slot)>,
}

/// A place in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Slot {
    /// The partition.
    pub partition: u8,
    /// The position in it.
    pub offset: u32,
}

impl Message {
    /// A request to do something.
    pub fn ask(op: Op, order: Order, attempt: u8, command: Command) -> Self {
        Message { op, kind: MessageKind::Ask, order, attempt, body: Body::Command(command) }
    }

    /// The reply to a request.
    pub fn answer(op: Op, order: Order, attempt: u8, outcome: Outcome) -> Self {
        Message { op, kind: MessageKind::Answer, order, attempt, body: Body::Outcome(outcome) }
    }
}

impl stormcart_sim::Message for Message {
    #[inline]
    fn identity(&self) -> Identity {
        Identity {
            operation: self.op.operation(),
            kind: self.kind,
            subject: self.order,
            attempt: self.attempt,
        }
    }

    fn refused(&self) -> Option<Self> {
        let called = matches!(&self.body, Body::Command(command) if command.via.is_none());
        called.then(|| Message::answer(self.op, self.order, self.attempt, Outcome::NotExecuted))
    }
}

/// The name of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Timer {
    /// What it is for: a timer operation, or the call that it re-asks.
    pub op: Op,
    /// The order it is about; for a redelivery, the partition.
    pub order: u32,
    /// For a redelivery, the consumer group.
    pub group: Party,
}

impl Timer {
    /// A timer about an order.
    pub fn of(op: Op, order: Order) -> Self {
        Timer { op, order, group: op.owner() }
    }
}

impl stormcart_sim::Timer for Timer {
    #[inline]
    fn identity(&self) -> Identity {
        // The group sits where a message has its attempt, so that timers of two groups are told apart.
        let attempt = if self.op == Op::Redeliver { self.group as u8 } else { 1 };
        Identity { operation: self.op.operation(), kind: MessageKind::Timer, subject: self.order, attempt }
    }

    /// An order is overdue and a hold expires at a time of day.
    fn wall(&self) -> bool {
        matches!(self.op, Op::Deadline | Op::Expiry)
    }
}
