//! Every property catches its mutant and tolerates its benign change.
//!
//! A mutant is a choice of policies, and then storms must find it; or it is a story that no service of ours tells, and
//! then the ghost ledger is told it by hand.
//!
//! **Property:** which mutant a property catches and which change it tolerates stands with the property, in
//! `models/src/checkout/property`, and is read from there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod by_hand;
mod stories;

use std::sync::Arc;

use stormcart::harness::run::{Run, Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart_models::checkout::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_models::checkout::policy::{POLICIES, Policy};
use stormcart_models::checkout::property::{PROPERTIES, Property};
use stormcart_sim::fault::{CrashPoint, Fault, PointFault};

/// Within so many seeds of a scenario a mutant must turn red.
const SEEDS_FOR_A_MUTANT: u64 = 500;
/// Over so many seeds a benign change must stay green.
const SEEDS_FOR_BENIGN: u64 = 100;
/// After so many storms every property has had something to check.
const SEEDS_FOR_EXERCISE: u64 = 100;

/// The words for [`Physics::barrier`](stormcart_sim::physics::Physics::barrier) being off.
const NO_BARRIER: &str = "the mutant that does not wait for the disk";
/// The words for a story in [`by_hand`].
const BY_HAND: &str = "a mutant in the tests";

/// The choices in a list like `key=per-attempt, dedup=none`.
fn choices(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(", ").filter(|word| word.contains('='))
}

fn policy(choice: &str) -> &'static Policy {
    let (name, _) = choice.split_once('=').unwrap();
    Policy::named(name).unwrap_or_else(|| panic!("no policy {name} among {}", POLICIES.len()))
}

fn safe() -> impl Iterator<Item = &'static Architecture> {
    ARCHITECTURES.iter().copied().filter(|architecture| architecture.claims_safety())
}

/// Those who claim safety, with a choice that matters to them.
fn with(choice: &str) -> impl Iterator<Item = Variant> {
    let args = VariantArgs { policies: vec![choice.into()], ..VariantArgs::default() };
    let here = safe().filter(|architecture| policy(choice).matters_in.contains(&architecture.style));
    here.map(move |architecture| Checkout::variant_with(architecture.name, &args).unwrap())
}

/// The same plan in a world that does not wait for its disks.
fn without_barrier(mut plan: Plan) -> Plan {
    Arc::make_mut(&mut plan.physics).barrier = false;
    plan
}

/// The first seed of a scenario after which somebody's run is broken like this.
fn first(scenario: &str, seeds: u64, found: impl Fn(&LoadedScenario, Seed) -> Option<Run>) -> Option<u64> {
    let loaded = LoadedScenario::load(scenario).unwrap();
    (0..seeds).find(|seed| found(&loaded, Seed(*seed)).is_some())
}

fn broken(run: Run, property: &str) -> Option<Run> {
    let breaks = |run: &Run| match &run.verdict {
        Verdict::Violated(broken) => broken.iter().any(|broken| broken.property == property),
        _ => false,
    };
    Some(run).filter(breaks)
}

/// A mutant that is a choice turns a storm red with its property, in one of those who claim safety at least.
#[track_caller]
fn check(properties: &[Property]) {
    for property in properties {
        for choice in choices(property.mutant) {
            let dies = |variant: Variant| {
                let red =
                    |loaded: &LoadedScenario, seed| broken(run(&loaded.plan(&variant, seed)), property.id);
                first("storm", SEEDS_FOR_A_MUTANT, red)
            };
            assert!(with(choice).any(|variant| dies(variant).is_some()), "{} survives {choice}", property.id);
        }
    }
}

#[test]
fn choices_are_seen_by_the_first_half() {
    check(&PROPERTIES[..PROPERTIES.len() / 2]);
}

#[test]
fn choices_are_seen_by_the_second_half() {
    check(&PROPERTIES[PROPERTIES.len() / 2..]);
}

/// Who promises an order before it is on the disk forgets some of what was promised.
#[test]
fn orders_that_were_not_waited_for_are_forgotten() {
    let named: Vec<&str> =
        PROPERTIES.iter().filter(|known| known.mutant == NO_BARRIER).map(|known| known.id).collect();
    assert_eq!(named, ["S24"]);
    for variant in safe().map(|architecture| Checkout::variant(architecture.name).unwrap()) {
        let red =
            |loaded: &LoadedScenario, seed| broken(run(&without_barrier(loaded.plan(&variant, seed))), "S24");
        let died = first("rolling-crash", SEEDS_FOR_A_MUTANT, red);
        assert!(died.is_some(), "{} remembers everything", variant.architecture.name);
    }
}

