//! What really happened: the facts in durable records, seen by nobody inside.

use crate::domain::{Basket, HoldEnd, Status};
use crate::message::Order;
use crate::service::{payments, shipping};
use crate::words::{Event, Op, Outcome, Party};

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Orders accepted an order at this price.
    Placed(Order, u64),
    /// Somebody asked for it to be given up.
    CancelAsked(Order),
    /// Orders set a status.
    Closed(Order, Status),
    /// Inventory holds stock.
    Held(Order, Basket),
    /// A hold ended.
    HoldEnded(Order, HoldEnd, Basket),
    /// Payments wrote down where a payment of this many cents stands.
    Booked(Order, payments::Row, u64),
    /// Shipping wrote down where a shipment stands.
    Shipped(Order, shipping::Row),
    /// An operation ended in a service, and an event is to be announced.
    Answered(Party, Order, Op, Outcome, Option<Event>),
    /// A service took an operation on.
    Begun(Order, Op),
    /// A tombstone was set.
    Fenced(Order, Op),
    /// An outbox row was written.
    Queued(Order, Event),
    /// The log or the engine has an event.
    Announced(Order, Event),
    /// The engine is, or is no longer, undoing.
    Undoing(Order, bool),
    /// Somebody gave up trying: a person must act.
    Parked(Order),
    /// The provider took money.
    Captured(Order, u64),
    /// The provider gave money back.
    Reversed(Order, u64),
    /// The carrier took the goods.
    Dispatched(Order),
    /// The carrier will never take them.
    ShipmentRefused(Order),
    /// The mailer delivered a notice.
    Mailed(Order, Status),
    /// A customer was answered by the shop.
    Told(Order, Outcome),
    /// A customer changed their mind.
    Regretted(Order),
}

impl Fact {
    /// The order it is about.
    pub fn order(&self) -> Order {
        match self {
            Fact::Placed(order, _)
            | Fact::CancelAsked(order)
            | Fact::Closed(order, _)
            | Fact::Held(order, _)
            | Fact::HoldEnded(order, ..)
            | Fact::Booked(order, ..)
            | Fact::Shipped(order, _)
            | Fact::Answered(_, order, ..)
            | Fact::Begun(order, _)
            | Fact::Fenced(order, _)
            | Fact::Queued(order, _)
            | Fact::Announced(order, _)
            | Fact::Undoing(order, _)
            | Fact::Parked(order)
            | Fact::Captured(order, _)
            | Fact::Reversed(order, _)
            | Fact::Dispatched(order)
            | Fact::ShipmentRefused(order)
            | Fact::Mailed(order, _)
            | Fact::Told(order, _)
            | Fact::Regretted(order) => *order,
        }
    }
}
