//! The durable workflow engine: the process of every order, in a journal.
//!
//! Each move is journalled before the next operation is asked for, so a crash finds the order where it was and asks
//! again with the same key. The engine is replicated: after a crash a follower takes over the journal when the
//! failover gap is over, exactly as long as the log is away when its leader crashes.
//!
//! **Invariant:** an answer is accepted only if the journal says that it is awaited; `Engine::on_message` is the only
//! place where one comes in.

use std::sync::Arc;

use serde::Serialize;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::{DenseMap, To};

use crate::checkout::architecture::Process;
use crate::checkout::domain::Basket;
use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Command, Message, Order, Slot, Timer};
use crate::checkout::platform::lease::Lease;
use crate::checkout::platform::workflow::{Flow, Input, Step};
use crate::checkout::policy::{EngineTimers, TimeoutMeans};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{CoverageGoal, Event, Op, Outcome, Party};

use super::participant::key_of;
use super::{Context, Record, Store};

/// The memory of the engine.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Engine {
    #[serde(skip)]
    setup: Arc<Setup>,
    #[serde(skip)]
    instance: u8,
    /// How often the current operation was asked for.
    tries: DenseMap<u8>,
}

/// One order's process.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Workflow {
    /// Where the process stands.
    pub flow: Flow,
    /// The basket of the order.
    pub basket: Basket,
    /// A person must act.
    #[serde(rename = "parked")]
    pub dead_lettered: bool,
}

/// What the journal adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Workflows {
    /// Which instance may write the journal.
    pub lease: Lease,
    /// All workflows, by order.
    pub flows: DenseMap<Workflow>,
}

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum JournalEntry {
    /// A process was started.
    Started(Order, Basket),
    /// It heard an announcement.
    Heard(Order, Event),
    /// It moved.
    Moved(Order, Flow),
    /// The engine has given up trying: a person must act.
    #[serde(rename = "Parked")]
    DeadLettered(Order),
    /// Another instance leads from here on.
    Leased(Lease),
}

/// Applies an entry of the journal.
pub fn apply(workflows: &mut Workflows, entry: &JournalEntry) {
    match entry {
        JournalEntry::Started(order, basket) => {
            workflows
                .flows
                .insert(*order, Workflow { flow: Flow::START, basket: basket.clone(), dead_lettered: false });
        }
        JournalEntry::Moved(order, flow) => {
            if let Some(workflow) = workflows.flows.get_mut(*order) {
                workflow.flow = *flow;
            }
        }
        JournalEntry::Heard(..) => {}
        JournalEntry::Leased(lease) => workflows.lease = *lease,
        JournalEntry::DeadLettered(order) => {
            if let Some(workflow) = workflows.flows.get_mut(*order) {
                workflow.dead_lettered = true;
            }
        }
    }
}

/// The truth in an entry of the journal.
pub fn fact(entry: &JournalEntry) -> Option<Fact> {
    Some(match entry {
        JournalEntry::Started(order, _) => Fact::Announced(*order, Event::OrderPlaced),
        JournalEntry::Moved(order, flow) => Fact::Undoing(*order, flow.undoing()),
        JournalEntry::Heard(order, event) => Fact::Announced(*order, *event),
        JournalEntry::DeadLettered(order) => Fact::Parked(*order),
        JournalEntry::Leased(_) => return None,
    })
}

impl Engine {
    /// A fresh instance.
    pub fn new(setup: Arc<Setup>, instance: u8) -> Self {
        Engine { setup, instance, tries: DenseMap::default() }
    }

    fn leads(&self, cx: &Context<'_>) -> bool {
        Self::workflows(cx).lease.holder == self.instance
    }

    /// Whether this instance may not act: a leader that was away learns here that it no longer is one.
    fn deposed(&self, cx: &mut Context<'_>) -> bool {
        let deposed = !self.leads(cx);
        if deposed {
            cx.probe(CoverageGoal::ZombieRefused as u8);
        }
        deposed
    }

