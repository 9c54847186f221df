//! A comparison as tables for a person, a document for a program, and a page to keep.
//!
//! **Invariant:** no table shows latency without correctness and completion, and none shows a rate without the faults
//! that it is conditional on.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write};

use serde::Serialize;

use crate::backend::Backend;
use crate::case::Case;
use crate::catalog::{Catalog, EndKind};
use crate::compare::matched::Strata;
use crate::compare::metric::{self, DERIVED, metrics};
use crate::compare::{Correlation, Row, reference, verdict, worst};
use crate::scenario::Scenario;
use crate::seeds::Seeds;
use crate::stats::Interval;
use crate::text::{folded, list, percent};
use crate::variant::Variant;

use super::grid::Grid;
use super::variant_name;

/// One comparison, or several, one after the other.
#[derive(Debug, Serialize)]
pub struct CompareReport {
    /// The first.
    #[serde(flatten)]
    pub first: Compared,
    /// The others.
    pub further: Vec<Compared>,
    /// Somebody stopped it before all had run.
    pub interrupted: bool,
    /// Where the page is kept, if it could be.
    pub report: Option<String>,
}

/// One comparison.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// The names of the model.
    #[serde(skip)]
    catalog: &'static Catalog,
    /// The scenario.
    pub scenario: String,
    /// What it is, in a sentence.
    pub about: String,
    /// The engine that played it.
    pub backend: Backend,
    /// The seeds that were asked for.
    pub seeds: String,
    /// How many of them every row has run.
    pub pairs: u64,
    /// The row that others are paired with.
    pub reference: String,
    /// Everybody.
    pub rows: Vec<Line>,
    /// One sentence.
    pub verdict: String,
    /// The run that shows best what can go wrong, if anything did.
    pub worst: Option<Case>,
}

/// What was measured of one variant.
#[derive(Debug, Serialize)]
pub struct Line {
    /// The names of the model.
    #[serde(skip)]
    catalog: &'static Catalog,
    /// The architecture.
    pub architecture: &'static str,
    /// The hardening level.
    pub level: &'static str,
    /// Both in words.
    pub name: String,
    /// The variant, in the words of a case.
    pub variant: String,
    /// Metrics by name.
    pub metrics: BTreeMap<&'static str, Interval>,
    /// The share of runs that broke each property.
    pub properties: BTreeMap<&'static str, Interval>,
    /// How much it varies together with the reference.
    pub correlation: Correlation,
}

impl Compared {
    /// What these rows show.
    pub fn of(catalog: &'static Catalog, scenario: &Scenario, seeds: Seeds, rows: &[Row]) -> Compared {
        let strata = Strata::of(rows);
        let reference = reference(rows);
        let line = |row: &Row| Line::of(row, reference.unwrap_or(row), &strata);
        Compared {
            catalog,
            scenario: scenario.name.clone(),
            about: scenario.about.clone(),
            backend: rows.first().map_or(Backend::default(), |row| row.variant.backend),
            seeds: seeds.to_string(),
            pairs: rows.first().map_or(0, |row| row.samples.len() as u64),
            reference: reference.map(Row::name).unwrap_or_default(),
            rows: rows.iter().map(line).collect(),
            verdict: verdict::sentence(&scenario.name, rows),
            worst: worst(&scenario.name, rows),
        }
    }

    /// Whether any row broke a rule.
    pub fn violated(&self) -> bool {
        self.rows.iter().any(|line| !line.properties.is_empty())
    }

    /// What happened to orders: correctness, completion and latency together.
    fn outcomes(&self) -> Grid {
        Grid::new(OUTCOMES, self.rows.iter().map(Line::outcome))
    }

    /// The ends that count as undone, in words.
    fn undone(&self) -> String {
        let ends = self.catalog.ends.iter().filter(|end| end.kind == EndKind::Undone);
        let names: Vec<String> = ends.map(|end| end.name.to_owned()).collect();
        list(&names).replace(" and ", " or ")
    }

    /// What it took: faults, recovery, messages, forced writes.
    fn costs(&self) -> Grid {
        Grid::new(COSTS, self.rows.iter().map(Line::cost))
    }
}

/// How wide prose is on a terminal.
const WIDTH: usize = 104;

