//! `sweep`: many seeds, every architecture that claims to be safe, one grid.

use std::sync::atomic::Ordering;

use anstyle::{AnsiColor, Style};
use stormcart_models::architecture::{ARCHITECTURES, Architecture};

use crate::adequacy::{Adequacy, Coverage};
use crate::artifacts::{self, Failure};
use crate::backend::Backend;
use crate::determinism_check::{DeterminismCheck, unsteady};
use crate::error::Error;
use crate::plan::{LoadedScenario, Plan};
use crate::plan_file::PlanFile;
use crate::report::sweep::{Part, SweepReport, total};
use crate::run::run;
use crate::seeds::{Seeds, Slice};
use crate::story::{command, log};
use crate::sweep::{Summary, Sweep};
use crate::variant::{Variant, VariantArgs};

use super::worker_pool::{Jobs, interrupted};
use super::{Exit, Output};

/// So many seeds prove a rate below 0.03 %, in seconds.
const SEEDS: Seeds = Seeds { start: 0, end: 10_000 };

/// Runs many seeds in parallel and says what that proves.
#[derive(Debug, clap::Args)]
pub struct SweepVerb {
    /// A scenario of the catalogue, or a path to a file.
    #[arg(long, value_name = "NAME", default_value = "storm")]
    scenario: String,
    /// An architecture; again for more. Without it, those that claim to be safe.
    #[arg(long = "arch", value_name = "NAME")]
    architectures: Vec<String>,
    /// Which seeds, half-open.
    #[arg(long, value_name = "A..B", default_value_t = SEEDS)]
    seeds: Seeds,
    /// This machine's share of them, for example `slice:2/8`.
    #[arg(long, value_name = "slice:K/N")]
    partition: Option<Slice>,
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
    pub fn perform(self, output: &Output) -> Result<Exit, Error> {
        let stage = LoadedScenario::load(&self.scenario)?;
        let safe: Vec<&Architecture> =
            ARCHITECTURES.iter().copied().filter(|known| known.claims_safety()).collect();
        let variants = self.args.variants(&self.architectures, &safe)?;
        variants.iter().try_for_each(|variant| self.admits(&stage, variant))?;
        let report = self.sweep(&stage, &variants)?;
        output.result(&report, painted(&report.to_string()))?;
        if let Err(error) = keep(&stage, &variants, &report) {
            eprintln!("{error}");
        }
        Ok(exit(&report))
    }

    fn admits(&self, stage: &LoadedScenario, variant: &Variant) -> Result<(), Error> {
        if self.adequacy {
            let instead = || "sweep the same seeds in the kernel".into();
            variant.backend.has_a_value("`sweep --adequacy`", instead)?;
        }
        stage.admits(variant)
    }

    fn sweep(&self, stage: &LoadedScenario, variants: &[Variant]) -> Result<SweepReport, Error> {
        let seeds = self.partition.map_or(self.seeds, |slice| self.seeds.slice(slice));
        let one = |variant: &Variant| {
            let execute = if self.plant_nondeterminism { |plan: &Plan| run(&unsteady(plan)) } else { run };
            let sweep = Sweep { execute, ..Sweep::new(stage, *variant, seeds) };
            let summary = self.timed(&sweep)?;
            let adequacy = self.adequacy.then(|| self.adequacy(&sweep)).transpose()?;
            Ok(Part { adequacy, ..Part::of(&sweep, summary) })
        };
        let sweeps = variants.iter().map(one).collect::<Result<Vec<Part>, Error>>()?;
        Ok(SweepReport {
            build: crate::BUILD,
            scenario: stage.scenario.name.clone(),
            about: stage.scenario.about.clone(),
            backend: Backend::wished(self.args.backend.as_deref())?,
            seeds: self.seeds,
            partition: self.partition,
            interrupted: interrupted().load(Ordering::Relaxed),
            total: total(&sweeps),
            sweeps,
            again: self.again(),
            planted: self.plant_nondeterminism,
        })
    }

    /// Sweeps, and says how fast that was where it takes long: on any engine but the default.
    #[expect(
        clippy::disallowed_types,
        clippy::disallowed_methods,
        reason = "how long it took is told, and decides nothing"
    )]
    fn timed(&self, sweep: &Sweep<'_>) -> Result<Summary, Error> {
        let start = std::time::Instant::now();
        let summary = self.jobs.work("sweep", sweep.seeds.len(), |pool| sweep.run(pool))?;
        if let Some(backend) = sweep.variant.backend.mark() {
            let (seeds, seconds) = (summary.runs, start.elapsed().as_secs_f64());
            eprintln!("{backend}: {seeds} seeds in {seconds:.1} s, {:.0} per second", seeds as f64 / seconds);
        }
        Ok(summary)
    }

    /// A second pass, because looking costs time that a sweep without the ledger should not pay.
    fn adequacy(&self, sweep: &Sweep<'_>) -> Result<Adequacy, Error> {
        let Sweep { stage, variant, seeds, .. } = sweep;
        self.jobs.work("adequacy", seeds.len(), |pool| {
            let coverage = Coverage::of(stage, variant, *seeds, pool);
            Adequacy::of(stage, variant, &coverage, pool)
        })
    }

    /// The command that does this again.
    fn again(&self) -> String {
        let mut again = format!("{} --seeds {}", command("sweep --scenario", &self.scenario), self.seeds);
        let mut say = |flag: &str, values: &[String]| {
            values.iter().for_each(|value| again.push_str(&format!(" --{flag} {value}")));
        };
        say("arch", &self.architectures);
        say("partition", &self.partition.map(|slice| slice.to_string()).into_iter().collect::<Vec<_>>());
        say("bug", &self.args.bugs);
        say("policy", &self.args.policies);
        say("care", &self.args.level.clone().into_iter().collect::<Vec<_>>());
        say("engine", &self.args.backend.clone().into_iter().collect::<Vec<_>>());
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
fn keep(stage: &LoadedScenario, variants: &[Variant], report: &SweepReport) -> Result<(), Error> {
    let mut failures = Vec::new();
    for (variant, part) in variants.iter().zip(&report.sweeps) {
        for failure in &part.found.summary.failures {
            let twice = DeterminismCheck::of(stage.plan(variant, failure.case.seed));
            failures.push(Failure {
                case: failure.case.clone(),
                plan: PlanFile::of(&failure.case, &twice.plan, &twice.run).text()?,
                trace: log::text(&twice),
            });
        }
    }
    let slice = report.partition.map(|slice| format!("-{slice}")).unwrap_or_default();
    let backend = report.backend.mark().map(|backend| format!("@{backend}")).unwrap_or_default();
    let name = format!("sweep-{}-{}{slice}{backend}", report.scenario, report.seeds);
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
