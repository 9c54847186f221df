//! Stormcart in a test of yours: `cargo test` fails when an architecture can lose money, stock or an order.
//!
//! ```
//! stormcart::testing::check("calm", "orchestrated-saga", 0..20);
//! ```
//!
//! `STORMCART_SEED`, `STORMCART_SEEDS`, `MADSIM_TEST_SEED` and `MADSIM_TEST_NUM` take the place of the seeds in the
//! test, so that a nightly job sweeps further with the same tests.
//!
//! **Invariant:** whatever fails, fails with its story, and the last line is the command that reproduces it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::backend::{Backend, ExternalServices};
use crate::bugs::architecture;
use crate::determinism_check::DeterminismCheck;
use crate::error::Error;
use crate::fault_text::fault_name;
use crate::plan::{LoadedScenario, Plan};
use crate::plan_file::Opened;
use crate::run::{Verdict, run};
use crate::seeds::{Seed, Seeds};
use crate::story::{Fate, Story, command};
use crate::variant::{Variant, VariantArgs};

/// What is to be checked.
#[derive(Clone, Debug)]
pub struct Check<'a> {
    /// A scenario of the catalogue, or a path to one of yours.
    pub scenario: &'a str,
    /// An architecture.
    pub architecture: &'a str,
    /// The seeds.
    pub seeds: Range<u64>,
    /// The environment may ask for other seeds. Not for a check that is meant to fail.
    pub environment: bool,
    /// Bugs, policies, a level of care and an engine, as on the command line.
    pub args: VariantArgs,
    /// Services of yours in the place of ours. They are processes, so the engine is madsim.
    pub externals: ExternalServices,
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

impl Default for Check<'_> {
    /// A hundred storms over the orchestrated saga.
    fn default() -> Self {
        Check {
            scenario: "storm",
            architecture: "orchestrated-saga",
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
pub fn check(scenario: &str, architecture: &str, seeds: Range<u64>) -> Checked {
    let check = Check { scenario, architecture, seeds, ..Check::default() };
    check.run().unwrap_or_else(|failed| panic!("{failed}"))
}

/// Replays every regression in a folder; returns how many there are.
///
/// # Panics
/// With the story of the first one that fails.
#[track_caller]
pub fn regressions(folder: &str) -> u64 {
    replay(folder, |_| true).unwrap_or_else(|failed| panic!("{failed}"))
}

impl Check<'_> {
    /// Checks.
    ///
    /// # Errors
    /// With the story of the first seed or regression that fails, or a sentence on what was asked wrongly.
    pub fn run(&self) -> Result<Checked, Failed> {
        let stage = LoadedScenario::load(self.scenario)?;
        let variant = self.variant()?;
        stage.admits(&variant)?;
        let asked = Seeds { start: self.seeds.start, end: self.seeds.end };
        let seeds = if self.environment { Seeds::from_env()?.unwrap_or(asked) } else { asked };
        if seeds.is_empty() {
            return Err(Failed(format!("bad range `{seeds}`: no seed would run")));
        }
        let ours = |opened: &Opened| opened.file.case.scenario == self.scenario && opened.variant == variant;
        let regressions = if self.externals.is_empty() { replay(self.regressions, ours)? } else { 0 };
        let failed = |seed: u64| {
            let plan = self.plan(&variant, &stage, Seed(seed));
            let fails = run(&plan).verdict != Verdict::Held;
            fails.then(|| told(&variant, &stage, plan))
        };
        match seeds.range().into_par_iter().find_map_first(failed) {
            Some(failed) => Err(failed),
            None => self
                .repeatable(&variant, &stage, Seed(seeds.start))
                .map(|()| Checked { seeds: seeds.len(), regressions }),
        }
    }

    /// Who is checked: guests bring their engine along.
    fn variant(&self) -> Result<Variant, Error> {
        let variant = Variant::with(architecture(self.architecture)?, &self.args)?;
        match self.args.backend.as_deref() {
            _ if self.externals.is_empty() => Ok(variant),
            Some("kernel") => Err(Error::Plain(
                "a guest is a process, and the kernel runs none: leave the engine out, or wish for madsim"
                    .into(),
            )),
            _ => Ok(variant.on(Backend::Madsim)),
        }
    }

    fn plan(&self, variant: &Variant, stage: &LoadedScenario, seed: Seed) -> Plan {
        stage.plan(variant, seed).with_guests(self.externals.clone())
    }

    /// The first seed once more: what cannot be repeated proves nothing.
    fn repeatable(&self, variant: &Variant, stage: &LoadedScenario, seed: Seed) -> Result<(), Failed> {
        let plan = self.plan(variant, stage, seed);
        match run(&plan).digest == run(&plan).digest {
            true => Ok(()),
            false => Err(told(variant, stage, plan)),
        }
    }
}

fn told(variant: &Variant, stage: &LoadedScenario, plan: Plan) -> Failed {
    let case = variant.case(&stage.scenario.name, plan.seed);
    let again = match plan.externals.is_empty() {
        true => command("run", &case.to_string()),
        // Only the test knows who the guest is.
        false => format!("STORMCART_SEED={} cargo test", plan.seed),
    };
    story(&case, variant, &DeterminismCheck::of(plan), again)
}

fn story(case: &crate::case::Case, variant: &Variant, twice: &DeterminismCheck, again: String) -> Failed {
    Failed(Story { case, variant, twice, identical: Some(twice.identical()), again }.to_string())
}

/// Replays the regressions of a folder that are wanted, in the order of their names.
///
/// What broke an architecture that claims safety must never break it again; what broke it because of a bug somebody
/// planted, or because it was never safe, must go on breaking it, or it is no longer found. Either way its faults must strike.
fn replay(folder: &str, wanted: impl Fn(&Opened) -> bool) -> Result<u64, Failed> {
    let mut replayed = 0;
    for path in plans(Path::new(folder)) {
        let path = path.display().to_string();
        let opened = Opened::load(&path)?;
        if !wanted(&opened) {
            continue;
        }
        replayed += 1;
        let Opened { file, variant, plan, .. } = opened;
        let twice = DeterminismCheck::of(plan);
        if file.fault.is_some() {
            struck(&path, &twice)?;
        }
        let safe = variant.as_designed() && variant.architecture.claims_safety();
        if !safe && file.broke.is_empty() {
            let cure = "say which property it must break: `broke = [\"S1\"]`";
            return Err(Failed(format!(
                "{path}: a regression of somebody unsafe without a property: {cure}"
            )));
        }
        let recorded = || file.broke.first().cloned().unwrap_or("a property".into());
        let missed = match (&twice.run.verdict, safe) {
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
            let Failed(story) = story(&file.case, &variant, &twice, command("replay", &path));
            let expected = if safe { "must hold" } else { "must break" };
            return Err(Failed(format!("{path}: {missed} {expected}\n\n{story}")));
        }
    }
    Ok(replayed)
}

/// A regression whose faults do not strike tests nothing: what it names was renamed, or is gone.
fn struck(path: &str, twice: &DeterminismCheck) -> Result<(), Failed> {
    let fates = Fate::all(twice);
    let mut unstruck = twice.plan.faults.iter().zip(fates).filter(|(_, fate)| !fate.struck());
    unstruck.next().map_or(Ok(()), |(fault, fate)| {
        let name = fault_name(fault, &twice.plan.physics);
        Err(Failed(format!(
            "{path}: `{name}` does not strike any more ({fate}): give the place its new name, or remove the file"
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