const OUTCOMES: &[&str] = &[
    "",
    "broke a rule",
    "lost money",
    "completed",
    "undone",
    "open",
    "needs a person",
    "no answer",
    "answer p50 ms",
    "answer p99 ms",
];

const COSTS: &[&str] = &[
    "",
    "broke most often",
    "faults per run",
    "broke at equal faults",
    "recovery s",
    "messages inside",
    "messages outside",
    "writes services",
    "writes platform",
];

impl Line {
    fn of(row: &Row, reference: &Row, strata: &Strata) -> Line {
        let Variant { architecture, level, .. } = row.variant;
        Line {
            catalog: row.variant.catalog,
            architecture: architecture.name,
            level: level.name(),
            name: row.name(),
            variant: variant_name(&row.variant),
            metrics: metric::of(row, strata),
            properties: metric::properties(row),
            correlation: row.correlation(reference),
        }
    }

    fn get(&self, name: &str) -> Option<Interval> {
        self.metrics.get(name).copied()
    }

    fn number(&self, name: &str, divided_by: f64, digits: usize) -> String {
        self.get(name).map_or("-".into(), |found| format!("{:.digits$}", found.value / divided_by))
    }

    fn shares(&self, names: &[&str]) -> String {
        let percent: f64 = names.iter().filter_map(|name| Some(self.get(name)?.value * 100.0)).sum();
        match percent {
            _ if percent == 0.0 => "0".into(),
            _ if percent < 1.0 => format!("{percent:.2}"),
            _ => format!("{percent:.1}"),
        }
    }

    fn ended(&self, kind: EndKind) -> String {
        let ends = self.catalog.ends.iter().filter(|end| end.kind == kind);
        self.shares(&ends.map(|end| end.name).collect::<Vec<_>>())
    }

    fn rate(&self, name: &str) -> String {
        let ends = |found: Interval| format!(" [{:.1}, {:.1}]", found.lo * 100.0, found.hi * 100.0);
        self.shares(&[name]) + &self.get(name).map(ends).unwrap_or_default()
    }

    fn outcome(&self) -> Vec<String> {
        vec![
            self.name.clone(),
            self.rate("violated"),
            self.rate("lost_money"),
            self.ended(EndKind::Completed),
            self.ended(EndKind::Undone),
            self.ended(EndKind::Open),
            self.shares(&["dead_lettered"]),
            self.shares(&["unanswered"]),
            self.number("answer_p50_ms", 1.0, 0),
            self.number("answer_p99_ms", 1.0, 0),
        ]
    }

    fn cost(&self) -> Vec<String> {
        let mut often: Vec<(&str, f64)> =
            self.properties.iter().map(|(id, rate)| (*id, rate.value)).collect();
        often.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let often: Vec<&str> = often.iter().take(3).map(|(id, _)| *id).collect();
        vec![
            self.name.clone(),
            often.join(" "),
            self.number("faults_fired", 1.0, 2),
            self.shares(&["violated_matched"]),
            self.number("recovery_ms", 1e3, 1),
            self.number("messages_internal", 1.0, 1),
            self.number("messages_outside", 1.0, 1),
            self.number("writes_services", 1.0, 1),
            self.number("writes_platform", 1.0, 1),
        ]
    }

    /// How well its pairs with the reference are paired.
    fn pairing(&self) -> String {
        let r = |r: Option<f64>| r.map_or("-".into(), |r| format!("{r:.2}"));
        let Correlation { waits, completions } = self.correlation;
        format!("{} (waits {}, completions {})", self.name, r(waits), r(completions))
    }
}

impl Display for Compared {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Compared { about, seeds, pairs, reference, catalog: Catalog { subject, .. }, .. } = self;
        writeln!(f, "{}, seeds {seeds}, {pairs} pairs: {about}\n", self.backend.on(&self.scenario))?;
        writeln!(f, "{}", self.outcomes().plain())?;
        writeln!(f, "in % of runs [95 % interval] and in % of {subject}s; undone: {}\n", self.undone())?;
        writeln!(f, "{}", self.costs().plain())?;
        writeln!(f, "messages and forced writes per {subject}; recovery: last strike to last final status")?;
        let others = self.rows.iter().filter(|line| line.name != *reference);
        let pairing: Vec<String> = others.map(Line::pairing).collect();
        let pairing = format!("correlation of pairs with {reference}: {}", pairing.join(", "));
        writeln!(f, "{}\n\n{}", folded(&pairing, WIDTH), folded(&self.verdict, WIDTH))
    }
}

