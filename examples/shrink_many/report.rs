//! What the measurement says: one line for each case, and the sums.
//!
//! **Invariant:** what is not known is counted apart, never among what agrees.

use std::fmt;

use stormcart::harness::stats::quantile;
use stormcart_sim::digest::Digest;

use super::Row;
use super::oracle::Least;

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
    minimal: usize,
    /// Cases with a fault that could go.
    spare: Vec<String>,
    /// Cases with more than two customers.
    crowded: Vec<String>,
    /// Where the search found less than the stages had.
    by_search: Vec<String>,
    /// Cases of two faults or more.
    several: usize,
    /// Of these: exploration finds fewer.
    beaten: Vec<String>,
    /// Of these: exploration finds nothing, and looked at everything.
    agree: usize,
    /// Of these: exploration finds nothing, and could not look at everything.
    unknown: usize,
    /// Of these: only the search made it so small.
    several_by_search: usize,
    digest: u64,
}

/// A case and what became of it.
pub fn line(row: &Row) -> String {
    let took_ms = row.took_us / 1_000;
    let Some(shrunk) = &row.shrunk else { return format!("{} LOST after {took_ms} ms", row.case) };
    let fewer = match &row.least {
        Some(Least::Fewer(faults)) => {
            let names: Vec<String> = faults.iter().map(|fault| shrunk.plan.names().fault(fault)).collect();
            format!(", BEATEN by {}", names.join(" and "))
        }
        Some(Least::Unknown) => ", exploration cannot say".into(),
        Some(Least::Nothing) => ", exploration agrees".into(),
        None => String::new(),
    };
    format!(
        "{} {}: {} faults of {}, {} orders of {}, {} runs, {took_ms} ms{}{}{}{fewer}",
        row.case,
        shrunk.property,
        shrunk.after.faults,
        shrunk.before.faults,
        shrunk.after.subjects,
        shrunk.before.subjects,
        shrunk.executions,
        if shrunk.minimal { ", minimal" } else { "" },
        if shrunk.by_search { ", by the search" } else { "" },
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
        let case = || row.case.to_string();
        self.took_us.push(row.took_us);
        let Some(shrunk) = &row.shrunk else { return self.lost.push(case()) };
        self.faults.push(shrunk.after.faults as u64);
        self.orders.push(shrunk.after.subjects as u64);
        self.executions.push(shrunk.executions);
        self.minimal += usize::from(shrunk.minimal);
        let lists = [
            (row.spare, &mut self.spare),
            (shrunk.after.subjects > 2, &mut self.crowded),
            (shrunk.by_search, &mut self.by_search),
        ];
        lists.into_iter().filter(|(belongs, _)| *belongs).for_each(|(_, list)| list.push(case()));
        let Some(least) = &row.least else { return };
        self.several += 1;
        self.several_by_search += usize::from(shrunk.by_search);
        match least {
            Least::Fewer(_) => self.beaten.push(case()),
            Least::Nothing => self.agree += 1,
            Least::Unknown => self.unknown += 1,
        }
    }
}

fn spread(f: &mut fmt::Formatter<'_>, what: &str, sorted: &[u64], per: f64) -> fmt::Result {
    let at = |q| quantile(sorted, q).map_or(f64::NAN, |value| value as f64 / per);
    writeln!(f, "{what:<12} median {:.3}, nine of ten {:.3}, most {:.3}", at(0.5), at(0.9), at(1.0))
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
        named(f, "with more than two orders", &self.crowded)?;
        named(f, "said not to fail", &self.lost)?;
        named(f, "with a fault that could go", &self.spare)?;
        writeln!(f, "{:>4} said to be minimal", self.minimal)?;
        named(f, "made smaller by the search than by the stages", &self.by_search)?;
        writeln!(f, "{:>4} with two faults or more; of these,", self.several)?;
        writeln!(f, "{:>4}   exploration finds nothing smaller and looked at everything", self.agree)?;
        writeln!(
            f,
            "{:>4}   exploration finds nothing smaller and could not look at everything",
            self.unknown
        )?;
        named(f, "  exploration finds something smaller", &self.beaten)?;
        writeln!(f, "{:>4}   only the search made so small", self.several_by_search)?;
        write!(f, "digest {:#018x}", self.digest)
    }
}
