//! Payments: what was charged, and what is still unknown.
//!
//! The owner of the pivot decides: a charge that has happened is not withdrawn; one whose outcome is unknown is asked
//! for until it is known, and then given back if it was given up meanwhile.

use stormcart_sim::DenseMap;

use crate::checkout::domain::Basket;
use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::policy::{LateSuccess, Policies};
use crate::checkout::vocabulary::{Op, Outcome};

use super::decision::Decision;

/// Where a payment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The provider was asked; the outcome is not known yet.
    Charging {
        /// It is no longer wanted.
        given_up: bool,
    },
    /// The money was taken.
    Charged,
    /// Amount zero: there was nothing to take.
    NotNeeded,
    /// The card did not pay.
    Declined,
    /// Nothing was taken and nothing will be.
    Withdrawn,
    /// The provider was asked to give it back.
    Refunding,
    /// It went back.
    Refunded,
}

/// All payments.
pub type Books = DenseMap<Row>;

/// A change: where a payment stands now, and about how much money.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry(pub Order, pub Row, pub u64);

/// Applies a change.
pub fn apply(books: &mut Books, entry: &Entry) {
    books.insert(entry.0, entry.1);
}

/// The truth in a change.
pub fn fact(entry: &Entry) -> Fact {
    Fact::Booked(entry.0, entry.1, entry.2)
}

/// The rules for commands.
pub fn decide(books: &Books, op: Op, order: Order, basket: &Basket, policies: &Policies) -> Decision<Entry> {
    let cents = basket.total_cents();
    let note = |row| Entry(order, row, cents);
    match (op, books.get(order)) {
        (Op::Charge, _) if cents == 0 => Decision::done(op, Outcome::Done).noting(note(Row::NotNeeded)),
        (Op::Charge, _) => Decision::asks(Op::Sale).noting(note(Row::Charging { given_up: false })),
        (Op::Withdraw, Some(Row::Charged | Row::NotNeeded)) => Decision::done(op, Outcome::TooLate),
        (Op::Refund, Some(Row::Charged)) => Decision::asks(Op::Reverse).noting(note(Row::Refunding)),
        (Op::Refund, Some(Row::NotNeeded)) => {
            Decision::done(op, Outcome::Refunded).noting(note(Row::Refunded))
        }
        (_, Some(Row::Charging { .. })) if policies.late == LateSuccess::Ignore => {
            Decision::done(op, Outcome::Withdrawn).noting(note(Row::Withdrawn))
        }
        (_, Some(Row::Charging { .. })) => Decision::pending().noting(note(Row::Charging { given_up: true })),
        (_, Some(Row::Refunding)) => Decision::pending(),
        (_, Some(Row::Refunded)) => Decision::done(op, Outcome::Refunded),
        (_, Some(Row::Declined | Row::Withdrawn)) => Decision::done(op, Outcome::Withdrawn),
        (_, None | Some(Row::Charged | Row::NotNeeded)) => {
            Decision::done(op, Outcome::Withdrawn).noting(note(Row::Withdrawn))
        }
    }
}

/// The rules for what the provider says; `None` if nobody is waiting for it.
pub fn conclude(
    books: &Books,
    said: Op,
    order: Order,
    outcome: Outcome,
    cents: u64,
) -> Option<Decision<Entry>> {
    let note = |row| Entry(order, row, cents);
    Some(match (said, books.get(order)?, outcome) {
        (Op::Sale, Row::Charging { given_up: false }, Outcome::Done) => {
            Decision::done(Op::Charge, Outcome::Done).noting(note(Row::Charged))
        }
        (Op::Sale, Row::Charging { given_up: true }, Outcome::Done) => Decision::asks(Op::Reverse)
            .ending(Op::Charge, Outcome::Fenced)
            .noting(note(Row::Charged))
            .noting(note(Row::Refunding)),
        (Op::Sale, Row::Charging { given_up: false }, Outcome::Declined) => {
            Decision::done(Op::Charge, Outcome::Declined).noting(note(Row::Declined))
        }
        (Op::Sale, Row::Charging { given_up: true }, Outcome::Declined) => {
            Decision::done(Op::Charge, Outcome::Fenced)
                .ending(Op::Withdraw, Outcome::Withdrawn)
                .ending(Op::Refund, Outcome::Withdrawn)
                .noting(note(Row::Declined))
        }
        (Op::Reverse, Row::Refunding, Outcome::Done) => Decision::done(Op::Refund, Outcome::Refunded)
            .ending(Op::Withdraw, Outcome::Refunded)
            .noting(note(Row::Refunded)),
        _ => return None,
    })
}

/// What the provider still owes an answer to.
pub fn outstanding(row: &Row) -> Option<Op> {
    match row {
        Row::Charging { .. } => Some(Op::Sale),
        Row::Refunding => Some(Op::Reverse),
        _ => None,
    }
}
