//! Customers: each has one purchase intent, and the patience of a person.
//!
//! **Invariant:** an intent has one key, however often it is submitted; it comes from the page, not from the click.

use std::sync::Arc;

use stormcart_sim::{Micros, Table, To};

use crate::domain::Status;
use crate::fact::Fact;
use crate::message::{Body, Command, Message, Order, Timer};
use crate::service::{Context, Record, Store};
use crate::setup::Setup;
use crate::words::{Op, Outcome, Party};

/// What customers know: the last answer of the shop, by intent.
pub type Known = Table<Outcome>;

/// What customers do and hear.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// The shop answered.
    Told(Order, Outcome),
    /// They changed their mind.
    Regretted(Order),
}

/// Applies a change.
pub fn apply(known: &mut Known, entry: &Entry) {
    if let Entry::Told(order, outcome) = entry {
        known.insert(*order, *outcome);
    }
}

/// The truth in a change.
pub fn fact(entry: &Entry) -> Fact {
    match entry {
        Entry::Told(order, outcome) => Fact::Told(*order, *outcome),
        Entry::Regretted(order) => Fact::Regretted(*order),
    }
}

/// All customers together.
#[derive(Clone, Debug, Hash)]
pub struct Customers {
    setup: Arc<Setup>,
    /// How often each waiting intent was submitted.
    tries: Table<u8>,
}

impl Customers {
    /// Customers who have not come yet.
    pub fn new(setup: Arc<Setup>) -> Self {
        Customers { setup, tries: Table::default() }
    }

    fn submit(&mut self, cx: &mut Context<'_>, op: Op, order: Order, attempt: u8) {
        let basket = self.setup.intents[order as usize].basket.clone();
        let command = Command { key: 0, basket, status: Status::Pending, via: None };
        cx.send(To::Role(Party::Orders.role()), Message::ask(op, order, attempt, command));
        if op == Op::Place {
            self.tries.insert(order, attempt);
            cx.arm(Timer::of(Op::Patience, order), self.setup.terms.patience, Micros::ZERO);
        }
    }

    /// The shop answered.
    pub fn on_message(&mut self, cx: &mut Context<'_>, message: Message) {
        let Body::Outcome(outcome) = message.body else { return };
        let known = match cx.store() {
            Store::Customers(known) => known.get(message.order),
            other => unreachable!("customers over {other:?}"),
        };
        if message.op == Op::Place && outcome != Outcome::NotExecuted && known != Some(&outcome) {
            cx.commit([Record::Customers(Entry::Told(message.order, outcome))]);
            cx.disarm(Timer::of(Op::Patience, message.order));
            self.tries.remove(message.order);
        }
    }

    /// Somebody comes, loses patience, or changes their mind.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        let order = timer.order;
        let intent = &self.setup.intents[order as usize];
        match timer.op {
            Op::Arrive => {
                if let Some(after) = intent.cancels_after {
                    cx.arm(Timer::of(Op::Cancel, order), after, Micros::ZERO);
                }
                if let Some(next) = self.setup.intents.get(order as usize + 1) {
                    cx.arm(Timer::of(Op::Arrive, order + 1), Micros(next.at.0 - intent.at.0), Micros::ZERO);
                }
                self.submit(cx, Op::Place, order, 1);
            }
            Op::Cancel => {
                cx.commit([Record::Customers(Entry::Regretted(order))]);
                self.submit(cx, Op::Cancel, order, 1);
            }
            _ => {
                let tries = self.tries.get(order).copied().unwrap_or(1);
                match tries <= self.setup.terms.resubmissions {
                    true => self.submit(cx, Op::Place, order, tries + 1),
                    false => {
                        self.tries.remove(order);
                    }
                }
            }
        }
    }

    /// The shop opens: the first customer is on the way.
    pub fn on_start(&mut self, cx: &mut Context<'_>) {
        if let Some(first) = self.setup.intents.first() {
            cx.arm(Timer::of(Op::Arrive, 0), first.at, Micros::ZERO);
        }
    }
}
