//! Payments: what was charged, and what is still unknown.
//!
//! The owner of the pivot decides: a charge that has happened is not withdrawn; one whose outcome is unknown is asked
//! for until it is known, and then given back if it was given up meanwhile.

use serde::Serialize;
use stormcart_sim::DenseMap;

use crate::checkout::domain::{Basket, PaymentStatus};
use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::policy::{LateSuccess, Policies};
use crate::checkout::vocabulary::{Op, Outcome, ops, outcomes};

use super::decision::Decision;

/// All payments.
pub type State = DenseMap<PaymentStatus>;

/// A change: where a payment stands now, and about how much money.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct PaymentChange(pub Order, pub PaymentStatus, pub u64);

/// Applies a change.
pub fn apply(state: &mut State, change: &PaymentChange) {
    state.insert(change.0, change.1);
}

/// The truth in a change.
pub fn fact(change: &PaymentChange) -> Fact {
    Fact::Booked(change.0, change.1, change.2)
}

/// The rules for commands.
pub fn decide(
    state: &State,
    op: Op,
    order: Order,
    basket: &Basket,
    policies: &Policies,
) -> Decision<PaymentChange> {
    let cents = basket.total_cents();
    let note = |status| PaymentChange(order, status, cents);
    match (op, state.get(order)) {
        (Op::Charge, _) if cents == 0 => {
            Decision::done(op, Outcome::Done).noting(note(PaymentStatus::NotNeeded))
        }
        (Op::Charge, _) => Decision::asks(Op::Sale).noting(note(PaymentStatus::Charging { given_up: false })),
        (Op::Withdraw, Some(PaymentStatus::Charged | PaymentStatus::NotNeeded)) => {
            Decision::done(op, Outcome::TooLate)
        }
        (Op::Refund, Some(PaymentStatus::Charged)) => {
            Decision::asks(Op::Reverse).noting(note(PaymentStatus::Refunding))
        }
        (Op::Refund, Some(PaymentStatus::NotNeeded)) => {
            Decision::done(op, Outcome::Refunded).noting(note(PaymentStatus::Refunded))
        }
        (Op::Withdraw | Op::Refund, status) => undo(op, status, note, policies),
        (Op::Webhook | ops!(not of payments), _) => unreachable!("{op} is no command of payments"),
    }
}

/// Undoes a charge that has not been booked.
fn undo(
    op: Op,
    status: Option<&PaymentStatus>,
    note: impl Fn(PaymentStatus) -> PaymentChange,
    policies: &Policies,
) -> Decision<PaymentChange> {
    match status {
        Some(PaymentStatus::Charging { .. }) => match policies.late {
            LateSuccess::Ignore => {
                Decision::done(op, Outcome::Withdrawn).noting(note(PaymentStatus::Withdrawn))
            }
            LateSuccess::Reconcile => {
                Decision::pending().noting(note(PaymentStatus::Charging { given_up: true }))
            }
        },
        Some(PaymentStatus::Refunding) => Decision::pending(),
        Some(PaymentStatus::Refunded) => Decision::done(op, Outcome::Refunded),
        Some(PaymentStatus::Declined | PaymentStatus::Withdrawn) => Decision::done(op, Outcome::Withdrawn),
        None | Some(PaymentStatus::Charged | PaymentStatus::NotNeeded) => {
            Decision::done(op, Outcome::Withdrawn).noting(note(PaymentStatus::Withdrawn))
        }
    }
}

/// The rules for what the provider says; `None` if it is not what this service waits for.
pub fn conclude(
    state: &State,
    said: Op,
    order: Order,
    outcome: Outcome,
    cents: u64,
) -> Option<Decision<PaymentChange>> {
    let note = |status| PaymentChange(order, status, cents);
    let status = state.get(order).filter(|status| outstanding(status) == Some(said))?;
    Some(match (status, outcome) {
        (PaymentStatus::Charging { given_up: false }, Outcome::Done) => {
            Decision::done(Op::Charge, Outcome::Done).noting(note(PaymentStatus::Charged))
        }
        (PaymentStatus::Charging { given_up: true }, Outcome::Done) => Decision::asks(Op::Reverse)
            .ending(Op::Charge, Outcome::Fenced)
            .noting(note(PaymentStatus::Charged))
            .noting(note(PaymentStatus::Refunding)),
        (PaymentStatus::Charging { given_up: false }, Outcome::Declined) => {
            Decision::done(Op::Charge, Outcome::Declined).noting(note(PaymentStatus::Declined))
        }
        (PaymentStatus::Charging { given_up: true }, Outcome::Declined) => {
            Decision::done(Op::Charge, Outcome::Fenced)
                .ending(Op::Withdraw, Outcome::Withdrawn)
                .ending(Op::Refund, Outcome::Withdrawn)
                .noting(note(PaymentStatus::Declined))
        }
        (PaymentStatus::Refunding, Outcome::Done) => Decision::done(Op::Refund, Outcome::Refunded)
            .ending(Op::Withdraw, Outcome::Refunded)
            .noting(note(PaymentStatus::Refunded)),
        (PaymentStatus::Refunding, Outcome::Declined)
        | (_, Outcome::Refused | outcomes!(unknown) | outcomes!(of a service)) => return None,
        (
            PaymentStatus::Charged
            | PaymentStatus::NotNeeded
            | PaymentStatus::Declined
            | PaymentStatus::Withdrawn
            | PaymentStatus::Refunded,
            Outcome::Done | Outcome::Declined,
        ) => return None,
    })
}

/// What the provider still owes an answer to.
pub fn outstanding(status: &PaymentStatus) -> Option<Op> {
    match status {
        PaymentStatus::Charging { .. } => Some(Op::Sale),
        PaymentStatus::Refunding => Some(Op::Reverse),
        PaymentStatus::Charged
        | PaymentStatus::NotNeeded
        | PaymentStatus::Declined
        | PaymentStatus::Withdrawn
        | PaymentStatus::Refunded => None,
    }
}
