//! Storms with a theme: what claims safety is safe in each, each shows what it promises, and each has teeth.
//!
//! **Invariant:** promises that could not fail are none: without its faults no theme keeps all of its own.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::atomic::AtomicBool;

use stormcart::harness::run::run;
use stormcart::harness::seeds::Seed;
use stormcart::harness::summary::Summary;
use stormcart::harness::sweep::Sweep;
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart::harness::worker_pool::WorkerPool;
use stormcart_models::checkout::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::checkout::model::{Checkout, LoadedScenario};

/// Each theme; a choice that somebody could make, where, and what it breaks there.
const THEMES: &[(&str, &str, &str, &str)] = &[
    ("impatient-customers", "resubmission=by-key", "orchestrated-saga", "C4"),
    ("flaky-links", "dedup=none", "choreography", "S13"),
    ("bad-disks", "publish=commit-then-publish", "orchestrated-saga", "S14"),
    ("bad-clocks", "timeout=failed", "orchestrated-saga", "S11"),
    ("log-trouble", "confirm=blind", "choreography", "S8"),
    ("nobody-repairs", "engine-timers=forget", "orchestrated-saga", "L1"),
];

fn sweep(loaded: &LoadedScenario, variant: Variant) -> (Summary, Vec<String>) {
    let stop = AtomicBool::new(false);
    let pool = WorkerPool::new(0, &stop, &|_| ()).unwrap();
    let seeds = format!("0..{}", loaded.scenario.promises.from_runs).parse().unwrap();
    let sweep = Sweep::new(loaded, variant, seeds);
    let summary = sweep.run(&pool);
    let misses = sweep.misses(&summary).into_iter().map(|miss| miss.missed).collect();
    (summary, misses)
}

fn safe() -> impl Iterator<Item = &'static Architecture> {
    ARCHITECTURES.iter().copied().filter(|architecture| architecture.claims_safety())
}

#[test]
fn what_claims_safety_is_safe_and_every_promise_is_kept() {
    for (theme, ..) in THEMES {
        let loaded = LoadedScenario::load(theme).unwrap();
        for architecture in safe() {
            let (summary, misses) = sweep(&loaded, Checkout::variant(architecture.name).unwrap());
            let name = architecture.name;
            assert_eq!((summary.held, &misses[..]), (summary.runs, &[][..]), "{theme}:{name}");
        }
    }
}

#[test]
fn without_its_faults_no_theme_keeps_all_its_promises() {
    for (theme, ..) in THEMES {
        let LoadedScenario { mut scenario, own, .. } = LoadedScenario::load(theme).unwrap();
        scenario.faults.count_weights = vec![1.0];
        let loaded = LoadedScenario::open(scenario, own).unwrap();
        for architecture in safe() {
            let (_, misses) = sweep(&loaded, Checkout::variant(architecture.name).unwrap());
            assert!(!misses.is_empty(), "{theme}:{}", architecture.name);
        }
    }
}

#[test]
fn each_theme_finds_somebody_out() {
    for (theme, policy, at, breaks) in THEMES {
        let args = VariantArgs { policies: vec![(*policy).into()], ..VariantArgs::default() };
        let variant = Checkout::variant_with(at, &args).unwrap();
        let (summary, _) = sweep(&LoadedScenario::load(theme).unwrap(), variant);
        let broken = summary.broken.get(*breaks).copied().unwrap_or(0);
        assert!(broken > 0, "{theme}: {policy} in {at} breaks {:?}", summary.broken);
    }
}

/// Nobody but a log has records that cannot be read, and nothing but such a record makes the careful wait for a person.
#[test]
fn only_a_poison_record_parks_an_order() {
    for (theme, ..) in THEMES {
        let loaded = LoadedScenario::load(theme).unwrap();
        for architecture in safe() {
            let plans =
                (0..200).map(|seed| loaded.plan(&Checkout::variant(architecture.name).unwrap(), Seed(seed)));
            let parked: u64 = plans.map(|plan| run(&plan).totals.dead_lettered).sum();
            let expected = (*theme, architecture.name) == ("log-trouble", "choreography");
            assert_eq!(parked > 0, expected, "{theme}:{}: {parked}", architecture.name);
        }
    }
}
