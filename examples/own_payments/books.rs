//! What a payment may do next: plain functions over the rows of the service's own database.
//!
//! **Invariant:** a charge that is undone before it came never happens; one whose outcome is unknown is asked for until
//! it is known, and given back if nobody wants it any more.

use stormcart_models::checkout::domain::Basket;
use stormcart_models::checkout::message::{Command, Order};
use stormcart_models::checkout::platform::desk::{Desk, Entry as Note, Known};
use stormcart_models::checkout::service::payments::{Entry, Row};
use stormcart_models::checkout::service::rules::{self, Books};
use stormcart_models::checkout::service::{Record, Store};
use stormcart_models::checkout::vocabulary::{Op, Outcome};

/// What is to be done about a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is over: this is how it ended.
    Answer(Outcome),
    /// The provider has to be asked, and nobody does yet.
    Settle,
    /// Somebody is at it.
    Wait,
}

/// A command, in one transaction: what is written down, and what is to be done.
pub fn decide(store: &Store, op: Op, order: Order, command: &Command) -> (Vec<Record>, Next) {
    let (desk, row) = (desk(store), row(store, order));
    match desk.known(order, op, command.key) {
        Some(Known::Answered(outcome)) => return (Vec::new(), Next::Answer(outcome)),
        Some(Known::Fenced) => return (Vec::new(), Next::Answer(Outcome::Fenced)),
        Some(Known::Begun) => return (Vec::new(), Next::Wait),
        None => {}
    }
    let cents = command.basket.total_cents();
    let book = |row| booked(order, row, cents);
    let begun = Record::Desk(Note::Begun(order, op, command.key, command.basket.clone()));
    let fence = (op != Op::Charge && !desk.seen(order, Op::Charge))
        .then_some(Record::Desk(Note::Fenced(order, Op::Charge)));
    let over = |outcome, moves: Vec<Record>| {
        let answered = Note::Answered(order, op, command.key, outcome, None, command.basket.clone());
        let records = moves.into_iter().chain([Record::Desk(answered)]).chain(fence.clone()).collect();
        (records, Next::Answer(outcome))
    };
    match (op, row) {
        (Op::Charge, _) if cents == 0 => over(Outcome::Done, vec![book(Row::NotNeeded)]),
        (Op::Charge, _) => (vec![book(Row::Charging { given_up: false }), begun], Next::Settle),
        (_, Some(Row::Charging { .. })) => (vec![book(Row::Charging { given_up: true }), begun], Next::Wait),
        (_, Some(Row::Refunding)) => (vec![begun], Next::Wait),
        (Op::Refund, Some(Row::Charged)) => (vec![book(Row::Refunding), begun], Next::Settle),
        (Op::Refund, Some(Row::NotNeeded)) => over(Outcome::Refunded, vec![book(Row::Refunded)]),
        (Op::Withdraw, Some(Row::Charged | Row::NotNeeded)) => over(Outcome::TooLate, vec![]),
        (_, Some(Row::Refunded)) => over(Outcome::Refunded, vec![]),
        (_, Some(Row::Declined | Row::Withdrawn)) => over(Outcome::Withdrawn, vec![]),
        (_, _) => over(Outcome::Withdrawn, vec![book(Row::Withdrawn)]),
    }
}

/// What the provider said: what is written down.
pub fn conclude(store: &Store, order: Order, said: Op, outcome: Outcome) -> Vec<Record> {
    let desk = desk(store);
    let Some(basket) = desk.file(order).and_then(|file| file.basket.clone()) else { return Vec::new() };
    let book = |row| booked(order, row, basket.total_cents());
    let over = |op, outcome| {
        let answered = |key| Record::Desk(Note::Answered(order, op, key, outcome, None, basket.clone()));
        desk.begun(order, op).map(answered).collect::<Vec<_>>()
    };
    match (said, row(store, order), outcome) {
        (Op::Sale, Some(Row::Charging { given_up: false }), Outcome::Done) => {
            [vec![book(Row::Charged)], over(Op::Charge, Outcome::Done)].concat()
        }
        (Op::Sale, Some(Row::Charging { given_up: false }), Outcome::Declined) => {
            [vec![book(Row::Declined)], over(Op::Charge, Outcome::Declined)].concat()
        }
        (Op::Sale, Some(Row::Charging { given_up: true }), Outcome::Done) => {
            [vec![book(Row::Charged), book(Row::Refunding)], over(Op::Charge, Outcome::Fenced)].concat()
        }
        (Op::Sale, Some(Row::Charging { given_up: true }), Outcome::Declined) => {
            let undone = [Op::Withdraw, Op::Refund].map(|op| over(op, Outcome::Withdrawn)).concat();
            [vec![book(Row::Declined)], over(Op::Charge, Outcome::Fenced), undone].concat()
        }
        (Op::Reverse, Some(Row::Refunding), Outcome::Done) => {
            let undone = [Op::Withdraw, Op::Refund].map(|op| over(op, Outcome::Refunded)).concat();
            [vec![book(Row::Refunded)], undone].concat()
        }
        _ => Vec::new(),
    }
}

/// A person must act.
pub fn park(store: &Store, order: Order) -> Vec<Record> {
    let parked = desk(store).file(order).is_some_and(|file| file.parked);
    if parked { Vec::new() } else { vec![Record::Desk(Note::Parked(order))] }
}

/// What the provider still owes an answer to, and about what.
pub fn due(store: &Store, order: Order) -> Option<(Op, Basket)> {
    let file = desk(store).file(order).filter(|file| !file.parked)?;
    let op = match row(store, order)? {
        Row::Charging { .. } => Op::Sale,
        Row::Refunding => Op::Reverse,
        _ => return None,
    };
    Some((op, file.basket.clone()?))
}

/// Every order for which something is due.
pub fn open(store: &Store) -> Vec<Order> {
    desk(store).files().map(|(order, _)| order).filter(|order| due(store, *order).is_some()).collect()
}

fn booked(order: Order, row: Row, cents: u64) -> Record {
    Record::Book(rules::Entry::Payments(Entry(order, row, cents)))
}

fn desk(store: &Store) -> &Desk {
    match store {
        Store::Business(desk, _) => desk,
        other => unreachable!("payments over {other:?}"),
    }
}

fn row(store: &Store, order: Order) -> Option<Row> {
    match store {
        Store::Business(_, Books::Payments(rows)) => rows.get(order).copied(),
        other => unreachable!("payments over {other:?}"),
    }
}
