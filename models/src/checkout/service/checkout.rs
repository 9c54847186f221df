//! The checkout as a [`stormcart_sim::Service`]: one type for everybody who takes part.

use std::sync::Arc;

use serde::Serialize;
use stormcart_sim::Service;
use stormcart_sim::site::{Identity, MisbehaviorId, Node, Role, Vocabulary};

use crate::checkout::fact::Fact;
use crate::checkout::ledger::Ledger;
use crate::checkout::message::{Message, Timer};
use crate::checkout::misbehaviors;
use crate::checkout::outside::{carrier, customer, mailer, psp};
use crate::checkout::platform::event_log;
use crate::checkout::platform::idempotency::{IdempotencyRecord, IdempotencyStore};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{Party, VOCABULARY};

use super::engine;
use super::inventory;
use super::participant::Participant;
use super::rules::{self, State};

/// What a handler sees of the world.
pub type Context<'a> = stormcart_sim::Context<'a, CheckoutService>;

/// The memory of one instance of anybody.
#[derive(Clone, Debug, Hash, Serialize)]
pub enum CheckoutService {
    /// A business service.
    Business(Participant),
    /// The workflow engine.
    Engine(engine::Engine),
    /// The event log.
    Broker(event_log::Broker),
    /// The customers.
    Customers(customer::Customers),
    /// The payment provider.
    Psp(psp::Psp),
    /// The carrier.
    Carrier(carrier::Carrier),
    /// The mailer.
    Mailer,
}

/// The disk of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Store {
    /// A business service: idempotency and state in one database.
    Business(IdempotencyStore, State),
    /// The workflow engine.
    Engine(engine::Workflows),
    /// The event log.
    Log(event_log::Log),
    /// What the customers know.
    Customers(customer::Answers),
    /// The payment provider.
    Psp(psp::Accounts),
    /// The carrier.
    Carrier(carrier::Consignments),
    /// The mailer.
    Mailer(mailer::Delivered),
}

/// A durable change of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Record {
    /// The idempotency store and the outbox of a business service.
    Idempotency(IdempotencyRecord),
    /// The state of a business service, as its rule keeps it.
    State(rules::Change),
    /// The workflow engine.
    Engine(engine::JournalEntry),
    /// The event log.
    Log(event_log::LogRecord),
    /// Customers.
    Customers(customer::CustomerRecord),
    /// The payment provider.
    Psp(psp::Posting),
    /// The carrier.
    Carrier(carrier::ConsignmentSettled),
    /// The mailer.
    Mailer(mailer::NoticeDelivered),
}

impl CheckoutService {
    /// The memory of a fresh instance.
    pub fn fresh(party: Party, instance: u8, setup: &Arc<Setup>) -> Self {
        let setup = Arc::clone(setup);
        match party {
            Party::Customers => CheckoutService::Customers(customer::Customers::new(setup)),
            Party::Engine => CheckoutService::Engine(engine::Engine::new(setup, instance)),
            Party::Broker => CheckoutService::Broker(event_log::Broker::new(setup, instance)),
            Party::Psp => CheckoutService::Psp(psp::Psp::new(setup)),
            Party::Carrier => CheckoutService::Carrier(carrier::Carrier::new(setup)),
            Party::Mailer => CheckoutService::Mailer,
            Party::Orders | Party::Inventory | Party::Payments | Party::Shipping | Party::Notifications => {
                CheckoutService::Business(Participant::new(party, setup))
            }
        }
    }
}

impl Store {
    /// The store of a party when the shop opens.
    pub fn genesis(party: Party, setup: &Setup) -> Self {
        let business = |state| Store::Business(IdempotencyStore::default(), state);
        match party {
            Party::Customers => Store::Customers(Default::default()),
            Party::Orders => business(State::Orders(Default::default())),
            Party::Inventory => business(State::Inventory(inventory::State::stocked(&setup.stock))),
            Party::Payments => business(State::Payments(Default::default())),
            Party::Shipping => business(State::Shipping(Default::default())),
            Party::Notifications => business(State::Notifications(Default::default())),
            Party::Engine => Store::Engine(Default::default()),
            Party::Broker => Store::Log(Default::default()),
            Party::Psp => Store::Psp(Default::default()),
            Party::Carrier => Store::Carrier(Default::default()),
            Party::Mailer => Store::Mailer(Default::default()),
        }
    }
}

impl Service for CheckoutService {
    type Store = Store;
    type Record = Record;
    type Message = Message;
    type Timer = Timer;
    type Fact = Fact;
    type Truth = Ledger;

    const VOCABULARY: &'static Vocabulary = &VOCABULARY;

