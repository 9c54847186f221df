//! A model in a test of yours: `cargo test` fails when a variant of it breaks a property.
//!
//! `STORMCART_SEED`, `STORMCART_SEEDS`, `MADSIM_TEST_SEED` and `MADSIM_TEST_NUM` take the place of the seeds in the
//! test, so that a nightly job sweeps further with the same tests.
//!
//! **Invariant:** a check that fails, fails with its story, and the last line is the command that reproduces it
//! (`tests/as_a_library.rs`, `tests/own_model.rs`).

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::backend::{Backend, ExternalServices};
use crate::case::Case;
use crate::determinism_check::DeterminismCheck;
use crate::error::Error;
use crate::model::{Model, ServiceOf};
use crate::plan::{LoadedScenario, Plan};
use crate::plan_file::{self, Opened, PlanFile};
use crate::run::{Verdict, run};
use crate::seeds::{Seed, Seeds};
use crate::shrink;
use crate::story::{FaultOutcome, Story, mermaid};
use crate::variant::{Variant, VariantArgs};

/// What is to be checked.
#[derive(Clone, Debug)]
pub struct Check<'a, M: Model> {
    /// A scenario of the catalogue, or a path to one of yours.
    pub scenario: &'a str,
    /// An architecture.
    pub architecture: &'a str,
    /// The seeds.
    pub seeds: Range<u64>,
    /// The environment may ask for other seeds. Not for a check that is meant to fail.
    pub environment: bool,
    /// Bugs, policies, a hardening level and a backend, as on the command line.
    pub args: VariantArgs,
    /// Services of yours in the place of ours. They are processes, so the backend is madsim.
    pub externals: ExternalServices<ServiceOf<M>>,
    /// Where regressions are kept; those of this scenario and architecture are replayed first.
    pub regressions: &'a str,
}

/// What was checked, and held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// How many seeds ran.
    pub seeds: u64,
    /// How many regressions were replayed.
    pub regressions: u64,
}

/// Why a check failed: a story, or a sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A test that returns it shows the story as it is, not escaped.
impl fmt::Debug for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl From<Error> for Failed {
    fn from(error: Error) -> Failed {
        Failed(error.to_string())
    }
}

impl<M: Model> Default for Check<'_, M> {
    /// A hundred seeds of the usual sweep, over the first architecture that claims to be safe, or the first at all.
    fn default() -> Self {
        let catalog = M::catalog();
        let architecture = catalog.safe().first().map_or(catalog.architectures[0].name, |safe| safe.name);
        Check {
            scenario: catalog.usual.sweep,
            architecture,
            seeds: 0..100,
            environment: true,
            args: VariantArgs::default(),
            externals: ExternalServices::none(),
            regressions: "scenarios/regressions",
        }
    }
}

/// Runs an architecture through a scenario, once for each seed.
///
/// # Panics
/// With the story of the first seed that fails.
#[track_caller]
pub fn check<M: Model>(scenario: &str, architecture: &str, seeds: Range<u64>) -> Checked {
    let check = Check::<M> { scenario, architecture, seeds, ..Check::default() };
    check.run().unwrap_or_else(|failed| panic!("{failed}"))
}

/// Replays every regression in a folder; returns how many there are.
///
/// # Panics
/// With the story of the first one that fails.
#[track_caller]
pub fn regressions<M: Model>(folder: &str) -> u64 {
    replay::<M>(folder, |_| true).unwrap_or_else(|failed| panic!("{failed}"))
}

impl<M: Model> Check<'_, M> {
    /// Checks.
    ///
    /// # Errors
    /// With the story of the first seed or regression that fails, or a sentence on what was asked wrongly.
    pub fn run(&self) -> Result<Checked, Failed> {
        let loaded: LoadedScenario<M> = LoadedScenario::load(self.scenario)?;
        let variant = self.variant()?;
        loaded.admits(&variant)?;
        let asked = Seeds { start: self.seeds.start, end: self.seeds.end };
        let seeds = if self.environment { Seeds::from_env()?.unwrap_or(asked) } else { asked };
        if seeds.is_empty() {
            return Err(Failed(format!("bad range `{seeds}`: no seed would run")));
        }
        let ours =
            |opened: &Opened<M>| opened.file.case.scenario == self.scenario && opened.variant == variant;
        let regressions = if self.externals.is_empty() { replay(self.regressions, ours)? } else { 0 };
        let failed = |seed: u64| {
            let plan = self.plan(&variant, &loaded, Seed(seed));
            let fails = run(&plan).verdict != Verdict::Held;
            fails.then(|| told(&variant, &loaded, plan))
        };
        match seeds.range().into_par_iter().find_map_first(failed) {
            Some(failed) => Err(failed),
            None => self
                .repeatable(&variant, &loaded, Seed(seeds.start))
                .map(|()| Checked { seeds: seeds.len(), regressions }),
        }
    }

    /// The variant that is checked: external services bring their backend along.
    fn variant(&self) -> Result<Variant, Error> {
        let variant = Variant::with(M::catalog(), M::catalog().architecture(self.architecture)?, &self.args)?;
        match self.args.backend.as_deref() {
            _ if self.externals.is_empty() => Ok(variant),
            Some("kernel") => Err(Error::Plain(
                "an external service is a process, and the kernel runs none: leave the backend out, or name madsim"
                    .into(),
            )),
            _ => Ok(variant.on(Backend::Madsim)),
        }
    }

    fn plan(&self, variant: &Variant, loaded: &LoadedScenario<M>, seed: Seed) -> Plan<M> {
        loaded.plan(variant, seed).with_externals(self.externals.clone())
    }

    /// The first seed once more: what cannot be repeated proves nothing.
    fn repeatable(&self, variant: &Variant, loaded: &LoadedScenario<M>, seed: Seed) -> Result<(), Failed> {
        let plan = self.plan(variant, loaded, seed);
        match run(&plan).digest == run(&plan).digest {
            true => Ok(()),
            false => Err(told(variant, loaded, plan)),
        }
    }
}

