//! Shipping: what was handed to the carrier.

use serde::Serialize;
use stormcart_sim::DenseMap;

use crate::checkout::domain::ShipmentStatus;
use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Op, Outcome, outcomes};

use super::decision::Decision;

/// All shipments.
pub type State = DenseMap<ShipmentStatus>;

/// A change: where a shipment stands now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct ShipmentChange(pub Order, pub ShipmentStatus);

/// Applies a change.
pub fn apply(state: &mut State, change: &ShipmentChange) {
    state.insert(change.0, change.1);
}

/// The truth in a change.
pub fn fact(change: &ShipmentChange) -> Fact {
    Fact::Shipped(change.0, change.1)
}

/// The rule for commands.
pub fn decide(order: Order) -> Decision<ShipmentChange> {
    Decision::asks(Op::Dispatch).noting(ShipmentChange(order, ShipmentStatus::Dispatching))
}

/// The rule for what the carrier says; `None` if it is not what this service waits for.
pub fn conclude(state: &State, order: Order, outcome: Outcome) -> Option<Decision<ShipmentChange>> {
    let status = match (state.get(order)?, outcome) {
        (ShipmentStatus::Dispatching, Outcome::Done) => ShipmentStatus::Dispatched,
        (ShipmentStatus::Dispatching, Outcome::Refused) => ShipmentStatus::Refused,
        (_, Outcome::Declined | outcomes!(unknown) | outcomes!(of a service)) => return None,
        (ShipmentStatus::Dispatched | ShipmentStatus::Refused, Outcome::Done | Outcome::Refused) => {
            return None;
        }
    };
    Some(Decision::done(Op::Ship, outcome).noting(ShipmentChange(order, status)))
}

/// What the carrier still owes an answer to.
pub fn outstanding(status: &ShipmentStatus) -> Option<Op> {
    (*status == ShipmentStatus::Dispatching).then_some(Op::Dispatch)
}
