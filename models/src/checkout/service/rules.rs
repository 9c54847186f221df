//! The rules of whichever service it is: one dispatch, so that everything around the rules is written once.

use serde::Serialize;

use crate::checkout::fact::Fact;
use crate::checkout::message::{Command, Order};
use crate::checkout::policy::Policies;
use crate::checkout::vocabulary::{Op, Outcome};

use super::decision::Decision;
use super::{inventory, notifications, orders, payments, shipping};

/// The state of one business service, as its rule keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum State {
    /// Orders.
    Orders(orders::State),
    /// Inventory.
    Inventory(inventory::State),
    /// Payments.
    Payments(payments::State),
    /// Shipping.
    Shipping(shipping::State),
    /// Notifications.
    Notifications(notifications::State),
}

/// A change to one service's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Change {
    /// Orders.
    Orders(orders::OrderChange),
    /// Inventory.
    Inventory(inventory::StockChange),
    /// Payments.
    Payments(payments::PaymentChange),
    /// Shipping.
    Shipping(shipping::ShipmentChange),
    /// Notifications.
    Notifications(notifications::NoticeChange),
}

impl State {
    /// Applies a change.
    pub fn apply(&mut self, change: &Change) {
        match (self, change) {
            (State::Orders(state), Change::Orders(change)) => orders::apply(state, change),
            (State::Inventory(state), Change::Inventory(change)) => inventory::apply(state, change),
            (State::Payments(state), Change::Payments(change)) => payments::apply(state, change),
            (State::Shipping(state), Change::Shipping(change)) => shipping::apply(state, change),
            (State::Notifications(state), Change::Notifications(change)) => {
                notifications::apply(state, change)
            }
            (state, change) => unreachable!("a change of another service: {change:?} for {state:?}"),
        }
    }

    /// What a command does.
    pub fn decide(&self, op: Op, order: Order, command: &Command, policies: &Policies) -> Decision<Change> {
        let basket = &command.basket;
        match self {
            State::Orders(state) => {
                orders::decide(state, op, order, basket, command.status).map(Change::Orders)
            }
            State::Inventory(state) => inventory::decide(state, op, order, basket).map(Change::Inventory),
            State::Payments(state) => {
                payments::decide(state, op, order, basket, policies).map(Change::Payments)
            }
            State::Shipping(_) => shipping::decide(order).map(Change::Shipping),
            State::Notifications(_) => {
                notifications::decide(order, command.status).map(Change::Notifications)
            }
        }
    }

    /// What the answer of an outside party does; `None` if it is not what the service waits for.
    pub fn conclude(&self, said: Op, order: Order, outcome: Outcome, cents: u64) -> Option<Decision<Change>> {
        match self {
            State::Payments(state) => {
                Some(payments::conclude(state, said, order, outcome, cents)?.map(Change::Payments))
            }
            State::Shipping(state) => Some(shipping::conclude(state, order, outcome)?.map(Change::Shipping)),
            State::Notifications(state) => {
                Some(notifications::conclude(state, order, outcome)?.map(Change::Notifications))
            }
            State::Orders(_) | State::Inventory(_) => None,
        }
    }

    /// What an outside party still owes an answer to, for one order.
    pub fn outstanding(&self, order: Order) -> Option<Op> {
        match self {
            State::Payments(state) => state.get(order).and_then(payments::outstanding),
            State::Shipping(state) => state.get(order).and_then(shipping::outstanding),
            State::Notifications(state) => state.get(order).and_then(notifications::outstanding),
            State::Orders(_) | State::Inventory(_) => None,
        }
    }
}

impl Change {
    /// The truth in a change.
    pub fn fact(&self) -> Option<Fact> {
        match self {
            Change::Orders(change) => Some(orders::fact(change)),
            Change::Inventory(change) => Some(inventory::fact(change)),
            Change::Payments(change) => Some(payments::fact(change)),
            Change::Shipping(change) => Some(shipping::fact(change)),
            Change::Notifications(_) => None,
        }
    }
}