/// The story of a seed that fails, and what its plan shrinks to.
fn told<M: Model>(variant: &Variant, loaded: &LoadedScenario<M>, plan: Plan<M>) -> Failed {
    let case = variant.case(&loaded.scenario.name, plan.seed);
    let again = match plan.externals.is_empty() {
        true => M::catalog().command_line("run", &case.to_string()),
        // Only the test knows which external service it is.
        false => format!("STORMCART_SEED={} cargo test", plan.seed),
    };
    let small = smallest(variant, &case, &plan).map(|small| format!("{small}\n")).unwrap_or_default();
    let Failed(story) = story(&case, variant, &DeterminismCheck::of(plan), again);
    Failed(format!("{small}{story}"))
}

/// The smallest plan that breaks the same property, as a file and as a diagram, where a plan can be shrunk.
fn smallest<M: Model>(variant: &Variant, case: &Case, plan: &Plan<M>) -> Option<String> {
    if !plan.externals.is_empty() || plan.backend != Backend::Kernel {
        return None;
    }
    let property = shrink::broke_first(&run(plan))?;
    let shrunk = shrink::shrink(plan, property)?;
    let checked = DeterminismCheck::of(shrunk.plan);
    let file = PlanFile { broke: vec![property.into()], ..PlanFile::of(case, &checked.plan, &checked.run) };
    let again = M::catalog().command_line("shrink", &case.to_string());
    let name = M::catalog().property_name(property);
    Some(format!(
        "the smallest plan of {} that still breaks {name} (`{again}` keeps it):\n{}\n{}",
        variant.architecture.name,
        file.text().ok()?,
        mermaid::diagram(&checked)
    ))
}

fn story<M: Model>(case: &Case, variant: &Variant, checked: &DeterminismCheck<M>, again: String) -> Failed {
    Failed(Story { case, variant, checked, identical: Some(checked.identical()), again }.to_string())
}

/// Replays the regressions of a folder that are wanted, in the order of their names.
///
/// What broke an architecture that claims safety must never break it again; what broke it because of a bug somebody
/// planted, or because it was never safe, must go on breaking it, or it is no longer found. Either way its faults must strike.
fn replay<M: Model>(folder: &str, wanted: impl Fn(&Opened<M>) -> bool) -> Result<u64, Failed> {
    let mut replayed = 0;
    for path in plans(Path::new(folder)) {
        let path = path.display().to_string();
        // A folder may hold the regressions of several models; what names no case is refused below.
        if plan_file::case_of(&path).is_ok_and(|case| !M::catalog().owns(&case.scenario)) {
            continue;
        }
        let opened = Opened::<M>::load(&path)?;
        if !wanted(&opened) {
            continue;
        }
        replayed += 1;
        let Opened { file, variant, plan, .. } = opened;
        let checked = DeterminismCheck::of(plan);
        if file.fault.is_some() {
            struck(&path, &checked)?;
        }
        let safe = variant.claims_safety();
        if !safe && file.broke.is_empty() {
            let cure = "say which property it must break: `broke = [\"S1\"]`";
            return Err(Failed(format!(
                "{path}: a regression of somebody unsafe without a property: {cure}"
            )));
        }
        let recorded = || file.broke.first().cloned().unwrap_or("a property".into());
        let missed = match (&checked.run.verdict, safe) {
            (Verdict::Held, true) => continue,
            (Verdict::Violated(violations), true) => violations.first().map(|broken| broken.property.into()),
            (Verdict::Violated(violations), false) => {
                let found =
                    |id: &&String| violations.iter().any(|violation| violation.property == id.as_str());
                file.broke.iter().find(|id| !found(id)).cloned()
            }
            (Verdict::Held, false) | (Verdict::Inconclusive(_), _) => Some(recorded()),
        };
        if let Some(missed) = missed {
            let Failed(story) =
                story(&file.case, &variant, &checked, M::catalog().command_line("replay", &path));
            let expected = if safe { "must hold" } else { "must break" };
            return Err(Failed(format!("{path}: {missed} {expected}\n\n{story}")));
        }
    }
    Ok(replayed)
}

/// A regression whose faults do not strike tests nothing: what it names was renamed, or is gone.
fn struck<M: Model>(path: &str, checked: &DeterminismCheck<M>) -> Result<(), Failed> {
    let outcomes = FaultOutcome::all(checked);
    let mut unstruck = checked.plan.faults.iter().zip(outcomes).filter(|(_, outcome)| !outcome.struck());
    unstruck.next().map_or(Ok(()), |(fault, outcome)| {
        let name = checked.plan.names().fault(fault);
        Err(Failed(format!(
            "{path}: `{name}` does not strike any more ({outcome}): give the place its new name, or remove the file"
        )))
    })
}

fn plans(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "toml"));
    paths.sort();
    paths
}
