//! What leaves a business service on its own account: calls to outside parties, and events.
//!
//! An outside call is repeated with the same key until its outcome is known; before a sale is repeated it is looked
//! up, where the provider allows that. An event is repeated until it is acknowledged.
//!
//! **Invariant:** unknown is never failure, unless somebody chose so.

use smallvec::SmallVec;
use stormcart_sim::site::MessageKind;
use stormcart_sim::{Micros, To};

use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::{Body, Command, Message, Order, Timer};
use crate::checkout::platform::desk;
use crate::checkout::policy::{Key, Publish, Relay, TimeoutMeans};
use crate::checkout::vocabulary::{CoverageGoal, Event, Op, Outcome};

use super::participant::{Participant, Trigger};
use super::rules::Books;
use super::{Context, Record};

/// What a call or an event says beside its name.
pub(super) struct About {
    pub basket: Basket,
    pub status: Status,
}

impl Participant {
    /// Asks an outside party and waits for the answer.
    pub(super) fn ask(&mut self, cx: &mut Context<'_>, outside: Op, order: Order, attempt: u8, about: About) {
        self.tries.insert(order, (outside, attempt));
        let About { basket, status } = about;
        let command = Command { key: self.key(attempt), basket, status, via: None };
        cx.send(To::Role(outside.owner().role()), Message::ask(outside, order, attempt, command));
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(call_timer(outside, order), after, jitter);
    }

    /// What a call or an event of an order on file is about.
    fn about(cx: &Context<'_>, order: Order) -> Option<About> {
        let (desk, books) = Self::store(cx);
        let status = match books {
            Books::Notifications(books) => books.get(order).map_or(Status::Pending, |row| row.status),
            _ => Status::Pending,
        };
        Some(About { basket: desk.file(order)?.basket.clone()?, status })
    }

    fn ask_again(&mut self, cx: &mut Context<'_>, outside: Op, order: Order, attempt: u8) {
        if let Some(about) = Self::about(cx, order) {
            self.ask(cx, outside, order, attempt, about);
        }
    }

    /// An outside party said something.
    pub(super) fn said(&mut self, cx: &mut Context<'_>, op: Op, order: Order, outcome: Outcome) {
        let (_, books) = Self::store(cx);
        let Some(outstanding) = books.outstanding(order) else { return };
        let (said, outcome) = match (op, outcome) {
            (question, Outcome::NotFound) if question.looked_up() == Some(outstanding) => {
                let attempt = self.tries.get(order).map_or(1, |(_, attempt)| attempt.saturating_add(1));
                return self.ask_again(cx, outstanding, order, attempt);
            }
            (op, Outcome::Error) if self.setup.policies.timeout == TimeoutMeans::Failed => (op, failed(op)),
            (op, outcome) => (op.looked_up().unwrap_or(op), outcome),
        };
        self.concluded(cx, said, order, outcome);
    }

    /// The provider calls by itself.
    pub(super) fn called(&mut self, cx: &mut Context<'_>, order: Order, outcome: Outcome) {
        let (_, books) = Self::store(cx);
        if books.outstanding(order) == Some(Op::Sale) {
            cx.probe(CoverageGoal::WebhookFirst as u8);
        }
        self.said(cx, Op::Sale, order, outcome);
    }

    fn concluded(&mut self, cx: &mut Context<'_>, said: Op, order: Order, outcome: Outcome) {
        let (desk, books) = Self::store(cx);
        let cents = desk.file(order).and_then(|file| file.basket.as_ref()).map_or(0, Basket::total_cents);
        let Some(decision) = books.conclude(said, order, outcome, cents) else { return };
        if self.tries.remove(order).is_some_and(|(_, attempt)| attempt > 1) {
            cx.probe(CoverageGoal::Retried as u8);
        }
        self.enact(cx, order, None, decision);
        // After the transaction: if it is aborted, the timer asks again.
        cx.disarm(call_timer(said, order));
    }

