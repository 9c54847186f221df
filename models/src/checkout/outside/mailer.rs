//! The mailer: delivers notices, each kind once.

use stormcart_sim::site::Node;
use stormcart_sim::{DenseMap, To};

use crate::checkout::domain::Status;
use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Message, Order};
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::vocabulary::{Misbehavior, Outcome};

/// What was delivered about each order.
pub type Delivered = DenseMap<Vec<Status>>;

/// A notice was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entry(pub Order, pub Status);

/// Applies a change.
pub fn apply(delivered: &mut Delivered, entry: &Entry) {
    delivered.entry(entry.0).push(entry.1);
}

/// The truth in a change.
pub fn fact(entry: &Entry) -> Fact {
    Fact::Mailed(entry.0, entry.1)
}

/// A request.
pub fn on_message(cx: &mut Context<'_>, from: Node, message: Message) {
    let Message { op, order, attempt, body: Body::Command(command), .. } = message else { return };
    let Store::Mailer(delivered) = cx.store() else { unreachable!("the mailer over another store") };
    let misbehavior = cx.misbehavior().and_then(Misbehavior::of);
    let known = delivered.get(order).is_some_and(|kinds| kinds.contains(&command.status));
    if !known && misbehavior != Some(Misbehavior::ErrorBefore) {
        cx.commit([Record::Mailer(Entry(order, command.status))]);
    }
    let outcome = if misbehavior.is_some() { Outcome::Error } else { Outcome::Done };
    cx.send(To::Node(from), Message::answer(op, order, attempt, outcome));
}
