//! Moments of runs, and runs beside each other: what is shown is what was.
//!
//! **Invariant:** looking at a moment never changes the run, and two runs are said to part exactly where they do.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use stormcart::harness::Model;
use stormcart::harness::case::Case;
use stormcart::harness::determinism_check::DeterminismCheck;
use stormcart::harness::model::SubjectSummary;
use stormcart::harness::plan;
use stormcart::harness::run::{Until, world_after};
use stormcart::harness::story::FaultOutcome;
use stormcart::harness::story::snapshot::StateSnapshot;
use stormcart::harness::story::state_tree::StateTree;
use stormcart::harness::story::trace_diff::{DiffSide, TraceDiff, numbered};
use stormcart::harness::variant::Variant;
use stormcart_models::checkout::ledger::Ledger;
use stormcart_models::checkout::model::{Checkout, Opened, Plan};
use stormcart_models::checkout::service::CheckoutService;
use stormcart_sim::service::{Moment, Truth};
use stormcart_sim::site::Node;
use stormcart_sim::trace::Happening;
use stormcart_sim::{Instant, Micros, Service};

const ARCHITECTURES: [&str; 5] = [
    "call-chain",
    "choreography",
    "orchestrated-saga",
    "choreography+care=naive",
    "orchestrated-saga+fresh-key-per-attempt",
];

struct Ran {
    case: Case,
    variant: Variant,
    checked: DeterminismCheck<Checkout>,
}

impl Ran {
    fn of(case: &str) -> Ran {
        let case: Case = case.parse().unwrap();
        let (loaded, variant, seed) = plan::open::<Checkout>(&case).unwrap();
        Ran { checked: DeterminismCheck::of(loaded.plan(&variant, seed)), case, variant }
    }

    fn storms(seeds: std::ops::Range<u64>) -> impl Iterator<Item = Ran> {
        seeds.flat_map(|seed| ARCHITECTURES.map(|who| Ran::of(&format!("storm:{who}:{seed}"))))
    }

    fn side(&self) -> DiffSide<'_, Checkout> {
        DiffSide { name: "a run", case: &self.case, variant: &self.variant, checked: &self.checked }
    }

    /// The same run without one of its faults, or with all.
    fn without(&self, index: Option<usize>) -> Ran {
        let faults = self.checked.plan.faults.iter().enumerate();
        let faults = faults.filter(|(at, _)| Some(*at) != index).map(|(_, fault)| *fault).collect();
        let checked = DeterminismCheck::of(self.checked.plan.with_faults(faults));
        Ran { case: self.case.clone(), variant: self.variant, checked }
    }
}

/// How orders stood by the facts in the trace, which no look at a world has touched.
fn told(checked: &DeterminismCheck<Checkout>, until: Until) -> Vec<SubjectSummary> {
    let mut ledger = Ledger::new(Arc::clone(&checked.plan.setup));
    let entries = checked.ended.trace.entries().iter();
    for entry in entries.filter(|entry| until.includes(entry.at, entry.event)) {
        let Happening::Written { node, record } = &entry.what else { continue };
        if let Some(fact) = CheckoutService::fact(checked.plan.physics.role(*node), record) {
            ledger.observe(Moment { at: entry.at, event: entry.event }, fact);
        }
    }
    Checkout::summaries(&checked.plan.setup, &ledger)
}

#[test]
fn a_moment_is_what_the_trace_says_it_was() {
    for ran in Ran::storms(0..4) {
        let DeterminismCheck { plan, run, .. } = &ran.checked;
        for event in (0..=run.events).step_by(7) {
            let world = world_after(plan, Until::Event(event));
            assert_eq!(world.events(), event, "{}", ran.case);
            let expected = told(&ran.checked, Until::Event(event));
            assert_eq!(
                Checkout::summaries(&plan.setup, world.truth()),
                expected,
                "{} after event {event}",
                ran.case
            );
        }
        let healed = plan.safety_until.0;
        let times = [0, 20_000, 45_000, 100_000, 500_000, 3_000_000, 40_000_000];
        for us in times.into_iter().chain([healed - 1, healed, healed + 1, u64::MAX]) {
            let until = Until::Time(Instant(us));
            let world = world_after(plan, until);
            assert_eq!(
                Checkout::summaries(&plan.setup, world.truth()),
                told(&ran.checked, until),
                "{} at {us} us",
                ran.case
            );
        }
    }
}