    fn workflows<'a>(cx: &Context<'a>) -> &'a Workflows {
        match cx.store() {
            Store::Engine(workflows) => workflows,
            other => unreachable!("the engine over {other:?}"),
        }
    }

    fn steps(&self) -> &'static [Step] {
        match self.setup.architecture.process {
            Process::Engine(steps) => steps,
            Process::Reactions(_) | Process::Memory(_) => &[],
        }
    }

    /// A message arrived.
    pub fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        if self.deposed(cx) {
            return;
        }
        let Message { op, order, attempt, body, .. } = message;
        match body {
            Body::Publish(event, basket, _) => {
                self.announced(cx, order, event, basket);
                let body = Body::Ack(event, Slot::default());
                cx.send(To::Node(from), Message { op, kind: MessageKind::Ack, order, attempt, body });
            }
            Body::Outcome(Outcome::NotExecuted) if self.setup.policies.timeout == TimeoutMeans::Unknown => {}
            Body::Outcome(outcome) => {
                let awaited = Self::workflows(cx)
                    .flows
                    .get(order)
                    .and_then(|workflow| workflow.flow.wants(self.steps()));
                if awaited.is_some_and(|(awaited, _)| awaited == op) {
                    if attempt > 1 {
                        cx.probe(CoverageGoal::Retried as u8);
                    }
                    self.moves(cx, order, Input::Answer(outcome), None);
                }
            }
            Body::Command(_) | Body::Ack(..) | Body::Damaged(..) => {}
        }
    }

    fn announced(&mut self, cx: &mut Context<'_>, order: Order, event: Event, basket: Basket) {
        let known = Self::workflows(cx).flows.get(order).is_some();
        match event {
            Event::OrderPlaced if !known => {
                cx.commit([Record::Engine(JournalEntry::Started(order, basket.clone()))]);
                self.ask(cx, order, Flow::START, &basket, 1);
            }
            Event::CancelAsked if known => self.moves(cx, order, Input::GiveUp, Some(event)),
            Event::OrderPlaced | Event::CancelAsked => {}
            // A service that the engine has called answers; it announces nothing.
            Event::StockReserved
            | Event::StockMissing
            | Event::PaymentCaptured
            | Event::PaymentDeclined
            | Event::PaymentWithdrawn
            | Event::PaymentRefunded
            | Event::StockConfirmed
            | Event::HoldLost
            | Event::Dispatched
            | Event::ShipmentRefused
            | Event::OrderClosed => {}
        }
    }

    /// The process of an order takes a turn: journalled first, then acted upon.
    fn moves(&mut self, cx: &mut Context<'_>, order: Order, input: Input, because: Option<Event>) {
        let Some(workflow) = Self::workflows(cx).flows.get(order) else { return };
        let next = workflow.flow.after(input, self.steps(), self.setup.policies.undo);
        let heard = because.map(|event| Record::Engine(JournalEntry::Heard(order, event)));
        if next == workflow.flow {
            return cx.commit(heard);
        }
        cx.commit(heard.into_iter().chain([Record::Engine(JournalEntry::Moved(order, next))]));
        if let Some((asked, _)) = workflow.flow.wants(self.steps()) {
            cx.disarm(call_timer(asked, order));
        }
        self.ask(cx, order, next, &workflow.basket, 1);
    }

    /// Asks for what the process wants now.
    fn ask(&mut self, cx: &mut Context<'_>, order: Order, flow: Flow, basket: &Basket, attempt: u8) {
        let Some((op, status)) = flow.wants(self.steps()) else {
            self.tries.remove(order);
            return;
        };
        self.tries.insert(order, attempt);
        let command =
            Command { key: key_of(&self.setup, attempt), basket: basket.clone(), status, via: None };
        cx.send(To::Role(op.owner().role()), Message::ask(op, order, attempt, command));
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(call_timer(op, order), after, jitter);
    }

    /// A timer fired.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        let order = timer.order;
        if self.deposed(cx) {
            return;
        }
        let Some(workflow) = Self::workflows(cx).flows.get(order) else { return };
        if self.setup.policies.timeout == TimeoutMeans::Failed {
            return self.moves(cx, order, Input::Answer(Outcome::Unanswered), None);
        }
        let attempt = self.tries.get(order).map_or(1, |attempt| attempt.saturating_add(1));
        if attempt <= self.setup.timeouts.park_after {
            self.ask(cx, order, workflow.flow, &workflow.basket, attempt);
        } else if !workflow.dead_lettered {
            cx.commit([Record::Engine(JournalEntry::DeadLettered(order))]);
        }
    }

    /// Another instance is lost: this one takes the lease, and with it the journal.
    pub fn on_takeover(&mut self, cx: &mut Context<'_>) {
        let lease = Self::workflows(cx).lease.taken_by(self.instance);
        cx.commit([Record::Engine(JournalEntry::Leased(lease))]);
        self.resume(cx);
    }

    /// The memory is fresh, the journal is not: if this instance leads, it goes on.
    pub fn on_restart(&mut self, cx: &mut Context<'_>) {
        if self.leads(cx) {
            self.resume(cx);
        }
    }

    /// Every process goes on where it stands.
    fn resume(&mut self, cx: &mut Context<'_>) {
        if self.setup.policies.timers == EngineTimers::Forget {
            return;
        }
        for (order, workflow) in
            Self::workflows(cx).flows.iter().filter(|(_, workflow)| !workflow.dead_lettered)
        {
            if workflow.flow != Flow::Ended {
                cx.probe(CoverageGoal::Resumed as u8);
            }
            self.ask(cx, order, workflow.flow, &workflow.basket, 1);
        }
    }

    /// What a crash leaves.
    pub fn wiped(&self) -> Self {
        Engine::new(Arc::clone(&self.setup), self.instance)
    }
}

fn call_timer(op: Op, order: Order) -> Timer {
    Timer { op, order, group: Party::Engine }
}
