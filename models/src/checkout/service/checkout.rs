//! The checkout as a [`stormcart_sim::Service`]: one type for everybody who takes part.

use std::sync::Arc;

use stormcart_sim::Service;
use stormcart_sim::site::{Identity, MisbehaviorId, Node, Role, Vocabulary};

use crate::checkout::fact::Fact;
use crate::checkout::ledger::Ledger;
use crate::checkout::message::{Message, Timer};
use crate::checkout::misbehaviors;
use crate::checkout::outside::{carrier, customer, mailer, psp};
use crate::checkout::platform::{desk, event_log};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{Party, VOCABULARY};

use super::engine;
use super::inventory;
use super::participant::Participant;
use super::rules::{self, Books};

/// What a handler sees of the world.
pub type Context<'a> = stormcart_sim::Context<'a, Checkout>;

/// The memory of one instance of anybody.
#[derive(Clone, Debug, Hash)]
pub enum Checkout {
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Store {
    /// A business service: desk and books in one database.
    Business(desk::Desk, Books),
    /// The workflow engine.
    Engine(engine::Workflows),
    /// The event log.
    Log(event_log::Log),
    /// What the customers know.
    Customers(customer::Known),
    /// The payment provider.
    Psp(psp::Ledger),
    /// The carrier.
    Carrier(carrier::Consignments),
    /// The mailer.
    Mailer(mailer::Delivered),
}

/// A durable change of anybody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// A desk.
    Desk(desk::Entry),
    /// The books of a business service.
    Book(rules::Entry),
    /// The workflow engine.
    Engine(engine::Journal),
    /// The event log.
    Log(event_log::Entry),
    /// Customers.
    Customers(customer::Entry),
    /// The payment provider.
    Psp(psp::Entry),
    /// The carrier.
    Carrier(carrier::Entry),
    /// The mailer.
    Mailer(mailer::Entry),
}

impl Checkout {
    /// The memory of a fresh instance.
    pub fn fresh(party: Party, instance: u8, setup: &Arc<Setup>) -> Self {
        let setup = Arc::clone(setup);
        match party {
            Party::Customers => Checkout::Customers(customer::Customers::new(setup)),
            Party::Engine => Checkout::Engine(engine::Engine::new(setup, instance)),
            Party::Broker => Checkout::Broker(event_log::Broker::new(setup, instance)),
            Party::Psp => Checkout::Psp(psp::Psp::new(setup)),
            Party::Carrier => Checkout::Carrier(carrier::Carrier::new(setup)),
            Party::Mailer => Checkout::Mailer,
            business => Checkout::Business(Participant::new(business, setup)),
        }
    }
}

impl Store {
    /// The store of a party when the shop opens.
    pub fn genesis(party: Party, setup: &Setup) -> Self {
        let business = |books| Store::Business(desk::Desk::default(), books);
        match party {
            Party::Customers => Store::Customers(Default::default()),
            Party::Orders => business(Books::Orders(Default::default())),
            Party::Inventory => business(Books::Inventory(inventory::Books::stocked(&setup.stock))),
            Party::Payments => business(Books::Payments(Default::default())),
            Party::Shipping => business(Books::Shipping(Default::default())),
            Party::Notifications => business(Books::Notifications(Default::default())),
            Party::Engine => Store::Engine(Default::default()),
            Party::Broker => Store::Log(Default::default()),
            Party::Psp => Store::Psp(Default::default()),
            Party::Carrier => Store::Carrier(Default::default()),
            Party::Mailer => Store::Mailer(Default::default()),
        }
    }
}

