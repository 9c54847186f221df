//! How an order and a hold can stand.

use std::fmt;

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
    /// Ended without goods.
    pub fn given_up(self) -> bool {
        matches!(self, Status::Rejected | Status::Cancelled | Status::Refunded)
    }

    /// The status graph: the only way an order may move.
    pub fn may_become(self, next: Status) -> bool {
        self == Status::Pending && next != Status::Pending
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Status::Pending => "pending",
            Status::Completed => "completed",
            Status::Rejected => "rejected",
            Status::Cancelled => "cancelled",
            Status::Refunded => "refunded",
        })
    }
}

/// How a hold on stock ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HoldEnd {
    /// The goods are free again.
    Released,
    /// The goods were picked.
    Confirmed,
    /// Nobody confirmed it in time.
    Expired,
    /// Picked goods came back to the shelf.
    Returned,
}
