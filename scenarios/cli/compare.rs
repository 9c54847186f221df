//! `compare`: the same customers and the same storm for every architecture, at every level of care.

use std::fs;
use std::sync::atomic::Ordering;

use stormcart_models::architecture::{ARCHITECTURES, Architecture};

use crate::bugs::architecture;
use crate::compare::Comparison;
use crate::contender::{Contender, Wish};
use crate::error::Error;
use crate::plan::Stage;
use crate::report::compare::{CompareReport, Compared};
use crate::seeds::Seeds;
use crate::store;

use super::crew::{Jobs, interrupted};
use super::{Exit, Output};

/// What is compared if nothing is said: first what makes the point, then everything at once.
const SCENARIOS: [&str; 2] = ["partition", "storm"];

/// Enough pairs for intervals of a few per cent, in seconds.
const SEEDS: Seeds = Seeds { start: 0, end: 1_000 };

/// Compares architectures on the same seeds: correctness, completion, latency, cost.
#[derive(Debug, clap::Args)]
pub struct CompareVerb {
    /// Architectures; all, if none is named.
    #[arg(value_name = "ARCH")]
    architectures: Vec<String>,
    /// A scenario of the catalogue, or a path to a file; without it, `partition` and then `storm`.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// Which seeds, half-open.
    #[arg(long, value_name = "A..B", default_value_t = SEEDS)]
    seeds: Seeds,
    /// Exit 1 if any row broke a rule.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    wish: Wish,
}

impl CompareVerb {
    /// Compares, reports, keeps the page.
    pub fn perform(self, output: &Output) -> Result<Exit, Error> {
        let contenders = self.contenders()?;
        let named: Vec<&str> = self.scenario.as_deref().map_or(SCENARIOS.to_vec(), |name| vec![name]);
        let stages = named.iter().map(|name| Stage::load(name)).collect::<Result<Vec<Stage>, Error>>()?;
        let admits = |stage: &Stage| contenders.iter().try_for_each(|contender| stage.admits(contender));
        stages.iter().try_for_each(admits)?;
        let mut compared = Vec::new();
        for stage in &stages {
            compared.push(self.compare(stage, &contenders)?);
            if interrupted().load(Ordering::Relaxed) {
                break;
            }
        }
        let first = compared.remove(0);
        let interrupted = interrupted().load(Ordering::Relaxed);
        let mut report = CompareReport { first, further: compared, interrupted, report: None };
        match self.keep(&report) {
            Ok(path) => report.report = Some(path),
            Err(error) => eprintln!("{error}"),
        }
        output.result(&report, &report)?;
        Ok(self.exit(&report))
    }

    /// Every architecture at every level of care it comes in, the least careful first.
    fn contenders(&self) -> Result<Vec<Contender>, Error> {
        let named = self.architectures.iter().map(|name| architecture(name));
        let named = named.collect::<Result<Vec<&'static Architecture>, Error>>()?;
        let all = if named.is_empty() { ARCHITECTURES } else { &named };
        let (mut contenders, mut refusals) = (Vec::new(), Vec::new());
        for architecture in all {
            let levels = architecture.care.iter().map(|(care, _)| care.name().to_owned());
            for care in self.wish.care.clone().map_or(levels.collect(), |care| vec![care]) {
                match Contender::with(architecture, &Wish { care: Some(care), ..self.wish.clone() }) {
                    Ok(contender) => contenders.push(contender),
                    Err(error) => refusals.push(error),
                }
            }
        }
        // Of architectures nobody named, those are meant in which the choices make a difference.
        if let Some(error) = refusals.into_iter().next()
            && (contenders.is_empty() || !named.is_empty())
        {
            return Err(error);
        }
        contenders.sort_by_key(|contender| contender.care);
        Ok(contenders)
    }

    fn compare(&self, stage: &Stage, contenders: &[Contender]) -> Result<Compared, Error> {
        let comparison = Comparison { stage, contenders: contenders.to_vec(), seeds: self.seeds };
        let runs = self.seeds.len() * contenders.len() as u64;
        let rows = self.jobs.work(&stage.scenario.name, runs, |crew| comparison.run(crew))?;
        Ok(Compared::of(&stage.scenario, self.seeds, &rows))
    }

    /// Keeps the numbers and the page; returns the path of the page.
    fn keep(&self, report: &CompareReport) -> Result<String, Error> {
        let names: Vec<&str> = report.all().map(|compared| compared.scenario.as_str()).collect();
        let engine = report.first.engine.mark().map(|engine| format!("@{engine}")).unwrap_or_default();
        let name = format!("compare-{}-{}{engine}", names.join("-"), self.seeds);
        let folder = store::keep(&name, report, &[])?;
        let path = folder.join("report.md");
        let shown = path.display().to_string();
        let cannot = |error: std::io::Error| Error::Io {
            doing: "write",
            path: shown.clone(),
            what: error.to_string(),
        };
        fs::write(&path, report.markdown()).map_err(cannot)?;
        Ok(shown)
    }

    fn exit(&self, report: &CompareReport) -> Exit {
        let violated = report.all().any(Compared::violated);
        let nothing = report.all().any(|compared| compared.pairs == 0);
        match (self.strict && violated, report.interrupted || nothing) {
            (true, _) => Exit::Violated,
            (false, true) => Exit::Inconclusive,
            (false, false) => Exit::Held,
        }
    }
}
