//! What the measurement says: one line for each case, and the sums.
//!
//! **Invariant:** what was not proven is counted apart, never among what agrees.

use std::fmt;

use stormcart::stats::quantile;
use stormcart_sim::digest::Digest;

use super::Row;

/// The sums.
#[derive(Default)]
pub struct Report {
    cases: usize,
    /// Of which the tool says that they do not fail.
    lost: Vec<String>,
    faults: Vec<u64>,
    orders: Vec<u64>,
    executions: Vec<u64>,
    took_us: Vec<u64>,
    proven: usize,
    /// Cases with a fault that could go.
    spare: Vec<String>,
    /// Cases of two faults or more, and how many placements of one fault were executed for them.
    several: usize,
    placements: usize,
    /// Of these: with fewer faults it breaks too.
    beaten: Vec<String>,
    /// Of these: with fewer faults it breaks too, and the tool says that this is not so.
    false_proofs: Vec<String>,
    /// Of these: the search came to its limit, and one fault does not do.
    unproven: usize,
    digest: u64,
}

/// A case and what became of it.
pub fn line(row: &Row) -> String {
    let took_ms = row.took_us / 1_000;
    let Some(shrunk) = &row.shrunk else { return format!("{} LOST after {took_ms} ms", row.case) };
    let beaten = row.least.as_ref().is_some_and(|least| least.fewer.is_some());
    format!(
        "{} {}: {} faults of {}, {} orders of {}, {} runs, {took_ms} ms{}{}{}",
        row.case,
        shrunk.property,
        shrunk.after.faults,
        shrunk.before.faults,
        shrunk.after.orders,
        shrunk.before.orders,
        shrunk.executions,
        if shrunk.minimal { ", minimal" } else { "" },
        if beaten { ", BEATEN" } else { "" },
        if row.spare { ", SPARE" } else { "" },
    )
}

impl Report {
    /// Sums up.
    pub fn of(rows: &[Row]) -> Report {
        let mut report = Report { cases: rows.len(), ..Report::default() };
        rows.iter().for_each(|row| report.add(row));
        let Report { faults, orders, executions, took_us, .. } = &mut report;
        [faults, orders, executions, took_us].into_iter().for_each(|values| values.sort_unstable());
        let texts: Vec<(String, &str)> =
            rows.iter().map(|row| (row.case.to_string(), row.text.as_str())).collect();
        report.digest = Digest::of(&texts);
        report
    }

    fn add(&mut self, row: &Row) {
        self.took_us.push(row.took_us);
        let Some(shrunk) = &row.shrunk else { return self.lost.push(row.case.to_string()) };
        self.faults.push(shrunk.after.faults as u64);
        self.orders.push(shrunk.after.orders as u64);
        self.executions.push(shrunk.executions);
        self.proven += usize::from(shrunk.minimal);
        if row.spare {
            self.spare.push(row.case.to_string());
        }
        let Some(least) = &row.least else { return };
        self.several += 1;
        self.placements += least.placements;
        match (&least.fewer, shrunk.minimal) {
            (Some(_), minimal) => {
                self.beaten.push(row.case.to_string());
                if minimal {
                    self.false_proofs.push(row.case.to_string());
                }
            }
            (None, true) => {}
            (None, false) => self.unproven += 1,
        }
    }
}

fn spread(f: &mut fmt::Formatter<'_>, what: &str, sorted: &[u64], per: f64) -> fmt::Result {
    let at = |q| quantile(sorted, q).map_or(f64::NAN, |value| value as f64 / per);
    writeln!(f, "{what:<12} median {:.2}, nine of ten {:.2}, most {:.2}", at(0.5), at(0.9), at(1.0))
}

fn named(f: &mut fmt::Formatter<'_>, what: &str, cases: &[String]) -> fmt::Result {
    writeln!(f, "{:>4} {what}", cases.len())?;
    cases.iter().try_for_each(|case| writeln!(f, "       {case}"))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} failing storms", self.cases)?;
        spread(f, "faults", &self.faults, 1.0)?;
        spread(f, "orders", &self.orders, 1.0)?;
        spread(f, "runs", &self.executions, 1.0)?;
        spread(f, "seconds", &self.took_us, 1e6)?;
        let crowded = self.orders.iter().filter(|orders| **orders > 2).count();
        writeln!(f, "{crowded:>4} with more than two orders")?;
        writeln!(f, "{:>4} said to be minimal", self.proven)?;
        named(f, "said not to fail", &self.lost)?;
        named(f, "with a fault that could go", &self.spare)?;
        writeln!(
            f,
            "{:>4} with two faults or more; against {} ordinary runs with fewer:",
            self.several, self.placements
        )?;
        named(f, "  are beaten by no fault, or one", &self.beaten)?;
        named(f, "  of which were said to be minimal", &self.false_proofs)?;
        writeln!(f, "{:>4}   are not beaten, and not said to be minimal", self.unproven)?;
        write!(f, "digest {:#018x}", self.digest)
    }
}
