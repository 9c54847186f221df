//! Statistics against values worked out by other means.

use super::*;
use proptest::prelude::*;

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 5e-5, "{found}, expected {expected}");
}

#[test]
fn nearest_rank() {
    #[track_caller]
    fn check(sorted: &[u64], q: f64, expected: Option<u64>) {
        assert_eq!(quantile(sorted, q), expected);
    }
    let hundred: Vec<u64> = (1..=100).collect();
    check(&[], 0.5, None);
    check(&[7], 0.0, Some(7));
    check(&[7], 1.0, Some(7));
    check(&[15, 20, 35, 40, 50], 0.05, Some(15));
    check(&[15, 20, 35, 40, 50], 0.3, Some(20));
    check(&[15, 20, 35, 40, 50], 0.4, Some(20));
    check(&[15, 20, 35, 40, 50], 0.5, Some(35));
    check(&[15, 20, 35, 40, 50], 1.0, Some(50));
    check(&hundred, 0.07, Some(7));
    check(&hundred, 0.5, Some(50));
    check(&hundred, 0.99, Some(99));
    check(&hundred, 0.999, Some(100));
}

#[test]
fn means() {
    assert_eq!(mean(&[]), None);
    assert_eq!(mean(&[1.0, 2.0, 6.0]), Some(3.0));
}

#[test]
fn correlation() {
    #[track_caller]
    fn check(a: &[f64], b: &[f64], expected: Option<f64>) {
        match (pearson(a, b), expected) {
            (Some(found), Some(expected)) => near(found, expected),
            (found, expected) => assert_eq!(found, expected),
        }
    }
    check(&[], &[], None);
    check(&[1.0], &[2.0], None);
    check(&[1.0, 2.0], &[5.0, 5.0], None);
    check(&[0.1, 0.1, 0.1], &[1.0, 2.0, 3.0], None);
    check(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0], Some(1.0));
    check(&[1.0, 2.0, 3.0], &[3.0, 2.0, 1.0], Some(-1.0));
    check(&[1.0, 2.0, 3.0, 4.0], &[1.0, -1.0, -1.0, 1.0], Some(0.0));
    check(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 3.0, 5.0], Some(0.8));
}

#[test]
fn wilson() {
    #[track_caller]
    fn check(hits: u64, runs: u64, expected: (f64, f64, f64)) {
        let Interval { value, lo, hi } = rate_interval(hits, runs);
        near(value, expected.0);
        near(lo, expected.1);
        near(hi, expected.2);
    }
    check(0, 0, (0.0, 0.0, 1.0));
    check(0, 10, (0.0, 0.0, 0.2775));
    check(1, 10, (0.1, 0.0179, 0.4042));
    check(5, 10, (0.5, 0.2366, 0.7634));
    check(10, 10, (1.0, 0.7225, 1.0));
    check(81, 263, (0.3080, 0.2553, 0.3662));
    check(15, 148, (0.1014, 0.0624, 0.1605));
}

#[test]
fn what_zero_proves() {
    #[track_caller]
    fn check(runs: u64, expected: f64) {
        near(upper_bound_of_zero(runs), expected);
    }
    check(0, 1.0);
    check(1, 0.95);
    check(10, 0.25887);
    check(59, 0.0495);
    check(500, 0.00597);
    check(1_000_000, 0.000003);
}

#[test]
fn bootstrap() {
    #[track_caller]
    fn check(values: &[f64], seed: u64, expected: Option<(f64, f64, f64)>) {
        let found = bootstrap_mean(values, 2000, seed).map(|i| (i.value, i.lo, i.hi));
        assert_eq!(found, expected);
    }
    check(&[], 1, None);
    check(&[4.0], 1, Some((4.0, 4.0, 4.0)));
    check(&[2.0, 2.0, 2.0], 1, Some((2.0, 2.0, 2.0)));
    // Pinned, because a changed draw would change every published interval. All 5^5 samples give 1.8 to 7.2.
    check(&[1.0, 2.0, 3.0, 4.0, 10.0], 1, Some((4.0, 1.6, 7.0)));
    check(&[1.0, 2.0, 3.0, 4.0, 10.0], 2, Some((4.0, 1.8, 7.2)));
}

#[test]
fn pairs_cancel_what_they_share() {
    let storm = [10.0, 250.0, 40.0, 900.0, 5.0, 120.0];
    let calmer: Vec<f64> = storm.iter().map(|value| value - 3.0).collect();
    let expected = Interval { value: 3.0, lo: 3.0, hi: 3.0 };
    assert_eq!(bootstrap_paired_difference(&storm, &calmer, 500, 7), Some(expected));
    let apart = bootstrap_mean(&storm, 500, 7).unwrap();
    assert!(apart.hi - apart.lo > 100.0, "{apart:?}");
    assert_eq!(bootstrap_paired_difference(&[], &[], 500, 7), None);
}

#[test]
fn the_generator_is_the_published_one() {
    let mut draws = SplitMix64(1234567);
    let found: Vec<u64> = (0..3).map(|_| draws.next()).collect();
    assert_eq!(found, [6457827717110365317, 3203168211198807973, 9817491932198370423]);
}

proptest! {
    #[test]
    fn an_interval_holds_its_rate(runs in 1u64..100_000, share in 0.0..=1.0) {
        let hits = (runs as f64 * share) as u64;
        let Interval { value, lo, hi } = rate_interval(hits, runs);
        prop_assert!(0.0 <= lo && lo <= value && value <= hi && hi <= 1.0);
    }

    #[test]
    fn a_bootstrap_stays_among_its_values(values in prop::collection::vec(-1e6..1e6, 1..40), seed: u64) {
        let found = bootstrap_mean(&values, 50, seed).unwrap();
        let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        prop_assert!(lowest - 1e-6 <= found.lo && found.lo <= found.hi && found.hi <= highest + 1e-6);
    }
}

#[test]
fn quantiles_of_clusters() {
    let quantile = |clusters: &[Vec<u64>], q| bootstrap_quantile(clusters, q, 500, 7);
    assert_eq!(quantile(&[], 0.5), None);
    assert_eq!(quantile(&[vec![], vec![]], 0.5), None);
    let same = quantile(&[vec![3], vec![3, 3], vec![]], 0.99).unwrap();
    assert_eq!((same.value, same.lo, same.hi), (3.0, 3.0, 3.0));
    // A hundred values each on its own, and the same values ten at a time: clusters know less.
    let single: Vec<Vec<u64>> = (1..=100).map(|value| vec![value]).collect();
    let tens: Vec<Vec<u64>> = (0..10).map(|ten| (1..=10).map(|one| ten * 10 + one).collect()).collect();
    let (single, tens) = (quantile(&single, 0.5).unwrap(), quantile(&tens, 0.5).unwrap());
    assert_eq!((single.value, tens.value), (50.0, 50.0));
    assert!(
        single.lo < 50.0 && 50.0 < single.hi && tens.hi - tens.lo > single.hi - single.lo,
        "{single:?} {tens:?}"
    );
}
