//! Every output block in the README is real.
//!
//! A ```` ```console ```` block is a command behind `$ ` and what it prints; a line `...` stands for any lines.
//!
//! **Invariant:** a block that cannot be run here is not in the README; what needs the backend on madsim runs where that is.

use std::process::Command;

const README: &str = include_str!("../README.md");

/// Command and expected output of each block, with the line it starts at.
fn blocks() -> Vec<(usize, String, Vec<String>)> {
    let mut found: Vec<(usize, String, Vec<String>)> = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(README.lines()) {
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, line) => match line.strip_prefix("$ ") {
                Some(command) => found.push((number, command.to_owned(), Vec::new())),
                None => found.last_mut().expect("a block opens with a command").2.push(line.to_owned()),
            },
            _ => {}
        }
    }
    found
}

/// The arguments for our binary, if the command is one of ours.
fn arguments(command: &str) -> Option<Vec<&str>> {
    let ours = command.strip_prefix("cargo run --release -- ").or(command.strip_prefix("stormcart "))?;
    Some(ours.split_whitespace().collect())
}

/// Whether `actual` is `expected`, where `...` stands for any lines.
fn matches(expected: &[String], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((dots, rest)) if dots == "..." => {
            (0..=actual.len()).any(|skipped| matches(rest, &actual[skipped..]))
        }
        Some((line, rest)) => actual.first() == Some(&line.as_str()) && matches(rest, &actual[1..]),
    }
}

#[test]
fn every_block_is_what_its_command_prints() {
    let folder = tempfile::tempdir().unwrap();
    let mut ran = 0;
    for (number, command, expected) in blocks() {
        let Some(arguments) = arguments(&command) else {
            assert!(command.starts_with("cargo test"), "README:{number}: `{command}` is nothing we can run");
            continue;
        };
        if !cfg!(madsim) && command.contains("madsim") {
            continue;
        }
        let output = Command::new(env!("CARGO_BIN_EXE_stormcart"))
            .args(arguments)
            .env("NO_COLOR", "1")
            .env("COLUMNS", "120")
            .current_dir(folder.path())
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        assert!(matches(&expected, &lines), "README:{number}: `{command}` prints\n{printed}");
        ran += 1;
    }
    assert!(ran >= 3, "the README shows what the tool prints");
}

/// What the README shows of an example, and says that it finds, stands in the example.
#[test]
fn what_is_listed_stands_in_the_example() {
    let transfer = include_str!("../sim/examples/transfer.rs");
    let listings = README.split("```rust\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
    assert!(listings.into_iter().any(|listing| transfer.contains(listing)), "README: copy `hunt` anew");
    let found = "giver refund transfer 1 attempt 1, ask: drop";
    assert!(README.contains(found) && transfer.contains(found), "README: {found}");
}

#[test]
fn the_two_commands_stand_there() {
    for command in ["cargo run --release -- compare", "cargo test"] {
        assert!(README.contains(command), "the README says `{command}`");
        assert!(command == "cargo test" || include_str!("../.ci/run").contains(command));
    }
}
