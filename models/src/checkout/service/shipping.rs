//! Shipping: what was handed to the carrier.

use stormcart_sim::DenseMap;

use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Op, Outcome};

use super::decision::Decision;

/// Where a shipment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Row {
    /// The carrier was asked.
    Dispatching,
    /// The carrier has it.
    Dispatched,
    /// The carrier will never take it.
    Refused,
}

/// All shipments.
pub type Books = DenseMap<Row>;

/// A change: where a shipment stands now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry(pub Order, pub Row);

/// Applies a change.
pub fn apply(books: &mut Books, entry: &Entry) {
    books.insert(entry.0, entry.1);
}

/// The truth in a change.
pub fn fact(entry: &Entry) -> Fact {
    Fact::Shipped(entry.0, entry.1)
}

/// The rule for commands.
pub fn decide(order: Order) -> Decision<Entry> {
    Decision::asks(Op::Dispatch).noting(Entry(order, Row::Dispatching))
}

/// The rule for what the carrier says; `None` if nobody is waiting for it.
pub fn conclude(books: &Books, order: Order, outcome: Outcome) -> Option<Decision<Entry>> {
    let (row, outcome) = match (books.get(order)?, outcome) {
        (Row::Dispatching, Outcome::Done) => (Row::Dispatched, Outcome::Done),
        (Row::Dispatching, Outcome::Refused) => (Row::Refused, Outcome::Refused),
        _ => return None,
    };
    Some(Decision::done(Op::Ship, outcome).noting(Entry(order, row)))
}

/// What the carrier still owes an answer to.
pub fn outstanding(row: &Row) -> Option<Op> {
    (*row == Row::Dispatching).then_some(Op::Dispatch)
}
