//! Orders: accepts them, and knows their status.

use stormcart_sim::DenseMap;

use crate::checkout::domain::{Basket, Status};
use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Op, Outcome};

use super::decision::Decision;

/// What is known of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// Where it stands.
    pub status: Status,
    /// Somebody wants it given up.
    pub cancel_asked: bool,
}

/// All orders.
pub type Books = DenseMap<Row>;

/// Changes to the books.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// An order was accepted at this price.
    Placed(Order, Basket),
    /// Somebody wants it given up.
    CancelAsked(Order),
    /// Its status is set.
    Closed(Order, Status),
}

/// Applies a change.
pub fn apply(books: &mut Books, entry: &Entry) {
    match entry {
        Entry::Placed(order, _) => {
            books.insert(*order, Row { status: Status::Pending, cancel_asked: false });
        }
        Entry::CancelAsked(order) => {
            if let Some(row) = books.get_mut(*order) {
                row.cancel_asked = true;
            }
        }
        Entry::Closed(order, status) => {
            books.slot(*order).get_or_insert(Row { status: *status, cancel_asked: false }).status = *status;
        }
    }
}

/// The truth in a change.
pub fn fact(entry: &Entry) -> Fact {
    match entry {
        Entry::Placed(order, basket) => Fact::Placed(*order, basket.total_cents()),
        Entry::CancelAsked(order) => Fact::CancelAsked(*order),
        Entry::Closed(order, status) => Fact::Closed(*order, *status),
    }
}

/// The rules.
pub fn decide(books: &Books, op: Op, order: Order, basket: &Basket, status: Status) -> Decision<Entry> {
    match (op, books.get(order).map(|row| row.status)) {
        (Op::Place, _) => Decision::done(op, Outcome::Accepted).noting(Entry::Placed(order, basket.clone())),
        (Op::Cancel, Some(Status::Pending)) => {
            Decision::done(op, Outcome::Accepted).noting(Entry::CancelAsked(order))
        }
        (Op::Cancel, _) => Decision::done(op, Outcome::TooLate),
        (_, _) => Decision::done(op, Outcome::Done).noting(Entry::Closed(order, status)),
    }
}
