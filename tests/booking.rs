//! The second model: every verb does for a trip what it does for an order, on both backends where a verb can.
//!
//! **Invariant:** no verb knows the checkout: what it prints of a trip has no order in it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart::harness::{Model, plan::LoadedScenario};
use stormcart::models::booking::Booking;
use stormcart::testing::{ModelCheck, check_model};

/// What the program prints, in a folder of its own, and its exit code.
fn stormcart(folder: &std::path::Path, arguments: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stormcart"));
    command.args(arguments.split_whitespace()).current_dir(folder);
    let output = command.env("NO_COLOR", "1").env("COLUMNS", "120").output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), text)
}

const FIRST: &str = "booking/storm:coordinator+level=first-written:0x0";

#[test]
fn every_verb_works() {
    let table: &[(&str, i32, &[&str])] = &[
        ("list --model booking", 0, &["B1   all-or-nothing", "coordinator", "booking/storm"]),
        ("list --model booking --format json", 0, &["\"properties\""]),
        ("run booking/calm:coordinator:1", 0, &["verdict   held", "trips"]),
        ("run booking/calm:coordinator:1 --format json", 0, &["\"verdict\": \"held\""]),
        (
            "sweep --scenario booking/storm --seeds 0..300",
            0,
            &["HELD  coordinator  0 of 300", "inside a critical window"],
        ),
        (
            "sweep --scenario booking/storm --seeds 0..50 --level first-written",
            1,
            &["B1 all-or-nothing", "stormcart run booking/storm:"],
        ),
        ("sweep --scenario booking/storm --seeds 0..10 --adequacy", 0, &["reachable cells"]),
        ("sweep --scenario booking/storm --seeds 0..20 --backend madsim", 0, &["HELD"]),
        ("compare --scenario booking/storm --seeds 0..20", 0, &["% of trips", "first-written coordinator"]),
        ("compare --scenario booking/storm --seeds 0..8 --backend madsim", 0, &["booking/storm on madsim"]),
        ("explore --scenario booking/exploration --faults 1", 0, &["every placement of up to 1"]),
        (
            "explore --scenario booking/exploration --faults 1 --bug silence-means-no",
            1,
            &["B1 all-or-nothing", "stormcart replay"],
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code, expected) in table {
        if !cfg!(madsim) && arguments.contains("madsim") {
            continue;
        }
        let (exit, said) = stormcart(folder.path(), arguments);
        assert_eq!(exit, *code, "{arguments}\n{said}");
        for words in *expected {
            assert!(said.contains(words), "{arguments}: no `{words}` in\n{said}");
        }
        // `list` names all models, and a certificate tells of orders of messages.
        let foreign = ["orders accepted", "% of orders", "customer", "charge"];
        let foreign = foreign.iter().find(|word| said.contains(**word));
        assert!(foreign.is_none() || arguments.starts_with("list"), "{arguments}: {foreign:?} in\n{said}");
    }
}

/// From a red run to its log, its moments, its differences, its least and the regression that is kept.
#[test]
fn a_red_trip_is_told_taken_apart_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let red = |arguments: &str, expected: &[&str]| {
        let (exit, said) = stormcart(folder.path(), arguments);
        assert_eq!(exit, 1, "{arguments}\n{said}");
        expected
            .iter()
            .for_each(|words| assert!(said.contains(words), "{arguments}: no `{words}` in\n{said}"));
        said
    };
    red(&format!("run {FIRST}"), &["violated: B1 all-or-nothing", "for trip", "to see this run again"]);
    red("replay latest", &["B1 all-or-nothing"]);
    red(&format!("replay {FIRST} -v"), &["book-flight"]);
    red(&format!("replay {FIRST} --until event:60"), &["after event 60", "agency", "flights"]);
    red(&format!("replay {FIRST} --diff booking/storm:coordinator:0"), &["the first that differs"]);
    let said = red(&format!("shrink {FIRST}"), &["minimal", "sequenceDiagram", "model_regressions::<"]);
    let again = said.lines().last().unwrap().strip_prefix("stormcart ").unwrap();
    red(again, &["violated: B1"]);
    let (_, without) = stormcart(folder.path(), "replay booking/storm:coordinator:0x2 --without 1");
    assert!(without.contains("without it"), "{without}");
}

/// Each bug of the catalog is found by what it says it breaks; the hardened agency never breaks anything.
#[test]
fn bugs_are_found_and_the_hardened_agency_holds() {
    let catalog = Booking::catalog();
    let storm = LoadedScenario::<Booking>::load("booking/storm").unwrap();
    for bug in catalog.bugs(false) {
        let args = VariantArgs { bugs: vec![bug.slug.clone()], ..VariantArgs::default() };
        let variant = Variant::with(catalog, catalog.architecture("coordinator").unwrap(), &args).unwrap();
        let found = (0..200).any(|seed| match run(&storm.plan(&variant, Seed(seed))).verdict {
            Verdict::Violated(broken) => broken.iter().any(|broken| bug.breaks.contains(&broken.property)),
            Verdict::Held | Verdict::Inconclusive(_) => false,
        });
        assert!(found, "{} is not found", bug.slug);
    }
    assert_eq!(check_model::<Booking>("booking/storm", "coordinator", 0..500).seeds, 500);
}

#[test]
fn a_red_test_ends_with_its_command() {
    let args = VariantArgs { level: Some("first-written".into()), ..VariantArgs::default() };
    let check = ModelCheck::<Booking> { args, environment: false, ..ModelCheck::default() };
    let story = check.run().unwrap_err().to_string();
    assert!(story.contains("sequenceDiagram") && story.contains("B1 all-or-nothing"), "{story}");
    assert!(story.lines().last().unwrap().starts_with("stormcart run booking/storm:coordinator"), "{story}");
}
