//! A business service: its rule, with an idempotency store, an outbox and callers around it.
//!
//! A command is looked up in the idempotency store first: known, it is answered again; fenced, it is refused; new, the
//! rule decides, and what it decided is written in one transaction with how the operation ended and with the event to be
//! announced. Who brought the command makes no difference until the very end, when a call is answered and a delivery
//! from the log is acknowledged.
//!
//! **Invariant:** memory holds only who is waiting and how often somebody was asked; everything else is durable.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use smallvec::SmallVec;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::{DenseMap, Micros, To};

use crate::checkout::architecture::Process;
use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::{Body, Command, Message, Order, Slot, Timer};
use crate::checkout::platform::idempotency::{DedupState, IdempotencyRecord, IdempotencyStore};
use crate::checkout::platform::outbox::QueuedEvent;
use crate::checkout::platform::workflow::Input;
use crate::checkout::policy::{Confirm, Dedup, Errors, Fence, Key, Resubmission};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{CoverageGoal, Event, Op, Outcome, Party, ops, outcomes};

use super::chain::Chain;
use super::decision::Decision;
use super::outgoing::About;
use super::rules::{self, State};
use super::{Context, Record, Store};

/// The memory of one instance of a business service.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Participant {
    #[serde(skip)]
    pub(super) party: Party,
    #[serde(skip)]
    pub(super) setup: Arc<Setup>,
    /// Who waits for the end of an operation: with which key and which attempt they asked.
    waiting: DenseMap<SmallVec<[Waiting; 2]>>,
    /// What an outside party was asked last, and how often.
    pub(super) tries: DenseMap<Call>,
    /// How often the oldest outbox row was handed on.
    pub(super) relays: DenseMap<u8>,
    /// Events that leave from memory, where no outbox keeps them.
    pub(super) unsent: DenseMap<SmallVec<[QueuedEvent; 1]>>,
    /// Processes kept in memory, in a call chain.
    pub(super) chain: Chain,
}

/// A caller who waits for the end of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
struct Waiting {
    op: Op,
    key: u8,
    from: Node,
    attempt: u8,
}

/// An operation somebody else was asked for, and how often.
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
    /// Who is to be answered; nobody, if the service asked itself.
    pub from: Option<Node>,
    pub command: &'a Command,
}

impl Participant {
    /// A fresh instance.
    pub fn new(party: Party, setup: Arc<Setup>) -> Self {
        Participant {
            party,
            setup,
            waiting: DenseMap::default(),
            tries: DenseMap::default(),
            relays: DenseMap::default(),
            unsent: DenseMap::default(),
            chain: Chain::default(),
        }
    }

