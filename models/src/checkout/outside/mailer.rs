//! The mailer: delivers notices, each kind once.

use serde::Serialize;
use stormcart_sim::site::Node;
use stormcart_sim::{DenseMap, To};

use crate::checkout::domain::Status;
use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Message, Order};
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::vocabulary::{Misbehavior, Outcome, misbehaviors};

/// What was delivered about each order.
pub type Delivered = DenseMap<Vec<Status>>;

/// A notice was delivered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct NoticeDelivered(pub Order, pub Status);

/// Applies a change.
pub fn apply(delivered: &mut Delivered, notice: &NoticeDelivered) {
    delivered.entry(notice.0).push(notice.1);
}

/// The truth in a change.
pub fn fact(notice: &NoticeDelivered) -> Fact {
    Fact::Mailed(notice.0, notice.1)
}

/// A request.
pub fn on_message(cx: &mut Context<'_>, from: Node, message: Message) {
    let Message { op, order, attempt, body: Body::Command(command), .. } = message else { return };
    let Store::Mailer(delivered) = cx.store() else { unreachable!("the mailer over another store") };
    let misbehavior = cx.misbehavior().and_then(Misbehavior::of);
    let known = delivered.get(order).is_some_and(|kinds| kinds.contains(&command.status));
    if !known && misbehavior != Some(Misbehavior::ErrorBefore) {
        cx.commit([Record::Mailer(NoticeDelivered(order, command.status))]);
    }
    let outcome = match misbehavior {
        Some(misbehaviors!(of providers)) => Outcome::Error,
        None | Some(misbehaviors!(of customers) | misbehaviors!(of the log)) => Outcome::Done,
    };
    cx.send(To::Node(from), Message::answer(op, order, attempt, outcome));
}
