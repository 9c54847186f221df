//! A small shop in a world of its own: few orders, short times, and faults aimed at whoever coordinates.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use stormcart_models::checkout::architecture::Architecture;
use stormcart_models::checkout::domain::{Basket, Line};
use stormcart_models::checkout::ledger::Ledger;
use stormcart_models::checkout::policy::Policies;
use stormcart_models::checkout::service::{CheckoutService, Store};
use stormcart_models::checkout::setup::{Intent, ProviderCapabilities, Setup, Timeouts};
use stormcart_models::checkout::vocabulary::{Op, Party};
use stormcart_sim::Truth;
use stormcart_sim::draw::Draws;
use stormcart_sim::fault::{CrashPoint, Fault, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Node};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Instant, Micros, World};

pub const ORDERS: u32 = 6;

/// Which shop it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shop {
    Choreography,
    Saga,
    Chain,
}

impl Shop {
    pub fn coordinator(self) -> Party {
        match self {
            Shop::Choreography => Party::Broker,
            Shop::Saga => Party::Engine,
            Shop::Chain => Party::Orders,
        }
    }

    fn architecture(self) -> &'static Architecture {
        let name = match self {
            Shop::Choreography => "choreography",
            Shop::Saga => "orchestrated-saga",
            Shop::Chain => "call-chain",
        };
        Architecture::named(name).expect("it is in the list")
    }
}

/// Six customers within a few milliseconds: one is declined, one lives where no carrier goes, one changes their mind.
pub fn setup(shop: Shop, partitions: u8) -> Setup {
    let intent = |order: u32| Intent {
        comes: true,
        at: Micros::millis(3 * u64::from(order)),
        customer: order,
        basket: Basket::new(vec![Line { sku: (order % 2) as u16, quantity: 1, price_cents: 500 }]),
        declines: order == 1,
        undeliverable: order == 2,
        cancels_after: (order == 3).then_some(Micros::millis(40)),
    };
    Setup {
        architecture: shop.architecture(),
        policies: Policies::default(),
        timeouts: Timeouts {
            call_timeout: Micros::millis(50),
            backoff_cap: Micros::millis(200),
            jitter_percent: 10,
            park_after: u8::MAX,
            poison_after: 5,
            deadline: Micros::secs(2),
            hold_ttl: Micros::secs(8),
            patience: Micros::millis(100),
            resubmissions: 5,
            late_success: Micros::secs(3),
        },
        capabilities: ProviderCapabilities { replays_errors: true, look_up: true, webhooks: false },
        intents: (0..ORDERS).map(intent).collect(),
        stock: vec![2, 50],
        partitions,
    }
}

fn physics(shop: Shop, instances: u8, seed: u64) -> Physics {
    let spread = |base, spread| Spread { base: Micros(base), spread: Micros(spread) };
    let role = |party: &Party| {
        let replicated = matches!(party, Party::Engine | Party::Broker);
        RoleSpec {
            instances: match party {
                party if party.outside() => 1,
                party if replicated && *party != shop.coordinator() => 0,
                _ => instances,
            },
            outside: party.outside(),
            failover: replicated.then_some(Micros::millis(300)),
            service: spread(50, 200),
            isolation: Isolation::Serializable,
        }
    };
    let mut physics = Physics::new(Draws::new(seed), Party::ALL.iter().map(role).collect());
    physics.link = spread(300, 600);
    physics.outside_link = spread(1_000, 3_000);
    physics.sync = spread(200, 800);
    physics.workers = 4;
    physics.inbox = 100;
    physics.takeover = Micros::millis(300);
    physics.lost_per_mille = 700;
    physics
}

/// A shop before its first customer.
pub fn open(
    shop: Shop,
    instances: u8,
    partitions: u8,
    seed: u64,
    faults: Arc<[Fault]>,
) -> World<CheckoutService> {
    open_with(setup(shop, partitions), shop, instances, seed, faults)
}

