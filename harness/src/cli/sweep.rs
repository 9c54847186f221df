//! `sweep`: many seeds, every architecture that claims to be safe, one grid.

use std::sync::atomic::Ordering;

use anstyle::{AnsiColor, Style};

use crate::adequacy::{Adequacy, Coverage};
use crate::artifacts::{self, Failure};
use crate::backend::Backend;
use crate::catalog::Catalog;
use crate::determinism_check::{DeterminismCheck, unsteady};
use crate::error::Error;
use crate::model::Model;
use crate::plan::{LoadedScenario, Plan};
use crate::plan_file::PlanFile;
use crate::report::sweep::{Part, SweepReport, total};
use crate::run::run;
use crate::seeds::{Seeds, Shard};
use crate::story::log;
use crate::summary::Summary;
use crate::sweep::Sweep;
use crate::variant::{Variant, VariantArgs};

use super::worker_pool::{Jobs, interrupted};
use super::{Exit, Output};

/// So many seeds prove a rate below 0.03 %, in seconds.
const SEEDS: Seeds = Seeds { start: 0, end: 10_000 };

/// Runs many seeds in parallel and says what that proves.
#[derive(Debug, clap::Args)]
pub struct SweepVerb {
    /// A scenario of the catalogue, or a path to a file.
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// An architecture; again for more. Without it, those that claim to be safe.
    #[arg(long = "arch", value_name = "NAME")]
    architectures: Vec<String>,
    /// Which seeds, half-open.
    #[arg(long, value_name = "A..B", default_value_t = SEEDS)]
    seeds: Seeds,
    /// This machine's share of them, for example `2/8`.
    #[arg(long, alias = "partition", value_name = "K/N")]
    shard: Option<Shard>,
    /// Watches every run, and says which faults struck where, and which reachable places no fault ever struck.
    #[arg(long)]
    adequacy: bool,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    args: VariantArgs,
    /// Plants a nondeterminism, to see the alarm ring.
    #[arg(long, hide = true)]
    plant_nondeterminism: bool,
}

impl SweepVerb {
    /// Sweeps, reports, keeps what failed.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        let catalog = M::catalog();
        let loaded: LoadedScenario<M> = LoadedScenario::load(self.scenario(catalog))?;
        let variants = self.args.variants(catalog, &self.architectures, &catalog.safe())?;
        variants.iter().try_for_each(|variant| self.admits(&loaded, variant))?;
        let report = self.sweep(&loaded, &variants)?;
        output.result(&report, painted(&report.to_string()))?;
        if let Err(error) = keep(&loaded, &variants, &report) {
            eprintln!("{error}");
        }
        Ok(exit(&report))
    }

    /// The scenario that was named, or the usual one.
    fn scenario<'a>(&'a self, catalog: &'a Catalog) -> &'a str {
        self.scenario.as_deref().unwrap_or(catalog.usual.sweep)
    }

    fn admits<M: Model>(&self, loaded: &LoadedScenario<M>, variant: &Variant) -> Result<(), Error> {
        if self.adequacy {
            let instead = || "sweep the same seeds in the kernel".into();
            variant.backend.has_a_value("`sweep --adequacy`", instead)?;
        }
        loaded.admits(variant)
    }

    fn sweep<M: Model>(
        &self,
        loaded: &LoadedScenario<M>,
        variants: &[Variant],
    ) -> Result<SweepReport, Error> {
        let seeds = self.shard.map_or(self.seeds, |shard| self.seeds.shard(shard));
        let one = |variant: &Variant| {
            let execute = if self.plant_nondeterminism { |plan: &Plan<M>| run(&unsteady(plan)) } else { run };
            let sweep = Sweep { execute, ..Sweep::new(loaded, *variant, seeds) };
            let summary = self.timed(&sweep)?;
            let adequacy = self.adequacy.then(|| self.adequacy(&sweep)).transpose()?;
            Ok(Part { adequacy, ..Part::of(&sweep, summary) })
        };
        let sweeps = variants.iter().map(one).collect::<Result<Vec<Part>, Error>>()?;
        Ok(SweepReport {
            catalog: M::catalog(),
            build: crate::BUILD,
            scenario: loaded.scenario.name.clone(),
            about: loaded.scenario.about.clone(),
            backend: Backend::wished(self.args.backend.as_deref())?,
            seeds: self.seeds,
            shard: self.shard,
            interrupted: interrupted().load(Ordering::Relaxed),
            total: total(M::catalog(), &sweeps),
            sweeps,
            again: self.again(M::catalog()),
            planted: self.plant_nondeterminism,
        })
    }

    /// Sweeps, and says how fast that was where it takes long: on any backend but the default.
    #[expect(
        clippy::disallowed_types,
        clippy::disallowed_methods,
        reason = "how long it took is told, and decides nothing"
    )]
    fn timed<M: Model>(&self, sweep: &Sweep<'_, M>) -> Result<Summary, Error> {
        let start = std::time::Instant::now();
        let summary = self.jobs.work("sweep", sweep.seeds.len(), |pool| sweep.run(pool))?;
        if let Some(backend) = sweep.variant.backend.mark() {
            let (seeds, seconds) = (summary.runs, start.elapsed().as_secs_f64());
            eprintln!("{backend}: {seeds} seeds in {seconds:.1} s, {:.0} per second", seeds as f64 / seconds);
        }
        Ok(summary)
    }

    /// A second pass, because looking costs time that a sweep without the ledger should not pay.
    fn adequacy<M: Model>(&self, sweep: &Sweep<'_, M>) -> Result<Adequacy, Error> {
        let Sweep { loaded, variant, seeds, .. } = sweep;
        self.jobs.work("adequacy", seeds.len(), |pool| {
            let coverage = Coverage::of(loaded, variant, *seeds, pool);
            Adequacy::of(loaded, variant, &coverage, pool)
        })
    }

    /// The command that does this again.
    fn again(&self, catalog: &Catalog) -> String {
        let mut again = format!(
            "{} --seeds {}",
            catalog.command_line("sweep --scenario", self.scenario(catalog)),
            self.seeds
        );
        let mut say = |flag: &str, values: &[String]| {
            values.iter().for_each(|value| again.push_str(&format!(" --{flag} {value}")));
        };
        say("arch", &self.architectures);
        say("shard", &self.shard.map(|shard| shard.to_string()).into_iter().collect::<Vec<_>>());
        say("bug", &self.args.bugs);
        say("policy", &self.args.policies);
        say("level", &self.args.level.clone().into_iter().collect::<Vec<_>>());
        say("backend", &self.args.backend.clone().into_iter().collect::<Vec<_>>());
        if self.adequacy {
            again.push_str(" --adequacy");
        }
        again
    }
}