    /// An outside party did not answer in time.
    fn unanswered(&mut self, cx: &mut Context<'_>, order: Order) {
        let (desk, books) = Self::store(cx);
        let Some(outstanding) = books.outstanding(order) else { return };
        if self.setup.policies.timeout == TimeoutMeans::Failed && failed(outstanding) != Outcome::Unanswered {
            return self.concluded(cx, outstanding, order, failed(outstanding));
        }
        let (last, attempt) = self.tries.get(order).copied().unwrap_or((outstanding, 0));
        let attempt = attempt.saturating_add(1);
        if attempt > self.setup.timeouts.park_after {
            if desk.file(order).is_some_and(|file| !file.parked) {
                cx.commit([Record::Desk(desk::Entry::Parked(order))]);
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
        events: SmallVec<[(Event, Status); 2]>,
    ) {
        let (desk, _) = Self::store(cx);
        match self.setup.policies.publish {
            Publish::Outbox => {
                let queued = |(event, status): &(Event, Status)| {
                    Record::Desk(desk::Entry::Queued(order, *event, *status))
                };
                records.extend(events.iter().map(queued));
                cx.commit(records);
                if let Some((event, status)) = events.first()
                    && desk.file(order).is_none_or(|file| file.outbox.is_empty())
                {
                    self.hand_on(cx, order, *event, *status, basket.clone(), 1);
                }
            }
            policy => {
                let first = policy == Publish::PublishThenCommit;
                if !first {
                    cx.commit(records.drain(..));
                }
                for (event, status) in events {
                    let idle = self.unsent.get(order).is_none_or(|unsent| unsent.is_empty());
                    self.unsent.entry(order).push((event, status));
                    if idle {
                        self.hand_on(cx, order, event, status, basket.clone(), 1);
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
        event: Event,
        status: Status,
        basket: Basket,
        attempt: u8,
    ) {
        self.relays.insert(order, attempt);
        let message = Message {
            op: self.setup.architecture.announcing(event, self.party),
            kind: MessageKind::Answer,
            order,
            attempt,
            body: Body::Publish(event, basket, status),
        };
        let relay = To::Role(self.setup.architecture.relay().role());
        if self.setup.policies.relay == Relay::DeterminismCheck {
            cx.send(relay, message.clone());
        }
        cx.send(relay, message);
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(Timer { op: Op::Relay, order, group: self.party }, after, jitter);
    }

    /// The oldest event that has not been acknowledged.
    fn oldest(&self, cx: &Context<'_>, order: Order) -> Option<(Event, Status)> {
        let (desk, _) = Self::store(cx);
        let queued = desk.file(order).and_then(|file| file.outbox.first());
        queued.or_else(|| self.unsent.get(order)?.first()).copied()
    }

    fn hand_on_oldest(&mut self, cx: &mut Context<'_>, order: Order, attempt: u8) {
        let Some((event, status)) = self.oldest(cx, order) else { return };
        if let Some(About { basket, .. }) = Self::about(cx, order) {
            self.hand_on(cx, order, event, status, basket, attempt);
        }
    }

    /// The log or the engine has an event: the next one of this order may go.
    pub(super) fn relayed(&mut self, cx: &mut Context<'_>, order: Order, event: Event) {
        if self.oldest(cx, order).is_none_or(|(oldest, _)| oldest != event) {
            return;
        }
        let (desk, _) = Self::store(cx);
        let next = match desk.file(order).filter(|file| !file.outbox.is_empty()) {
            Some(file) => {
                cx.append(Record::Desk(desk::Entry::Relayed(order)));
                file.outbox.get(1).copied()
            }
            None => {
                let unsent = self.unsent.entry(order);
                unsent.remove(0);
                unsent.first().copied()
            }
        };
        self.relays.remove(order);
        match (next, Self::about(cx, order)) {
            (Some((event, status)), Some(about)) => self.hand_on(cx, order, event, status, about.basket, 1),
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
            op if self.chain.calls(order, op) => self.chain_unanswered(cx, order),
            _ => self.unanswered(cx, order),
        }
    }

    /// The hold has been held long enough: a command of the service to itself, which nobody else may repeat.
    fn expires(&mut self, cx: &mut Context<'_>, order: Order) {
        let (desk, books) = Self::store(cx);
        let Some(basket) = desk.file(order).and_then(|file| file.basket.clone()) else { return };
        let command = Command { key: 0, basket, status: Status::Pending, via: None };
        let decision = books.decide(Op::Expiry, order, &command, &self.setup.policies);
        if !decision.entries.is_empty() {
            cx.commit(decision.entries.into_iter().map(Record::Book));
        }
    }

    fn asks_itself(&mut self, cx: &mut Context<'_>, op: Op, order: Order) {
        let (desk, _) = Self::store(cx);
        let Some(basket) = desk.file(order).and_then(|file| file.basket.clone()) else { return };
        let command = Command { key: 0, basket, status: Status::Pending, via: None };
        self.command(cx, order, Trigger { op, attempt: 1, from: None, command: &command });
    }

    /// A fresh memory over an old store: what was under way goes on.
    pub fn on_restart(&mut self, cx: &mut Context<'_>) {
        let (desk, books) = Self::store(cx);
        for (order, file) in desk.files() {
            if let Some(outstanding) = books.outstanding(order).filter(|_| !file.parked) {
                cx.probe(CoverageGoal::Resumed as u8);
                self.ask_again(cx, self.question(outstanding).unwrap_or(outstanding), order, 1);
            }
            self.hand_on_oldest(cx, order, 1);
        }
        let timeouts = &self.setup.timeouts;
        match books {
            Books::Inventory(books) => {
                for (order, _) in books.holds.iter().filter(|(_, hold)| hold.end.is_none()) {
                    cx.arm(Timer::of(Op::Expiry, order), timeouts.hold_ttl, Micros::ZERO);
                }
            }
            Books::Orders(books) if self.keeps_deadlines() => {
                let pending = |row: &super::orders::Row| row.status == Status::Pending && !row.cancel_asked;
                for (order, _) in books.iter().filter(|(_, row)| pending(row)) {
                    cx.arm(Timer::of(Op::Deadline, order), timeouts.deadline, Micros::ZERO);
                }
            }
            _ => {}
        }
    }
}

/// The outcome that a caller makes up who takes silence for failure.
fn failed(op: Op) -> Outcome {
    match op {
        Op::Sale | Op::LookUp => Outcome::Declined,
        Op::Dispatch => Outcome::Refused,
        _ => Outcome::Unanswered,
    }
}

/// The timer of an outside call; an operation and the question about it share one.
fn call_timer(op: Op, order: Order) -> Timer {
    Timer::of(op.looked_up().unwrap_or(op), order)
}
