//! The desk of a service: idempotency store, inbox, tombstones and outbox in the service's own database.
//!
//! What the desk writes is in the same transaction as what the business rule writes. That is the whole trick: the
//! outcome is remembered if and only if the effect happened, and the event is in the outbox if and only if there is
//! something to announce.
//!
//! **Invariant:** outbox rows of one order leave in the order they were written; those of other orders do not wait.

use smallvec::SmallVec;
use stormcart_sim::DenseMap;

use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Event, Op, Outcome};

/// What a service remembers beside its books.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Desk {
    files: DenseMap<File>,
}

/// What is remembered of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct File {
    operations: SmallVec<[(Op, u8, Known); 2]>,
    /// Events to be handed on, oldest first.
    pub outbox: SmallVec<[(Event, Status); 4]>,
    /// The basket, once it was seen.
    pub basket: Option<Basket>,
    /// A person must act.
    pub parked: bool,
}

/// What is known of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// Taken on, not finished.
    Begun,
    /// Finished, with this outcome.
    Answered(Outcome),
    /// Given up before it came: a tombstone.
    Fenced,
}

/// Changes to a desk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// An operation was taken on.
    Begun(Order, Op, u8, Basket),
    /// An operation is finished; the event says what is announced about it.
    Answered(Order, Op, u8, Outcome, Option<Event>, Basket),
    /// A tombstone.
    Fenced(Order, Op),
    /// An event waits to be handed on.
    Queued(Order, Event, Status),
    /// The oldest event was handed on.
    Relayed(Order),
    /// Given up trying: a person must act.
    Parked(Order),
}

impl Desk {
    /// What is remembered of an order.
    pub fn file(&self, order: Order) -> Option<&File> {
        self.files.get(order)
    }

    /// All files, by order.
    pub fn files(&self) -> impl Iterator<Item = (Order, &File)> {
        self.files.iter()
    }

    /// What is known of an operation under a key; a tombstone stops it under any key.
    pub fn known(&self, order: Order, op: Op, key: u8) -> Option<Known> {
        let operations = &self.files.get(order)?.operations;
        let matches =
            |entry: &&(Op, u8, Known)| entry.0 == op && (entry.1 == key || entry.2 == Known::Fenced);
        operations.iter().find(matches).map(|entry| entry.2)
    }

    /// Keys under which an operation was taken on and is not finished.
    pub fn begun(&self, order: Order, op: Op) -> impl Iterator<Item = u8> {
        let operations = self.files.get(order).map(|file| &file.operations[..]).unwrap_or_default();
        operations.iter().filter(move |entry| entry.0 == op && entry.2 == Known::Begun).map(|entry| entry.1)
    }

    /// The first key under which anything is known of an operation.
    pub fn key(&self, order: Order, op: Op) -> Option<u8> {
        self.files.get(order)?.operations.iter().find(|entry| entry.0 == op).map(|entry| entry.1)
    }

    /// Whether anything is known of an operation, under any key.
    pub fn seen(&self, order: Order, op: Op) -> bool {
        self.files.get(order).is_some_and(|file| file.operations.iter().any(|entry| entry.0 == op))
    }

    /// Applies a change.
    pub fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Begun(order, op, key, basket) => {
                let file = self.files.entry(*order);
                file.know(*op, *key, Known::Begun);
                file.basket = Some(basket.clone());
            }
            Entry::Answered(order, op, key, outcome, _, basket) => {
                let file = self.files.entry(*order);
                file.know(*op, *key, Known::Answered(*outcome));
                file.basket = Some(basket.clone());
            }
            Entry::Fenced(order, op) => self.files.entry(*order).know(*op, 0, Known::Fenced),
            Entry::Queued(order, event, status) => {
                self.files.entry(*order).outbox.push((*event, *status));
            }
            Entry::Relayed(order) => {
                let outbox = &mut self.files.entry(*order).outbox;
                outbox.drain(..outbox.len().min(1));
            }
            Entry::Parked(order) => self.files.entry(*order).parked = true,
        }
    }
}

impl File {
    fn know(&mut self, op: Op, key: u8, known: Known) {
        match self.operations.iter_mut().find(|entry| entry.0 == op && entry.1 == key) {
            Some(entry) => entry.2 = known,
            None => self.operations.push((op, key, known)),
        }
    }
}
