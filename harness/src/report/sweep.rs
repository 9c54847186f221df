//! What a sweep found, as a grid for a person and as a document for a program.
//!
//! **Invariant:** green says what it proves and no more; red names cases, and the last line reproduces the first one.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use crate::adequacy::{Adequacy, Missed, Share};
use crate::backend::Backend;
use crate::catalog::Catalog;
use crate::model::Model;
use crate::promise::{Miss, exposed_percent};
use crate::seeds::{Seeds, Shard};
use crate::stats;
use crate::story::sentences;
use crate::summary::{Storms, Summary};
use crate::sweep::Sweep;
use crate::text::percent;
use crate::variant::Variant;

use super::variant_name;

/// Of so many settings the cells that were never hit are told to a person.
const UNHIT: usize = 8;

/// What several contenders made of the same seeds.
#[derive(Debug, Serialize)]
pub struct SweepReport {
    /// The names of the model.
    #[serde(skip)]
    pub catalog: &'static Catalog,
    /// Runs of different builds may differ, so their sums do not add up.
    pub build: &'static str,
    /// The scenario.
    pub scenario: String,
    /// What it is, in a sentence.
    pub about: String,
    /// The engine that played it.
    pub backend: Backend,
    /// The seeds that were asked for.
    #[serde(serialize_with = "as_text")]
    pub seeds: Seeds,
    /// The share of them that was run here, if not all.
    #[serde(serialize_with = "as_option", skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// Somebody stopped it before all had run.
    pub interrupted: bool,
    /// All contenders together.
    #[serde(flatten)]
    pub total: Findings,
    /// Each contender.
    pub sweeps: Vec<Part>,
    /// The command that runs it again.
    pub again: String,
    /// A nondeterminism was planted, to see the alarm ring.
    #[serde(skip)]
    pub planted: bool,
}

/// What one contender made of them.
#[derive(Debug, Serialize)]
pub struct Part {
    /// The names of the model.
    #[serde(skip)]
    pub catalog: &'static Catalog,
    /// The contender, in the words of a case.
    pub variant: String,
    /// What was found.
    #[serde(flatten)]
    pub found: Findings,
    /// What its faults met and never met, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adequacy: Option<Adequacy>,
}

/// A sum of runs, and what follows from it.
#[derive(Debug, Serialize)]
pub struct Findings {
    /// The sum.
    #[serde(flatten)]
    pub summary: Summary,
    /// Promises of the scenario that were not kept.
    pub misses: Vec<Miss>,
    /// Properties that never had anything to check.
    pub vacuous: Vec<&'static str>,
}

impl Findings {
    fn of(catalog: &Catalog, summary: Summary, misses: Vec<Miss>) -> Self {
        Findings { vacuous: summary.vacuous(catalog), summary, misses }
    }
}

impl Part {
    /// What a sweep found.
    pub fn of<M: Model>(sweep: &Sweep<'_, M>, summary: Summary) -> Self {
        let misses = sweep.misses(&summary);
        let catalog = M::catalog();
        let found = Findings::of(catalog, summary, misses);
        Part { catalog, variant: name(&sweep.variant), found, adequacy: None }
    }
}

fn name(variant: &Variant) -> String {
    variant_name(variant)
}

/// All parts together.
pub fn total(catalog: &Catalog, parts: &[Part]) -> Findings {
    let summaries = parts.iter().map(|part| part.found.summary.clone());
    let misses = parts.iter().flat_map(|part| part.found.misses.clone()).collect();
    Findings::of(catalog, summaries.fold(Summary::default(), Summary::merge), misses)
}

