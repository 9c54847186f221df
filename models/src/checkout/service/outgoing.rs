//! What leaves a business service on its own account: calls to outside parties, and events.
//!
//! An outside call is repeated with the same key until its outcome is known; before a sale is repeated it is looked
//! up, where the provider allows that. An event is repeated until it is acknowledged.
//!
//! Unknown is never taken for failure, unless the policy [`TimeoutMeans`] says so.

use smallvec::SmallVec;
use stormcart_sim::site::MessageKind;
use stormcart_sim::{Micros, To};

use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::{Body, Command, Message, Order, Timer};
use crate::checkout::platform::idempotency::IdempotencyRecord;
use crate::checkout::platform::outbox::QueuedEvent;
use crate::checkout::policy::{Key, Publish, Relay, TimeoutMeans};
use crate::checkout::vocabulary::{CoverageGoal, Event, Op, Outcome, ops};

use super::participant::{Call, Participant, Trigger};
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
    fn about(cx: &Context<'_>, order: Order) -> Option<About> {
        let (idempotency, state) = Self::store(cx);
        let status = match state {
            State::Notifications(state) => state.get(order).map_or(Status::Pending, |notice| notice.status),
            State::Orders(_) | State::Inventory(_) | State::Payments(_) | State::Shipping(_) => {
                Status::Pending
            }
        };
        Some(About { basket: idempotency.entry(order)?.basket.clone()?, status })
    }

    fn ask_again(&mut self, cx: &mut Context<'_>, outside: Op, order: Order, attempt: u8) {
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
    fn unanswered(&mut self, cx: &mut Context<'_>, order: Order) {
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
    fn question(&self, outstanding: Op) -> Option<Op> {
        outstanding
            .look_up()
            .filter(|_| self.setup.capabilities.look_up && self.setup.policies.key == Key::PerOperation)
    }

    /// Writes a transaction and lets its events leave, in the order the policy says.
    pub(super) fn announce(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        basket: &Basket,
        mut records: SmallVec<[Record; 6]>,
        events: SmallVec<[QueuedEvent; 2]>,
    ) {
        let (idempotency, _) = Self::store(cx);
        match self.setup.policies.publish {
            Publish::Outbox => {
                let queued = |queued: &QueuedEvent| {
                    Record::Idempotency(IdempotencyRecord::Queued(order, queued.event, queued.status))
                };
                records.extend(events.iter().map(queued));
                cx.commit(records);
                if let Some(first) = events.first()
                    && idempotency.entry(order).is_none_or(|entry| entry.outbox.is_empty())
                {
                    self.hand_on(cx, order, *first, basket.clone(), 1);
                }
            }
            policy @ (Publish::CommitThenPublish | Publish::PublishThenCommit) => {
                let first = policy == Publish::PublishThenCommit;
                if !first {
                    cx.commit(records.drain(..));
                }
                for event in events {
                    let idle = self.unsent.get(order).is_none_or(|unsent| unsent.is_empty());
                    self.unsent.entry(order).push(event);
                    if idle {
                        self.hand_on(cx, order, event, basket.clone(), 1);
                    }
                }
                if first {
                    cx.commit(records);
                }
            }
        }
    }

    /// Hands an event to the log or to the engine, and waits for its acknowledgement.
    fn hand_on(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        queued: QueuedEvent,
        basket: Basket,
        attempt: u8,
    ) {
        let QueuedEvent { event, status } = queued;
        self.relays.insert(order, attempt);
        let message = Message {
            op: self.setup.architecture.announcing(event, self.party),
            kind: MessageKind::Answer,
            order,
            attempt,
            body: Body::Publish(event, basket, status),
        };
        let relay = To::Role(self.setup.architecture.relay().role());
        if self.setup.policies.relay == Relay::Twice {
            cx.send(relay, message.clone());
        }
        cx.send(relay, message);
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(Timer { op: Op::Relay, order, group: self.party }, after, jitter);
    }

    /// The oldest event that has not been acknowledged.
    fn oldest(&self, cx: &Context<'_>, order: Order) -> Option<QueuedEvent> {
        let (idempotency, _) = Self::store(cx);
        let queued = idempotency.entry(order).and_then(|entry| entry.outbox.oldest());
        queued.or_else(|| self.unsent.get(order)?.first().copied())
    }

    fn hand_on_oldest(&mut self, cx: &mut Context<'_>, order: Order, attempt: u8) {
        let Some(oldest) = self.oldest(cx, order) else { return };
        if let Some(About { basket, .. }) = Self::about(cx, order) {
            self.hand_on(cx, order, oldest, basket, attempt);
        }
    }

    /// The log or the engine has an event: the next one of this order may go.
    pub(super) fn relayed(&mut self, cx: &mut Context<'_>, order: Order, event: Event) {
        if self.oldest(cx, order).is_none_or(|oldest| oldest.event != event) {
            return;
        }
        let (idempotency, _) = Self::store(cx);
        let next = match idempotency.entry(order).filter(|entry| !entry.outbox.is_empty()) {
            Some(entry) => {
                cx.append(Record::Idempotency(IdempotencyRecord::Relayed(order)));
                entry.outbox.second()
            }
            None => {
                let unsent = self.unsent.entry(order);
                unsent.remove(0);
                unsent.first().copied()
            }
        };
        self.relays.remove(order);
        match (next, Self::about(cx, order)) {
            (Some(next), Some(about)) => self.hand_on(cx, order, next, about.basket, 1),
            _ => {
                self.unsent.remove(order);
                cx.disarm(Timer { op: Op::Relay, order, group: self.party });
            }
        }
    }

    /// A timer fired.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        let order = timer.order;
        match timer.op {
            Op::Relay => {
                let attempt = self.relays.get(order).map_or(1, |attempt| attempt.saturating_add(1));
                self.hand_on_oldest(cx, order, attempt);
            }
            Op::Deadline => self.asks_itself(cx, Op::Cancel, order),
            Op::Expiry => self.expires(cx, order),
            ops!(of psp) | ops!(of carrier) | ops!(of mailer) => self.unanswered(cx, order),
            op @ (Op::Place | Op::Cancel | Op::Close | Op::Reserve | Op::Release | Op::Confirm)
            | op @ (ops!(of payments) | ops!(of shipping) | ops!(of notifications)) => {
                if self.chain.calls(order, op) {
                    self.chain_unanswered(cx, order);
                }
            }
            op @ (ops!(of customers) | Op::Redeliver) => unreachable!("{op} is no timer of a service"),
        }
    }

    /// The hold has been held long enough: a command of the service to itself, which no other party repeats.
    fn expires(&mut self, cx: &mut Context<'_>, order: Order) {
        let (idempotency, state) = Self::store(cx);
        let Some(basket) = idempotency.entry(order).and_then(|entry| entry.basket.clone()) else { return };
        let command = Command { key: 0, basket, status: Status::Pending, via: None };
        let decision = state.decide(Op::Expiry, order, &command, &self.setup.policies);
        if !decision.entries.is_empty() {
            cx.commit(decision.entries.into_iter().map(Record::State));
        }
    }

    fn asks_itself(&mut self, cx: &mut Context<'_>, op: Op, order: Order) {
        let (idempotency, _) = Self::store(cx);
        let Some(basket) = idempotency.entry(order).and_then(|entry| entry.basket.clone()) else { return };
        let command = Command { key: 0, basket, status: Status::Pending, via: None };
        self.command(cx, order, Trigger { op, attempt: 1, from: None, command: &command });
    }

    /// A fresh memory over an old store: what was under way goes on.
    pub fn on_restart(&mut self, cx: &mut Context<'_>) {
        let (idempotency, state) = Self::store(cx);
        for (order, entry) in idempotency.entries() {
            if let Some(outstanding) = state.outstanding(order).filter(|_| !entry.dead_lettered) {
                cx.probe(CoverageGoal::Resumed as u8);
                self.ask_again(cx, self.question(outstanding).unwrap_or(outstanding), order, 1);
            }
            self.hand_on_oldest(cx, order, 1);
        }
        let timeouts = &self.setup.timeouts;
        match state {
            State::Inventory(state) => {
                for (order, _) in state.holds.iter().filter(|(_, hold)| hold.end.is_none()) {
                    cx.arm(Timer::of(Op::Expiry, order), timeouts.hold_ttl, Micros::ZERO);
                }
            }
            State::Orders(state) if self.keeps_deadlines() => {
                let pending =
                    |row: &super::orders::OrderRow| row.status == Status::Pending && !row.cancel_asked;
                for (order, _) in state.iter().filter(|(_, row)| pending(row)) {
                    cx.arm(Timer::of(Op::Deadline, order), timeouts.deadline, Micros::ZERO);
                }
            }
            State::Orders(_) | State::Payments(_) | State::Shipping(_) | State::Notifications(_) => {}
        }
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
