//! The second model, as a shell sees it: every verb works for a trip by the same code as for an order.
//!
//! **Invariant:** a case of a model begins with its prefix, and nobody who reads of a trip reads of an order.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod red;

use std::process::Command;

use serde_json::Value;
use stormcart::models::booking::Booking;
use stormcart::testing::check_model;
use tempfile::TempDir;

const SAFE: &str = "booking/storm:coordinator:0x1";
const UNSAFE: &str = "booking/storm:coordinator+level=first-written:0x0";

/// What a call is to exit with, and the arguments.
const CALLS: &[(i32, &[&str])] = &[
    (0, &["list", "--model", "booking"]),
    (0, &["run", SAFE]),
    (0, &["run", SAFE, "--backend", "madsim"]),
    (1, &["run", UNSAFE]),
    (1, &["run", UNSAFE, "--backend", "madsim"]),
    (0, &["replay", SAFE]),
    (0, &["replay", SAFE, "--until", "40ms"]),
    (0, &["replay", SAFE, "--until", "event:30"]),
    (0, &["replay", SAFE, "--without", "1"]),
    (0, &["replay", SAFE, "--diff", "booking/storm:coordinator:0x2"]),
    (0, &["sweep", "--scenario", "booking/storm", "--seeds", "0..500"]),
    (0, &["sweep", "--scenario", "booking/storm", "--seeds", "0..50", "--backend", "madsim"]),
    (0, &["sweep", "--scenario", "booking/storm", "--seeds", "0..50", "--adequacy"]),
    (1, &["sweep", "--scenario", "booking/storm", "--seeds", "0..50", "--level", "first-written"]),
    (1, &["sweep", "--scenario", "booking/storm", "--seeds", "0..50", "--bug", "silence-means-no"]),
    (1, &["sweep", "--scenario", "booking/storm", "--seeds", "0..50", "--bug", "no-compensation"]),
    (1, &["sweep", "--scenario", "booking/storm", "--seeds", "0..50", "--policy", "count=unlocked"]),
    (0, &["compare", "--scenario", "booking/storm", "--seeds", "0..100"]),
    (0, &["explore", "--scenario", "booking/exploration", "--faults", "2", "--orders", "2"]),
    (1, &["explore", "--scenario", "booking/exploration", "--faults", "1", "--level", "first-written"]),
    (1, &["shrink", UNSAFE, "--into", "kept"]),
];

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn stormcart(room: &TempDir, arguments: &[&str]) -> Said {
    let output =
        Command::new(env!("CARGO_BIN_EXE_stormcart")).args(arguments).current_dir(room).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The line that does it again, as a shell would split it.
fn again(out: &str) -> Vec<&str> {
    let last = out.trim_end().lines().last().unwrap_or_default();
    last.strip_prefix("stormcart ").unwrap_or_else(|| panic!("no command: {last}")).split(' ').collect()
}

#[test]
fn every_verb_works_for_a_trip() {
    let room = tempfile::tempdir().unwrap();
    for (code, arguments) in CALLS {
        let said = stormcart(&room, arguments);
        assert_eq!(said.code, *code, "{arguments:?}: {}{}", said.out, said.err);
        let lists = arguments[0] == "list";
        assert!(
            lists || said.out.contains("booking/"),
            "{arguments:?} names no case of a trip: {}",
            said.out
        );
        if *code == 1 {
            let again = stormcart(&room, &again(&said.out));
            assert_eq!(again.code, 1, "{arguments:?} is not reproduced: {}{}", again.out, again.err);
        }
    }
}

#[test]
fn every_document_is_one_of_a_trip() {
    let room = tempfile::tempdir().unwrap();
    for (code, arguments) in CALLS {
        let said = stormcart(&room, &[arguments, &["--format", "json"][..]].concat());
        assert_eq!(said.code, *code, "{arguments:?}: {}", said.err);
        let document: Value = serde_json::from_str(&said.out).unwrap_or_else(|error| {
            panic!("{arguments:?}: {error}: {}", said.out);
        });
        assert!(document.is_object(), "{arguments:?}");
        // Where nothing broke there is no trip to be told of.
        let word = if ["sweep", "compare"].contains(&arguments[0]) { "booking/storm" } else { "trip" };
        assert!(said.out.contains(word), "{arguments:?} says nothing of {word}: {}", said.out);
    }
}

#[test]
fn no_trip_is_called_an_order() {
    let room = tempfile::tempdir().unwrap();
    for (_, arguments) in CALLS.iter().filter(|(_, arguments)| arguments[0] != "list") {
        let Said { out, err, .. } = stormcart(&room, arguments);
        // Messages have an order, too, and the family of faults that changes it is called so.
        let told =
            format!(" {out}{err}").replace("every order of messages", "").replace("order of an instant", "");
        let wrong =
            [" orders ", "per order", "its order", "an order", "order 0 ", "customer", "checkout", "stock"];
        let found: Vec<&&str> = wrong.iter().filter(|word| told.contains(**word)).collect();
        assert!(found.is_empty(), "{arguments:?} says {found:?}: {told}");
    }
}

#[test]
fn the_storm_finds_nothing_and_promises_are_kept() {
    let room = tempfile::tempdir().unwrap();
    let said = stormcart(&room, &["sweep", "--scenario", "booking/storm", "--seeds", "0..2000"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.contains("0 of 2000 violated") && !said.out.contains("vacuous"), "{}", said.out);
}

#[test]
fn what_it_explores_it_covers() {
    let room = tempfile::tempdir().unwrap();
    let certificate = &["explore", "--scenario", "booking/exploration", "--orders", "2", "--format", "json"];
    let said = stormcart(&room, certificate);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((&document["complete"], &document["violations"]), (&true.into(), &Value::Array(Vec::new())));
}

#[test]
fn a_test_of_a_trip_is_one_line() {
    check_model::<Booking>("booking/calm", "coordinator", 0..20);
}

#[test]
fn a_model_is_at_most_three_hundred_lines() {
    let lines = include_str!("../../models/src/booking.rs").lines().count();
    assert!(lines <= 300, "{lines} lines");
}
