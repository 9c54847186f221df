//! Stormcart in somebody's tests.

use stormcart::contender::Wish;
use stormcart::testing::{Check, check, regressions};

#[test]
fn a_safe_architecture_passes() {
    let checked = check("calm", "choreography", 0..20);
    assert!(checked.seeds > 0);
    check("lost-replies", "orchestrated-saga", 0..50);
}

#[test]
fn what_broke_once_never_breaks_again() {
    regressions("scenarios/regressions");
}

#[test]
fn a_bug_fails_with_its_story_and_the_command_that_reproduces_it() {
    let wish = Wish { bugs: vec!["fresh-key-per-attempt".into()], ..Wish::default() };
    let failed =
        Check { scenario: "lost-replies", architecture: "choreography", wish, ..Check::default() }.run();
    let story = failed.expect_err("the bug is found").to_string();
    assert!(story.contains("no double charge"), "{story}");
    let command = story.lines().last().unwrap();
    assert!(
        command.starts_with("stormcart run lost-replies:choreography+fresh-key-per-attempt:0x"),
        "{command}"
    );
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
    refused(Check { seeds: 0..0, ..Check::default() }, "bad range `0..0`: no seed would run");
    let care = Wish { care: Some("best".into()), ..Wish::default() };
    refused(
        Check { wish: care, ..Check::default() },
        "unknown level of care `best`: choose one of naive, matched, hardened",
    );
}
