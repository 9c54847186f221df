//! What is announced.

use crate::checkout::domain::Status;

words! {
    /// What is announced on the log. The past tense of an operation and its outcome.
    Event {
        /// An order was accepted.
        OrderPlaced = "OrderPlaced",
        /// The customer or the deadline wants it given up.
        CancelAsked = "CancelAsked",
        /// Stock is held.
        StockReserved = "StockReserved",
        /// There was not enough.
        StockMissing = "StockMissing",
        /// Money was taken.
        PaymentCaptured = "PaymentCaptured",
        /// The card did not pay.
        PaymentDeclined = "PaymentDeclined",
        /// No money was taken and none will be.
        PaymentWithdrawn = "PaymentWithdrawn",
        /// The money went back.
        PaymentRefunded = "PaymentRefunded",
        /// The goods are picked.
        StockConfirmed = "StockConfirmed",
        /// The hold was gone when it was to be confirmed.
        HoldLost = "HoldLost",
        /// The goods are on their way.
        Dispatched = "Dispatched",
        /// The carrier will never take them.
        ShipmentRefused = "ShipmentRefused",
        /// The status is final.
        OrderClosed = "OrderClosed",
    }
}

impl Event {
    /// The final status that an order takes because of it.
    pub const fn verdict(self) -> Status {
        match self {
            Event::StockMissing | Event::PaymentDeclined => Status::Rejected,
            Event::PaymentWithdrawn => Status::Cancelled,
            Event::PaymentRefunded => Status::Refunded,
            Event::Dispatched => Status::Completed,
            Event::OrderPlaced
            | Event::CancelAsked
            | Event::StockReserved
            | Event::PaymentCaptured
            | Event::StockConfirmed
            | Event::HoldLost
            | Event::ShipmentRefused
            | Event::OrderClosed => Status::Pending,
        }
    }

    /// The bit of this event in a set of events.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}