impl Display for CompareReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        self.further.iter().try_for_each(|compared| write!(f, "\n{compared}"))?;
        if self.interrupted {
            write!(f, "\ninterrupted: only complete pairs are counted\n")?;
        }
        if let Some(report) = &self.report {
            write!(f, "\nreport: {report}")?;
        }
        match self.all().find_map(|compared| compared.worst.as_ref()) {
            Some(case) => {
                write!(f, "\nthe worst of it:\n{}", self.first.catalog.command_line("run", &case.to_string()))
            }
            None => Ok(()),
        }
    }
}

impl CompareReport {
    /// Every comparison, in order.
    pub fn all(&self) -> impl Iterator<Item = &Compared> {
        std::iter::once(&self.first).chain(&self.further)
    }

    /// The page to keep.
    pub fn markdown(&self) -> String {
        let pages: Vec<String> = self.all().map(Compared::markdown).collect();
        let notes = told(NOTES, self.first.catalog);
        format!("# Architectures compared\n\n{}\n{notes}", pages.join("\n"))
    }
}

impl Compared {
    fn markdown(&self) -> String {
        let Compared { about, seeds, pairs, reference, verdict, .. } = self;
        let mut page = format!(
            "## {stage}\n\n{about}; seeds {seeds}, {pairs} pairs.\n\n**{verdict}**\n\n",
            stage = self.backend.on(&self.scenario)
        );
        let _ = writeln!(page, "{}", self.outcomes().markdown());
        let _ = writeln!(page, "{}", self.costs().markdown());
        let _ = writeln!(
            page,
            "r is the correlation of pairs with {reference}.\n\nRuns that broke each property:\n"
        );
        for line in &self.rows {
            let rates = line.properties.iter().map(|(id, rate)| format!("{id} {}", percent(rate.value)));
            let rates: Vec<String> = rates.collect();
            let rates = if rates.is_empty() { "none".into() } else { rates.join(", ") };
            let _ = writeln!(page, "- {}: {rates}", line.name);
        }
        let _ = writeln!(page, "\nEvery metric, with its 95 % interval:\n\n{}", self.metrics().markdown());
        page
    }

    /// Every metric of every row: the page has room for it.
    fn metrics(&self) -> Grid {
        let head: Vec<&str> =
            ["metric"].into_iter().chain(self.rows.iter().map(|line| line.name.as_str())).collect();
        let cell = |line: &Line, name: &str| match line.get(name) {
            Some(Interval { value, lo, hi }) => format!("{value:.3} [{lo:.3}, {hi:.3}]"),
            None => "-".into(),
        };
        let metrics = metrics(self.catalog);
        let all = metrics.iter().map(|metric| (metric.name, metric.about)).chain(DERIVED.iter().copied());
        let row = |(name, about): (&str, &str)| {
            let what = format!("`{name}`: {}", told(about, self.catalog));
            std::iter::once(what).chain(self.rows.iter().map(|line| cell(line, name))).collect()
        };
        Grid::new(&head, all.map(row))
    }
}

/// A text about any model, told about one.
fn told(text: &str, catalog: &Catalog) -> String {
    let subject = catalog.subject;
    let article = if subject.starts_with(['a', 'e', 'i', 'o', 'u']) { "An" } else { "A" };
    text.replace("{A}", article).replace("{subject}", subject)
}

const NOTES: &str = "\
## How to read this

{A} {subject} is a purchase intent: every row has the same customers, so everything is divided by the same number. All rows \
draw the same plan from a seed (environment-paired). `at equal faults` weights runs by the number of faults that really \
fired, so that a row with more places to be hit is not blamed for being hit more often (intensity-matched). Waiting \
time counts from the customer's arrival to the first definitive answer, of those who got one; recovery from the last \
strike to the last {subject}'s final status, in runs where every order got one. Intervals are at 95 %: Wilson's for shares \
of runs, bootstrap over runs for everything else. Time is virtual, counts are exact, and rates are conditional on the \
faults of the scenario.
";
