//! Stormcart in somebody's tests.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use stormcart::harness::variant::VariantArgs;
use stormcart::testing::{Check, Checked, Failed, check, regressions};

#[test]
fn a_safe_architecture_passes() {
    let checked = check("calm", "choreography", 0..20);
    assert!(checked.seeds > 0);
    check("lost-replies", "orchestrated-saga", 0..50);
}

#[test]
fn what_broke_once_never_breaks_again() {
    assert!(regressions("scenarios/regressions") >= 3);
}

#[test]
fn a_bug_fails_with_its_story_and_the_command_that_reproduces_it() {
    let args = VariantArgs { bugs: vec!["fresh-key-per-attempt".into()], ..VariantArgs::default() };
    let failed =
        Check { scenario: "lost-replies", architecture: "choreography", args, ..Check::default() }.run();
    let story = failed.expect_err("the bug is found").to_string();
    assert!(story.contains("no-double-charge"), "{story}");
    let command = story.lines().last().unwrap();
    assert!(
        command.starts_with("stormcart run lost-replies:choreography+fresh-key-per-attempt:0x"),
        "{command}"
    );
}

/// Checks three calm runs with these regressions before them.
fn replayed(plans: &[&str]) -> Result<Checked, Failed> {
    let folder = tempfile::tempdir().unwrap();
    for (number, plan) in plans.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{number}.toml")), format!("format = 2\n{plan}\n"))
            .unwrap();
    }
    let regressions = folder.path().to_str().unwrap();
    let args = VariantArgs { bugs: vec!["fresh-key-per-attempt".into()], ..VariantArgs::default() };
    let (scenario, architecture) = ("calm", "choreography");
    let asked = Check {
        scenario,
        architecture,
        seeds: 0..3,
        environment: false,
        args,
        regressions,
        ..Check::default()
    };
    asked.run()
}

#[test]
fn regressions_come_first_and_a_bug_that_is_no_longer_found_fails() {
    const BUGGY: &str = "case = \"calm:choreography+fresh-key-per-attempt:0x0\"\nbroke = [\"S1\"]";
    const LOST: &str =
        "fault = [\n    { at = \"payments sale order 0 attempt 1, answer\", do = \"drop\" },\n]";
    const ELSEWHERE: &str = "case = \"calm:call-chain:0x0\"";
    let found = format!("{BUGGY}\n{LOST}");
    assert_eq!(replayed(&[&found, ELSEWHERE]).unwrap(), Checked { seeds: 3, regressions: 1 });
    let missed = replayed(&[BUGGY]).unwrap_err().to_string();
    assert!(missed.contains("0.toml: S1 must break"), "{missed}");
    let last = missed.lines().last().unwrap();
    assert!(last.starts_with("stormcart replay ") && last.ends_with("0.toml"), "{last}");
}

/// A green regression whose fault never struck would prove nothing: it is named instead.
#[test]
fn a_regression_whose_place_is_gone_is_reported_by_name() {
    let plan = |at: &str| {
        format!(
            "case = \"calm:choreography+fresh-key-per-attempt:0x0\"\nfault = [{{ at = \"{at}\", do = \"drop\" }}]"
        )
    };
    let failed = |at: &str| replayed(&[&plan(at)]).unwrap_err().to_string();
    let never = failed("payments refund order 0 attempt 1, ask");
    assert!(
        never.contains("0.toml: `payments refund order 0 attempt 1, ask: drop` does not strike any more"),
        "{never}"
    );
    let renamed = failed("payments settle order 0 attempt 1, ask");
    assert!(renamed.contains("0.toml:3:10: unknown operation `settle`"), "{renamed}");
}

#[test]
fn what_is_asked_wrongly_fails_with_a_sentence() {
    #[track_caller]
    fn refused(check: Check<'_>, sentence: &str) {
        assert_eq!(check.run().expect_err("refused").to_string(), sentence);
    }
    let named = |architecture| Check { architecture, ..Check::default() };
    refused(
        named("saga"),
        "unknown architecture `saga`: did you mean `orchestrated-saga`? (known: choreography, orchestrated-saga, call-chain)",
    );
    refused(
        Check { seeds: 0..0, environment: false, ..Check::default() },
        "bad range `0..0`: no seed would run",
    );
    let level = VariantArgs { level: Some("best".into()), ..VariantArgs::default() };
    refused(
        Check { args: level, ..Check::default() },
        "unknown hardening level `best`: choose one of first-written, matched, hardened",
    );
}