impl Service for Checkout {
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
            (Store::Business(desk, _), Record::Desk(entry)) => desk.apply(entry),
            (Store::Business(_, books), Record::Book(entry)) => books.apply(entry),
            (Store::Engine(workflows), Record::Engine(entry)) => engine::apply(workflows, entry),
            (Store::Log(log), Record::Log(entry)) => event_log::apply(log, entry),
            (Store::Customers(known), Record::Customers(entry)) => customer::apply(known, entry),
            (Store::Psp(ledger), Record::Psp(entry)) => psp::apply(ledger, entry),
            (Store::Carrier(consignments), Record::Carrier(entry)) => carrier::apply(consignments, entry),
            (Store::Mailer(delivered), Record::Mailer(entry)) => mailer::apply(delivered, entry),
            (store, record) => unreachable!("a record of another store: {record:?} for {store:?}"),
        }
    }

    #[inline]
    fn fact(role: Role, record: &Record) -> Option<Fact> {
        match record {
            Record::Desk(entry) => desk_fact(Party::of(role), entry),
            Record::Book(entry) => entry.fact(),
            Record::Engine(entry) => engine::fact(entry),
            Record::Log(entry) => event_log::fact(entry),
            Record::Customers(entry) => Some(customer::fact(entry)),
            Record::Psp(entry) => psp::fact(entry),
            Record::Carrier(entry) => Some(carrier::fact(entry)),
            Record::Mailer(entry) => Some(mailer::fact(entry)),
        }
    }

    #[inline]
    fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        match self {
            Checkout::Business(participant) => participant.on_message(cx, from, message),
            Checkout::Engine(engine) => engine.on_message(cx, from, message),
            Checkout::Broker(broker) => broker.on_message(cx, from, message),
            Checkout::Customers(customers) => customers.on_message(cx, message),
            Checkout::Psp(psp) => psp.on_message(cx, from, message),
            Checkout::Carrier(carrier) => carrier.on_message(cx, from, message),
            Checkout::Mailer => mailer::on_message(cx, from, message),
        }
    }

    fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        match self {
            Checkout::Business(participant) => participant.on_timer(cx, timer),
            Checkout::Engine(engine) => engine.on_timer(cx, timer),
            Checkout::Broker(broker) => broker.on_timer(cx, timer),
            Checkout::Customers(customers) => customers.on_timer(cx, timer),
            Checkout::Psp(psp) => psp.on_timer(cx, timer),
            Checkout::Carrier(_) | Checkout::Mailer => {}
        }
    }

    fn on_restart(&mut self, cx: &mut Context<'_>) {
        match self {
            Checkout::Business(participant) => participant.on_restart(cx),
            Checkout::Engine(engine) => engine.on_restart(cx),
            Checkout::Broker(broker) => broker.on_restart(cx),
            Checkout::Customers(customers) => customers.on_start(cx),
            Checkout::Psp(_) | Checkout::Carrier(_) | Checkout::Mailer => {}
        }
    }

    fn on_takeover(&mut self, cx: &mut Context<'_>) {
        match self {
            Checkout::Engine(engine) => engine.on_takeover(cx),
            Checkout::Broker(broker) => broker.on_takeover(cx),
            others => others.on_restart(cx),
        }
    }

    fn on_abort(&mut self, cx: &mut Context<'_>, _from: Node, message: Message) {
        if let Checkout::Business(participant) = self {
            participant.on_abort(cx, message);
        }
    }

    fn admits(role: Role, misbehavior: MisbehaviorId, identity: Identity) -> bool {
        misbehaviors::admits(role, misbehavior, identity)
    }

    fn wiped(&self) -> Self {
        match self {
            Checkout::Business(participant) => Checkout::Business(participant.wiped()),
            Checkout::Engine(engine) => Checkout::Engine(engine.wiped()),
            Checkout::Broker(broker) => Checkout::Broker(broker.wiped()),
            outside => outside.clone(),
        }
    }
}

/// The truth in what a desk writes.
fn desk_fact(party: Party, entry: &desk::Entry) -> Option<Fact> {
    match entry {
        desk::Entry::Begun(order, op, ..) => Some(Fact::Begun(*order, *op)),
        desk::Entry::Answered(order, op, _, outcome, event, _) => {
            Some(Fact::Answered(party, *order, *op, *outcome, *event))
        }
        desk::Entry::Fenced(order, op) => Some(Fact::Fenced(*order, *op)),
        desk::Entry::Queued(order, event, ..) => Some(Fact::Queued(*order, *event)),
        desk::Entry::Relayed(_) => None,
        desk::Entry::Parked(order) => Some(Fact::Parked(*order)),
    }
}
