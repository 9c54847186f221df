//! The rules of whichever service it is: one dispatch, so that everything around the rules is written once.

use crate::checkout::fact::Fact;
use crate::checkout::message::{Command, Order};
use crate::checkout::policy::Policies;
use crate::checkout::vocabulary::{Op, Outcome};

use super::decision::Decision;
use super::{inventory, notifications, orders, payments, shipping};

/// The books of one business service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Books {
    /// Orders.
    Orders(orders::Books),
    /// Inventory.
    Inventory(inventory::Books),
    /// Payments.
    Payments(payments::Books),
    /// Shipping.
    Shipping(shipping::Books),
    /// Notifications.
    Notifications(notifications::Books),
}

/// A change to one service's books.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Orders.
    Orders(orders::Entry),
    /// Inventory.
    Inventory(inventory::Entry),
    /// Payments.
    Payments(payments::Entry),
    /// Shipping.
    Shipping(shipping::Entry),
    /// Notifications.
    Notifications(notifications::Entry),
}

impl Books {
    /// Applies a change.
    pub fn apply(&mut self, entry: &Entry) {
        match (self, entry) {
            (Books::Orders(books), Entry::Orders(entry)) => orders::apply(books, entry),
            (Books::Inventory(books), Entry::Inventory(entry)) => inventory::apply(books, entry),
            (Books::Payments(books), Entry::Payments(entry)) => payments::apply(books, entry),
            (Books::Shipping(books), Entry::Shipping(entry)) => shipping::apply(books, entry),
            (Books::Notifications(books), Entry::Notifications(entry)) => notifications::apply(books, entry),
            (books, entry) => unreachable!("an entry of another service: {entry:?} for {books:?}"),
        }
    }

    /// What a command does.
    pub fn decide(&self, op: Op, order: Order, command: &Command, policies: &Policies) -> Decision<Entry> {
        let basket = &command.basket;
        match self {
            Books::Orders(books) => {
                orders::decide(books, op, order, basket, command.status).map(Entry::Orders)
            }
            Books::Inventory(books) => inventory::decide(books, op, order, basket).map(Entry::Inventory),
            Books::Payments(books) => {
                payments::decide(books, op, order, basket, policies).map(Entry::Payments)
            }
            Books::Shipping(_) => shipping::decide(order).map(Entry::Shipping),
            Books::Notifications(_) => notifications::decide(order, command.status).map(Entry::Notifications),
        }
    }

    /// What the answer of an outside party does; `None` if nobody is waiting for it.
    pub fn conclude(&self, said: Op, order: Order, outcome: Outcome, cents: u64) -> Option<Decision<Entry>> {
        match self {
            Books::Payments(books) => {
                Some(payments::conclude(books, said, order, outcome, cents)?.map(Entry::Payments))
            }
            Books::Shipping(books) => Some(shipping::conclude(books, order, outcome)?.map(Entry::Shipping)),
            Books::Notifications(books) => {
                Some(notifications::conclude(books, order, outcome)?.map(Entry::Notifications))
            }
            Books::Orders(_) | Books::Inventory(_) => None,
        }
    }

    /// What an outside party still owes an answer to, for one order.
    pub fn outstanding(&self, order: Order) -> Option<Op> {
        match self {
            Books::Payments(books) => books.get(order).and_then(payments::outstanding),
            Books::Shipping(books) => books.get(order).and_then(shipping::outstanding),
            Books::Notifications(books) => books.get(order).and_then(notifications::outstanding),
            Books::Orders(_) | Books::Inventory(_) => None,
        }
    }
}

impl Entry {
    /// The truth in a change.
    pub fn fact(&self) -> Option<Fact> {
        match self {
            Entry::Orders(entry) => Some(orders::fact(entry)),
            Entry::Inventory(entry) => Some(inventory::fact(entry)),
            Entry::Payments(entry) => Some(payments::fact(entry)),
            Entry::Shipping(entry) => Some(shipping::fact(entry)),
            Entry::Notifications(_) => None,
        }
    }
}
