//! Sweeps: threads, shards, failures, interruptions, promises.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use stormcart::Model;
use stormcart::harness::promise;
use stormcart::harness::run::{Run, Verdict, run};
use stormcart::harness::summary::{Determinism, Storms, Summary};
use stormcart::harness::sweep::Sweep;
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart::harness::worker_pool::WorkerPool;
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};

use super::{load, pool, seeds};

fn variant(architecture: &str, bug: &str) -> Variant {
    let bugs = (!bug.is_empty()).then(|| bug.to_owned()).into_iter().collect();
    Checkout::variant_with(architecture, &VariantArgs { bugs, ..VariantArgs::default() }).unwrap()
}

#[test]
fn threads_and_shards_leave_no_trace() {
    let loaded = load("storm");
    let (stop, variant) = (AtomicBool::new(false), variant("orchestrated-saga", "timeout-means-failed"));
    let sum = |range, jobs| Sweep::new(&loaded, variant, seeds(range)).run(&pool(jobs, &stop));
    let alone = sum("0..150", 1);
    assert_eq!(alone.runs, 150);
    assert!(alone.violated > 0 && alone.determinism == Determinism { checked: 3, ..Determinism::default() });
    assert_eq!(alone, sum("0..150", 4));
    assert_eq!(alone, sum("70..150", 2).merge(sum("0..70", 3)));
}

#[test]
fn a_failure_is_found_again_by_its_case() {
    let loaded = load("lost-replies");
    let (stop, variant) = (AtomicBool::new(false), variant("choreography", "fresh-key-per-attempt"));
    let summary = Sweep::new(&loaded, variant, seeds("0..60")).run(&pool(2, &stop));
    let failure = summary.failures.first().expect("a fresh key charges twice");
    assert!(failure.case.to_string().starts_with("lost-replies:choreography+fresh-key-per-attempt:0x"));
    let again =
        run(&loaded.plan(&Variant::of(Checkout::catalog(), &failure.case).unwrap(), failure.case.seed));
    assert!(matches!(again.verdict, Verdict::Violated(_)));
}

#[test]
fn what_is_not_deterministic_is_found() {
    static TURN: AtomicU64 = AtomicU64::new(0);
    let loaded = load("calm");
    let unsteady = |plan: &Plan| Run { digest: TURN.fetch_add(1, Ordering::Relaxed), ..run(plan) };
    let (stop, variant) = (AtomicBool::new(false), variant("call-chain", ""));
    let sweep = Sweep { execute: unsteady, ..Sweep::new(&loaded, variant, seeds("60..70")) };
    let determinism = sweep.run(&pool(2, &stop)).determinism;
    assert_eq!((determinism.checked, determinism.differed), (1, 1));
    assert_eq!(determinism.cases[0].to_string(), "calm:call-chain:0x40");
}

#[test]
fn a_stopped_pool_reports_what_it_did() {
    let (stop, ran) = (AtomicBool::new(false), AtomicU64::new(0));
    let done = |_| {
        if ran.fetch_add(1, Ordering::Relaxed) == 9 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    let pool = WorkerPool::new(2, &stop, &done).unwrap();
    let loaded = load("calm");
    let runs = Sweep::new(&loaded, variant("call-chain", ""), seeds("0..10000")).run(&pool).runs;
    assert!((10..20).contains(&runs) && runs == ran.load(Ordering::Relaxed), "{runs}");
}

#[test]
fn promises_are_judged_from_enough_runs_and_where_they_can_be_kept() {
    #[track_caller]
    fn check(architecture: &str, policy: &str, runs: u64, expected: &[&str]) {
        let text = "about = \"\"\n[promises]\nfrom_runs = 10\nexposed_percent = 50\n\
                    coverage_goals = [\"out of stock\", \"a tombstone stopped a late action\"]";
        let loaded = LoadedScenario::parse("calm", text).unwrap();
        let policies = (!policy.is_empty()).then(|| policy.to_owned()).into_iter().collect();
        let args = VariantArgs { policies, ..VariantArgs::default() };
        let variant = Checkout::variant_with(architecture, &args).unwrap();
        let (stop, sweep) = (AtomicBool::new(false), Sweep::new(&loaded, variant, seeds("0..1")));
        let summary = Summary { runs, ..sweep.run(&pool(1, &stop)) };
        let missed: Vec<String> = sweep.misses(&summary).into_iter().map(|miss| miss.missed).collect();
        assert_eq!(missed, expected);
    }
    check("choreography", "", 9, &[]);
    check(
        "choreography",
        "",
        10,
        &["out of stock: not once in 10 runs", "a tombstone stopped a late action: not once in 10 runs"],
    );
    check("choreography", "fence=none", 10, &["out of stock: not once in 10 runs"]);
    let stormy = |critical| Storms { planned: 10, fired: 9, critical };
    assert_eq!(promise::exposed_percent(&stormy(5)), Some(50.0));
    assert_eq!(promise::exposed_percent(&Storms::default()), None);
}

/// A coverage goal may still be promised under the older name of the list.
#[test]
fn a_promise_of_what_is_no_coverage_goal_is_refused() {
    for (list, column) in [("coverage_goals", 20), ("sometimes", 15)] {
        let text = format!("about = \"\"\n[promises]\n{list} = [\"out of stok\"]");
        let refused = LoadedScenario::parse("x.toml", &text).unwrap_err().to_string();
        let expected =
            format!("x.toml:3:{column}: unknown coverage goal `out of stok`: did you mean `out of stock`?");
        assert!(refused.starts_with(&expected), "{refused}");
    }
}