impl SweepReport {
    /// What makes it fail, if it does: the command that reproduces it.
    pub fn reproduce(&self) -> Option<String> {
        let Findings { summary, misses, .. } = &self.total;
        let planted = if self.planted { " --plant-nondeterminism" } else { "" };
        let differed = summary.determinism.cases.first();
        let differed = differed.map(|case| self.catalog.command_line("run", &case.to_string()) + planted);
        let failed = || {
            summary
                .failures
                .first()
                .map(|failure| self.catalog.command_line("run", &failure.case.to_string()))
        };
        let limited = || {
            summary
                .unfinished
                .first()
                .map(|unfinished| self.catalog.command_line("run", &unfinished.case.to_string()))
        };
        let other = || (self.interrupted || !misses.is_empty()).then(|| self.again.clone());
        differed.or_else(failed).or_else(limited).or_else(other)
    }
}

impl Display for SweepReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let shard = self.shard.map(|shard| format!(", shard {shard}")).unwrap_or_default();
        let stage = self.backend.on(&self.scenario);
        line(f, "sweep", format_args!("{stage}, seeds {}{shard}: {}", self.seeds, self.about))?;
        let width = self.sweeps.iter().map(|part| part.variant.len()).max().unwrap_or(0);
        self.sweeps.iter().try_for_each(|part| part.verdict(f, width))?;
        if self.interrupted {
            line(f, "STOP", format_args!("interrupted after {} runs", self.total.summary.runs))?;
        }
        self.sweeps.iter().try_for_each(|part| part.exposure(f, width))?;
        self.sweeps.iter().try_for_each(|part| part.vacuous(f, width))?;
        self.sweeps.iter().try_for_each(|part| part.adequacy(f, width))?;
        let Summary { determinism, digest, events, .. } = &self.total.summary;
        let differed = match determinism.differed {
            0 => "none differed".to_owned(),
            some => format!("{some} DIFFERED"),
        };
        let Summary { runs, .. } = self.total.summary;
        line(f, "repeated", format_args!("{} of {runs} runs, {differed}", determinism.checked))?;
        determinism.cases.iter().try_for_each(|case| line(f, "", case))?;
        write!(f, "{:>8}  {digest:#x} of {events} events", "digest")?;
        self.reproduce().map_or(Ok(()), |again| write!(f, "\n\n{again}"))
    }
}

impl Part {
    fn verdict(&self, f: &mut Formatter<'_>, width: usize) -> fmt::Result {
        let Part { variant, found: Findings { summary, misses, .. }, .. } = self;
        let Summary { runs, violated, inconclusive, .. } = summary;
        let limited = match inconclusive {
            0 => String::new(),
            some => format!(", {some} hit a limit"),
        };
        match violated {
            0 if *runs == 0 => line(f, "NONE", format_args!("{variant:<width$}  no seed was run"))?,
            0 => {
                let proved = percent(stats::upper_bound_of_zero(runs - inconclusive));
                let word = if *inconclusive == 0 { "HELD" } else { "LIMIT" };
                let proof = format_args!(
                    "{variant:<width$}  0 of {runs} violated{limited} ⇒ rate < {proved} at 95 %, under these faults"
                );
                line(f, word, proof)?;
            }
            some => {
                let rate = percent(*some as f64 / *runs as f64);
                let properties = self.broken();
                let counted = format_args!(
                    "{variant:<width$}  {some} of {runs} violated ({rate}){limited}: {properties}"
                );
                line(f, "FAIL", counted)?;
            }
        }
        for failure in &summary.failures {
            line(f, "", format_args!("{}  {}", failure.case, failure.properties.join(" ")))?;
        }
        match violated - summary.failures.len() as u64 {
            0 => {}
            more => line(f, "", format_args!("... and {more} more"))?,
        }
        for unfinished in &summary.unfinished {
            line(f, "", format_args!("{}  {}", unfinished.case, unfinished.reason))?;
        }
        misses.iter().try_for_each(|miss| line(f, "MISS", format_args!("{variant:<width$}  {}", miss.missed)))
    }