    #[inline]
    fn apply(store: &mut Store, record: &Record) {
        match (store, record) {
            (Store::Business(idempotency, _), Record::Idempotency(change)) => idempotency.apply(change),
            (Store::Business(_, state), Record::State(change)) => state.apply(change),
            (Store::Engine(workflows), Record::Engine(change)) => engine::apply(workflows, change),
            (Store::Log(log), Record::Log(change)) => event_log::apply(log, change),
            (Store::Customers(answers), Record::Customers(change)) => customer::apply(answers, change),
            (Store::Psp(accounts), Record::Psp(change)) => psp::apply(accounts, change),
            (Store::Carrier(consignments), Record::Carrier(change)) => carrier::apply(consignments, change),
            (Store::Mailer(delivered), Record::Mailer(change)) => mailer::apply(delivered, change),
            (store, record) => unreachable!("a record of another store: {record:?} for {store:?}"),
        }
    }

    #[inline]
    fn fact(role: Role, record: &Record) -> Option<Fact> {
        match record {
            Record::Idempotency(change) => idempotency_fact(Party::of(role), change),
            Record::State(change) => change.fact(),
            Record::Engine(change) => engine::fact(change),
            Record::Log(change) => event_log::fact(change),
            Record::Customers(change) => Some(customer::fact(change)),
            Record::Psp(change) => psp::fact(change),
            Record::Carrier(change) => Some(carrier::fact(change)),
            Record::Mailer(change) => Some(mailer::fact(change)),
        }
    }

    #[inline]
    fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        match self {
            CheckoutService::Business(participant) => participant.on_message(cx, from, message),
            CheckoutService::Engine(engine) => engine.on_message(cx, from, message),
            CheckoutService::Broker(broker) => broker.on_message(cx, from, message),
            CheckoutService::Customers(customers) => customers.on_message(cx, message),
            CheckoutService::Psp(psp) => psp.on_message(cx, from, message),
            CheckoutService::Carrier(carrier) => carrier.on_message(cx, from, message),
            CheckoutService::Mailer => mailer::on_message(cx, from, message),
        }
    }

    fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        match self {
            CheckoutService::Business(participant) => participant.on_timer(cx, timer),
            CheckoutService::Engine(engine) => engine.on_timer(cx, timer),
            CheckoutService::Broker(broker) => broker.on_timer(cx, timer),
            CheckoutService::Customers(customers) => customers.on_timer(cx, timer),
            CheckoutService::Psp(psp) => psp.on_timer(cx, timer),
            CheckoutService::Carrier(_) | CheckoutService::Mailer => {}
        }
    }

    fn on_restart(&mut self, cx: &mut Context<'_>) {
        match self {
            CheckoutService::Business(participant) => participant.on_restart(cx),
            CheckoutService::Engine(engine) => engine.on_restart(cx),
            CheckoutService::Broker(broker) => broker.on_restart(cx),
            CheckoutService::Customers(customers) => customers.on_start(cx),
            CheckoutService::Psp(_) | CheckoutService::Carrier(_) | CheckoutService::Mailer => {}
        }
    }

    fn on_takeover(&mut self, cx: &mut Context<'_>) {
        match self {
            CheckoutService::Engine(engine) => engine.on_takeover(cx),
            CheckoutService::Broker(broker) => broker.on_takeover(cx),
            CheckoutService::Business(_)
            | CheckoutService::Customers(_)
            | CheckoutService::Psp(_)
            | CheckoutService::Carrier(_)
            | CheckoutService::Mailer => self.on_restart(cx),
        }
    }

    fn on_abort(&mut self, cx: &mut Context<'_>, _from: Node, message: Message) {
        if let CheckoutService::Business(participant) = self {
            participant.on_abort(cx, message);
        }
    }

    fn admits(role: Role, misbehavior: MisbehaviorId, identity: Identity) -> bool {
        misbehaviors::admits(role, misbehavior, identity)
    }

    fn wiped(&self) -> Self {
        match self {
            CheckoutService::Business(participant) => CheckoutService::Business(participant.wiped()),
            CheckoutService::Engine(engine) => CheckoutService::Engine(engine.wiped()),
            CheckoutService::Broker(broker) => CheckoutService::Broker(broker.wiped()),
            CheckoutService::Customers(_)
            | CheckoutService::Psp(_)
            | CheckoutService::Carrier(_)
            | CheckoutService::Mailer => self.clone(),
        }
    }
}

/// The truth in what a idempotency writes.
fn idempotency_fact(party: Party, record: &IdempotencyRecord) -> Option<Fact> {
    match record {
        IdempotencyRecord::Begun(order, op, ..) => Some(Fact::Begun(*order, *op)),
        IdempotencyRecord::Answered(order, op, _, outcome, event, _) => {
            Some(Fact::Answered(party, *order, *op, *outcome, *event))
        }
        IdempotencyRecord::Fenced(order, op) => Some(Fact::Fenced(*order, *op)),
        IdempotencyRecord::Queued(order, event, ..) => Some(Fact::Queued(*order, *event)),
        IdempotencyRecord::Relayed(_) => None,
        IdempotencyRecord::DeadLettered(order) => Some(Fact::Parked(*order)),
    }
}
