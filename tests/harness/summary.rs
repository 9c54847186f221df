//! Sums of runs: their order, their size, their files.

use proptest::prelude::*;
use stormcart::Model;
use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::summary::{KEPT, Summary};
use stormcart_models::checkout::model::Checkout;
use stormcart_sim::property::Violation;
use stormcart_sim::service::Moment;

use super::{ARCHITECTURES, best, load};

/// A real run whose verdict, digest and seed are what a test wants.
fn sample(seed: u64, verdict: Verdict) -> Summary {
    let variant = best(ARCHITECTURES[0]);
    let mut plan = load("partition").plan(&variant, Seed(1));
    let mut run = run(&plan);
    plan.seed = Seed(seed);
    run.verdict = verdict;
    run.digest ^= seed;
    let case = || variant.case("partition", Seed(seed));
    let mut summary = Summary::of(&plan, &run, case);
    summary.repeated(!seed.is_multiple_of(3), case);
    summary
}

fn broken(property: &'static str) -> Verdict {
    let violation =
        Violation { property, moment: Moment::default(), subject: None, explanation: String::new() };
    Verdict::Violated(vec![violation])
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        Just(Verdict::Held),
        Just(Verdict::Inconclusive("more than 7 events".into())),
        prop_oneof![Just("S1"), Just("S10"), Just("L3")].prop_map(broken),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_order_of_merging_leaves_no_trace(
        runs in prop::collection::vec((any::<u64>(), verdict()), 0..60), cut in any::<prop::sample::Index>(),
    ) {
        let all: Vec<Summary> = runs.into_iter().map(|(seed, verdict)| sample(seed, verdict)).collect();
        let sum = |of: &[Summary]| of.iter().cloned().fold(Summary::default(), Summary::merge);
        let cut = cut.index(all.len() + 1);
        let (left, right) = all.split_at(cut);
        let whole = sum(&all);
        prop_assert_eq!(&whole, &sum(left).merge(sum(right)));
        prop_assert_eq!(&whole, &sum(right).merge(sum(left)));
        let reversed: Vec<Summary> = all.iter().rev().cloned().collect();
        prop_assert_eq!(&whole, &sum(&reversed));
    }
}

#[test]
fn the_smallest_seeds_are_kept() {
    let sum = (0..100).rev().map(|seed| sample(seed, broken("S1"))).fold(Summary::default(), Summary::merge);
    let kept: Vec<u64> = sum.failures.iter().map(|failure| failure.case.seed.0).collect();
    assert_eq!((sum.violated, kept), (100, (0..KEPT as u64).collect()));
    assert_eq!(sum.failures[0].properties, ["S1"]);
}

#[test]
fn a_million_runs_are_as_small_as_a_thousand() {
    let thousand = (0..1_000_u64)
        .map(|seed| if seed % 2 == 0 { broken("S1") } else { Verdict::Inconclusive("slow".into()) })
        .zip(0..)
        .map(|(verdict, seed)| sample(seed, verdict))
        .fold(Summary::default(), Summary::merge);
    // Twenty doublings of the same sum are a thousand million runs; counters grow by digits and nothing else grows.
    let million = (0..10).fold(thousand.clone(), |sum, _| sum.clone().merge(sum));
    assert_eq!(million.runs, 1_024_000);
    let size = |summary: &Summary| serde_json::to_string(summary).unwrap().len();
    assert!(size(&million) < size(&thousand) + 500, "{} > {}", size(&million), size(&thousand));
    assert!(size(&million) < 16_384, "{}", size(&million));
}

#[test]
fn a_summary_comes_back_from_its_file() {
    let sum = sample(7, broken("S10")).merge(sample(u64::MAX, Verdict::Held));
    let text = serde_json::to_string(&sum).unwrap();
    assert!(text.contains(&format!("\"digest\":\"{}\"", Seed(sum.digest))), "{text}");
    assert_eq!(serde_json::from_str::<Summary>(&text).unwrap(), sum);
}

#[test]
fn what_was_never_checked_is_vacuous() {
    let catalog = Checkout::catalog();
    assert_eq!(Summary::default().vacuous(catalog).len(), catalog.properties.len());
    let vacuous = sample(1, Verdict::Held).vacuous(catalog);
    assert!(!vacuous.contains(&"S1") && vacuous.contains(&"S12"), "{vacuous:?}");
}
