//! A trip that goes wrong: told, taken apart, shrunk and kept; and every bug of the catalog is found.

use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart::harness::{Model, plan::LoadedScenario};
use stormcart::models::booking::Booking;
use stormcart::testing::{ModelCheck, check_model};

use super::{Said, UNSAFE, stormcart};

/// From a red run to its log, its moments, its differences, its least and the regression that is kept.
#[test]
fn a_red_trip_is_told_taken_apart_and_kept() {
    let room = tempfile::tempdir().unwrap();
    let red = |arguments: &str, expected: &[&str]| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let Said { code: exit, out: said, err } = stormcart(&room, &arguments);
        let said = said + &err;
        assert_eq!(exit, 1, "{arguments:?}\n{said}");
        expected
            .iter()
            .for_each(|words| assert!(said.contains(words), "{arguments:?}: no `{words}` in\n{said}"));
        said
    };
    red(&format!("run {UNSAFE}"), &["violated: B1 all-or-nothing", "for trip", "to see this run again"]);
    red("replay latest", &["B1 all-or-nothing"]);
    red(&format!("replay {UNSAFE} -v"), &["book-flight"]);
    red(&format!("replay {UNSAFE} --until event:60"), &["after event 60", "agency", "flights"]);
    red(&format!("replay {UNSAFE} --diff booking/storm:coordinator:0"), &["the first that differs"]);
    let said = red(&format!("shrink {UNSAFE}"), &["minimal", "sequenceDiagram", "model_regressions::<"]);
    let again = said.lines().last().unwrap().strip_prefix("stormcart ").unwrap();
    red(again, &["violated: B1"]);
    let without = stormcart(&room, &["replay", "booking/storm:coordinator:0x2", "--without", "1"]).out;
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
