//! What one instance of a business service remembers of work under way, all of it lost in a crash.

use serde::{Serialize, Serializer};
use stormcart_sim::DenseMap;
use stormcart_sim::site::Node;

use crate::checkout::domain::Basket;
use crate::checkout::message::{Command, Order};
use crate::checkout::platform::workflow::Flow;
use crate::checkout::vocabulary::Op;

/// A caller who waits for the end of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub(super) struct Waiting {
    pub op: Op,
    pub key: u8,
    pub from: Node,
    pub attempt: u8,
}

/// The processes one instance has under way.
#[derive(Clone, Debug, Default, Hash, Serialize)]
#[serde(rename = "")]
pub(super) struct Chain {
    pub running: DenseMap<Running>,
}

/// The process of one order.
#[derive(Clone, Debug, Hash, Serialize)]
#[serde(rename = "")]
pub(super) struct Running {
    pub flow: Flow,
    pub basket: Basket,
    /// What was asked last, and how often.
    pub asked: Call,
}

impl Chain {
    /// Whether the process of this order waits for an answer to this operation.
    pub fn calls(&self, order: Order, op: Op) -> bool {
        self.running.get(order).is_some_and(|running| running.asked.op == op)
    }
}

/// An operation that another party was asked for, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Call {
    pub op: Op,
    pub attempt: u8,
}

/// `sale, attempt 2`.
impl Serialize for Call {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}, attempt {}", self.op, self.attempt))
    }
}

/// What made a service act.
pub(super) struct Trigger<'a> {
    pub op: Op,
    pub attempt: u8,
    /// The caller to be answered; none, if the service asked itself or the log delivered.
    pub from: Option<Node>,
    pub command: &'a Command,
}
