//! Exploration of the checkout: what claims safety is safe, what does not is found out, and the memo is honest.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::Mutex;

use stormcart::Model;
use stormcart::harness::case::Case;
use stormcart::harness::explore::fault_set_size::{Durations, FaultSetSize};
use stormcart::harness::explore::{Exploration, Question, broken};
use stormcart::harness::plan;
use stormcart::harness::plan_file::{Opened, PlanFile};
use stormcart::harness::run::{self, Verdict};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::Variant;
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_models::checkout::setup::Setup;
use stormcart_sim::explore::{Explored, Explorer, FaultSet, Limits};
use stormcart_sim::fault::{CrashPoint, Leap, PointFault};
use stormcart_sim::trace::Trace;
use stormcart_sim::{FingerprintMask, Micros};
use tempfile::TempDir;

fn opened(case: &str) -> (LoadedScenario, Variant, Seed) {
    let case: Case = case.parse().unwrap();
    plan::open::<Checkout>(&case).unwrap()
}

fn explore(case: &str, faults: u8, orders: u32, size: FaultSetSize) -> Exploration<Checkout> {
    let (loaded, variant, seed) = opened(case);
    let question = Question { faults, inversions: 2, orders, size, executions: 1_000_000, memo: true };
    Exploration::of(&loaded, &variant, seed, question).unwrap()
}

#[track_caller]
fn clean(case: &str, faults: u8, orders: u32, size: FaultSetSize) {
    let found = explore(case, faults, orders, size);
    assert!(found.complete() && found.counterexamples.is_empty(), "\n{found}");
    assert_eq!((found.explored.faults, found.reordered.faults), (faults, 2));
}

#[test]
fn choreography_is_safe_from_two_faults() {
    clean("exploration:choreography:0", 2, 1, FaultSetSize::Full);
}

#[test]
fn the_saga_is_safe_from_two_faults() {
    clean("exploration:orchestrated-saga:0", 2, 1, FaultSetSize::Full);
}

#[test]
fn two_customers_may_want_the_last_item() {
    clean("exploration:choreography:0", 1, 2, FaultSetSize::Full);
    clean("exploration:orchestrated-saga:0", 2, 2, FaultSetSize::Least);
}

#[test]
fn an_order_may_be_cancelled_in_flight() {
    clean("cancelled-in-flight:choreography:0", 2, 1, FaultSetSize::Full);
    clean("cancelled-in-flight:orchestrated-saga:0", 2, 1, FaultSetSize::Full);
}

#[test]
fn a_webhook_may_race_its_own_answer() {
    clean("racing-webhook:choreography:0", 2, 1, FaultSetSize::Full);
    clean("racing-webhook:orchestrated-saga:0", 2, 1, FaultSetSize::Full);
}

#[test]
fn a_certificate_says_what_it_depends_on() {
    let found = explore("exploration:choreography:0", 1, 2, FaultSetSize::Full);
    insta::assert_snapshot!(found);
}

