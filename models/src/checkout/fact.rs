//! What really happened: the facts in durable records. The ground truth is folded from them; no service sees them.

use serde::Serialize;

use crate::checkout::domain::{Basket, HoldEnd, PaymentStatus, ShipmentStatus, Status};
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Event, Op, Outcome, Party};

/// A fact: what one durable record says about one order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Fact {
    /// Orders accepted an order at this price, in cents.
    Placed(Order, u64),
    /// The customer or the deadline asked for the order to be given up.
    CancelAsked(Order),
    /// Orders set the status of an order.
    Closed(Order, Status),
    /// Inventory holds stock.
    Held(Order, Basket),
    /// A hold ended.
    HoldEnded(Order, HoldEnd, Basket),
    /// Payments wrote down where a payment of this many cents stands.
    Booked(Order, PaymentStatus, u64),
    /// Shipping wrote down where a shipment stands.
    Shipped(Order, ShipmentStatus),
    /// An operation ended in a service, and an event is to be announced.
    Answered(Party, Order, Op, Outcome, Option<Event>),
    /// A service took an operation on.
    Begun(Order, Op),
    /// A tombstone was set.
    Fenced(Order, Op),
    /// An event waits in the outbox.
    Queued(Order, Event),
    /// The log or the engine has an event.
    Announced(Order, Event),
    /// The engine is, or is no longer, undoing.
    Undoing(Order, bool),
    /// A service or the engine has given up trying: a person must act.
    Parked(Order),
    /// The provider took this much money, in cents.
    Captured(Order, u64),
    /// The provider gave this much money back, in cents.
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

/// The kinds of fact, in the order of [`Fact`]: by them a property says what it looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Fact::Placed`].
    Placed,
    /// [`Fact::CancelAsked`].
    CancelAsked,
    /// [`Fact::Closed`].
    Closed,
    /// [`Fact::Held`].
    Held,
    /// [`Fact::HoldEnded`].
    HoldEnded,
    /// [`Fact::Booked`].
    Booked,
    /// [`Fact::Shipped`].
    Shipped,
    /// [`Fact::Answered`].
    Answered,
    /// [`Fact::Begun`].
    Begun,
    /// [`Fact::Fenced`].
    Fenced,
    /// [`Fact::Queued`].
    Queued,
    /// [`Fact::Announced`].
    Announced,
    /// [`Fact::Undoing`].
    Undoing,
    /// [`Fact::Parked`].
    Parked,
    /// [`Fact::Captured`].
    Captured,
    /// [`Fact::Reversed`].
    Reversed,
    /// [`Fact::Dispatched`].
    Dispatched,
    /// [`Fact::ShipmentRefused`].
    ShipmentRefused,
    /// [`Fact::Mailed`].
    Mailed,
    /// [`Fact::Told`].
    Told,
    /// [`Fact::Regretted`].
    Regretted,
}

impl Kind {
    /// How many there are.
    pub const COUNT: usize = Kind::Regretted as usize + 1;
}

impl Fact {
    /// The kind of this fact.
    pub fn kind(&self) -> Kind {
        match self {
            Fact::Placed(..) => Kind::Placed,
            Fact::CancelAsked(..) => Kind::CancelAsked,
            Fact::Closed(..) => Kind::Closed,
            Fact::Held(..) => Kind::Held,
            Fact::HoldEnded(..) => Kind::HoldEnded,
            Fact::Booked(..) => Kind::Booked,
            Fact::Shipped(..) => Kind::Shipped,
            Fact::Answered(..) => Kind::Answered,
            Fact::Begun(..) => Kind::Begun,
            Fact::Fenced(..) => Kind::Fenced,
            Fact::Queued(..) => Kind::Queued,
            Fact::Announced(..) => Kind::Announced,
            Fact::Undoing(..) => Kind::Undoing,
            Fact::Parked(..) => Kind::Parked,
            Fact::Captured(..) => Kind::Captured,
            Fact::Reversed(..) => Kind::Reversed,
            Fact::Dispatched(..) => Kind::Dispatched,
            Fact::ShipmentRefused(..) => Kind::ShipmentRefused,
            Fact::Mailed(..) => Kind::Mailed,
            Fact::Told(..) => Kind::Told,
            Fact::Regretted(..) => Kind::Regretted,
        }
    }

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
