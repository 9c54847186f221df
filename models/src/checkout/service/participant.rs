//! A business service: its rule, with an idempotency store, an outbox and callers around it.
//!
//! A command is looked up in the idempotency store first: known, it is answered again; fenced, it is refused; new, the
//! rule decides, and what it decided is written in one transaction with how the operation ended and with the event to
//! be announced. Who brought the command makes no difference until the very end, when a call is answered and a delivery
//! from the log is acknowledged.
//!
//! **Invariant:** memory holds only callers and counts of attempts, and what a policy keeps out of the database: a
//! fresh [`Participant`] over an old store loses nothing else.

use std::sync::Arc;

use serde::Serialize;
use smallvec::SmallVec;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::{DenseMap, To};

use crate::checkout::architecture::Process;
use crate::checkout::message::{Body, Command, Message, Order, Slot};
use crate::checkout::platform::idempotency::{DedupState, IdempotencyRecord, IdempotencyStore};
use crate::checkout::platform::outbox::QueuedEvent;
use crate::checkout::platform::workflow::Input;
use crate::checkout::policy::{Confirm, Dedup, Errors, Key, Resubmission};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{CoverageGoal, Event, Op, Outcome, Party};

use super::pending::{Call, Chain, Trigger, Waiting};
use super::rules::State;
use super::{Context, Record, Store};

/// The memory of one instance of a business service.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Participant {
    #[serde(skip)]
    pub(super) party: Party,
    #[serde(skip)]
    pub(super) setup: Arc<Setup>,
    /// Callers who wait for the end of an operation, with the key and the attempt they asked with.
    pub(super) waiting: DenseMap<SmallVec<[Waiting; 2]>>,
    /// What an outside party was asked last, and how often.
    pub(super) tries: DenseMap<Call>,
    /// How often the oldest event of the outbox was handed on.
    pub(super) relays: DenseMap<u8>,
    /// Events that leave from memory, where no outbox keeps them.
    pub(super) unsent: DenseMap<SmallVec<[QueuedEvent; 1]>>,
    /// Processes kept in memory, in a call chain.
    pub(super) chain: Chain,
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
            // No party sends these to a service.
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

    /// The order service owns the deadline, which counts from the moment an order is accepted; it asks for the order to
    /// be given up, and the owner of the pivot decides. A process in memory keeps its deadline in memory too.
    pub(super) fn keeps_deadlines(&self) -> bool {
        self.party == Party::Orders && !self.in_memory()
    }

    pub(super) fn in_memory(&self) -> bool {
        matches!(self.setup.architecture.process, Process::Memory(_))
    }

    /// A delivery that cannot be read is left to the log, which delivers it again; after so many times it is not the
    /// delivery but the record, and a person must see to its order, so that the partition can go on.
    fn unreadable(&self, cx: &mut Context<'_>, op: Op, order: Order, attempt: u8, what: (Event, Slot)) {
        if attempt < self.setup.timeouts.poison_after {
            return;
        }
        cx.probe(CoverageGoal::PoisonDeadLettered as u8);
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

/// The key of an attempt under the policy.
pub(super) fn key_of(setup: &Setup, attempt: u8) -> u8 {
    match setup.policies.key {
        Key::PerOperation => 0,
        Key::PerAttempt => attempt,
    }
}