    pub(super) fn store<'a>(cx: &Context<'a>) -> (&'a IdempotencyStore, &'a State) {
        match cx.store() {
            Store::Business(idempotency, state) => (idempotency, state),
            other => unreachable!("a business service over {other:?}"),
        }
    }

    /// A message arrived.
    pub fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        let Message { op, kind, order, attempt, body } = message;
        match (kind, body) {
            (MessageKind::Ask, Body::Command(command)) => {
                let from = command.via.is_none().then_some(from);
                self.command(cx, order, Trigger { op, attempt, from, command: &command });
            }
            (MessageKind::Ask, Body::Damaged(event, slot)) => {
                self.unreadable(cx, op, order, attempt, (event, slot))
            }
            (MessageKind::Ask, Body::Outcome(outcome)) => {
                self.called(cx, order, outcome);
                let ack = Message {
                    op,
                    kind: MessageKind::Ack,
                    order,
                    attempt,
                    body: Body::Outcome(Outcome::Done),
                };
                cx.send(To::Node(from), ack);
            }
            (MessageKind::Answer, Body::Outcome(outcome)) => match self.chain.calls(order, op) {
                true => self.chain_answered(cx, order, outcome),
                false => self.said(cx, op, order, outcome),
            },
            (MessageKind::Ack, Body::Ack(event, _)) => self.relayed(cx, order, event),
            // What nobody sends to a service.
            (MessageKind::Ask, Body::Publish(..) | Body::Ack(..))
            | (
                MessageKind::Answer,
                Body::Command(_) | Body::Publish(..) | Body::Ack(..) | Body::Damaged(..),
            )
            | (
                MessageKind::Ack,
                Body::Command(_) | Body::Outcome(_) | Body::Publish(..) | Body::Damaged(..),
            )
            | (MessageKind::Timer | MessageKind::Restart, _) => {}
        }
    }

    /// A command: known, fenced, or new.
    pub(super) fn command(&mut self, cx: &mut Context<'_>, order: Order, trigger: Trigger<'_>) {
        let (idempotency, state) = Self::store(cx);
        let same = self.same_purchase(idempotency, order, &trigger);
        if same.is_some() {
            cx.probe(CoverageGoal::SamePurchase as u8);
        }
        let command = same.as_ref().unwrap_or(trigger.command);
        let trigger = Trigger { command, ..trigger };
        let op = trigger.op;
        match self.recognised(idempotency, order, op, command.key) {
            Some(DedupState::Answered(outcome)) => {
                cx.probe(CoverageGoal::DuplicateSuppressed as u8);
                self.reply(cx, order, &trigger, outcome);
            }
            Some(DedupState::Fenced) => {
                cx.probe(CoverageGoal::TombstoneStopped as u8);
                self.reply(cx, order, &trigger, Outcome::Fenced);
            }
            Some(DedupState::Begun) => {
                self.wait(order, &trigger);
                self.acknowledge(cx, order, &trigger);
                self.resume_chain(cx, order, &trigger);
            }
            None if op == Op::Place && self.in_memory() => self.start_chain(cx, order, trigger),
            None => {
                let decision = state.decide(op, order, command, &self.setup.policies);
                if let State::Inventory(shelves) = state
                    && op == Op::Reserve
                    && super::inventory::contested(shelves, &command.basket)
                {
                    cx.probe(CoverageGoal::LastItem as u8);
                }
                self.enact(cx, order, Some(&trigger), decision);
                if op == Op::Cancel && self.in_memory() {
                    self.chain_moves(cx, order, Input::GiveUp);
                }
            }
        }
    }

    /// The command as it came first, if this is the same purchase under another key.
    fn same_purchase(
        &self,
        idempotency: &IdempotencyStore,
        order: Order,
        trigger: &Trigger<'_>,
    ) -> Option<Command> {
        let by_intent = self.setup.policies.resubmission == Resubmission::ByIntent;
        let key = idempotency.key(order, trigger.op).filter(|_| by_intent && trigger.op == Op::Place)?;
        (key != trigger.command.key).then(|| Command { key, ..trigger.command.clone() })
    }

    fn recognised(
        &self,
        idempotency: &IdempotencyStore,
        order: Order,
        op: Op,
        key: u8,
    ) -> Option<DedupState> {
        let policies = &self.setup.policies;
        let blind = op == Op::Confirm && policies.confirm == Confirm::Blind;
        match idempotency.dedup_state(order, op, key) {
            Some(DedupState::Fenced) => Some(DedupState::Fenced),
            _ if policies.dedup == Dedup::None || blind => None,
            known => known,
        }
    }

    /// Carries a decision out: one transaction, then the world outside it.
    pub(super) fn enact(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        trigger: Option<&Trigger<'_>>,
        decision: Decision<rules::Change>,
    ) {
        let (idempotency, _) = Self::store(cx);
        let basket = trigger.map(|trigger| &trigger.command.basket);
        let basket = basket.or(idempotency.entry(order).and_then(|entry| entry.basket.as_ref())).cloned();
        let basket = basket
            .unwrap_or_else(|| unreachable!("nothing is decided about an order before its basket is known"));
        let mut records: SmallVec<[Record; 6]> = decision.entries.into_iter().map(Record::State).collect();
        let ends = ends(idempotency, order, trigger, &decision.answers);
        if let Some(trigger) = trigger {
            self.remember(idempotency, order, trigger, &ends, &mut records);
        }
        let announced = self.end(cx, order, &ends, trigger, &basket, &mut records);
        self.announce(cx, order, &basket, records, announced);
        if let Some(outside) = decision.ask {
            let status = trigger.map_or(Status::Pending, |trigger| trigger.command.status);
            self.ask(cx, outside, order, 1, About { basket, status });
        }
        self.watch(cx, order, &ends);
        for (op, key, outcome) in ends {
            self.answer(cx, order, op, key, outcome, trigger);
        }
        if let Some(trigger) = trigger {
            self.acknowledge(cx, order, trigger);
        }
    }

    /// Writes down how operations ended; what is to be announced about it.
    fn end(
        &self,
        cx: &mut Context<'_>,
        order: Order,
        ends: &[End],
        trigger: Option<&Trigger<'_>>,
        basket: &Basket,
        records: &mut SmallVec<[Record; 6]>,
    ) -> SmallVec<[QueuedEvent; 2]> {
        let mut announced = SmallVec::new();
        for (op, key, outcome) in ends {
            cover(cx, *op, *outcome);
            let event = self.setup.architecture.announced(*op, *outcome);
            let answered = IdempotencyRecord::Answered(order, *op, *key, *outcome, event, basket.clone());
            records.push(Record::Idempotency(answered));
            if let Some(event) = event {
                let closed = trigger.filter(|_| *op == Op::Close).map(|trigger| trigger.command.status);
                announced.push(QueuedEvent { event, status: closed.unwrap_or(event.verdict()) });
            }
        }
        announced
    }

    /// What is remembered beside the rule's own entries.
    fn remember(
        &mut self,
        idempotency: &IdempotencyStore,
        order: Order,
        trigger: &Trigger<'_>,
        ends: &[End],
        records: &mut SmallVec<[Record; 6]>,
    ) {
        let Trigger { op, command, .. } = trigger;
        if ends.iter().all(|(ended, ..)| ended != op) {
            records.push(Record::Idempotency(IdempotencyRecord::Begun(
                order,
                *op,
                command.key,
                command.basket.clone(),
            )));
            self.wait(order, trigger);
        }
        if let Some(late) = op.undoes()
            && self.setup.policies.fence == Fence::Tombstone
            && !idempotency.seen(order, late)
        {
            records.push(Record::Idempotency(IdempotencyRecord::Fenced(order, late)));
        }
    }

    /// Arms and disarms what the end of an operation starts and stops.
    fn watch(&mut self, cx: &mut Context<'_>, order: Order, ends: &[End]) {
        let timeouts = &self.setup.timeouts;
        for (op, _, outcome) in ends {
            match op {
                Op::Reserve if *outcome == Outcome::Done => {
                    cx.arm(Timer::of(Op::Expiry, order), timeouts.hold_ttl, Micros::ZERO);
                }
                Op::Confirm | Op::Release => cx.disarm(Timer::of(Op::Expiry, order)),
                Op::Place if *outcome == Outcome::Accepted && self.keeps_deadlines() => {
                    cx.arm(Timer::of(Op::Deadline, order), timeouts.deadline, Micros::ZERO);
                }
                Op::Close if self.keeps_deadlines() => cx.disarm(Timer::of(Op::Deadline, order)),
                Op::Reserve | Op::Expiry | ops!(of orders) | ops!(of payments) | ops!(of shipping) => {}
                ops!(of notifications) | ops!(not of a service) => {}
            }
        }
    }

    /// The order service owns the deadline, which counts from the moment an order is accepted; it asks for the order to be
    /// given up, and whoever owns the pivot decides. A process in memory keeps its deadline in memory too.
    pub(super) fn keeps_deadlines(&self) -> bool {
        self.party == Party::Orders && !self.in_memory()
    }

    pub(super) fn in_memory(&self) -> bool {
        matches!(self.setup.architecture.process, Process::Memory(_))
    }

    fn wait(&mut self, order: Order, trigger: &Trigger<'_>) {
        let Some(from) = trigger.from else { return };
        let waiting = self.waiting.entry(order);
        waiting.retain(|other| (other.op, other.key) != (trigger.op, trigger.command.key));
        waiting.push(Waiting { op: trigger.op, key: trigger.command.key, from, attempt: trigger.attempt });
    }

    /// Answers everybody who waits for the end of an operation.
    pub(super) fn answer(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        op: Op,
        key: u8,
        outcome: Outcome,
        trigger: Option<&Trigger<'_>>,
    ) {
        if let Some(trigger) = trigger.filter(|trigger| trigger.op == op)
            && let Some(from) = trigger.from
        {
            cx.send(To::Node(from), Message::answer(op, order, trigger.attempt, outcome));
        }
        let Some(waiting) = self.waiting.get_mut(order) else { return };
        waiting.retain(|who| {
            let answered = who.op == op && who.key == key;
            if answered {
                cx.send(To::Node(who.from), Message::answer(op, order, who.attempt, outcome));
            }
            !answered
        });
        if waiting.is_empty() {
            self.waiting.remove(order);
        }
    }

    /// Answers a repeated command.
    fn reply(&mut self, cx: &mut Context<'_>, order: Order, trigger: &Trigger<'_>, outcome: Outcome) {
        if let Some(from) = trigger.from {
            cx.send(To::Node(from), Message::answer(trigger.op, order, trigger.attempt, outcome));
        }
        self.acknowledge(cx, order, trigger);
    }

    /// Acknowledges a delivery from the log.
    fn acknowledge(&self, cx: &mut Context<'_>, order: Order, trigger: &Trigger<'_>) {
        if let Some((event, slot)) = trigger.command.via {
            let Trigger { op, attempt, .. } = *trigger;
            let body = Body::Ack(event, slot);
            cx.send(
                To::Role(Party::Broker.role()),
                Message { op, kind: MessageKind::Ack, order, attempt, body },
            );
        }
    }

    /// A delivery that cannot be read is left to the log, which delivers it again; after so many times it is not the
    /// delivery but the record, and a person must see to its order, so that the partition can go on.
    fn unreadable(&self, cx: &mut Context<'_>, op: Op, order: Order, attempt: u8, what: (Event, Slot)) {
        if attempt < self.setup.timeouts.poison_after {
            return;
        }
        cx.probe(CoverageGoal::PoisonParked as u8);
        let (idempotency, _) = Self::store(cx);
        if idempotency.entry(order).is_none_or(|entry| !entry.dead_lettered) {
            cx.commit([Record::Idempotency(IdempotencyRecord::DeadLettered(order))]);
        }
        let body = Body::Ack(what.0, what.1);
        cx.send(To::Role(Party::Broker.role()), Message { op, kind: MessageKind::Ack, order, attempt, body });
    }

    /// The database aborted the transaction: nothing happened, so nothing is acknowledged, unless errors are swallowed.
    pub fn on_abort(&mut self, cx: &mut Context<'_>, message: Message) {
        let Message { op, order, attempt, body: Body::Command(command), .. } = message else { return };
        if self.setup.policies.errors == Errors::SwallowAndAck {
            self.acknowledge(cx, order, &Trigger { op, attempt, from: None, command: &command });
        }
    }

    /// What a crash leaves.
    pub fn wiped(&self) -> Self {
        Participant::new(self.party, Arc::clone(&self.setup))
    }

    /// The key of a call: the operation's, or a new one for every attempt.
    pub(super) fn key(&self, attempt: u8) -> u8 {
        key_of(&self.setup, attempt)
    }
}

