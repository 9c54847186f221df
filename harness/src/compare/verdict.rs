//! The verdict: one sentence, computed from the rows.
//!
//! It says who lost money and how often, who broke other rules, what those that broke none cost relative to each other,
//! and under what condition all that holds.
//!
//! **Invariant:** nothing is said that the rows do not show; a difference whose interval contains zero is no difference.

use std::cmp::Ordering;

use crate::stats::{self, Interval};
use crate::text::{list, percent};

use super::metric::RESAMPLES;
use super::{Row, Sample};

/// The verdict over these rows.
pub fn sentence(scenario: &str, rows: &[Row]) -> String {
    let pairs = rows.first().map_or(0, |row| row.samples.len());
    if pairs == 0 {
        return "Nothing was run, so nothing can be said.".into();
    }
    let mut clauses = vec![format!("In {pairs} paired runs of `{scenario}` {}", money(rows))];
    clauses.extend(other_rules(rows));
    clauses.extend(costs(rows));
    clauses.push("all rates are conditional on these faults and no forecast for production".into());
    format!("{}.", clauses.join("; "))
}

fn share(row: &Row, hit: impl Fn(&Sample) -> bool) -> f64 {
    row.samples.iter().filter(|sample| hit(sample)).count() as f64 / row.samples.len() as f64
}

/// Who lost money, the worst first, and who did not.
fn money(rows: &[Row]) -> String {
    let rate = |row: &Row| share(row, Sample::lost_money);
    let (mut lost, kept): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| rate(row) > 0.0);
    lost.sort_by(|a, b| rate(b).total_cmp(&rate(a)));
    let names: Vec<String> = kept.iter().map(|row| row.name()).collect();
    let runs = rows.first().map_or(0, |row| row.samples.len() as u64);
    let bound = percent(stats::upper_bound_of_zero(runs));
    let losers: Vec<String> =
        lost.iter().map(|row| format!("{} in {}", row.name(), percent(rate(row)))).collect();
    match (losers.is_empty(), names.is_empty()) {
        (true, _) => format!("nobody lost money (each in less than {bound} at 95 %)"),
        (false, true) => format!("everybody lost money: {} of them", list(&losers)),
        (false, false) => format!(
            "money was lost by {} of them, and by {} in none (less than {bound} at 95 %)",
            list(&losers),
            list(&names)
        ),
    }
}

/// Who kept the money and still broke a rule.
fn other_rules(rows: &[Row]) -> Option<String> {
    let only = rows.iter().filter(|row| share(row, Sample::lost_money) == 0.0);
    let broke = only.map(|row| (row, share(row, Sample::violated))).filter(|(_, rate)| *rate > 0.0);
    let names: Vec<String> =
        broke.map(|(row, rate)| format!("{} in {}", row.name(), percent(rate))).collect();
    (!names.is_empty()).then(|| format!("other rules were broken by {}", list(&names)))
}

/// Who kept every rule, and what those that claim to be safe cost relative to the first of them.
fn costs(rows: &[Row]) -> Vec<String> {
    let kept = |row: &&Row| share(row, Sample::violated) == 0.0;
    let (claim, rest): (Vec<&Row>, Vec<&Row>) = rows.iter().filter(kept).partition(|row| row.claims_safety());
    let names: Vec<String> = rest.iter().map(|row| row.name()).collect();
    let bits = match names.len() {
        0 => None,
        1 => Some(format!("{} kept every rule here and does not claim to", names[0])),
        _ => Some(format!("{} kept every rule here and do not claim to", list(&names))),
    };
    let claims = match &claim[..] {
        [] if rows.iter().any(Row::claims_safety) => {
            vec!["nobody that claims to be safe kept every rule".into()]
        }
        [] => Vec::new(),
        [only] => vec![format!("of those that claim to be safe {} kept every rule", only.name())],
        [first, others @ ..] => others.iter().map(|row| relative(row, first)).collect(),
    };
    claims.into_iter().chain(bits).collect()
}

/// What one row costs relative to another, both of which kept every rule.
fn relative(row: &Row, to: &Row) -> String {
    let messages = |run: &Sample| run.per_order(run.internal + run.outside);
    let writes = |run: &Sample| run.per_order(run.service_writes + run.platform_writes);
    let words = [
        ratio(row, to, messages, ["sends", "fewer", "more", "messages"]),
        ratio(row, to, writes, ["forces", "fewer", "more", "writes"]),
        sooner(row, to),
        completes(row, to),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    format!(
        "every rule was kept by {} and by {}, which against the former {}",
        to.name(),
        row.name(),
        list(&words)
    )
}

fn difference(row: &Row, to: &Row, of: impl Fn(&Sample) -> Option<f64>) -> Option<(Interval, f64)> {
    let (ours, theirs) = row.paired(to, of);
    let difference = stats::bootstrap_paired_difference(&ours, &theirs, RESAMPLES, 0)?;
    Some((difference, stats::mean(&theirs)?))
}

fn is_none(difference: Interval) -> bool {
    difference.lo <= 0.0 && difference.hi >= 0.0
}

/// `sends 31.2 % fewer messages per order`.
fn ratio(
    row: &Row,
    to: &Row,
    of: impl Fn(&Sample) -> Option<f64>,
    [does, fewer, more, what]: [&str; 4],
) -> Option<String> {
    let (difference, base) = difference(row, to, of)?;
    let subject = row.variant.catalog.subject;
    Some(match difference.value {
        _ if is_none(difference) || base == 0.0 => format!("{does} as many {what} per {subject}"),
        less if less < 0.0 => format!("{does} {} {fewer} {what} per {subject}", percent(-less / base)),
        extra => format!("{does} {} {more} {what} per {subject}", percent(extra / base)),
    })
}

/// `answers 3.1 ms sooner at the median`: the median order of each row, and whether the pairs agree that it differs.
fn sooner(row: &Row, to: &Row) -> Option<String> {
    let median = |row: &Row| {
        let mut waits: Vec<u64> = row.samples.iter().flat_map(|run| run.waits.iter().copied()).collect();
        waits.sort_unstable();
        stats::quantile(&waits, 0.5).map(|wait| wait as f64 / 1e3)
    };
    let (ours, theirs) = row.paired(to, Sample::median_wait_ms);
    // How many pairs lean which way: a few orders that waited for the end of an outage would drown a mean.
    let leaning = |(ours, theirs): (&f64, &f64)| match ours.total_cmp(theirs) {
        Ordering::Less => -1.0,
        Ordering::Equal => 0.0,
        Ordering::Greater => 1.0,
    };
    let leanings: Vec<f64> = ours.iter().zip(&theirs).map(leaning).collect();
    let leaning = stats::bootstrap_mean(&leanings, RESAMPLES, 0)?;
    Some(match median(row)? - median(to)? {
        ms if is_none(leaning) || ms * leaning.value <= 0.0 || ms.abs() < 0.05 => {
            "answers as soon at the median".into()
        }
        ms if ms < 0.0 => format!("answers {:.1} ms sooner at the median", -ms),
        ms => format!("answers {ms:.1} ms later at the median"),
    })
}

/// `completes 1.2 points more of all orders`.
fn completes(row: &Row, to: &Row) -> Option<String> {
    let (difference, _) = difference(row, to, |run| run.per_order(run.completed()))?;
    let subject = row.variant.catalog.subject;
    Some(match difference.value {
        _ if is_none(difference) => format!("completes as many {subject}s"),
        less if less < 0.0 => {
            format!("completes {:.2} percentage points fewer of all {subject}s", -less * 100.0)
        }
        more => format!("completes {:.2} percentage points more of all {subject}s", more * 100.0),
    })
}
