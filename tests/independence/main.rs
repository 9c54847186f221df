//! Adding or removing one fault leaves every event outside its happens-before cone as it was, at the same virtual time.
//!
//! That is what addressed randomness is for: shrinking can take faults away one by one, and a comparison can pair runs.
//!
//! **Invariant:** the test has teeth: a stream of random numbers in the order in which they are asked for fails it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod cone;
mod couples;

use std::collections::BTreeSet;

use stormcart::harness::run::run_traced;
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_models::checkout::service::CheckoutService;
use stormcart_models::checkout::vocabulary::{Misbehavior, Op};
use stormcart_sim::digest::Digest;
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::trace::{Happening, Trace};
use stormcart_sim::{Message, Micros};

use cone::{Pair, Side};

/// A plan, and the same without one of its faults.
fn check(plan: &Plan, number: usize) -> usize {
    let mut fewer = plan.faults.to_vec();
    let fault = fewer.remove(number);
    let fewer = plan.with_faults(fewer);
    let (with, without) = (run_traced(plan).1, run_traced(&fewer).1);
    let without = Side { physics: &plan.physics, trace: &without.trace, faults: &fewer.faults };
    let with = Side { physics: &plan.physics, trace: &with.trace, faults: &plan.faults };
    let pair = Pair { without, with, number };
    let (architecture, name) = (plan.setup.architecture.name, plan.names().fault(&fault));
    pair.outside().unwrap_or_else(|why| panic!("{architecture}, seed {}, {name}: {why}", plan.seed))
}

/// Every fault of every storm is taken away once.
#[track_caller]
fn sweep(scenario: &str, seeds: u64) {
    let loaded = LoadedScenario::load(scenario).unwrap();
    for architecture in ARCHITECTURES {
        let plans =
            (0..seeds).map(|seed| loaded.plan(&Checkout::variant(architecture.name).unwrap(), Seed(seed)));
        let outside: usize = plans
            .flat_map(|plan| (0..plan.faults.len()).map(move |number| (plan.clone(), number)))
            .map(|(plan, number)| check(&plan, number))
            .sum();
        assert!(
            outside > 5_000,
            "{}: hardly anything lies outside of any cone: {outside}",
            architecture.name
        );
    }
}

#[test]
fn in_a_storm() {
    sweep("storm", 400);
}

#[test]
fn when_one_instance_after_the_other_crashes() {
    sweep("rolling-crash", 100);
}

#[test]
fn when_answers_get_lost() {
    sweep("lost-replies", 100);
}

/// Everything that concerns an order: messages and timers, when and where.
fn concerns(trace: &Trace<CheckoutService>, order: u32) -> Vec<u64> {
    let mut concerns = Vec::new();
    for entry in trace.entries() {
        concerns.push(match &entry.what {
            Happening::Delivered { from, to, message } if message.order == order => {
                Digest::of(&(entry.at, from, to, message))
            }
            Happening::Lost { from, to, message, .. } if message.order == order => {
                Digest::of(&(entry.at, from, to, message.identity(), "lost"))
            }
            // The subject of a redelivery is a partition.
            Happening::Timer { node, timer } if timer.order == order && timer.op != Op::Redeliver => {
                Digest::of(&(entry.at, node, timer))
            }
            _ => continue,
        });
    }
    concerns
}

/// Orders of a quiet world that one fault on the way of order 3 changes in anything.
fn changed(
    architecture: &'static Architecture,
    place: &str,
    point_fault: PointFault,
    seed: u64,
) -> BTreeSet<u32> {
    let plan = LoadedScenario::load("calm")
        .unwrap()
        .plan(&Checkout::variant(architecture.name).unwrap(), Seed(seed));
    let site = Checkout::site(place, architecture.name, 3, 1).unwrap();
    let (run, with) = run_traced(&plan.with_faults(vec![Fault::At { site, point_fault }]));
    assert_eq!(run.fired.len(), 1, "{place} in {}", architecture.name);
    let without = run_traced(&plan).1;
    let orders = 0..plan.setup.intents.len() as u32;
    orders.filter(|order| concerns(&with.trace, *order) != concerns(&without.trace, *order)).collect()
}

/// A sharper cone: what befalls one message changes its order, and those that wait behind it in the log; to nobody else
/// does it make a difference of a microsecond.
#[test]
fn what_befalls_one_order_is_not_felt_by_the_others() {
    let point_faults = [
        ("payments charge ask", PointFault::Drop),
        ("payments charge ask", PointFault::Duplicate(Micros::millis(50))),
        ("coordinator charge answer", PointFault::Delay(Micros::millis(300))),
        ("payments sale answer", PointFault::Drop),
        ("payments sale answer", PointFault::FailWrite),
        ("psp sale ask", PointFault::Misbehave(Misbehavior::LateSuccess.misbehavior())),
        ("psp sale ask", PointFault::Misbehave(Misbehavior::ErrorAfter.misbehavior())),
        ("carrier dispatch ask", PointFault::Delay(Micros::secs(2))),
        ("customers place answer", PointFault::Drop),
        ("payments sale answer", PointFault::Corrupt),
        ("payments charge ask", PointFault::Reorder(Micros::millis(40))),
    ];
    for architecture in ARCHITECTURES {
        for ((place, point_fault), seed) in
            point_faults.iter().flat_map(|row| (0..20).map(move |seed| (*row, seed)))
        {
            let changed = changed(architecture, place, point_fault, seed);
            let behind = |order: &u32| architecture.name == "choreography" && order % 8 == 3;
            let strangers: Vec<&u32> =
                changed.iter().filter(|order| **order != 3 && !behind(order)).collect();
            assert!(
                strangers.is_empty(),
                "{}, seed {seed}, {place}: {point_fault:?}: {strangers:?}",
                architecture.name
            );
            assert!(
                changed.contains(&3),
                "{}, seed {seed}, {place}: {point_fault:?} changed nothing",
                architecture.name
            );
        }
    }
}

#[test]
fn a_sequenced_stream_of_random_numbers_is_found_out() {
    let outside = |draws| couples::runs(draws, |pair| pair.outside());
    assert!(outside(couples::Draws::Addressed).unwrap() > 50, "the other couple is outside of the cone");
    let why = outside(couples::Draws::Sequenced).unwrap_err();
    assert!(why.contains("for no reason"), "{why}");
}
