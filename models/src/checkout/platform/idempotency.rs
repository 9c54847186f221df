//! The idempotency store of a service: which operations it has seen, under which key, and how they ended.
//!
//! It lies in the service's own database, together with the [outbox](super::outbox) and the state of the business rule,
//! and one transaction writes all three. That is the whole trick: an outcome is remembered if and only if the effect
//! happened, and an event is in the outbox if and only if there is something to announce.

use serde::{Serialize, Serializer};
use smallvec::SmallVec;
use stormcart_sim::DenseMap;

use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Event, Op, Outcome};

use super::outbox::Outbox;

/// What a service remembers about messages, beside the state of its business rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct IdempotencyStore {
    /// By order.
    #[serde(rename = "idempotency")]
    entries: DenseMap<IdempotencyEntry>,
}

/// What is remembered about the messages of one order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct IdempotencyEntry {
    /// Operations that were taken on, have ended, or were fenced off.
    #[serde(rename = "")]
    operations: SmallVec<[KeyedOperation; 2]>,
    /// Events that are to be handed on.
    pub outbox: Outbox,
    /// The basket, once a command has brought it.
    pub basket: Option<Basket>,
    /// The service has given up trying: a person must act.
    #[serde(rename = "parked")]
    pub dead_lettered: bool,
}

/// One logical effect: an operation under an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct KeyedOperation {
    op: Op,
    key: u8,
    state: DedupState,
}

/// `charge begun`, or `charge (key 1) begun`.
impl Serialize for KeyedOperation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let words = self.op.with_key(self.key);
        match self.state {
            DedupState::Begun => serializer.collect_str(&format_args!("{words} begun")),
            DedupState::Answered(outcome) => {
                serializer.collect_str(&format_args!("{words} answered {outcome}"))
            }
            DedupState::Fenced => serializer.collect_str(&format_args!("{words} fenced")),
        }
    }
}

/// What is known of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DedupState {
    /// Taken on, not finished.
    Begun,
    /// Finished, with this outcome.
    Answered(Outcome),
    /// Given up before its command came: a tombstone.
    Fenced,
}

/// A change to an idempotency store or to the outbox beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum IdempotencyRecord {
    /// An operation was taken on under this key.
    Begun(Order, Op, u8, Basket),
    /// An operation is finished; the event says what is announced about it.
    Answered(Order, Op, u8, Outcome, Option<Event>, Basket),
    /// A tombstone: the operation was given up before its command came.
    Fenced(Order, Op),
    /// An event waits to be handed on.
    Queued(Order, Event, Status),
    /// The oldest event was handed on.
    Relayed(Order),
    /// The service has given up trying: a person must act.
    #[serde(rename = "Parked")]
    DeadLettered(Order),
}

impl IdempotencyStore {
    /// What is remembered about the messages of an order.
    pub fn entry(&self, order: Order) -> Option<&IdempotencyEntry> {
        self.entries.get(order)
    }

    /// Every entry, by order.
    pub fn entries(&self) -> impl Iterator<Item = (Order, &IdempotencyEntry)> {
        self.entries.iter()
    }

    /// What is known of an operation under a key; a tombstone stops the operation under any key.
    pub fn dedup_state(&self, order: Order, op: Op, key: u8) -> Option<DedupState> {
        let matches = |known: &&KeyedOperation| {
            known.op == op && (known.key == key || known.state == DedupState::Fenced)
        };
        self.entries.get(order)?.operations.iter().find(matches).map(|known| known.state)
    }

    /// Keys under which an operation was taken on and is not finished.
    pub fn begun(&self, order: Order, op: Op) -> impl Iterator<Item = u8> {
        let operations = self.entries.get(order).map(|entry| &entry.operations[..]).unwrap_or_default();
        let begun = move |known: &&KeyedOperation| known.op == op && known.state == DedupState::Begun;
        operations.iter().filter(begun).map(|known| known.key)
    }

    /// The first key under which anything is known of an operation.
    pub fn key(&self, order: Order, op: Op) -> Option<u8> {
        self.entries.get(order)?.operations.iter().find(|known| known.op == op).map(|known| known.key)
    }

    /// Whether anything is known of an operation, under any key.
    pub fn seen(&self, order: Order, op: Op) -> bool {
        self.key(order, op).is_some()
    }

    /// Applies a change.
    pub fn apply(&mut self, record: &IdempotencyRecord) {
        match record {
            IdempotencyRecord::Begun(order, op, key, basket) => {
                let entry = self.entries.entry(*order);
                entry.remember(*op, *key, DedupState::Begun);
                entry.basket = Some(basket.clone());
            }
            IdempotencyRecord::Answered(order, op, key, outcome, _, basket) => {
                let entry = self.entries.entry(*order);
                entry.remember(*op, *key, DedupState::Answered(*outcome));
                entry.basket = Some(basket.clone());
            }
            IdempotencyRecord::Fenced(order, op) => {
                self.entries.entry(*order).remember(*op, 0, DedupState::Fenced);
            }
            IdempotencyRecord::Queued(order, event, status) => {
                self.entries.entry(*order).outbox.push(*event, *status);
            }
            IdempotencyRecord::Relayed(order) => self.entries.entry(*order).outbox.remove_oldest(),
            IdempotencyRecord::DeadLettered(order) => self.entries.entry(*order).dead_lettered = true,
        }
    }
}

impl IdempotencyEntry {
    fn remember(&mut self, op: Op, key: u8, state: DedupState) {
        match self.operations.iter_mut().find(|known| known.op == op && known.key == key) {
            Some(known) => known.state = state,
            None => self.operations.push(KeyedOperation { op, key, state }),
        }
    }
}