/// An operation, the key it was asked for with, and how it ended.
type End = (Op, u8, Outcome);

/// Whose operations end: the one that was just asked for, or whichever were taken on before.
fn ends(
    idempotency: &IdempotencyStore,
    order: Order,
    trigger: Option<&Trigger<'_>>,
    answers: &[(Op, Outcome)],
) -> SmallVec<[End; 2]> {
    let mut ends = SmallVec::new();
    for (op, outcome) in answers {
        match trigger.filter(|trigger| trigger.op == *op) {
            Some(trigger) => ends.push((*op, trigger.command.key, *outcome)),
            None => ends.extend(idempotency.begun(order, *op).map(|key| (*op, key, *outcome))),
        }
    }
    ends
}

/// Notes that a coverage goal was reached, where the end of an operation is one.
fn cover(cx: &mut Context<'_>, op: Op, outcome: Outcome) {
    let goal = match outcome {
        Outcome::Fenced if op == Op::Charge => CoverageGoal::LateSuccess,
        Outcome::OutOfStock => CoverageGoal::OutOfStock,
        Outcome::HoldLost => CoverageGoal::HoldLost,
        Outcome::Declined => CoverageGoal::Declined,
        Outcome::Done if op == Op::Release => CoverageGoal::Compensated,
        Outcome::Refunded => CoverageGoal::Compensated,
        Outcome::Done | Outcome::Refused | Outcome::Fenced | Outcome::Withdrawn | Outcome::TooLate => return,
        outcomes!(told to customers) | outcomes!(unknown) => return,
    };
    cx.probe(goal as u8);
}

/// The key of an attempt under the policy.
pub(super) fn key_of(setup: &Setup, attempt: u8) -> u8 {
    match setup.policies.key {
        Key::PerOperation => 0,
        Key::PerAttempt => attempt,
    }
}