    /// How many runs broke each property, in the order of the registry.
    fn broken(&self) -> String {
        let times = |id: &'static str| Some((id, self.found.summary.broken.get(id)?));
        let broken = self.catalog.properties.iter().filter_map(|property| times(property.id));
        broken
            .map(|(id, times)| format!("{} {times}", self.catalog.property_name(id)))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn exposure(&self, f: &mut Formatter<'_>, width: usize) -> fmt::Result {
        let Part { variant, found: Findings { summary, .. }, .. } = self;
        let Some(exposed) = exposed_percent(&summary.storms) else {
            return line(f, "exposure", format_args!("{variant:<width$}  no plan had faults"));
        };
        let Storms { planned, fired, .. } = summary.storms;
        let families = summary.exposure.iter();
        let families = families.map(|(family, times)| format!("{family} {}/{}", times.fired, times.critical));
        line(
            f,
            "exposure",
            format_args!(
                "{variant:<width$}  faults struck in {fired} of {planned} runs that were to have some, inside a \
                 critical window in {exposed:.1} %",
            ),
        )?;
        let families: Vec<String> = families.collect();
        line(f, "", format_args!("{:width$}  fired/critical: {}", "", families.join(", ")))
    }

    fn vacuous(&self, f: &mut Formatter<'_>, width: usize) -> fmt::Result {
        let Part { variant, found, .. } = self;
        match found.vacuous[..] {
            [] => Ok(()),
            ref ids => {
                let ids = sentences::named(self.catalog, ids);
                line(f, "vacuous", format_args!("{variant:<width$}  never had anything to check: {ids}"))
            }
        }
    }
}

impl Part {
    fn adequacy(&self, f: &mut Formatter<'_>, width: usize) -> fmt::Result {
        let Some(Adequacy { reachable, hit, families, kinds, missed, .. }) = &self.adequacy else {
            return Ok(());
        };
        let variant = &self.variant;
        let share = percent(*hit as f64 / (*reachable).max(1) as f64);
        let cells = format_args!(
            "{variant:<width$}  {hit} of {reachable} reachable cells hit ({share}); a cell: a site, how far its \
             {subject} has come, a family of faults",
            subject = self.catalog.subject
        );
        line(f, "adequacy", cells)?;
        let blank = "";
        line(f, "", format_args!("{blank:width$}  hit/reachable: {}", shares(kinds)))?;
        line(f, "", format_args!("{blank:width$}  hit/reachable: {}", shares(families)))?;
        let mut settings = missed.chunk_by(|a, b| (&a.site, &a.order) == (&b.site, &b.order));
        settings.by_ref().take(UNHIT).try_for_each(|missed| unhit(f, self.catalog.subject, missed))?;
        match settings.map(<[Missed]>::len).sum() {
            0_usize => Ok(()),
            more => {
                line(f, "", format_args!("... and {more} more cells, in the document of `--format json`"))
            }
        }
    }
}

fn shares(shares: &BTreeMap<&str, Share>) -> String {
    let share = |(word, share): (&&str, &Share)| format!("{word} {}/{}", share.hit, share.reachable);
    shares.iter().map(share).collect::<Vec<_>>().join(", ")
}

/// The cells of one setting that were never hit.
fn unhit(f: &mut Formatter<'_>, subject: &str, missed: &[Missed]) -> fmt::Result {
    let Some(Missed { site, order, passed, case, fault, .. }) = missed.first() else { return Ok(()) };
    let order = order.as_ref().map(|order| format!(", {subject} {order}")).unwrap_or_default();
    let families = missed.iter().map(|missed| missed.family).collect::<Vec<_>>().join(", ");
    line(f, "UNHIT", format_args!("{site}{order}, {passed} passed: {families}"))?;
    line(f, "", format_args!("  the first in {case}, with `{fault}`"))
}

/// One line of the grid: a word, right-aligned, and what it says.
fn line(f: &mut Formatter<'_>, word: &str, what: impl Display) -> fmt::Result {
    writeln!(f, "{word:>8}  {what}")
}

fn as_text<T: Display, S: serde::Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn as_option<T: Display, S: serde::Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}
