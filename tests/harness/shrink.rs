//! The budget of shrinking: what was not tried is not claimed, and one fault is searched for in ordinary runs.

use stormcart::harness::explore::smaller_than;
use stormcart::harness::run::{Verdict, run};
use stormcart::harness::shrink::{BUDGET, Budget, Trial, shrink, shrink_within};
use stormcart_models::checkout::model::{Opened, Plan};

fn plan(text: &str) -> Plan {
    Opened::parse("p.toml", &format!("format = 2\n{text}")).unwrap().plan
}

fn breaks(plan: &Plan, property: &str) -> bool {
    match run(plan).verdict {
        Verdict::Violated(violations) => violations.iter().any(|violation| violation.property == property),
        Verdict::Held | Verdict::Inconclusive(_) => false,
    }
}

/// A crash in mid-transaction while the engine, which leads the process, is down.
const TWO: &str = r#"
    case = "storm:orchestrated-saga+publish-then-commit:0x156"
    fault = [
        { from_us = 179224, for_us = 200000, sustained = { crash = { nodes = ["engine", "engine-2"] } } },
        { at = "orders close order 7 attempt 1, ask", do = { crash = { point = "after commit, before send", down_us = 200000 } } },
    ]"#;

/// However little may be executed, what fails is never said to hold, and what was not tried is not claimed.
#[test]
fn a_budget_that_ends_leaves_a_plan_that_breaks_and_no_claim() {
    let plan = plan(TWO);
    let proven = shrink(&plan, "L1").unwrap();
    assert_eq!((proven.minimal, proven.after.faults), (true, 2), "{proven:?}");
    let little = [(0, 60_000), (1, 60_000), (7, 60_000), (20_000, 0), (20_000, 9)];
    for (runs, search) in little {
        let shrunk = shrink_within(&plan, "L1", Budget { runs, search }).unwrap();
        assert!(breaks(&shrunk.plan, "L1"), "{runs} runs, {search} in the search");
        assert!(!shrunk.minimal, "{runs} runs, {search} in the search");
    }
}

/// One fault breaks S13 first, and these at rest. Exploration ends the run at S13: it must not claim to have looked.
#[test]
fn what_breaks_late_is_found_by_ordinary_runs_and_not_denied_by_exploration() {
    let plan = plan(
        r#"
        case = "storm:orchestrated-saga+fresh-key-per-attempt:0xbd"
        keep = { subjects = [6] }
        fault = [{ at = "engine place order 6 attempt 1, answer", do = { isolate_receiver = 40000000 } }]"#,
    );
    for property in ["S10", "S11", "S2"] {
        let (explored, _, complete) = smaller_than(&plan, 1, property, 60_000);
        assert_eq!((explored, complete), (None, false), "{property}");
        let found = Trial::of(&plan, property, BUDGET).one_fault().found;
        let faults = found.unwrap_or_else(|| panic!("{property} is broken by one fault"));
        assert!(breaks(&plan.with_faults(faults), property), "{property}");
    }
}
