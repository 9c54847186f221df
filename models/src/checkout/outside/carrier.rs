//! The carrier: takes goods, or refuses them for good. A reference it has seen gets the same answer.

use std::sync::Arc;

use serde::Serialize;
use stormcart_sim::site::Node;
use stormcart_sim::{DenseMap, To};

use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Message, Order};
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{Misbehavior, Outcome, outcomes};

/// What became of each consignment.
pub type Consignments = DenseMap<Outcome>;

/// A consignment is settled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct ConsignmentSettled(pub Order, pub Outcome);

/// Applies a change.
pub fn apply(consignments: &mut Consignments, settled: &ConsignmentSettled) {
    consignments.insert(settled.0, settled.1);
}

/// The truth in a change.
pub fn fact(settled: &ConsignmentSettled) -> Fact {
    match settled.1 {
        Outcome::Done => Fact::Dispatched(settled.0),
        Outcome::Refused | Outcome::Declined | outcomes!(unknown) | outcomes!(of a service) => {
            Fact::ShipmentRefused(settled.0)
        }
    }
}

/// The carrier.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Carrier {
    #[serde(skip)]
    setup: Arc<Setup>,
}

impl Carrier {
    /// A carrier with nothing on its vans.
    pub fn new(setup: Arc<Setup>) -> Self {
        Carrier { setup }
    }

    /// A request.
    pub fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        let Message { op, order, attempt, body: Body::Command(_), .. } = message else { return };
        let Store::Carrier(consignments) = cx.store() else { unreachable!("the carrier over another store") };
        let misbehavior = cx.misbehavior().and_then(Misbehavior::of);
        let outcome = match consignments.get(order) {
            Some(outcome) => *outcome,
            None if misbehavior == Some(Misbehavior::ErrorBefore) => Outcome::Error,
            None => {
                let intent = self.setup.intents.get(order as usize);
                let refuses = intent.is_some_and(|intent| intent.undeliverable)
                    || misbehavior == Some(Misbehavior::Decline);
                let outcome = if refuses { Outcome::Refused } else { Outcome::Done };
                cx.commit([Record::Carrier(ConsignmentSettled(order, outcome))]);
                outcome
            }
        };
        let error = misbehavior == Some(Misbehavior::ErrorAfter);
        let told = if error { Outcome::Error } else { outcome };
        cx.send(To::Node(from), Message::answer(op, order, attempt, told));
    }
}
