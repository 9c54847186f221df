//! How an order, a hold, a payment and a shipment can stand.

use std::fmt;

use serde::{Serialize, Serializer};

/// The status of an order. It starts pending and moves once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Accepted, not decided.
    #[default]
    Pending,
    /// Paid and on its way.
    Completed,
    /// Declined or out of stock.
    Rejected,
    /// Given up by the customer or overdue, before the pivot.
    Cancelled,
    /// Given up after money was taken; the money went back.
    Refunded,
}

impl Status {
    /// Whether the order ended without goods.
    pub fn given_up(self) -> bool {
        matches!(self, Status::Rejected | Status::Cancelled | Status::Refunded)
    }

    /// The status graph: the only way an order may move.
    pub fn may_become(self, next: Status) -> bool {
        self == Status::Pending && next != Status::Pending
    }
}

impl Status {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Completed => "completed",
            Status::Rejected => "rejected",
            Status::Cancelled => "cancelled",
            Status::Refunded => "refunded",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How a hold on stock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldEnd {
    /// The goods are free again.
    Released,
    /// The goods were picked.
    Confirmed,
    /// It was not confirmed in time.
    Expired,
    /// Picked goods came back to the shelf.
    Returned,
}

impl HoldEnd {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            HoldEnd::Released => "released",
            HoldEnd::Confirmed => "confirmed",
            HoldEnd::Expired => "expired",
            HoldEnd::Returned => "returned",
        }
    }
}

impl Serialize for HoldEnd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum PaymentStatus {
    /// The provider was asked to take the money; the outcome is not known yet.
    Charging {
        /// The charge is no longer wanted.
        given_up: bool,
    },
    /// The money was taken.
    Charged,
    /// The amount is zero: there was nothing to take.
    NotNeeded,
    /// The card did not pay.
    Declined,
    /// Nothing was taken and nothing will be.
    Withdrawn,
    /// The provider was asked to give the money back.
    Refunding,
    /// The money went back.
    Refunded,
}

impl PaymentStatus {
    /// Whether the provider still owes an answer, so that the outcome is unknown inside.
    pub const fn outstanding(self) -> bool {
        match self {
            PaymentStatus::Charging { .. } | PaymentStatus::Refunding => true,
            PaymentStatus::Charged
            | PaymentStatus::NotNeeded
            | PaymentStatus::Declined
            | PaymentStatus::Withdrawn
            | PaymentStatus::Refunded => false,
        }
    }
}

/// Where a shipment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum ShipmentStatus {
    /// The carrier was asked.
    Dispatching,
    /// The carrier has the goods.
    Dispatched,
    /// The carrier will never take the goods.
    Refused,
}

impl ShipmentStatus {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            ShipmentStatus::Dispatching => "dispatching",
            ShipmentStatus::Dispatched => "dispatched",
            ShipmentStatus::Refused => "refused",
        }
    }
}