/// The same with a setup of its own.
pub fn open_with(
    setup: Setup,
    shop: Shop,
    instances: u8,
    seed: u64,
    faults: Arc<[Fault]>,
) -> World<CheckoutService> {
    let setup = Arc::new(setup);
    World::new(
        Arc::new(physics(shop, instances, seed)),
        Ledger::new(Arc::clone(&setup)),
        |role, instance| CheckoutService::fresh(Party::of(role), instance, &setup),
        |role| Store::genesis(Party::of(role), &setup),
        faults,
        Trace::on(),
    )
}

/// Runs a shop to rest: faults for three seconds, then everything heals.
pub fn run(
    shop: Shop,
    instances: u8,
    partitions: u8,
    seed: u64,
    faults: Arc<[Fault]>,
) -> World<CheckoutService> {
    let mut world = open(shop, instances, partitions, seed, faults);
    let until = Instant::ZERO + Micros::secs(3);
    assert!(world.run_until(until, 200_000), "too many events");
    world.wait_until(until);
    world.heal(Nodes::ALL);
    assert!(world.run_until(Instant::NEVER, 200_000), "it does not come to rest");
    world.check_all_replays();
    world.judge(Ledger::rest);
    assert_eq!(world.truth().violations(), []);
    world
}

/// So many worlds, always the same ones: what a change breaks is broken by the change.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() }
}

/// Up to four faults around a coordinator with so many instances, and around what it hears and says.
pub fn storm(instances: u8) -> impl Strategy<Value = Vec<Fault>> {
    proptest::collection::vec(fault(instances), 0..5)
}

fn fault(instances: u8) -> impl Strategy<Value = Fault> {
    let points: Vec<CrashPoint> = CrashPoint::ALL[..4].iter().map(|(point, _)| *point).collect();
    let time = (1..2_000u64).prop_map(Micros::millis);
    let ops = vec![Op::Place, Op::Reserve, Op::Charge, Op::Confirm, Op::Ship, Op::Close, Op::Notify];
    let site = (proptest::sample::select(ops), 0..ORDERS, 1..3u8, 0..3u8, any::<bool>()).prop_map(
        |(op, order, attempt, kind, engine)| {
            let kind = [MessageKind::Ask, MessageKind::Answer, MessageKind::Ack][kind as usize];
            let coordinator = if engine { Party::Engine } else { Party::Broker };
            let party = if kind == MessageKind::Ask { op.owner() } else { coordinator };
            let identity = Identity { operation: op.operation(), kind, subject: order, attempt };
            InjectionPoint { role: party.role(), identity, occurrence: 1 }
        },
    );
    let point_fault = prop_oneof![
        Just(PointFault::Drop),
        time.clone().prop_map(PointFault::Duplicate),
        time.clone().prop_map(PointFault::Delay),
        Just(PointFault::FailWrite),
        time.clone().prop_map(PointFault::Pause),
        time.clone().prop_map(PointFault::IsolateReceiver),
        (proptest::sample::select(points), time.clone())
            .prop_map(|(point, down)| PointFault::Crash(point, down)),
    ];
    // The coordinator comes after the five services and the customers.
    let first = 1 + 5 * instances;
    let node = (first..first + instances).prop_map(Node);
    let sustained = (node, 0..3u8).prop_map(|(node, kind)| match kind {
        0 => SustainedFault::Pause(node),
        1 => SustainedFault::Crash(Nodes::one(node)),
        _ => SustainedFault::Partition { a: Nodes::one(node), b: Nodes::one(node).others(), one_way: false },
    });
    prop_oneof![
        (site, point_fault).prop_map(|(site, point_fault)| Fault::At { site, point_fault }),
        (sustained, 0..60u64, time).prop_map(|(sustained, from, lasting)| Fault::During {
            when: When::At(Instant(1_000 * from)),
            lasting,
            sustained
        }),
    ]
}
