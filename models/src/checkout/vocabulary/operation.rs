//! What is done.

use stormcart_sim::site::Operation;

use super::Party;

words! {
    /// An operation: first those of services, then those of outside parties, then timers.
    Op {
        /// Accept an order.
        Place = "place",
        /// Ask for an order to be given up.
        Cancel = "cancel",
        /// Hold stock.
        Reserve = "reserve",
        /// Give held or picked stock back.
        Release = "release",
        /// Take the money: the pivot.
        Charge = "charge",
        /// Give a charge up, unless it has happened.
        Withdraw = "withdraw",
        /// Give the money back.
        Refund = "refund",
        /// Pick the held stock.
        Confirm = "confirm",
        /// Hand the goods to the carrier.
        Ship = "ship",
        /// Set the final status.
        Close = "close",
        /// Tell the customer the final status.
        Notify = "notify",
        /// The provider takes money.
        Sale = "sale",
        /// The provider gives money back.
        Reverse = "reverse",
        /// The provider says what became of a sale.
        LookUp = "look-up",
        /// The provider says what became of a refund.
        LookUpRefund = "look-up-refund",
        /// The provider calls us.
        Webhook = "webhook",
        /// The carrier takes goods.
        Dispatch = "dispatch",
        /// The mailer delivers.
        Mail = "mail",
        /// A customer comes.
        Arrive = "arrive",
        /// A customer has waited long enough.
        Patience = "patience",
        /// An order is overdue.
        Deadline = "deadline",
        /// A hold has been held long enough.
        Expiry = "expiry",
        /// An event is published once more.
        Relay = "relay",
        /// An event is delivered once more.
        Redeliver = "redeliver",
    }
}

/// The operations of one owner, as a pattern: a new operation has to stand in one of them, and wherever it then has to
/// be decided about, the compiler says so.
macro_rules! ops {
    (of orders) => { Op::Place | Op::Cancel | Op::Close | Op::Deadline };
    (of inventory) => { Op::Reserve | Op::Release | Op::Confirm | Op::Expiry };
    (of payments) => { Op::Charge | Op::Withdraw | Op::Refund | Op::Webhook };
    (of shipping) => { Op::Ship };
    (of notifications) => { Op::Notify };
    (of psp) => { Op::Sale | Op::Reverse | Op::LookUp | Op::LookUpRefund };
    (of carrier) => { Op::Dispatch };
    (of mailer) => { Op::Mail };
    (of customers) => { Op::Arrive | Op::Patience };
    (of broker) => { Op::Relay | Op::Redeliver };
    (not of a service) => {
        ops!(of psp) | ops!(of carrier) | ops!(of mailer) | ops!(of customers) | ops!(of broker)
    };
    (not of orders) => {
        ops!(of inventory) | ops!(of payments) | ops!(of shipping) | ops!(of notifications)
            | ops!(not of a service)
    };
    (not of inventory) => {
        ops!(of orders) | ops!(of payments) | ops!(of shipping) | ops!(of notifications)
            | ops!(not of a service)
    };
    (not of payments) => {
        ops!(of orders) | ops!(of inventory) | ops!(of shipping) | ops!(of notifications)
            | ops!(not of a service)
    };
    (not of psp) => {
        ops!(of orders) | ops!(of inventory) | ops!(of payments) | ops!(of shipping) | ops!(of notifications)
            | ops!(of carrier) | ops!(of mailer) | ops!(of customers) | ops!(of broker)
    };
}
pub(in crate::checkout) use ops;

impl Op {
    /// Its number in the world.
    pub const fn operation(self) -> Operation {
        Operation(self as u8)
    }

    /// The party that does it.
    pub const fn owner(self) -> Party {
        match self {
            ops!(of orders) => Party::Orders,
            ops!(of inventory) => Party::Inventory,
            ops!(of payments) => Party::Payments,
            ops!(of shipping) => Party::Shipping,
            ops!(of notifications) => Party::Notifications,
            ops!(of psp) => Party::Psp,
            ops!(of carrier) => Party::Carrier,
            ops!(of mailer) => Party::Mailer,
            ops!(of customers) => Party::Customers,
            ops!(of broker) => Party::Broker,
        }
    }

    /// The operation whose late arrival this one must fence off.
    pub const fn undoes(self) -> Option<Op> {
        match self {
            Op::Release => Some(Op::Reserve),
            Op::Withdraw | Op::Refund => Some(Op::Charge),
            Op::Reserve | Op::Confirm | Op::Expiry | Op::Charge | Op::Webhook => None,
            ops!(of orders) | ops!(of shipping) | ops!(of notifications) => None,
            ops!(of psp) | ops!(of carrier) | ops!(of mailer) => None,
            ops!(of customers) | ops!(of broker) => None,
        }
    }

    /// The question that tells what became of this operation.
    pub const fn look_up(self) -> Option<Op> {
        match self {
            Op::Sale => Some(Op::LookUp),
            Op::Reverse => Some(Op::LookUpRefund),
            Op::LookUp | Op::LookUpRefund => None,
            ops!(not of psp) => None,
        }
    }

    /// The operation that this question is about.
    pub const fn looked_up(self) -> Option<Op> {
        match self {
            Op::LookUp => Some(Op::Sale),
            Op::LookUpRefund => Some(Op::Reverse),
            Op::Sale | Op::Reverse => None,
            ops!(not of psp) => None,
        }
    }

    /// The operation and its idempotency key in words: `charge`, or `charge (key 1)`.
    pub fn with_key(self, key: u8) -> impl std::fmt::Display {
        std::fmt::from_fn(move |f| match key {
            0 => write!(f, "{self}"),
            key => write!(f, "{self} (key {key})"),
        })
    }

    /// The bit of this operation in a set of operations.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}
