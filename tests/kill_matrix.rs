//! The storm finds what is planted and cries no wolf: one scenario file, byte for byte, for everything.
//!
//! **Invariant:** nothing here turns the storm up for a bug or down for a benign change.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use stormcart::Model;
use stormcart::harness::run::{Run, Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::model::{Checkout, LoadedScenario};

/// Within so many seeds each bug must turn red.
const SEEDS_FOR_A_BUG: u64 = 500;
/// Over so many seeds a benign change must stay green.
const SEEDS_FOR_BENIGN: u64 = 300;
/// Within so many seeds a call chain must turn red, with the best care there is for it.
const SEEDS_FOR_A_CHAIN: u64 = 100;

fn storm() -> LoadedScenario {
    LoadedScenario::load("storm").unwrap()
}

fn with(architecture: &str, bug: Option<&str>) -> Variant {
    let bugs = bug.iter().map(|slug| (*slug).to_owned()).collect();
    Checkout::variant_with(architecture, &VariantArgs { bugs, ..VariantArgs::default() }).unwrap()
}

fn runs(variant: &Variant, seeds: u64) -> impl Iterator<Item = (u64, Run)> {
    let loaded = storm();
    (0..seeds).map(move |seed| (seed, run(&loaded.plan(variant, Seed(seed)))))
}

fn claims_safety(architecture: &str) -> bool {
    Checkout::catalog().architecture(architecture).unwrap().claims_safety()
}

/// The first seed that breaks one of these properties.
fn killed_at(variant: &Variant, breaks: &[&str], seeds: u64) -> Option<u64> {
    let telling = |run: &Run| match &run.verdict {
        Verdict::Violated(violations) => violations.iter().any(|broken| breaks.contains(&broken.property)),
        _ => false,
    };
    runs(variant, seeds).find(|(_, run)| telling(run)).map(|(seed, _)| seed)
}

#[test]
fn every_bug_turns_red_wherever_it_can_hit() {
    let pairs =
        Checkout::catalog().bugs(false).flat_map(|bug| bug.architectures.iter().map(move |at| (bug, *at)));
    let survivors: Vec<String> = pairs
        .filter(|(bug, at)| killed_at(&with(at, Some(&bug.slug)), &bug.breaks, SEEDS_FOR_A_BUG).is_none())
        .map(|(bug, at)| format!("{} in {}", bug.slug, at))
        .collect();
    assert_eq!(survivors, [""; 0]);
}

#[test]
fn benign_changes_stay_green_in_what_claims_safety() {
    for change in Checkout::catalog().bugs(true) {
        for architecture in change.architectures.iter().filter(|name| claims_safety(name)) {
            for (seed, run) in runs(&with(architecture, Some(&change.slug)), SEEDS_FOR_BENIGN) {
                assert_eq!(run.verdict, Verdict::Held, "{} in {architecture}, seed {seed}", change.slug);
            }
        }
    }
}

#[test]
fn what_claims_safety_is_safe_and_was_tested() {
    for architecture in ARCHITECTURES.iter().filter(|known| claims_safety(known.name)) {
        let mut exposed = 0;
        for (seed, run) in runs(&with(architecture.name, None), SEEDS_FOR_A_BUG) {
            assert_eq!(run.verdict, Verdict::Held, "{}, seed {seed}", architecture.name);
            exposed += u64::from(run.fired.iter().any(|fired| fired.exposed));
        }
        assert!(exposed * 100 >= SEEDS_FOR_A_BUG * 80, "{}: only {exposed} seeds hurt", architecture.name);
    }
}

#[test]
fn a_call_chain_turns_red_at_the_matched_level() {
    let red = runs(&with("call-chain", None), SEEDS_FOR_A_CHAIN).any(|(_, run)| run.verdict != Verdict::Held);
    assert!(red, "a process in memory survived {SEEDS_FOR_A_CHAIN} storms");
}