#[test]
fn the_call_chain_is_found_out_by_one_fault() {
    let found = explore("exploration:call-chain:0", 2, 1, FaultSetSize::Full);
    assert_eq!(found.explored.faults, 1, "fewer faults come first");
    let mut text = String::new();
    for counterexample in &found.counterexamples {
        let [fault] = &counterexample.plan.faults[..] else { panic!("one fault is enough") };
        text += &format!("{}: {}\n", counterexample.broke.join(" "), found.asked.plan.names().fault(fault));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_counterexample_is_a_plan_like_any_other() {
    for case in ["exploration:call-chain:0", "exploration:orchestrated-saga+fresh-key-per-attempt:0"] {
        let found = explore(case, 1, 1, FaultSetSize::Full);
        assert!(!found.counterexamples.is_empty(), "{case}");
        for counterexample in &found.counterexamples {
            let run = run::run(&counterexample.plan);
            let text = PlanFile::of(&found.asked.case, &counterexample.plan, &run).text().unwrap();
            let opened: Opened<Checkout> = Opened::parse("found.toml", &text).unwrap();
            let again = run::run(&opened.plan);
            assert_eq!(again.digest, run.digest);
            let Verdict::Violated(violations) = again.verdict else { panic!("{case}: it broke something") };
            let breaks = |id: &&str| violations.iter().any(|violation| violation.property == *id);
            assert!(counterexample.broke.iter().all(breaks), "{:?}: {violations:?}", counterexample.broke);
        }
    }
}

/// Explores and collects the fingerprints of all ends.
fn ends(
    plan: &Plan,
    fault_set: &FaultSet,
    faults: u8,
    memo: Option<FingerprintMask>,
) -> (BTreeSet<u64>, Explored<&'static str>) {
    let limits = Limits {
        executions: u64::MAX,
        states: u64::MAX,
        events: plan.limits.events,
        horizon: plan.safety_until,
    };
    let (quiet, mask) = (Micros::millis(500), memo.unwrap_or_default());
    let explorer = Explorer { fault_set, limits, memo: memo.is_some(), quiet, mask };
    let ends = Mutex::new(BTreeSet::new());
    let explored = explorer.explore(&run::world(plan, Trace::off()), faults, |world| {
        let broken = broken::<Checkout>(world);
        ends.lock().unwrap().insert(world.fingerprint());
        broken
    });
    (ends.into_inner().unwrap(), explored)
}

/// Equal verdicts prove nothing about a memo on a safe model; equal sets of ends do, on safe ones and on buggy ones.
#[track_caller]
fn honest(case: &str, orders: u32, faults: u8, fault_set: impl Fn(Durations, &Setup) -> FaultSet) {
    let (loaded, variant, seed) = opened(case);
    let plan = loaded.plan(&variant, seed).with_subjects(orders);
    let fault_set = fault_set(Durations::of(Checkout::timing(&plan.setup)), &plan.setup);
    let (with, explored) = ends(&plan, &fault_set, faults, Some(FingerprintMask::NONE));
    let (without, everything) = ends(&plan, &fault_set, faults, None);
    assert_eq!(with, without, "{case}: the memo skips no end and invents none");
    assert_eq!(explored.broken, everything.broken, "{case}");
    assert!(explored.executions < everything.executions, "{case}: it skips something");
}

#[test]
fn the_memo_is_honest_with_one_fault() {
    for case in [
        "exploration:choreography:0",
        "exploration:orchestrated-saga:0",
        "exploration:call-chain:0",
        "exploration:choreography+non-idempotent-confirm:0",
        "exploration:orchestrated-saga+timeout-means-failed:0",
    ] {
        honest(case, 2, 1, |durations, setup| FaultSetSize::Full.fault_set::<Checkout>(durations, setup));
    }
}

#[test]
fn the_memo_is_honest_with_two_faults() {
    let few = |Durations { short, late, .. }: Durations, _: &Setup| FaultSet {
        delivery: vec![PointFault::Drop, PointFault::Duplicate(short), PointFault::Delay(late)],
        handler: vec![PointFault::Crash(CrashPoint::AfterCommit, short)],
        recovery: vec![PointFault::Crash(CrashPoint::DuringRecovery, short)],
        ..FaultSet::default()
    };
    honest("exploration:choreography:0", 1, 2, few);
    honest("exploration:orchestrated-saga:0", 2, 2, few);
    honest("exploration:call-chain:0", 2, 2, few);
}

/// A memo whose fingerprint leaves a part of the world out takes different states for one, and misses ends. (Ledger,
/// outside parties and outages are seen twice in the checkout; the vault of the kernel's own tests needs each of them.)
#[test]
fn a_blind_memo_misses_ends() {
    let few = |Durations { short, late, long }: Durations, _: &Setup| FaultSet {
        delivery: vec![
            PointFault::Drop,
            PointFault::Duplicate(short),
            PointFault::Delay(late),
            PointFault::IsolateSender(short),
            PointFault::IsolateReceiver(short),
            PointFault::IsolateReceiver(late),
        ],
        handler: vec![
            PointFault::Crash(CrashPoint::BeforeCommit, short),
            PointFault::Crash(CrashPoint::AfterCommit, short),
            PointFault::FailWrite,
            PointFault::Leap(Leap::Ahead(long), late),
            PointFault::Leap(Leap::Behind(long), late),
        ],
        recovery: vec![PointFault::Crash(CrashPoint::DuringRecovery, short)],
        ..FaultSet::default()
    };
    let safe = [
        FingerprintMask::LINKS,
        FingerprintMask::BUDGET,
        FingerprintMask::CLOCKS,
        FingerprintMask::TIMES,
        FingerprintMask::MEMORY,
        FingerprintMask::TIMERS,
        FingerprintMask::MESSAGES,
        FingerprintMask::TASKS,
        FingerprintMask::STORES,
    ];
    let buggy = [FingerprintMask::BUDGET, FingerprintMask::MESSAGES, FingerprintMask::TASKS];
    for (case, parts) in [
        ("exploration:choreography:0", &safe[..]),
        ("exploration:choreography+non-idempotent-confirm:0", &buggy),
    ] {
        let (loaded, variant, seed) = opened(case);
        let plan = loaded.plan(&variant, seed).with_subjects(1);
        let fault_set = few(Durations::of(Checkout::timing(&plan.setup)), &plan.setup);
        let (everything, _) = ends(&plan, &fault_set, 2, None);
        assert_eq!(ends(&plan, &fault_set, 2, Some(FingerprintMask::NONE)).0, everything, "{case}");
        for part in parts {
            let (seen, _) = ends(&plan, &fault_set, 2, Some(*part));
            assert!(seen.is_subset(&everything) && seen.len() < everything.len(), "{case}: {part:?}");
        }
    }
}

/// Runs the command in a room; its exit code and what it printed.
fn stormcart(room: &TempDir, arguments: &str) -> (Option<i32>, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_stormcart"));
    let output = command.args(arguments.split(' ')).current_dir(room).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_last_line_of_a_failure_reproduces_it() {
    let room = TempDir::new().unwrap();
    let (code, text) = stormcart(&room, "explore --arch call-chain --faults 1");
    assert_eq!(code, Some(1), "{text}");
    let again = text.lines().last().unwrap().strip_prefix("stormcart ").unwrap();
    let (code, story) = stormcart(&room, again);
    assert_eq!(code, Some(1), "{again}\n{story}");
    assert!(story.contains("violated: L1") && text.contains("violated: L1"), "{story}");
}

#[test]
fn exit_codes_say_how_it_ended() {
    let room = TempDir::new().unwrap();
    assert_eq!(stormcart(&room, "explore --faults 0 --format json").0, Some(0));
    assert_eq!(stormcart(&room, "explore --faults 1 --executions 9").0, Some(2));
    assert_eq!(stormcart(&room, "explore --orders 99").0, Some(64));
    assert_eq!(stormcart(&room, "explore --faults 99").0, Some(64));
}
