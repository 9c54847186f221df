//! Calls of a business service to outside parties.
//!
//! A call is repeated with the same key until its outcome is known; before a sale is repeated it is looked up, where
//! the provider allows that. Unknown is never taken for failure, unless the policy [`TimeoutMeans`] says so.

use stormcart_sim::To;

use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::{Command, Message, Order, Timer};
use crate::checkout::platform::idempotency::IdempotencyRecord;
use crate::checkout::policy::{Key, TimeoutMeans};
use crate::checkout::vocabulary::{CoverageGoal, Op, Outcome, ops};

use super::participant::Participant;
use super::pending::Call;
use super::rules::State;
use super::{Context, Record};

/// What a call or an event says beside its name.
pub(super) struct About {
    pub basket: Basket,
    pub status: Status,
}

impl Participant {
    /// Asks an outside party and waits for the answer.
    pub(super) fn ask(&mut self, cx: &mut Context<'_>, outside: Op, order: Order, attempt: u8, about: About) {
        self.tries.insert(order, Call { op: outside, attempt });
        let About { basket, status } = about;
        let command = Command { key: self.key(attempt), basket, status, via: None };
        cx.send(To::Role(outside.owner().role()), Message::ask(outside, order, attempt, command));
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(call_timer(outside, order), after, jitter);
    }

    /// What a call or an event of an order whose basket is known is about.
    pub(super) fn about(cx: &Context<'_>, order: Order) -> Option<About> {
        let (idempotency, state) = Self::store(cx);
        let status = match state {
            State::Notifications(state) => state.get(order).map_or(Status::Pending, |notice| notice.status),
            State::Orders(_) | State::Inventory(_) | State::Payments(_) | State::Shipping(_) => {
                Status::Pending
            }
        };
        Some(About { basket: idempotency.entry(order)?.basket.clone()?, status })
    }

    pub(super) fn ask_again(&mut self, cx: &mut Context<'_>, outside: Op, order: Order, attempt: u8) {
        if let Some(about) = Self::about(cx, order) {
            self.ask(cx, outside, order, attempt, about);
        }
    }

    /// An outside party said something.
    pub(super) fn said(&mut self, cx: &mut Context<'_>, op: Op, order: Order, outcome: Outcome) {
        let (_, state) = Self::store(cx);
        let Some(outstanding) = state.outstanding(order) else { return };
        let (said, outcome) = match (op, outcome) {
            (question, Outcome::NotFound) if question.looked_up() == Some(outstanding) => {
                let attempt = self.tries.get(order).map_or(1, |call| call.attempt.saturating_add(1));
                return self.ask_again(cx, outstanding, order, attempt);
            }
            (op, Outcome::Error) if self.setup.policies.timeout == TimeoutMeans::Failed => (op, failed(op)),
            (op, outcome) => (op.looked_up().unwrap_or(op), outcome),
        };
        self.concluded(cx, said, order, outcome);
    }

    /// The provider calls by itself.
    pub(super) fn called(&mut self, cx: &mut Context<'_>, order: Order, outcome: Outcome) {
        let (_, state) = Self::store(cx);
        if state.outstanding(order) == Some(Op::Sale) {
            cx.probe(CoverageGoal::WebhookFirst as u8);
        }
        self.said(cx, Op::Sale, order, outcome);
    }

    fn concluded(&mut self, cx: &mut Context<'_>, said: Op, order: Order, outcome: Outcome) {
        let (idempotency, state) = Self::store(cx);
        let cents =
            idempotency.entry(order).and_then(|entry| entry.basket.as_ref()).map_or(0, Basket::total_cents);
        let Some(decision) = state.conclude(said, order, outcome, cents) else { return };
        if self.tries.remove(order).is_some_and(|call| call.attempt > 1) {
            cx.probe(CoverageGoal::Retried as u8);
        }
        self.enact(cx, order, None, decision);
        // After the transaction: if it is aborted, the timer asks again.
        cx.disarm(call_timer(said, order));
    }

    /// An outside party did not answer in time.
    pub(super) fn unanswered(&mut self, cx: &mut Context<'_>, order: Order) {
        let (idempotency, state) = Self::store(cx);
        let Some(outstanding) = state.outstanding(order) else { return };
        if self.setup.policies.timeout == TimeoutMeans::Failed && failed(outstanding) != Outcome::Unanswered {
            return self.concluded(cx, outstanding, order, failed(outstanding));
        }
        let unasked = Call { op: outstanding, attempt: 0 };
        let Call { op: last, attempt } = self.tries.get(order).copied().unwrap_or(unasked);
        let attempt = attempt.saturating_add(1);
        if attempt > self.setup.timeouts.park_after {
            if idempotency.entry(order).is_some_and(|entry| !entry.dead_lettered) {
                cx.commit([Record::Idempotency(IdempotencyRecord::DeadLettered(order))]);
            }
            return;
        }
        // What has been asked may have happened: it is looked up before it is repeated.
        let asked = last == outstanding || last.looked_up() == Some(outstanding);
        let again = self.question(outstanding).filter(|_| asked);
        self.ask_again(cx, again.unwrap_or(outstanding), order, attempt);
    }

    /// How the provider can be asked what became of an operation: by a key that stays the same.
    pub(super) fn question(&self, outstanding: Op) -> Option<Op> {
        outstanding
            .look_up()
            .filter(|_| self.setup.capabilities.look_up && self.setup.policies.key == Key::PerOperation)
    }
}

/// The outcome that a caller assumes if it takes silence for failure.
fn failed(op: Op) -> Outcome {
    match op {
        Op::Sale | Op::LookUp => Outcome::Declined,
        Op::Dispatch => Outcome::Refused,
        Op::Reverse | Op::LookUpRefund | Op::Mail => Outcome::Unanswered,
        ops!(of orders) | ops!(of inventory) | ops!(of payments) | ops!(of shipping) => Outcome::Unanswered,
        ops!(of notifications) | ops!(of customers) | ops!(of broker) => Outcome::Unanswered,
    }
}

/// The timer of an outside call; an operation and the question about it share one.
fn call_timer(op: Op, order: Order) -> Timer {
    Timer::of(op.looked_up().unwrap_or(op), order)
}
