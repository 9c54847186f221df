//! The statistics of the reports, small enough to check by hand.
//!
//! **Invariant:** a report is a function of its runs. Resampling is seeded and addressed by position, so the
//! same runs print the same interval on every machine, and every interval says 95 %.

use serde::Serialize;

/// The 97.5 % quantile of the standard normal distribution: 95 % lies within it on both sides.
const Z: f64 = 1.959_963_984_540_054;

/// An estimate with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate itself.
    pub value: f64,
    /// The lower end.
    pub lo: f64,
    /// The upper end.
    pub hi: f64,
}

/// The nearest-rank quantile: the smallest value that a share `q` of all values do not exceed, or `None` of
/// nothing. It is always a value that occurred, never one between two.
pub fn quantile(sorted: &[u64], q: f64) -> Option<u64> {
    debug_assert!(sorted.is_sorted(), "a quantile is taken of sorted values");
    sorted.get(rank(sorted.len(), q)).copied()
}

/// The arithmetic mean, or `None` of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The mean with a bootstrap interval, or `None` of nothing.
///
/// The percentile method (Efron 1979; Efron and Tibshirani 1993): draw as many values as there are, with
/// replacement, note their mean, repeat; the interval is from the 2.5 % to the 97.5 % quantile of the noted
/// means.
pub fn bootstrap_mean(values: &[f64], resamples: u32, seed: u64) -> Option<Interval> {
    let value = mean(values)?;
    let count = values.len();
    let mut draws = SplitMix64(seed);
    let mut means: Vec<f64> = (0..resamples.max(1))
        .map(|_| (0..count).map(|_| values[draws.below(count)]).sum::<f64>() / count as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    Some(Interval { value, lo: means[rank(means.len(), 0.025)], hi: means[rank(means.len(), 0.975)] })
}

/// The mean of `a[i] - b[i]` with a bootstrap interval that keeps the pairs together, or `None` of nothing.
///
/// What both members of a pair suffer alike (the same storm, the same customers) cancels, so far fewer runs
/// tell two architectures apart than two separate samples would need.
pub fn bootstrap_paired_difference(a: &[f64], b: &[f64], resamples: u32, seed: u64) -> Option<Interval> {
    assert_eq!(a.len(), b.len(), "each value has its partner");
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    bootstrap_mean(&differences, resamples, seed)
}

/// The quantile of values that come in clusters (the orders of one run), with a bootstrap interval that draws whole
/// clusters, or `None` of nothing. What happened to one order of a run happened to its neighbours as well, so single
/// values would promise more than they know.
pub fn bootstrap_quantile(clusters: &[Vec<u64>], q: f64, resamples: u32, seed: u64) -> Option<Interval> {
    let mut sorted: Vec<(u64, usize)> = Vec::new();
    for (cluster, values) in clusters.iter().enumerate() {
        sorted.extend(values.iter().map(|value| (*value, cluster)));
    }
    sorted.sort_unstable();
    let whole = sorted.get(rank(sorted.len(), q))?.0 as f64;
    let mut draws = SplitMix64(seed);
    let mut drawn = vec![0_usize; clusters.len()];
    let mut found: Vec<f64> = Vec::new();
    for _ in 0..resamples.max(1) {
        drawn.fill(0);
        (0..clusters.len()).for_each(|_| drawn[draws.below(clusters.len())] += 1);
        let count = clusters.iter().zip(&drawn).map(|(values, times)| values.len() * times).sum();
        let mut left = rank(count, q);
        let at = sorted.iter().find(|(_, cluster)| {
            let reached = left < drawn[*cluster];
            left = left.saturating_sub(drawn[*cluster]);
            reached
        });
        found.extend(at.map(|(value, _)| *value as f64));
    }
    found.sort_by(f64::total_cmp);
    let end = |q| found.get(rank(found.len(), q)).copied().unwrap_or(whole);
    Some(Interval { value: whole, lo: end(0.025), hi: end(0.975) })
}

/// The product-moment correlation (Pearson 1895): covariance over the product of the standard deviations.
/// `None` where it has no meaning: fewer than two pairs, or one side that never varies.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "each value has its partner");
    // Compared, not computed: the rounded variance of three times 0.1 is not quite 0.
    let varies = |values: &[f64]| values.iter().any(|value| *value != values[0]);
    if !varies(a) || !varies(b) {
        return None;
    }
    let (mean_a, mean_b) = (mean(a)?, mean(b)?);
    let sum = |term: &dyn Fn(f64, f64) -> f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| term(a - mean_a, b - mean_b)).sum()
    };
    let deviations = sum(&|a, _| a * a).sqrt() * sum(&|_, b| b * b).sqrt();
    Some((sum(&|a, b| a * b) / deviations).clamp(-1.0, 1.0))
}

/// The share of runs that were hit, with the score interval (Wilson 1927), which stays within 0 and 1 and is
/// honest near both: with `p` the share, `n` the runs and `z` the normal quantile,
/// `(p + z²/2n ± z·√(p(1-p)/n + z²/4n²)) / (1 + z²/n)`. Of no runs nothing is known: 0 within 0 to 1.
pub fn rate_interval(hits: u64, runs: u64) -> Interval {
    assert!(hits <= runs, "{hits} hits in {runs} runs");
    if runs == 0 {
        return Interval { value: 0.0, lo: 0.0, hi: 1.0 };
    }
    let (n, p) = (runs as f64, hits as f64 / runs as f64);
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    // At the edges the formula is exactly 0 or 1; rounding is not.
    let lo = if hits == 0 { 0.0 } else { middle - reach };
    let hi = if hits == runs { 1.0 } else { middle + reach };
    Interval { value: p, lo, hi }
}

/// What a green sweep proves: the largest rate that would still show no hit in `runs` runs one time in
/// twenty, `1 - 0.05^(1/n)` (the one-sided exact bound of Clopper and Pearson 1934, where there are no
/// hits). It is near `3/n`, the rule of three.
pub fn upper_bound_of_zero(runs: u64) -> f64 {
    if runs == 0 { 1.0 } else { -(0.05_f64.ln() / runs as f64).exp_m1() }
}

/// The index of the nearest rank, `⌈q·n⌉ - 1`. The small number keeps `0.07 * 100`, which is a little more
/// than 7 in binary, from being rounded up to 8.
fn rank(count: usize, q: f64) -> usize {
    debug_assert!((0.0..=1.0).contains(&q), "{q} is not a share");
    ((q * count as f64 - 1e-9).ceil() as usize).clamp(1, count.max(1)) - 1
}

/// Indexes to resample at: a counter and a mixing function (Steele, Lea and Flood 2014). It is of no use for
/// secrets and decides nothing in a run; runs draw by address from ChaCha8.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `count`, by the upper half of a product (Lemire 2019); its bias is under `count / 2^64`.
    fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests;
