//! What a comparison measures: one table of names and of ways to read them off a run.
//!
//! **Invariant:** completion, correctness and latency come together; a metric is added to this table or nowhere.

use std::collections::BTreeMap;

use stormcart_sim::digest::Digest;

use crate::catalog::{Catalog, End};
use crate::stats::{self, Interval};

use super::matched::Strata;
use super::{Row, Sample};

/// How often means are drawn again.
pub const RESAMPLES: u32 = 1_000;

/// How the values of runs become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The share of runs that have it (Wilson interval).
    Runs,
    /// The mean share of a run's purchase intents (bootstrap interval over runs).
    Orders,
    /// The mean over runs (bootstrap interval over runs).
    Mean,
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// What it is called in documents.
    pub name: &'static str,
    /// What it is, where `{subject}` stands for what a subject is called.
    pub about: &'static str,
    /// How the values of runs become one.
    pub kind: Kind,
    /// Where its value in one run comes from.
    pub of: Source,
}

/// Where the value of a metric comes from.
#[derive(Clone, Copy, Debug)]
pub enum Source {
    /// It is read off a run.
    Read(fn(&Sample) -> Option<f64>),
    /// It is the number of subjects with this end, by position in the catalog.
    Ended(usize),
}

impl Source {
    fn value(self, run: &Sample) -> Option<f64> {
        match self {
            Source::Read(of) => of(run),
            Source::Ended(end) => run.per_order(run.ended.get(end).copied().unwrap_or(0)),
        }
    }
}

const fn metric(
    name: &'static str,
    kind: Kind,
    about: &'static str,
    of: fn(&Sample) -> Option<f64>,
) -> Metric {
    Metric { name, about, kind, of: Source::Read(of) }
}

fn flag(is: bool) -> Option<f64> {
    Some(f64::from(u8::from(is)))
}

fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

/// Metrics of correctness that every model has.
const CORRECTNESS: &[Metric] = &[
    metric("violated", Kind::Runs, "runs in which a property did not hold", |run| flag(run.violated())),
    metric("lost_money", Kind::Runs, "runs that end with money in the wrong place", |run| {
        flag(run.lost_money())
    }),
    metric("limited", Kind::Runs, "runs that hit a limit first", |run| flag(run.limited)),
    metric("misplaced_cents", Kind::Mean, "cents in the wrong place, per run", |run| {
        Some(run.misplaced_cents as f64)
    }),
];

/// Every metric that is read off single runs: correctness, then the ends of the model, then what it cost.
pub fn metrics(catalog: &Catalog) -> Vec<Metric> {
    let end = |(number, end): (usize, &End)| Metric {
        name: end.name,
        about: end.about,
        kind: Kind::Orders,
        of: Source::Ended(number),
    };
    // The open ones come last, beside those that wait for a person.
    let ends = catalog.ends.iter().enumerate().skip(1).chain(catalog.ends.iter().enumerate().take(1));
    CORRECTNESS.iter().copied().chain(ends.map(end)).chain(OTHERS.iter().copied()).collect()
}

/// Metrics of answers, costs and faults that every model has.
const OTHERS: &[Metric] = &[
    metric("dead_lettered", Kind::Orders, "{subject}s that wait for a person", |run| {
        run.per_order(run.dead_lettered)
    }),
    metric("unanswered", Kind::Orders, "customers without a definitive answer", |run| {
        run.per_order(run.intents - run.waits.len() as u64)
    }),
    metric("messages_internal", Kind::Mean, "messages inside, per {subject}", |run| {
        run.per_order(run.internal)
    }),
    metric("messages_outside", Kind::Mean, "messages to and from outside, per {subject}", |run| {
        run.per_order(run.outside)
    }),
    metric("writes_services", Kind::Mean, "forced writes in the stores of services, per {subject}", |run| {
        run.per_order(run.service_writes)
    }),
    metric("writes_platform", Kind::Mean, "forced writes of the log or the engine, per {subject}", |run| {
        run.per_order(run.platform_writes)
    }),
    metric("faults_fired", Kind::Mean, "faults that struck, per run", |run| Some(run.fired as f64)),
    metric("faults_critical", Kind::Mean, "faults that struck inside a critical window, per run", |run| {
        Some(run.critical as f64)
    }),
    metric("recovery_ms", Kind::Mean, "from the last strike until the last {subject} had its end", |run| {
        run.recovery.map(millis)
    }),
];

/// Metrics that are read off all runs of a row together, and what they are.
pub const DERIVED: &[(&str, &str)] = &[
    ("answer_p50_ms", "until a definitive answer, the median {subject}"),
    ("answer_p99_ms", "until a definitive answer, 99 of 100 {subject}s"),
    ("violated_matched", "runs in which a property did not hold, at equal faults"),
    ("lost_money_matched", "runs that end with money in the wrong place, at equal faults"),
];

/// What the metrics of one row are, by name. What has no value in any run is not there.
pub fn of(row: &Row, strata: &Strata) -> BTreeMap<&'static str, Interval> {
    let metrics = metrics(row.variant.catalog);
    let single = metrics.iter().filter_map(|metric| Some((metric.name, metric.value(row)?)));
    let waits: Vec<Vec<u64>> = row.samples.iter().map(|run| run.waits.clone()).collect();
    let wait = |name: &'static str, q: f64| {
        let Interval { value, lo, hi } = stats::bootstrap_quantile(&waits, q, RESAMPLES, Digest::of(name))?;
        Some((name, Interval { value: value / 1e3, lo: lo / 1e3, hi: hi / 1e3 }))
    };
    let matched = [
        ("violated_matched", strata.rate(row, Sample::violated)),
        ("lost_money_matched", strata.rate(row, Sample::lost_money)),
    ];
    let matched = matched.into_iter().filter_map(|(name, rate)| Some((name, rate?)));
    let waits = [wait("answer_p50_ms", 0.5), wait("answer_p99_ms", 0.99)];
    single.chain(waits.into_iter().flatten()).chain(matched).collect()
}

/// The share of a row's runs that broke each property; those that always held are not there.
pub fn properties(row: &Row) -> BTreeMap<&'static str, Interval> {
    let runs = row.samples.len() as u64;
    let hits =
        |position: usize| row.samples.iter().filter(|run| run.broken >> position & 1 == 1).count() as u64;
    let properties = row.variant.catalog.properties.iter().enumerate();
    let rates = properties.map(|(position, property)| (property.id, hits(position)));
    rates.filter(|(_, hits)| *hits > 0).map(|(id, hits)| (id, stats::rate_interval(hits, runs))).collect()
}

impl Metric {
    fn value(&self, row: &Row) -> Option<Interval> {
        let values: Vec<f64> = row.samples.iter().filter_map(|run| self.of.value(run)).collect();
        let runs = values.len() as u64;
        if self.kind == Kind::Runs {
            return (runs > 0).then(|| stats::rate_interval(values.iter().sum::<f64>() as u64, runs));
        }
        let mean = stats::bootstrap_mean(&values, RESAMPLES, Digest::of(self.name))?;
        // Runs that are all alike leave nothing to resample; how many there were still says how sure that is.
        Some(match mean {
            Interval { value: 0.0, .. } if self.kind == Kind::Orders => {
                Interval { hi: stats::rate_interval(0, runs).hi, ..mean }
            }
            Interval { value: 1.0, .. } if self.kind == Kind::Orders => {
                Interval { lo: stats::rate_interval(runs, runs).lo, ..mean }
            }
            mean => mean,
        })
    }
}
