//! A comparison: the same customers and the same storm for everybody, seed by seed.
//!
//! Architecture and hardening level are separate factors: every combination is a row. Two designs answer two questions.
//! *Environment-paired*: all rows draw the same plan from a seed, so what remains between the members of a pair is the
//! coordination; the correlation that was achieved is reported. *Intensity-matched*: an architecture with more hops
//! offers more places to be hit, so rates are also given as if each row had been hit equally often ([`matched`]).
//!
//! **Invariant:** a pair is complete or it does not count: a seed belongs to every row or to none.

pub mod matched;
pub mod metric;
mod sample;
pub mod verdict;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::case::Case;
use crate::model::Model;
use crate::plan::LoadedScenario;
use crate::run::{Verdict, run};
use crate::seeds::{Seed, Seeds};
use crate::stats;
use crate::variant::Variant;
use crate::worker_pool::WorkerPool;

pub use sample::Sample;

/// Who is compared, and on what.
pub struct Comparison<'a, M: Model> {
    /// The scenario, opened.
    pub loaded: &'a LoadedScenario<M>,
    /// One row each.
    pub variants: Vec<Variant>,
    /// One pair each.
    pub seeds: Seeds,
}

/// What the runs of one variant gave, by seed; the rows of a comparison have the same seeds.
#[derive(Clone, Debug)]
pub struct Row {
    /// The variant that ran.
    pub variant: Variant,
    /// What each run gave.
    pub samples: Vec<Sample>,
}

/// How much the members of pairs vary together: what pairing buys.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Correlation {
    /// Of the median waits of runs; `None` where one side never varies.
    pub waits: Option<f64>,
    /// Of the numbers of completed orders.
    pub completions: Option<f64>,
}

impl<M: Model> Comparison<'_, M> {
    /// Runs all rows on every seed. A pool that is stopped finishes the pairs it has begun.
    pub fn run(&self, pool: &WorkerPool<'_>) -> Vec<Row> {
        let pair = |seed: u64| (!pool.stopped()).then(|| self.pair(Seed(seed), pool));
        let pairs: Vec<Vec<Sample>> =
            pool.work(|| self.seeds.range().into_par_iter().filter_map(pair).collect());
        let mut rows: Vec<Row> =
            self.variants.iter().map(|variant| Row { variant: *variant, samples: Vec::new() }).collect();
        for pair in pairs {
            rows.iter_mut().zip(pair).for_each(|(row, sample)| row.samples.push(sample));
        }
        rows
    }

    fn pair(&self, seed: Seed, pool: &WorkerPool<'_>) -> Vec<Sample> {
        let one = |variant: &Variant| {
            let run = run(&self.loaded.plan(variant, seed));
            pool.done(run.verdict == Verdict::Held);
            Sample::of(M::catalog(), seed, &run)
        };
        self.variants.iter().map(one).collect()
    }
}

impl Row {
    /// `hardened choreography`, and what else was chosen.
    pub fn name(&self) -> String {
        let Variant { architecture, level, .. } = &self.variant;
        let bugs = self.variant.bugs().map(|bug| format!("+{}", bug.slug));
        let policies = &self.variant.catalog.policies;
        let choices = self.variant.own_choices().into_iter();
        let choices = choices.map(|choice| format!("+{}", choice.words(policies)));
        let extra: String = bugs.chain(choices).collect();
        format!("{} {}{extra}", level.name(), architecture.name)
    }

    /// Whether it is meant to be safe: nothing was chosen against it, and its architecture can be.
    pub fn claims_safety(&self) -> bool {
        self.variant.claims_safety()
    }

    /// One value for each pair in which both rows have one.
    pub fn paired(&self, other: &Row, of: impl Fn(&Sample) -> Option<f64>) -> (Vec<f64>, Vec<f64>) {
        let pairs = self.samples.iter().zip(&other.samples);
        pairs.filter_map(|(ours, theirs)| Some((of(ours)?, of(theirs)?))).unzip()
    }

    /// How much this row and another vary together.
    pub fn correlation(&self, other: &Row) -> Correlation {
        let of = |metric: fn(&Sample) -> Option<f64>| {
            let (ours, theirs) = self.paired(other, metric);
            stats::pearson(&ours, &theirs)
        };
        Correlation {
            waits: of(Sample::median_wait_ms),
            completions: of(|sample| Some(sample.completed() as f64)),
        }
    }
}

/// The run that shows best what can go wrong: of the row that loses money, or at least breaks rules, most often, the
/// smallest seed.
pub fn worst(scenario: &str, rows: &[Row]) -> Option<Case> {
    let worst = |bad: fn(&Sample) -> bool| {
        let times = |row: &Row| row.samples.iter().filter(|run| bad(run)).count();
        // Of equals the first.
        let row = rows.iter().rev().max_by_key(|row| times(row))?;
        let seed = row.samples.iter().find(|run| bad(run))?.seed;
        Some(row.variant.case(scenario, seed))
    };
    worst(Sample::lost_money).or_else(|| worst(Sample::violated))
}

/// The row that others are paired with: the first that claims to be safe, or simply the first.
pub fn reference(rows: &[Row]) -> Option<&Row> {
    rows.iter().find(|row| row.claims_safety()).or(rows.first())
}
