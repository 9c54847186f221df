//! Notifications: what customers were told.

use stormcart_sim::DenseMap;

use crate::checkout::domain::Status;
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Op, Outcome};

use super::decision::Decision;

/// Whether the mail about a final status has gone out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    /// What is to be told.
    pub status: Status,
    /// The mailer has taken it.
    pub mailed: bool,
}

/// All notices.
pub type Books = DenseMap<Row>;

/// A change: where a notice stands now.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry(pub Order, pub Row);

/// Applies a change.
pub fn apply(books: &mut Books, entry: &Entry) {
    books.insert(entry.0, entry.1);
}

/// The rule for commands.
pub fn decide(order: Order, status: Status) -> Decision<Entry> {
    Decision::asks(Op::Mail).noting(Entry(order, Row { status, mailed: false }))
}

/// The rule for what the mailer says; `None` if nobody is waiting for it.
pub fn conclude(books: &Books, order: Order, outcome: Outcome) -> Option<Decision<Entry>> {
    let row = *books.get(order).filter(|row| !row.mailed)?;
    let mailed = Entry(order, Row { mailed: true, ..row });
    (outcome == Outcome::Done).then(|| Decision::done(Op::Notify, Outcome::Done).noting(mailed))
}

/// What the mailer still owes an answer to.
pub fn outstanding(row: &Row) -> Option<Op> {
    (!row.mailed).then_some(Op::Mail)
}
