//! What one order costs when nothing goes wrong, derived from each architecture's flow before it was measured.
//!
//! One counting rule for all: a message is one hop between two nodes; a forced write is one sync. Four columns: internal
//! hops, outside hops, forced writes in the stores of services, forced writes of the log or of the engine. What outside
//! parties write for themselves is not ours to count, and lazy writes (offsets, outbox rows that left) are not forced.
//!
//! **Invariant:** no number here is fitted to the output. Who changes a flow derives its row again.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::domain::Status;
use stormcart_models::checkout::model::{Checkout, LoadedScenario};
use stormcart_models::checkout::vocabulary::Party;

/// Hops and forced writes of one order.
#[derive(Debug, PartialEq, Eq)]
struct Cost {
    internal: u64,
    outside: u64,
    services: u64,
    platform: u64,
}

const fn cost(internal: u64, outside: u64, services: u64, platform: u64) -> Cost {
    Cost { internal, outside, services, platform }
}

/// Runs one order of a quiet world, and compares what it cost and how it ended.
#[track_caller]
fn check(architecture: &str, workload: &str, end: Status, expected: Cost) {
    let text = format!("about = \"one order\"\n[workload]\norders = 1\n{workload}");
    let loaded = LoadedScenario::parse("one-order", &text).unwrap();
    let variant = Checkout::variant(architecture).unwrap();
    for seed in (0..20).map(Seed) {
        let run = run(&loaded.plan(&variant, seed));
        assert_eq!((&run.verdict, run.totals.ended[end as usize]), (&Verdict::Held, 1), "seed {seed}");
        let writes = |parties: &[Party]| parties.iter().map(|party| run.counts.syncs[*party as usize]).sum();
        let measured = Cost {
            internal: run.counts.internal_messages,
            outside: run.counts.outside_messages,
            services: writes(&[
                Party::Orders,
                Party::Inventory,
                Party::Payments,
                Party::Shipping,
                Party::Notifications,
            ]),
            platform: writes(&[Party::Engine, Party::Broker]),
        };
        assert_eq!(measured, expected, "{architecture}, seed {seed}");
    }
}

const PAID: &str = "";
const DECLINED: &str = "declines_percent = 100.0";

// The same for everybody. Outside: the customer's order and its answer (2), sale (2), dispatch (2), mail (2): 8 hops; a
// declined order is never dispatched: 6. In the services' stores: a step that asks somebody outside writes before it asks
// and after it was told (charge, ship, notify: 2 each), every other step once (place, reserve, confirm, close): 10. A
// declined order has neither confirm nor ship, but a release: 10 - 1 - 2 + 1 = 8.

/// An event costs publish and acknowledgement, and one forced append; a delivery costs deliver and acknowledge, and no
/// write beyond the reaction's own, which carries inbox and outbox along.
///
/// OrderPlaced > reserve, StockReserved > charge, PaymentCaptured > confirm, StockConfirmed > ship, Dispatched > close,
/// OrderClosed > notify: 6 events and 6 deliveries, 2 · 6 + 2 · 6 = 24 hops and 6 appends.
#[test]
fn choreography_of_a_paid_order() {
    check("choreography", PAID, Status::Completed, cost(24, 8, 10, 6));
}

/// OrderPlaced > reserve, StockReserved > charge, PaymentDeclined > release and close (two groups), OrderClosed > notify:
/// 4 events and 5 deliveries, 2 · 4 + 2 · 5 = 18 hops and 4 appends. Nobody announces a release.
#[test]
fn choreography_of_a_declined_order() {
    check("choreography", DECLINED, Status::Rejected, cost(18, 6, 8, 4));
}

/// OrderPlaced is published to the engine (2 hops with its acknowledgement), which then calls reserve, charge, confirm,
/// ship, close and notify: 2 + 2 · 6 = 14 hops. The journal is forced when the process starts and at every answer,
/// before the next call: 1 + 6 = 7.
#[test]
fn orchestrated_saga_of_a_paid_order() {
    check("orchestrated-saga", PAID, Status::Completed, cost(14, 8, 10, 7));
}

/// Reserve, charge, release, close, notify: 2 + 2 · 5 = 12 hops and 1 + 5 = 6 journal entries.
#[test]
fn orchestrated_saga_of_a_declined_order() {
    check("orchestrated-saga", DECLINED, Status::Rejected, cost(12, 6, 8, 6));
}

/// The order service calls reserve, charge, confirm, ship and notify, and closes the order at home: 2 · 5 = 10 hops, and
/// nobody between it and the services writes anything.
#[test]
fn call_chain_of_a_paid_order() {
    check("call-chain", PAID, Status::Completed, cost(10, 8, 10, 0));
}

/// Reserve, charge, release, notify: 2 · 4 = 8 hops.
#[test]
fn call_chain_of_a_declined_order() {
    check("call-chain", DECLINED, Status::Rejected, cost(8, 6, 8, 0));
}