#[test]
fn the_last_moment_is_the_end_of_the_run() {
    for ran in Ran::storms(0..10) {
        let DeterminismCheck { plan, run, .. } = &ran.checked;
        let mut last = world_after(plan, Until::Time(Instant::NEVER));
        assert_eq!((last.events(), last.now()), (run.events, run.ended), "{}", ran.case);
        last.check_all_replays();
        last.judge(Ledger::rest);
        // Of every store, every memory and the truth, too.
        assert_eq!(last.digest(), run.digest, "{}", ran.case);
        let snapshot = StateSnapshot::of(&ran.checked, Until::Time(Instant::NEVER));
        assert_eq!(snapshot.ended_us, Some(run.ended.0));
        assert!(snapshot.armed.is_empty() && snapshot.cut.is_empty(), "everything is healed at the end");
    }
}

/// The end of a phase belongs to the moment it comes at, and not to the one before.
#[test]
fn a_core_is_healed_when_its_moment_comes() {
    let mut healed = 0;
    for ran in (0..200).map(|seed| Ran::of(&format!("storm:orchestrated-saga:{seed}"))) {
        let plan = &ran.checked.plan;
        let ill = |us: u64| {
            let world = world_after(plan, Until::Time(Instant(us)));
            let there = plan.core.iter().take_while(|node| usize::from(node.0) < plan.physics.nodes());
            there.filter(|node| world.is_down(*node) || world.paused_until(*node).is_some()).count()
        };
        healed += ill(plan.safety_until.0 - 1);
        assert!(plan.faults.is_empty() || ill(plan.safety_until.0) == 0, "{}", ran.case);
    }
    assert!(healed > 0, "some node of a core was down until it was healed");
}

/// State that its reader does not understand would be one long word.
#[test]
fn every_node_is_shown_and_every_state_is_understood() {
    for ran in Ran::storms(0..3) {
        let DeterminismCheck { plan, run, .. } = &ran.checked;
        for event in (0..run.events).step_by(40) {
            let snapshot = StateSnapshot::of(&ran.checked, Until::Event(event));
            assert_eq!(snapshot.nodes.len(), plan.physics.nodes());
            let world = world_after(plan, Until::Event(event));
            for node in (0..plan.physics.nodes() as u8).map(Node) {
                let store = StateTree::of(world.database(plan.physics.role(node)).state());
                for shape in [store, StateTree::of(world.memory(node))] {
                    let name = matches!(&shape, StateTree::Word(word) if word != "Mailer");
                    assert!(!name, "{}: {shape:?}", ran.case);
                }
            }
            let text = snapshot.to_string();
            assert!(!text.contains(['{', '[']), "{} after event {event}:\n{text}", ran.case);
            assert!(text.lines().all(|line| line.trim_end() == line), "{text}");
        }
    }
}

