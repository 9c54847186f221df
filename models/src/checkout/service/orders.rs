//! Orders: accepts them, and knows their status.

use serde::Serialize;
use stormcart_sim::DenseMap;

use crate::checkout::domain::{Basket, Status};
use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Op, Outcome, ops};

use super::decision::Decision;

/// What the order service knows of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct OrderRow {
    /// The status of the order.
    pub status: Status,
    /// The customer or the deadline wants the order given up.
    pub cancel_asked: bool,
}

/// All orders.
pub type State = DenseMap<OrderRow>;

/// A change to the state of orders.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum OrderChange {
    /// An order was accepted at this price.
    Placed(Order, Basket),
    /// The customer or the deadline wants the order given up.
    CancelAsked(Order),
    /// Its status is set.
    Closed(Order, Status),
}

/// Applies a change.
pub fn apply(state: &mut State, change: &OrderChange) {
    match change {
        OrderChange::Placed(order, _) => {
            state.insert(*order, OrderRow { status: Status::Pending, cancel_asked: false });
        }
        OrderChange::CancelAsked(order) => {
            if let Some(row) = state.get_mut(*order) {
                row.cancel_asked = true;
            }
        }
        OrderChange::Closed(order, status) => {
            state.slot(*order).get_or_insert(OrderRow { status: *status, cancel_asked: false }).status =
                *status;
        }
    }
}

/// The truth in a change.
pub fn fact(change: &OrderChange) -> Fact {
    match change {
        OrderChange::Placed(order, basket) => Fact::Placed(*order, basket.total_cents()),
        OrderChange::CancelAsked(order) => Fact::CancelAsked(*order),
        OrderChange::Closed(order, status) => Fact::Closed(*order, *status),
    }
}

/// The rules.
pub fn decide(state: &State, op: Op, order: Order, basket: &Basket, status: Status) -> Decision<OrderChange> {
    match (op, state.get(order).map(|row| row.status)) {
        (Op::Place, _) => {
            Decision::done(op, Outcome::Accepted).noting(OrderChange::Placed(order, basket.clone()))
        }
        (Op::Cancel, Some(Status::Pending)) => {
            Decision::done(op, Outcome::Accepted).noting(OrderChange::CancelAsked(order))
        }
        (Op::Cancel, _) => Decision::done(op, Outcome::TooLate),
        (Op::Close, _) => Decision::done(op, Outcome::Done).noting(OrderChange::Closed(order, status)),
        (Op::Deadline | ops!(not of orders), _) => unreachable!("{op} is no command of orders"),
    }
}
