//! The intensity-matched design: rates as if every row had been hit equally often.
//!
//! The same plan does not strike everywhere: a fault on a hop that an architecture does not have never fires. So runs are
//! stratified afterwards by the number of faults that did fire, and each row's rate is the mean of its strata, weighted
//! by how often each stratum occurs over all rows together (direct standardisation). A stratum that a row does not
//! have cannot be compared and is left out for everybody.
//!
//! **Invariant:** all rows are weighted by the same strata.

use crate::stats::{self, Interval};

use super::{Row, Sample};

/// Runs with this many faults or more are one stratum.
const MOST: usize = 3;

/// The weights of the strata: how often each occurs over all rows, where all rows have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strata([f64; MOST + 1]);

impl Strata {
    /// The strata of these rows.
    pub fn of(rows: &[Row]) -> Strata {
        let counted: Vec<[u64; MOST + 1]> = rows.iter().map(|row| counts(&row.samples)).collect();
        let common = |stratum: usize| counted.iter().all(|counts| counts[stratum] > 0);
        let sum = |stratum: usize| counted.iter().map(|counts| counts[stratum]).sum::<u64>() as f64;
        let kept: [f64; MOST + 1] =
            std::array::from_fn(|stratum| if common(stratum) { sum(stratum) } else { 0.0 });
        let total: f64 = kept.iter().sum();
        Strata(kept.map(|kept| if total > 0.0 { kept / total } else { 0.0 }))
    }

    /// The share of a row's runs with something, at equal numbers of faults that fired; `None` if no stratum is common.
    pub fn rate(&self, row: &Row, hit: impl Fn(&Sample) -> bool) -> Option<Interval> {
        let counted = counts(&row.samples);
        let weight = |sample: &Sample| {
            let stratum = stratum(sample);
            self.0[stratum] / counted[stratum] as f64
        };
        let weights: Vec<f64> = row.samples.iter().map(weight).collect();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        if squares == 0.0 {
            return None;
        }
        let hits = row.samples.iter().zip(&weights).filter(|(sample, _)| hit(sample));
        let value = hits.fold(0.0, |sum, (_, weight)| sum + weight).min(1.0);
        // Kish (1965): weighted runs know as much as this many unweighted ones.
        let runs = (1.0 / squares).floor().max(1.0);
        let wilson = stats::rate_interval((value * runs).round() as u64, runs as u64);
        Some(Interval { value, lo: wilson.lo.min(value), hi: wilson.hi.max(value) })
    }
}

fn stratum(sample: &Sample) -> usize {
    (sample.fired as usize).min(MOST)
}

fn counts(samples: &[Sample]) -> [u64; MOST + 1] {
    let mut counts = [0; MOST + 1];
    samples.iter().for_each(|sample| counts[stratum(sample)] += 1);
    counts
}