fn exit(report: &SweepReport) -> Exit {
    let summary = &report.total.summary;
    let nothing = report.sweeps.iter().any(|part| part.found.summary.runs == 0);
    let open = nothing || report.interrupted || summary.inconclusive > 0 || !report.total.misses.is_empty();
    let which = [
        (summary.determinism.differed > 0, Exit::NotDeterministic),
        (summary.violated > 0, Exit::Violated),
        (open, Exit::Inconclusive),
    ];
    which.into_iter().find(|(is, _)| *is).map_or(Exit::Held, |(_, exit)| exit)
}

/// Keeps the sums, and plan and trace of what failed.
fn keep<M: Model>(
    loaded: &LoadedScenario<M>,
    variants: &[Variant],
    report: &SweepReport,
) -> Result<(), Error> {
    let mut failures = Vec::new();
    for (variant, part) in variants.iter().zip(&report.sweeps) {
        for failure in &part.found.summary.failures {
            let checked = DeterminismCheck::of(loaded.plan(variant, failure.case.seed));
            failures.push(Failure {
                case: failure.case.clone(),
                plan: PlanFile::of(&failure.case, &checked.plan, &checked.run).text()?,
                trace: log::text(&checked),
            });
        }
    }
    let shard = report.shard.map(|shard| format!("-{shard}")).unwrap_or_default();
    let backend = report.backend.mark().map(|backend| format!("@{backend}")).unwrap_or_default();
    let name = format!("sweep-{}-{}{shard}{backend}", report.scenario, report.seeds);
    artifacts::keep(&name, report, &failures).map(|_| ())
}

/// Paints the words at the beginning of lines.
fn painted(text: &str) -> String {
    let colour = |word: &str| match word {
        "HELD" => Some(AnsiColor::Green),
        "FAIL" => Some(AnsiColor::Red),
        "MISS" | "UNHIT" | "STOP" | "LIMIT" | "NONE" => Some(AnsiColor::Yellow),
        _ => None,
    };
    let paint = |line: &str| match line.split_whitespace().next().and_then(|word| Some((word, colour(word)?)))
    {
        Some((word, colour)) => {
            let style = Style::new().bold().fg_color(Some(colour.into()));
            line.replacen(word, &format!("{style}{word}{style:#}"), 1)
        }
        None => line.to_owned(),
    };
    text.lines().map(paint).collect::<Vec<_>>().join("\n")
}
