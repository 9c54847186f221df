//! Somebody else's service in the storm: the example is what it says, and its handle keeps what it promises.
//!
//! **Invariant:** an external service is under the same adversary as the service whose place it has; one that loses a message is found.
#![cfg(madsim)]

#[path = "../examples/own_payments/payments.rs"]
mod payments;
#[path = "../examples/own_payments/rules.rs"]
mod rules;
#[path = "../examples/own_payments/workers.rs"]
mod workers;

use stormcart::harness::backend::{Backend, ExternalServices};
use stormcart::harness::run::{Verdict, run, run_traced};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::VariantArgs;
use stormcart::testing::Check;
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_models::checkout::vocabulary::Party;
use stormcart_sim::fault::{CrashPoint, Fault, PointFault};
use stormcart_sim::site::MessageKind;
use stormcart_sim::trace::Happening;
use stormcart_sim::{Message, Micros};

const PAYMENTS: stormcart_sim::site::Role = Party::Payments.role();

/// One plan with the careful service in the place of payments.
fn plan(loaded: &LoadedScenario, seed: u64) -> Plan {
    let variant = Checkout::variant("orchestrated-saga").expect("it is there");
    let externals = workers::check(workers::careful, 0..1).externals;
    loaded.plan(&variant.on(Backend::Madsim), Seed(seed)).with_externals(externals)
}

#[test]
fn a_careful_service_holds_in_every_storm() {
    let check = Check { environment: false, ..workers::check(workers::careful, 0..300) };
    assert_eq!(check.run().unwrap().seeds, 300);
}

/// The future that was cancelled held an order: nobody settles it any more.
#[test]
fn a_careless_one_loses_an_order_and_is_found() {
    let check = Check { environment: false, ..workers::check(workers::careless, 0..400) };
    let story = check.run().unwrap_err().to_string();
    assert!(story.contains("verdict   violated: L1"), "{story}");
    assert!(story.trim_end().ends_with("cargo test"), "{story}");
}

#[test]
fn a_run_with_an_external_service_repeats() {
    let loaded = LoadedScenario::load("storm").unwrap();
    for seed in 0..20 {
        let plan = plan(&loaded, seed);
        let (first, again) = (run(&plan), run_traced(&plan).0);
        assert_eq!((first.digest, first.events), (again.digest, again.events), "seed {seed}");
    }
}

/// Without faults an external service does what the service did whose place it has.
#[test]
fn an_external_service_does_the_same_business() {
    let loaded = LoadedScenario::load("calm").unwrap();
    for seed in 0..5 {
        let with = plan(&loaded, seed);
        let without = run(&with.with_externals(ExternalServices::none()));
        let with = run(&with);
        assert_eq!(with.verdict, Verdict::Held, "seed {seed}");
        assert_eq!(with.totals.ended, without.totals.ended, "seed {seed}");
        assert!(with.totals.accepted > 0, "seed {seed}");
    }
}

/// Faults at an external service strike, where they can: at its deliveries, its transactions, its messages, its start.
#[test]
fn every_kind_of_fault_strikes_an_external_service() {
    let loaded = LoadedScenario::load("storm").unwrap();
    let base = plan(&loaded, 3).with_faults(Vec::new());
    let (_, seen) = run_traced(&base);
    let physics = &base.physics;
    let charge = seen.trace.entries().iter().find_map(|entry| match &entry.what {
        Happening::Delivered { to, message, .. } if physics.role(*to) == PAYMENTS => {
            Some(message.identity()).filter(|identity| identity.kind == MessageKind::Ask)
        }
        _ => None,
    });
    let identity = charge.expect("somebody asks payments for something");
    let site = stormcart_sim::site::InjectionPoint { role: PAYMENTS, identity, occurrence: 1 };
    let time = Micros::secs(6);
    let crashes = [
        CrashPoint::BeforeCommit,
        CrashPoint::DuringSync,
        CrashPoint::MidWrite,
        CrashPoint::AfterCommit,
        CrashPoint::AfterSend,
    ];
    let point_faults = crashes.map(|point| PointFault::Crash(point, time)).into_iter().chain([
        PointFault::Drop,
        PointFault::Duplicate(Micros::millis(5)),
        PointFault::Delay(time),
        PointFault::Corrupt,
        PointFault::FailWrite,
        PointFault::IsolateSender(time),
        PointFault::IsolateReceiver(time),
        PointFault::Pause(time),
        PointFault::SplitBrain,
    ]);
    let calm = run(&base).digest;
    for point_fault in point_faults {
        let (run, ended) = run_traced(&base.with_faults(vec![Fault::At { site, point_fault }]));
        assert_eq!(run.fired.len(), 1, "{point_fault:?} does not strike");
        assert_eq!(run.verdict, Verdict::Held, "{point_fault:?}");
        assert_ne!(run.digest, calm, "{point_fault:?} changes nothing");
        let crashed = ended.trace.entries().iter().any(|entry| matches!(entry.what, Happening::Crashed(_)));
        assert_eq!(crashed, matches!(point_fault, PointFault::Crash(..)), "{point_fault:?}");
    }
}

/// An external service is a process: asking for the kernel, which runs none, is refused with the backend that does.
#[test]
fn external_services_bring_their_backend_along() {
    let kernel = VariantArgs { backend: Some("kernel".into()), ..VariantArgs::default() };
    let check = Check { args: kernel, environment: false, ..workers::check(workers::careful, 0..2) };
    let refused = check.run().unwrap_err().to_string();
    assert!(refused.starts_with("an external service is a process"), "{refused}");
}
