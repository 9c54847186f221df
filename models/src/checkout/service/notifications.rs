//! Notifications: what customers were told.

use serde::Serialize;
use stormcart_sim::DenseMap;

use crate::checkout::domain::Status;
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Op, Outcome};

use super::decision::Decision;

/// Whether the mail about a final status has gone out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Notice {
    /// What is to be told.
    pub status: Status,
    /// The mailer has taken it.
    pub mailed: bool,
}

/// All notices.
pub type State = DenseMap<Notice>;

/// A change: where a notice stands now.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct NoticeChange(pub Order, pub Notice);

/// Applies a change.
pub fn apply(state: &mut State, change: &NoticeChange) {
    state.insert(change.0, change.1);
}

/// The rule for commands.
pub fn decide(order: Order, status: Status) -> Decision<NoticeChange> {
    Decision::asks(Op::Mail).noting(NoticeChange(order, Notice { status, mailed: false }))
}

/// The rule for what the mailer says; `None` if it is not what this service waits for.
pub fn conclude(state: &State, order: Order, outcome: Outcome) -> Option<Decision<NoticeChange>> {
    let notice = *state.get(order).filter(|notice| !notice.mailed)?;
    let mailed = NoticeChange(order, Notice { mailed: true, ..notice });
    (outcome == Outcome::Done).then(|| Decision::done(Op::Notify, Outcome::Done).noting(mailed))
}

/// What the mailer still owes an answer to.
pub fn outstanding(notice: &Notice) -> Option<Op> {
    (!notice.mailed).then_some(Op::Mail)
}