/// What is armed or on its way at a moment is what the rest of the run strikes with and delivers.
#[test]
fn what_strikes_later_was_armed_before() {
    let mut seen = 0;
    for ran in Ran::storms(0..12) {
        let DeterminismCheck { plan, run, .. } = &ran.checked;
        for fired in &run.fired {
            let before = world_after(plan, Until::Event(fired.moment.event - 1));
            assert!(before.armed().contains(&fired.fault), "{} {fired:?}", ran.case);
            let after = world_after(plan, Until::Event(fired.moment.event));
            assert!(!after.armed().contains(&fired.fault), "{} {fired:?}", ran.case);
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen} faults struck");
}

#[test]
fn a_run_does_not_part_from_itself() {
    for ran in Ran::storms(0..6) {
        let diff = TraceDiff::of(ran.side(), ran.without(None).side());
        assert!(diff.nothing() && diff.plans.is_empty(), "{diff}");
        assert_eq!((diff.then, diff.more), ([vec![], vec![]], [0, 0]), "{}", ran.case);
    }
}

/// Runs part where a fault strikes; without one that never does, nothing changes.
#[test]
fn a_fault_changes_nothing_before_it_strikes() {
    let (mut struck, mut spared) = (0, 0);
    for ran in Ran::storms(0..20) {
        for (index, outcome) in FaultOutcome::all(&ran.checked).into_iter().enumerate() {
            let faults = &ran.checked.plan.faults;
            if faults.iter().filter(|fault| **fault == faults[index]).count() > 1 {
                continue; // The other one strikes in its place.
            }
            let diff = TraceDiff::without(ran.side(), ran.without(Some(index)).side(), index);
            match outcome {
                FaultOutcome::Struck { at, .. } => {
                    let first = &diff.first[0][0];
                    assert_eq!(first.at_us, Some(at.0), "{diff}");
                    assert!(first.what.starts_with(&format!("fault {}: ", index + 1)), "{diff}");
                    struck += 1;
                }
                _ => {
                    assert!(diff.nothing(), "{diff}");
                    spared += 1;
                }
            }
        }
    }
    assert!(struck > 100 && spared > 10, "{struck} struck, {spared} did not");
}

#[test]
fn the_two_sides_are_told_apart_by_nothing_but_their_order() {
    for seed in 0..6 {
        let ran = ARCHITECTURES.map(|who| Ran::of(&format!("storm:{who}:{seed}")));
        for (one, other) in ran.iter().zip(&ran[1..]) {
            let (there, back) =
                (TraceDiff::of(one.side(), other.side()), TraceDiff::of(other.side(), one.side()));
            // The order that is told of may be broken in both, and then the first side chooses it.
            let told = |diff: &TraceDiff| {
                let then = diff.about.is_none().then(|| diff.then.clone());
                (diff.first.clone(), then)
            };
            let mirrored = |diff: &TraceDiff| {
                let (mut first, mut then) = told(diff);
                first.reverse();
                then.iter_mut().for_each(|then| then.reverse());
                (first, then)
            };
            assert_eq!(told(&there), mirrored(&back), "{} and {}", one.case, other.case);
        }
    }
}

/// A plan with these faults over a case.
fn planned(case: &str, faults: &str) -> Plan {
    let text = format!("format = 2\ncase = \"{case}\"\nfault = [{faults}]\n");
    Opened::parse("p.toml", &text).unwrap().plan
}

#[test]
fn faults_have_numbers_and_words() {
    let at = |place: &str, what: &str| format!("{{ at = \"{place}\", do = {what} }},");
    let faults = [
        at("payments charge order 3 attempt 1, ask", "\"drop\""),
        at("payments sale order 1 attempt 1, answer", "\"drop\""),
        at("psp sale order 4 attempt 1, ask", "{ manner = \"succeed late\" }"),
    ];
    let plan = planned("calm:call-chain:0x1", &faults.concat());
    #[track_caller]
    fn check(plan: &Plan, wanted: &str, expected: Result<usize, &str>) {
        let found = numbered(plan, wanted).map_err(|error| error.to_string());
        match expected {
            Ok(index) => assert_eq!(found, Ok(index)),
            Err(words) => assert!(found.as_ref().is_err_and(|said| said.contains(words)), "{found:?}"),
        }
    }
    check(&plan, "1", Ok(0));
    check(&plan, "3", Ok(2));
    check(&plan, "succeed late", Ok(2));
    check(&plan, "0", Err("no fault `0` in this plan; it has 1: payments charge order 3"));
    check(&plan, "4", Err("3: psp sale order 4"));
    check(&plan, "order", Err("`order` means more than one fault, 1: payments"));
    check(&plan, "", Err("no fault ``"));
    check(&plan.with_faults(Vec::new()), "1", Err("this plan has none"));
}

#[test]
fn the_document_has_it_all() {
    let stop = "{ at = \"payments sale order 2 attempt 1, answer\", do = { pause = 5000000 } }";
    let plan = planned("calm:choreography:0x1", stop);
    let until = plan.setup.intents[2].at + Micros::millis(100);
    let checked = DeterminismCheck::of(plan);
    let snapshot =
        serde_json::to_value(StateSnapshot::of(&checked, Until::Time(Instant::ZERO + until))).unwrap();
    for field in ["at_us", "event", "cut", "armed", "leads", "orders", "nodes"] {
        assert!(!snapshot[field].is_null(), "{field} is missing");
    }
    let payments =
        snapshot["nodes"].as_array().unwrap().iter().find(|node| node["node"] == "payments").unwrap();
    assert!(payments["trouble"].as_str().unwrap().starts_with("stands still until "));
    let in_flight = payments["in_flight"].as_array().unwrap();
    let waits = |due: &serde_json::Value| due["what"].as_str().unwrap().contains("sale order 2 attempt 1");
    assert!(in_flight.iter().any(waits), "{in_flight:?}");
    let holds = |entry: &&serde_json::Value| entry["about"] == "order 2" && entry["kind"] == "payments";
    let entry = payments["store"].as_array().unwrap().iter().find(holds).unwrap();
    assert_eq!(entry["value"], serde_json::json!({ "Charging": { "given_up": false } }));
}
