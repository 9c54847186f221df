//! The verdict: one sentence, computed from the rows.
//!
//! It says who lost money and how often, who broke other rules, what those that broke none cost relative to each other,
//! and under what condition all that holds.
//!
//! **Invariant:** nothing is said that the rows do not show; a difference whose interval contains zero is no difference.

use crate::report::percent;
use crate::stats::{self, Interval};

use super::metric::RESAMPLES;
use super::{Row, Sample, reference};

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
    let lost: Vec<String> = (lost.iter())
        .map(|row| format!("{} lost money in {} of them", row.name(), percent(rate(row))))
        .collect();
    let kept = (!kept.is_empty()).then(|| {
        let names: Vec<String> = kept.iter().map(|row| row.name()).collect();
        let runs = kept.first().map_or(0, |row| row.samples.len() as u64);
        let bound = percent(stats::upper_bound_of_zero(runs));
        format!("{} lost none (a rate below {bound} at 95 %)", list(&names))
    });
    lost.into_iter().chain(kept).collect::<Vec<_>>().join(", ")
}

/// Who kept the money and still broke a rule.
fn other_rules(rows: &[Row]) -> Option<String> {
    let only = rows.iter().filter(|row| share(row, Sample::lost_money) == 0.0);
    let broke = only.map(|row| (row, share(row, Sample::violated))).filter(|(_, rate)| *rate > 0.0);
    let names: Vec<String> =
        broke.map(|(row, rate)| format!("{} in {}", row.name(), percent(rate))).collect();
    (!names.is_empty()).then(|| format!("without losing money, other rules were broken by {}", list(&names)))
}

/// What the rows that broke no rule cost, relative to the first of them.
fn costs(rows: &[Row]) -> Vec<String> {
    let safe = |row: &&Row| share(row, Sample::violated) == 0.0;
    let mut best: Vec<&Row> = Vec::new();
    for row in rows.iter().filter(safe).filter(|row| is_best(row)) {
        best.push(row);
    }
    let first = match reference(rows).filter(|row| best.iter().any(|other| std::ptr::eq(*other, *row))) {
        Some(reference) => reference,
        None => match best.first() {
            Some(first) => first,
            None => return vec!["nobody at its most careful kept every rule".into()],
        },
    };
    let others = best.iter().filter(|row| !std::ptr::eq(**row, first));
    let against: Vec<String> = others.map(|row| relative(row, first)).collect();
    match against.is_empty() {
        true => vec![format!("of the most careful only {} kept every rule", first.name())],
        false => against,
    }
}

fn is_best(row: &Row) -> bool {
    row.contender.care == row.contender.architecture.best_care()
}

/// What one row costs relative to another.
fn relative(row: &Row, to: &Row) -> String {
    let claim = match row.contender.architecture.claims_safety() {
        true => "",
        false => " (which makes no claim to be safe)",
    };
    let messages = |run: &Sample| run.per_order(run.internal + run.outside);
    let writes = |run: &Sample| run.per_order(run.service_writes + run.platform_writes);
    let words = [
        ratio(row, to, messages, ["sends", "fewer", "more", "messages"]),
        ratio(row, to, writes, ["forces", "fewer", "more", "writes"]),
        sooner(row, to),
        completes(row, to),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    format!("against {}, {}{claim} {}", to.name(), row.name(), list(&words))
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
    Some(match difference.value {
        _ if is_none(difference) || base == 0.0 => format!("{does} as many {what} per order"),
        less if less < 0.0 => format!("{does} {} {fewer} {what} per order", percent(-less / base)),
        extra => format!("{does} {} {more} {what} per order", percent(extra / base)),
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
    let signs: Vec<f64> = ours.iter().zip(&theirs).map(|(ours, theirs)| (ours - theirs).signum()).collect();
    let agree = stats::bootstrap_mean(&signs, RESAMPLES, 0)?;
    Some(match median(row)? - median(to)? {
        _ if is_none(agree) => "answers as soon at the median".into(),
        less if less < 0.0 => format!("answers {:.1} ms sooner at the median", -less),
        later => format!("answers {later:.1} ms later at the median"),
    })
}

/// `completes 1.2 % more orders`, of all purchase intents.
fn completes(row: &Row, to: &Row) -> Option<String> {
    let (difference, _) = difference(row, to, |run| run.per_order(run.completed))?;
    Some(match difference.value {
        _ if is_none(difference) => "completes as many orders".into(),
        less if less < 0.0 => format!("completes {} of all orders fewer", percent(-less)),
        more => format!("completes {} of all orders more", percent(more)),
    })
}

/// `a, b and c`.
fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
