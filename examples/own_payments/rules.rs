//! What a payment may do next: plain functions over the rows of the service's own database.
//!
//! **Invariant:** a charge that is undone before it came never happens; one whose outcome is unknown is asked for until
//! it is known, and given back if nobody wants it any more.

use stormcart_models::checkout::domain::{Basket, PaymentStatus};
use stormcart_models::checkout::message::{Command, Order};
use stormcart_models::checkout::platform::idempotency::{DedupState, IdempotencyRecord, IdempotencyStore};
use stormcart_models::checkout::service::payments::PaymentChange;
use stormcart_models::checkout::service::rules::{Change, State};
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
    let (seen, status) = (idempotency(store), status(store, order));
    match seen.dedup_state(order, op, command.key) {
        Some(DedupState::Answered(outcome)) => return (Vec::new(), Next::Answer(outcome)),
        Some(DedupState::Fenced) => return (Vec::new(), Next::Answer(Outcome::Fenced)),
        Some(DedupState::Begun) => return (Vec::new(), Next::Wait),
        None => {}
    }
    let cents = command.basket.total_cents();
    let book = |status| booked(order, status, cents);
    let begun = Record::Idempotency(IdempotencyRecord::Begun(order, op, command.key, command.basket.clone()));
    let fence = (op != Op::Charge && !seen.seen(order, Op::Charge))
        .then_some(Record::Idempotency(IdempotencyRecord::Fenced(order, Op::Charge)));
    let over = |outcome, moves: Vec<Record>| {
        let answered =
            IdempotencyRecord::Answered(order, op, command.key, outcome, None, command.basket.clone());
        let records = moves.into_iter().chain([Record::Idempotency(answered)]).chain(fence.clone()).collect();
        (records, Next::Answer(outcome))
    };
    match (op, status) {
        (Op::Charge, _) if cents == 0 => over(Outcome::Done, vec![book(PaymentStatus::NotNeeded)]),
        (Op::Charge, _) => (vec![book(PaymentStatus::Charging { given_up: false }), begun], Next::Settle),
        (_, Some(PaymentStatus::Charging { .. })) => {
            (vec![book(PaymentStatus::Charging { given_up: true }), begun], Next::Wait)
        }
        (_, Some(PaymentStatus::Refunding)) => (vec![begun], Next::Wait),
        (Op::Refund, Some(PaymentStatus::Charged)) => {
            (vec![book(PaymentStatus::Refunding), begun], Next::Settle)
        }
        (Op::Refund, Some(PaymentStatus::NotNeeded)) => {
            over(Outcome::Refunded, vec![book(PaymentStatus::Refunded)])
        }
        (Op::Withdraw, Some(PaymentStatus::Charged | PaymentStatus::NotNeeded)) => {
            over(Outcome::TooLate, vec![])
        }
        (_, Some(PaymentStatus::Refunded)) => over(Outcome::Refunded, vec![]),
        (_, Some(PaymentStatus::Declined | PaymentStatus::Withdrawn)) => over(Outcome::Withdrawn, vec![]),
        (_, _) => over(Outcome::Withdrawn, vec![book(PaymentStatus::Withdrawn)]),
    }
}

/// What the provider said: what is written down.
pub fn conclude(store: &Store, order: Order, said: Op, outcome: Outcome) -> Vec<Record> {
    let seen = idempotency(store);
    let Some(basket) = seen.entry(order).and_then(|entry| entry.basket.clone()) else { return Vec::new() };
    let book = |status| booked(order, status, basket.total_cents());
    let over = |op, outcome| {
        let answered = |key| {
            Record::Idempotency(IdempotencyRecord::Answered(order, op, key, outcome, None, basket.clone()))
        };
        seen.begun(order, op).map(answered).collect::<Vec<_>>()
    };
    match (said, status(store, order), outcome) {
        (Op::Sale, Some(PaymentStatus::Charging { given_up: false }), Outcome::Done) => {
            [vec![book(PaymentStatus::Charged)], over(Op::Charge, Outcome::Done)].concat()
        }
        (Op::Sale, Some(PaymentStatus::Charging { given_up: false }), Outcome::Declined) => {
            [vec![book(PaymentStatus::Declined)], over(Op::Charge, Outcome::Declined)].concat()
        }
        (Op::Sale, Some(PaymentStatus::Charging { given_up: true }), Outcome::Done) => [
            vec![book(PaymentStatus::Charged), book(PaymentStatus::Refunding)],
            over(Op::Charge, Outcome::Fenced),
        ]
        .concat(),
        (Op::Sale, Some(PaymentStatus::Charging { given_up: true }), Outcome::Declined) => {
            let undone = [Op::Withdraw, Op::Refund].map(|op| over(op, Outcome::Withdrawn)).concat();
            [vec![book(PaymentStatus::Declined)], over(Op::Charge, Outcome::Fenced), undone].concat()
        }
        (Op::Reverse, Some(PaymentStatus::Refunding), Outcome::Done) => {
            let undone = [Op::Withdraw, Op::Refund].map(|op| over(op, Outcome::Refunded)).concat();
            [vec![book(PaymentStatus::Refunded)], undone].concat()
        }
        _ => Vec::new(),
    }
}

/// A person must act.
pub fn dead_letter(store: &Store, order: Order) -> Vec<Record> {
    let dead_lettered = idempotency(store).entry(order).is_some_and(|entry| entry.dead_lettered);
    if dead_lettered { Vec::new() } else { vec![Record::Idempotency(IdempotencyRecord::DeadLettered(order))] }
}

/// What the provider still owes an answer to, and about what.
pub fn due(store: &Store, order: Order) -> Option<(Op, Basket)> {
    let entry = idempotency(store).entry(order).filter(|entry| !entry.dead_lettered)?;
    let op = match status(store, order)? {
        PaymentStatus::Charging { .. } => Op::Sale,
        PaymentStatus::Refunding => Op::Reverse,
        _ => return None,
    };
    Some((op, entry.basket.clone()?))
}

/// Every order for which something is due.
pub fn open(store: &Store) -> Vec<Order> {
    idempotency(store)
        .entries()
        .map(|(order, _)| order)
        .filter(|order| due(store, *order).is_some())
        .collect()
}

fn booked(order: Order, status: PaymentStatus, cents: u64) -> Record {
    Record::State(Change::Payments(PaymentChange(order, status, cents)))
}

fn idempotency(store: &Store) -> &IdempotencyStore {
    match store {
        Store::Business(idempotency, _) => idempotency,
        other => unreachable!("payments over {other:?}"),
    }
}

fn status(store: &Store, order: Order) -> Option<PaymentStatus> {
    match store {
        Store::Business(_, State::Payments(payments)) => payments.get(order).copied(),
        other => unreachable!("payments over {other:?}"),
    }
}
