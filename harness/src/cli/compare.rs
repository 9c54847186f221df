//! `compare`: the same customers and the same storm for every architecture, at every hardening level.

use std::fs;
use std::sync::atomic::Ordering;

use crate::artifacts;
use crate::catalog::Architecture;
use crate::compare::Comparison;
use crate::error::Error;
use crate::model::Model;
use crate::plan::LoadedScenario;
use crate::report::compare::{CompareReport, Compared};
use crate::seeds::Seeds;
use crate::variant::{Variant, VariantArgs};

use super::worker_pool::{Jobs, interrupted};
use super::{Exit, Output};

/// Enough pairs for intervals of a few per cent, in seconds.
const SEEDS: Seeds = Seeds { start: 0, end: 1_000 };

/// Compares architectures on the same seeds: correctness, completion, latency, cost.
#[derive(Debug, clap::Args)]
pub struct CompareVerb {
    /// Architectures; all, if none is named.
    #[arg(value_name = "ARCH")]
    architectures: Vec<String>,
    /// A scenario of the catalogue, or a path to a file; without it, the usual ones of the model.
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// Which seeds, half-open.
    #[arg(long, value_name = "A..B", default_value_t = SEEDS)]
    seeds: Seeds,
    /// Exit 1 if any row broke a rule.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    args: VariantArgs,
}

impl CompareVerb {
    /// Compares, reports, keeps the page.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        let variants = self.variants::<M>()?;
        let named: Vec<&str> =
            self.scenario.as_deref().map_or(M::catalog().usual.compare.to_vec(), |name| vec![name]);
        let loaded = named
            .iter()
            .map(|name| LoadedScenario::load(name))
            .collect::<Result<Vec<LoadedScenario<M>>, Error>>()?;
        let admits =
            |loaded: &LoadedScenario<M>| variants.iter().try_for_each(|variant| loaded.admits(variant));
        loaded.iter().try_for_each(admits)?;
        let mut compared = Vec::new();
        for loaded in &loaded {
            compared.push(self.compare(loaded, &variants)?);
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

    /// Every architecture at every hardening level it comes in, as first written first.
    fn variants<M: Model>(&self) -> Result<Vec<Variant>, Error> {
        let catalog = M::catalog();
        let named = self.architectures.iter().map(|name| catalog.architecture(name));
        let named = named.collect::<Result<Vec<&'static Architecture>, Error>>()?;
        let every: Vec<&'static Architecture> = catalog.architectures.iter().collect();
        let all = if named.is_empty() { &every } else { &named };
        let (mut variants, mut refusals) = (Vec::new(), Vec::new());
        for architecture in all {
            let levels = architecture.levels.iter().map(|(level, _)| level.name().to_owned());
            for level in self.args.level.clone().map_or(levels.collect(), |level| vec![level]) {
                let args = VariantArgs { level: Some(level), ..self.args.clone() };
                match Variant::with(catalog, architecture, &args) {
                    Ok(variant) => variants.push(variant),
                    Err(error) => refusals.push(error),
                }
            }
        }
        // Of architectures nobody named, those are meant in which the choices make a difference.
        if let Some(error) = refusals.into_iter().next()
            && (variants.is_empty() || !named.is_empty())
        {
            return Err(error);
        }
        variants.sort_by_key(|variant| variant.level);
        Ok(variants)
    }

    fn compare<M: Model>(&self, loaded: &LoadedScenario<M>, variants: &[Variant]) -> Result<Compared, Error> {
        let comparison = Comparison { loaded, variants: variants.to_vec(), seeds: self.seeds };
        let runs = self.seeds.len() * variants.len() as u64;
        let rows = self.jobs.work(&loaded.scenario.name, runs, |pool| comparison.run(pool))?;
        Ok(Compared::of(M::catalog(), &loaded.scenario, self.seeds, &rows))
    }

    /// Keeps the numbers and the page; returns the path of the page.
    fn keep(&self, report: &CompareReport) -> Result<String, Error> {
        let names: Vec<&str> = report.all().map(|compared| compared.scenario.as_str()).collect();
        let backend = report.first.backend.mark().map(|backend| format!("@{backend}")).unwrap_or_default();
        let name = format!("compare-{}-{}{backend}", names.join("-"), self.seeds);
        let folder = artifacts::keep(&name, report, &[])?;
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