/// Effects that do not wait for the disk die in the storm everybody meets.
#[test]
fn a_world_without_barriers_turns_red() {
    for variant in safe().map(|architecture| Checkout::variant(architecture.name).unwrap()) {
        let red = |loaded: &LoadedScenario, seed| {
            let run = run(&without_barrier(loaded.plan(&variant, seed)));
            Some(run).filter(|run| matches!(run.verdict, Verdict::Violated(_)))
        };
        let died = first("storm", SEEDS_FOR_A_MUTANT, red);
        assert!(died.is_some(), "{} does not need its disks", variant.architecture.name);
    }
}

/// Only the crashes of a plan, each in the middle of a write.
fn torn_in_half(plan: &Plan) -> Plan {
    let crashes = plan.faults.iter().filter_map(|fault| match *fault {
        Fault::At { site, point_fault: PointFault::Crash(_, down) } => {
            Some(Fault::At { site, point_fault: PointFault::Crash(CrashPoint::MidWrite, down) })
        }
        _ => None,
    });
    plan.with_faults(crashes.collect())
}

/// A recovery that does not look for the mark of a commit takes half a transaction for real, and is found out by storms
/// of nothing but crashes; where it looks, the same storms do no harm.
#[test]
fn recoveries_that_take_half_a_transaction_turn_red() {
    for variant in safe().map(|architecture| Checkout::variant(architecture.name).unwrap()) {
        let red = |marks| {
            let violated = |loaded: &LoadedScenario, seed| {
                let mut plan = torn_in_half(&loaded.plan(&variant, seed));
                Arc::make_mut(&mut plan.physics).marks = marks;
                Some(run(&plan)).filter(|run| matches!(run.verdict, Verdict::Violated(_)))
            };
            first("storm", SEEDS_FOR_A_MUTANT, violated)
        };
        let name = variant.architecture.name;
        assert!(red(false).is_some(), "{name} does not need the marks of its commits");
        assert_eq!(red(true), None, "{name}");
    }
}

/// Every benign change that a property names, in everybody in whom it makes a difference: nothing at all is reported.
#[test]
fn benign_changes_are_tolerated() {
    let mut benign: Vec<&str> = PROPERTIES.iter().flat_map(|property| choices(property.benign)).collect();
    assert_eq!(benign.len(), PROPERTIES.len(), "every property names one");
    benign.sort_unstable();
    benign.dedup();
    for choice in benign {
        for variant in with(choice) {
            let red = |loaded: &LoadedScenario, seed| {
                let run = run(&loaded.plan(&variant, seed));
                (run.verdict != Verdict::Held).then_some(run)
            };
            assert_eq!(
                first("storm", SEEDS_FOR_BENIGN, red),
                None,
                "{choice} in {}",
                variant.architecture.name
            );
        }
    }
}

/// A property that never had anything to check has not held.
#[test]
fn every_property_is_exercised() {
    let loaded = LoadedScenario::load("storm").unwrap();
    for variant in safe().map(|architecture| Checkout::variant(architecture.name).unwrap()) {
        let mut exercised = [0; PROPERTIES.len()];
        for seed in (0..SEEDS_FOR_EXERCISE).map(Seed) {
            let run = run(&loaded.plan(&variant, seed));
            exercised.iter_mut().zip(&run.exercised).for_each(|(sum, times)| *sum += times);
        }
        let idle = PROPERTIES.iter().zip(exercised).filter(|(_, times)| *times == 0);
        let idle: Vec<&str> = idle.map(|(property, _)| property.id).collect();
        assert_eq!(idle, [""; 0], "{}", variant.architecture.name);
    }
}

/// The words of a property lead to a test: a choice, the world without barriers, or a story.
#[test]
fn every_property_names_a_mutant_that_exists() {
    for property in &PROPERTIES {
        let by_hand = property.mutant.starts_with(BY_HAND);
        let named =
            property.mutant.split(", ").all(|word| word.contains('=')) || property.mutant == NO_BARRIER;
        assert!(named != by_hand, "{}: {}", property.id, property.mutant);
        for choice in choices(property.mutant).chain(choices(property.benign)) {
            let (_, name) = choice.split_once('=').unwrap();
            assert!(policy(choice).choices.iter().any(|known| known.name == name), "{choice}");
        }
    }
}
