//! Shrinking: what is left still breaks the property, by no more than it must.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use stormcart::harness::case::Case;
use stormcart::harness::determinism_check::DeterminismCheck;
use stormcart::harness::plan;
use stormcart::harness::plan_file::PlanFile;
use stormcart::harness::run::{Verdict, run};
use stormcart::harness::shrink::{Shrunk, broke_first, shrink};
use stormcart::harness::story::mermaid::diagram;
use stormcart_models::checkout::model::{Checkout, Opened, Plan};

fn plan(case: &str) -> Plan {
    let (loaded, variant, seed) = plan::open::<Checkout>(&case.parse().unwrap()).unwrap();
    loaded.plan(&variant, seed)
}

fn read(text: &str) -> Plan {
    Opened::parse("p.toml", text).unwrap().plan
}

fn breaks(plan: &Plan, property: &str) -> bool {
    match run(plan).verdict {
        Verdict::Violated(violations) => violations.iter().any(|violation| violation.property == property),
        Verdict::Held | Verdict::Inconclusive(_) => false,
    }
}

/// The first failing seeds of a storm over somebody with a bug.
fn failing(who: &str, seeds: std::ops::Range<u64>, most: usize) -> Vec<(String, Plan, &'static str)> {
    let cases = seeds.map(|seed| format!("storm:{who}:{seed:#x}"));
    let broken = cases.filter_map(|case| {
        let plan = plan(&case);
        let property = broke_first(&run(&plan))?;
        Some((case, plan, property))
    });
    broken.take(most).collect()
}

const BUGGY: [&str; 6] = [
    "choreography+commit-then-publish",
    "choreography+check-then-allocate",
    "orchestrated-saga+timeout-means-failed",
    "orchestrated-saga+engine-restart-forgets",
    "orchestrated-saga+compensation-overtakes-action",
    "call-chain",
];

/// A plan without any one of its faults.
fn without_one(plan: &Plan) -> impl Iterator<Item = Plan> {
    (0..plan.faults.len()).map(|number| {
        let mut fewer = plan.faults.to_vec();
        fewer.remove(number);
        plan.with_faults(fewer)
    })
}

#[test]
fn the_smallest_plan_breaks_the_same_and_nothing_of_it_can_go() {
    for who in BUGGY {
        let found = failing(who, 0..400, 2);
        assert!(!found.is_empty(), "{who} breaks something in 400 storms");
        for (case, plan, property) in found {
            let Shrunk { plan: small, before, after, minimal, .. } = shrink(&plan, property).unwrap();
            assert!(breaks(&small, property), "{case}: {property}");
            assert!(
                !without_one(&small).any(|less| breaks(&less, property)),
                "{case}: a fault is not needed"
            );
            assert!(after.faults <= before.faults && after.subjects <= 2, "{case}: {before:?} {after:?}");
            assert!(minimal, "{case}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_smallest_plan_and_its_file_replays() {
    for (case, plan, property) in failing("choreography+check-then-allocate", 0..100, 2) {
        let [first, second] = [(); 2].map(|()| shrink(&plan, property).unwrap());
        assert_eq!(first.plan.faults, second.plan.faults);
        assert_eq!(
            (first.plan.reduction.clone(), first.executions),
            (second.plan.reduction, second.executions)
        );
        let run = run(&first.plan);
        let case: Case = case.parse().unwrap();
        let text = PlanFile::of(&case, &first.plan, &run).text().unwrap();
        let opened = Opened::parse("p.toml", &text).unwrap();
        assert_eq!(stormcart::harness::run::run(&opened.plan).digest, run.digest, "{text}");
    }
}

#[test]
fn what_does_not_break_it_is_not_shrunk() {
    assert!(shrink(&plan("storm:orchestrated-saga:0x1"), "S1").is_none());
}

/// What others bought before is not what a race for the last piece is about.
#[test]
fn a_race_has_two_customers() {
    let text = r#"
        format = 2
        case = "storm:choreography+check-then-allocate:0x59"
        keep = { orders = [3, 5, 6, 8, 9] }
        fault = []"#;
    let Shrunk { before, after, plan: small, .. } = shrink(&read(text), "S4").unwrap();
    assert_eq!((before.subjects, after.subjects), (5, 2), "{:?}", small.reduction);
    assert!(breaks(&small, "S4"));
}

/// A fault that is named after one customer makes others race; by the clock it needs only those.
#[test]
fn who_a_fault_is_named_after_need_not_race() {
    for case in [
        "storm:orchestrated-saga+check-then-allocate:0x54",
        "storm:choreography+check-then-allocate:0x54",
        "storm:orchestrated-saga+check-then-allocate:0xa3",
        "storm:orchestrated-saga+check-then-allocate:0x60f",
    ] {
        let Shrunk { after, plan: small, .. } = shrink(&plan(case), "S4").unwrap();
        assert_eq!(
            (after.faults, after.subjects),
            (1, 2),
            "{case}: {:?} {:?}",
            small.faults,
            small.reduction
        );
        assert!(breaks(&small, "S4"), "{case}");
    }
}

/// With the customers who are left it takes more faults than with one who went.
#[test]
fn who_went_first_may_be_whom_it_takes() {
    for (case, property) in [
        ("rolling-crash:choreography+compensation-overtakes-action:0x158", "S10"),
        ("log-trouble:choreography+compensation-overtakes-action:0xb5", "S12"),
    ] {
        let Shrunk { after, plan: small, .. } = shrink(&plan(case), property).unwrap();
        assert_eq!(after.faults, 1, "{case}: {:?} {:?}", small.faults, small.reduction);
        assert!(breaks(&small, property), "{case}");
    }
}

/// Each line is a participant, a note, or an arrow with a text.
#[test]
fn a_diagram_is_mermaid() {
    for (_, plan, property) in failing("orchestrated-saga+timeout-means-failed", 0..100, 2) {
        let small = shrink(&plan, property).unwrap().plan;
        let text = diagram(&DeterminismCheck::of(small));
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("sequenceDiagram"));
        for line in lines {
            let line = line.strip_prefix("    ").unwrap();
            let (head, words) = line.split_once(": ").unwrap_or((line, "x"));
            let known = head.starts_with("participant ")
                || head.starts_with("Note over ")
                || head.contains("->>")
                || head.contains("-x");
            assert!(known && !words.is_empty() && !words.contains([';', '#']), "{line}");
        }
        assert!(text.contains(property), "{text}");
    }
}
