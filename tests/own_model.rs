//! A crate of somebody's own, outside the workspace: `examples/own_model` builds, its tests pass, every verb works for it.
//!
//! It builds into the target directory of this workspace, so that cargo finds what both of them need.
//!
//! **Invariant:** whatever is copied from the example works: each command of its README, and the last line of a failure.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const README: &str = include_str!("../examples/own_model/README.md");
const CALLED: &str = "cargo run -q --manifest-path examples/own_model/Cargo.toml -- ";

/// Its tests, which build its binary too.
static TESTED: LazyLock<Output> = LazyLock::new(|| test(&[]));

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target directory")
}

fn test(arguments: &[&str]) -> Output {
    let mut cargo = Command::new(env!("CARGO"));
    let offline = ["test", "-q", "--offline", "--manifest-path", "examples/own_model/Cargo.toml"];
    cargo.args(offline).args(["--test", "transfer", "--"]);
    cargo.args(arguments).current_dir(ROOT).env("CARGO_TARGET_DIR", target());
    cargo.output().expect("cargo runs")
}

/// What its binary prints and its exit code, in a folder where it may leave files.
fn own_model(arguments: &str) -> (String, Option<i32>) {
    assert!(TESTED.status.success(), "{}", text(&TESTED));
    let mut command = Command::new(target().join("debug/own_model"));
    command.args(arguments.split_whitespace()).current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = command.output().expect("the binary of the example runs");
    (text(&output), output.status.code())
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn its_tests_pass() {
    let said = text(&TESTED);
    assert!(TESTED.status.success() && said.contains("4 passed; 0 failed"), "{said}");
}

#[test]
fn every_verb_works() {
    #[track_caller]
    fn check(arguments: &str, code: i32, expected: &str) {
        let (said, exit) = own_model(arguments);
        assert_eq!(exit, Some(code), "{arguments}\n{said}");
        assert!(said.contains(expected), "{arguments}: no `{expected}` in\n{said}");
    }
    let kept =
        format!("{ROOT}/examples/own_model/regressions/storm_coordinator+level=first-written_0x8-T1.toml");
    check("list", 0, "silence=unknown|refusal|nothing");
    check("run calm:coordinator:0x1", 0, "10 of 10 transfers accepted");
    check("sweep --seeds 0..500", 0, "HELD  coordinator");
    check("sweep --seeds 0..100 --policy silence=nothing", 1, "T2 everything-ends");
    check(&format!("replay {kept}"), 1, "T1 conserved");
    check("shrink storm:coordinator+level=first-written:0x8", 1, "1 of 2 faults, 1 of 6 transfers");
    check("explore", 0, "held: no placement breaks a property");
    check("explore --level first-written", 1, "violated: T1 conserved");
    check("compare --seeds 0..100", 0, "first-written coordinator");
    check("run storm:coordinater:0x1", 64, "did you mean `coordinator`?");
}

#[test]
fn every_command_of_its_readme_works() {
    let commands: Vec<&str> =
        README.lines().filter_map(|line| line.strip_prefix("$ ")?.strip_prefix(CALLED)).collect();
    for arguments in &commands {
        let (said, exit) = own_model(arguments);
        assert!(matches!(exit, Some(0 | 1)), "{arguments}: {exit:?}\n{said}");
    }
    assert!(commands.len() >= 7, "{commands:?}");
}

#[test]
fn its_failure_says_all_and_ends_with_the_command_that_reproduces_it() {
    let said = text(&test(&["--show-output", "silence"]));
    let (_, told) = said.split_once(" stdout ----\n").expect("what the test prints");
    let (told, _) = told.split_once("\n\n\nsuccesses:").expect("the end of it");
    let parts = [
        "the smallest plan of coordinator that still breaks T1 conserved",
        "    { at = \"giver debit transfer",
        "sequenceDiagram",
        "storm:coordinator+level=first-written:0x",
        "how it came about, for transfer",
        "T1 conserved, transfer",
    ];
    for part in parts {
        assert!(told.contains(part), "no `{part}` in\n{told}");
    }
    let command = told.lines().last().expect("a last line");
    assert!(command.starts_with(&format!("{CALLED}run storm:")), "{command}");
    let mut shell = Command::new("sh");
    let cargo = Path::new(env!("CARGO")).parent().expect("cargo is in a folder").display();
    let command_here = format!("PATH=\"{cargo}:$PATH\"; {command}");
    shell.args(["-c", &command_here]).current_dir(ROOT).env("CARGO_TARGET_DIR", target());
    let again = shell.output().expect("a shell");
    assert_eq!(again.status.code(), Some(1), "{command}\n{}", text(&again));
    let story = String::from_utf8_lossy(&again.stdout);
    assert_eq!(story.lines().last(), Some(command), "{story}");
}
