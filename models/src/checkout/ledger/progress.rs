//! How far an order has come, in a handful of words: what a fault finds when it strikes.
//!
//! It follows from the truth of the order alone, so it means the same in every architecture.

use std::fmt;

use crate::checkout::domain::{HoldEnd, PaymentStatus, Status};

use super::OrderTruth;

/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Progress {
    /// Not accepted yet.
    Coming,
    /// Accepted; nothing is held.
    Placed,
    /// Stock is held; no money was asked for.
    Held,
    /// The provider was asked, and has taken nothing.
    Charging,
    /// The provider has taken the money, and payments does not know.
    Captured,
    /// Payments knows that it is paid, or that there is nothing to pay.
    Charged,
    /// The goods are picked.
    Confirmed,
    /// The goods are on their way.
    Dispatched,
    /// A step has failed for good, and nothing undoes the others yet.
    Failed,
    /// What was done is being undone.
    Undoing,
    /// Ended without goods.
    GivenUp,
    /// Ended with them.
    Completed,
}

impl Progress {
    /// Every step of it, with the words for it, in the order of the enum.
    pub const ALL: [(Progress, &'static str); 12] = [
        (Progress::Coming, "coming"),
        (Progress::Placed, "placed"),
        (Progress::Held, "held"),
        (Progress::Charging, "charging"),
        (Progress::Captured, "captured unbooked"),
        (Progress::Charged, "charged"),
        (Progress::Confirmed, "confirmed"),
        (Progress::Dispatched, "dispatched"),
        (Progress::Failed, "failed"),
        (Progress::Undoing, "being undone"),
        (Progress::GivenUp, "given up"),
        (Progress::Completed, "completed"),
    ];
}

impl Progress {
    /// The word for it.
    pub fn word(self) -> &'static str {
        Progress::ALL[self as usize].1
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl OrderTruth {
    /// How far it has come.
    pub fn progress(&self) -> Progress {
        let picked = self.hold == Some(Some(HoldEnd::Confirmed));
        match (self.status, self.payment) {
            _ if self.placed == 0 => Progress::Coming,
            _ if self.undoing() => Progress::Undoing,
            (Some(Status::Completed), _) => Progress::Completed,
            (Some(Status::Rejected | Status::Cancelled | Status::Refunded), _) => Progress::GivenUp,
            _ if self.dispatched > 0 => Progress::Dispatched,
            (
                _,
                Some(
                    PaymentStatus::Declined
                    | PaymentStatus::Withdrawn
                    | PaymentStatus::Refunding
                    | PaymentStatus::Refunded,
                ),
            ) => Progress::Failed,
            _ if picked => Progress::Confirmed,
            (_, Some(PaymentStatus::Charged | PaymentStatus::NotNeeded)) => Progress::Charged,
            (_, Some(PaymentStatus::Charging { .. })) if self.captures > 0 => Progress::Captured,
            (_, Some(PaymentStatus::Charging { .. })) => Progress::Charging,
            _ if self.hold_lives() => Progress::Held,
            _ if self.hold.is_some() => Progress::Failed,
            _ => Progress::Placed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_in_the_order_of_the_enum() {
        assert!(Progress::ALL.iter().enumerate().all(|(index, (progress, _))| *progress as usize == index));
    }

    #[test]
    fn an_order_is_as_far_as_its_last_effect() {
        let placed = OrderTruth { placed: 1, ..OrderTruth::default() };
        let held = OrderTruth { hold: Some(None), ..placed };
        let paying = |row, captures| OrderTruth { payment: Some(row), captures, ..held };
        let charged = paying(PaymentStatus::Charged, 1);
        let picked = OrderTruth { hold: Some(Some(HoldEnd::Confirmed)), ..charged };
        let dispatched = OrderTruth { dispatched: 1, ..picked };
        let ended = |order, status| OrderTruth { status: Some(status), ..order };
        let table = [
            (OrderTruth::default(), Progress::Coming),
            (placed, Progress::Placed),
            (held, Progress::Held),
            (paying(PaymentStatus::Charging { given_up: false }, 0), Progress::Charging),
            (paying(PaymentStatus::Charging { given_up: false }, 1), Progress::Captured),
            (charged, Progress::Charged),
            (picked, Progress::Confirmed),
            (dispatched, Progress::Dispatched),
            (paying(PaymentStatus::Declined, 0), Progress::Failed),
            (OrderTruth { hold: Some(Some(HoldEnd::Expired)), ..placed }, Progress::Failed),
            (paying(PaymentStatus::Charging { given_up: true }, 1), Progress::Undoing),
            (ended(paying(PaymentStatus::Refunding, 1), Status::Cancelled), Progress::Undoing),
            (ended(paying(PaymentStatus::Refunded, 1), Status::Refunded), Progress::GivenUp),
            (ended(dispatched, Status::Completed), Progress::Completed),
        ];
        for (order, progress) in table {
            assert_eq!(order.progress(), progress, "{order:?}");
        }
    }
}
