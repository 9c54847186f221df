//! Exploration of a variant: every placement of up to so many faults in one world, and a certificate of it.
//!
//! The world is that of a scenario and a seed without its drawn faults, with the first few of its customers. It is not
//! healed: every outage that is placed ends by itself, and a run is over when all is at rest. What breaks a property is
//! named, and is a plan like any other then.
//!
//! **Invariant:** a counterexample is told only after its plan has broken the same property in an ordinary run.

pub mod certificate;
mod estimate;
pub mod fault_set_size;

use std::sync::atomic::{AtomicBool, Ordering};

use stormcart_sim::Truth;
use stormcart_sim::explore::{self, Explored, Explorer, FAULTS_MAX, FaultSet, Limits, Placed};
use stormcart_sim::fault::Fault;
use stormcart_sim::trace::Trace;
use stormcart_sim::{FingerprintMask, Instant, Micros};

use crate::case::Case;
use crate::error::Error;
use crate::model::Model;
use crate::plan::{LoadedScenario, Plan};
use crate::run::{self, Verdict, WorldOf};
use crate::seeds::Seed;
use crate::variant::Variant;

use fault_set_size::{Durations, FaultSetSize};

pub use estimate::Estimate;

/// Most states remembered: what fits into a table of half a gigabyte, which takes as much again to grow to that.
const STATES: u64 = 50_000_000;

/// What is to be explored, whoever is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The most faults.
    pub faults: u8,
    /// The most inversions of the order of messages, where there is no fault.
    pub inversions: u8,
    /// How many customers come.
    pub orders: u32,
    /// How wide the choice of faults is.
    pub size: FaultSetSize,
    /// The most executions.
    pub executions: u64,
    /// Whether states are remembered: without, everything is executed that can be.
    pub memo: bool,
}

/// What is about to be explored, and how much that will be.
#[derive(Clone, Debug)]
pub struct ExplorationPlan<M: Model> {
    /// Who is explored, where, with which seed.
    pub case: Case,
    /// What is asked.
    pub question: Question,
    /// The world, without faults.
    pub plan: Plan<M>,
    /// The faults that are placed.
    pub fault_set: FaultSet,
    /// The durations in it.
    pub durations: Durations,
    /// How many runs it will take, judged by how the first few faults make it grow.
    pub estimate: Estimate,
}

/// An exploration and what it found.
#[derive(Clone, Debug)]
pub struct Exploration<M: Model> {
    /// What was to be explored.
    pub asked: ExplorationPlan<M>,
    /// What was covered by faults, and which properties were broken.
    pub explored: Explored<&'static str>,
    /// What was covered by other orders of messages.
    pub reordered: Explored<&'static str>,
    /// The plans that break properties, each with those it broke first.
    pub counterexamples: Vec<Counterexample<M>>,
}

/// A plan that breaks something.
#[derive(Clone, Debug)]
pub struct Counterexample<M: Model> {
    /// The properties, by id.
    pub broke: Vec<&'static str>,
    /// The plan.
    pub plan: Plan<M>,
}

impl<M: Model> ExplorationPlan<M> {
    /// Plans the exploration of a variant in a loaded scenario, and estimates what it takes.
    ///
    /// # Errors
    /// If the question asks for more than there is, or of a backend that cannot explore.
    pub fn of(
        loaded: &LoadedScenario<M>,
        variant: &Variant,
        seed: Seed,
        question: Question,
    ) -> Result<Self, Error> {
        variant.backend.has_a_value("`explore`", || {
            let command = M::catalog().command;
            format!("explore in the kernel, and confirm on madsim what breaks: `{command} replay FILE --backend madsim`")
        })?;
        let plan = world(loaded, variant, seed, question)?;
        let durations = Durations::of(M::timing(&plan.setup));
        let fault_set = question.size.fault_set::<M>(durations, &plan.setup);
        let case = variant.case(&loaded.scenario.name, seed);
        let mut plan =
            ExplorationPlan { case, question, plan, fault_set, durations, estimate: Estimate::default() };
        plan.estimate = Estimate::of(&plan);
        Ok(plan)
    }

    /// Places faults, and then takes messages in other orders.
    ///
    /// # Errors
    /// If a counterexample is none: a bug in the tool.
    pub fn explore(self) -> Result<Exploration<M>, Error> {
        let Question { faults, inversions, executions, memo, .. } = self.question;
        let explored = self.search(&self.fault_set, faults, executions, memo);
        let left = executions.saturating_sub(explored.executions);
        let reordered = self.search(&fault_set_size::orders(), inversions, left, memo);
        let mut counterexamples = counterexamples(&self.plan, &explored)?;
        counterexamples.extend(self::counterexamples(&self.plan, &reordered)?);
        Ok(Exploration { asked: self, explored, reordered, counterexamples })
    }

    fn search(&self, fault_set: &FaultSet, most: u8, executions: u64, memo: bool) -> Explored<&'static str> {
        let limits = Limits {
            executions,
            states: STATES,
            events: self.plan.limits.events,
            horizon: self.plan.safety_until,
        };
        let quiet = Micros(M::timing(&self.plan.setup).call_timeout.0 / 2);
        let explorer = Explorer { fault_set, limits, memo, quiet, mask: FingerprintMask::NONE };
        explorer.explore(&run::world(&self.plan, Trace::off()), most, broken::<M>)
    }
}

impl<M: Model> Exploration<M> {
    /// Explores a variant in a loaded scenario.
    ///
    /// # Errors
    /// If the question asks for more than there is.
    pub fn of(
        loaded: &LoadedScenario<M>,
        variant: &Variant,
        seed: Seed,
        question: Question,
    ) -> Result<Self, Error> {
        ExplorationPlan::of(loaded, variant, seed, question)?.explore()
    }

    /// Both searches.
    pub fn searches(&self) -> [&Explored<&'static str>; 2] {
        [&self.explored, &self.reordered]
    }

    /// Whether both covered what they were to cover, or up to where something broke.
    pub fn complete(&self) -> bool {
        self.searches().iter().all(|search| search.complete())
    }
}

/// Faults that break a property of a plan's world, at most so many of them; with how many runs it took to look, and
/// whether everything was looked at.
///
/// A run ends where anything is broken, and there is no phase with a healthy core. So not everything was looked at if
/// a run ended with something else, or if the property is also one of that phase.
pub fn smaller_than<M: Model>(
    plan: &Plan<M>,
    faults: u8,
    property: &'static str,
    executions: u64,
) -> (Option<Vec<Fault>>, u64, bool) {
    let durations = Durations::of(M::timing(&plan.setup));
    let fault_set = FaultSetSize::Full.fault_set::<M>(durations, &plan.setup);
    let limits = Limits { executions, states: STATES, events: plan.limits.events, horizon: Instant::NEVER };
    let quiet = Micros(M::timing(&plan.setup).call_timeout.0 / 2);
    let explorer = Explorer { fault_set: &fault_set, limits, memo: true, quiet, mask: FingerprintMask::NONE };
    let bare = plan.with_faults(Vec::new());
    // Only ever set, and by walks that are the same on every machine: threads do not matter.
    let cut_short = AtomicBool::new(faults > FAULTS_MAX || judged_with_a_core::<M>(property));
    let breaks = |world: &mut WorldOf<M>| {
        let ended = world.next_at().is_none();
        let broken = broken::<M>(world);
        if !ended && !broken.contains(&property) {
            cut_short.store(true, Ordering::Relaxed);
        }
        broken.into_iter().filter(|id| *id == property).collect()
    };
    let explored = explorer.explore(&run::world(&bare, Trace::off()), faults.min(FAULTS_MAX), breaks);
    let found = explored.broken.first().and_then(|found| names(&bare, &found.path));
    let complete = explored.complete() && !cut_short.into_inner();
    (found, explored.executions, complete)
}

/// Whether a property is also checked while only a viable core is healthy.
fn judged_with_a_core<M: Model>(property: &str) -> bool {
    M::catalog().properties.iter().any(|known| known.id == property && known.with_core)
}

/// The world to explore, as a plan without faults.
fn world<M: Model>(
    loaded: &LoadedScenario<M>,
    variant: &Variant,
    seed: Seed,
    question: Question,
) -> Result<Plan<M>, Error> {
    if question.faults.max(question.inversions) > FAULTS_MAX {
        return Err(Error::Plain(format!(
            "at most {FAULTS_MAX} faults, and as many inversions, can be placed"
        )));
    }
    let plan = loaded.plan(variant, seed).with_faults(Vec::new());
    let subjects = M::subjects(&plan.setup).len() as u32;
    match question.orders {
        0 => Err(Error::Plain("nobody comes: `--orders` is at least 1".into())),
        orders if orders > subjects => Err(Error::Plain(format!(
            "{} has {subjects} {}s, not {orders}",
            loaded.scenario.name,
            M::vocabulary().subject
        ))),
        orders => Ok(plan.with_subjects(orders)),
    }
}

/// What is broken in a world that has come to its end, or to its first violation.
pub fn broken<M: Model>(world: &mut WorldOf<M>) -> Vec<&'static str> {
    if world.truth().violations().is_empty() {
        world.check_rewound_replays();
        world.judge(M::at_rest);
    }
    let mut ids: Vec<&str> = world.truth().violations().iter().map(|violation| violation.property).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The paths that broke something, as plans that break it.
fn counterexamples<M: Model>(
    plan: &Plan<M>,
    explored: &Explored<&'static str>,
) -> Result<Vec<Counterexample<M>>, Error> {
    let mut found: Vec<(&[_], Counterexample<M>)> = Vec::new();
    for broken in &explored.broken {
        if let Some((_, known)) = found.iter_mut().find(|(path, _)| *path == broken.path) {
            known.broke.push(broken.what);
            continue;
        }
        let faults = names(plan, &broken.path).ok_or_else(|| {
            Error::Internal(format!("no names for the placement that broke {}", broken.what))
        })?;
        let plan = plan.with_faults(faults);
        found.push((&broken.path, Counterexample { broke: vec![broken.what], plan }));
    }
    let counterexamples: Vec<Counterexample<M>> = found.into_iter().map(|(_, found)| found).collect();
    counterexamples.iter().try_for_each(confirm)?;
    Ok(counterexamples)
}

/// The faults of a path; nothing if there is no such path in the world of this plan.
fn names<M: Model>(plan: &Plan<M>, path: &[Placed]) -> Option<Vec<Fault>> {
    explore::named(run::world(plan, Trace::off()), path)
}

/// An ordinary run of the plan must break the same.
fn confirm<M: Model>(counterexample: &Counterexample<M>) -> Result<(), Error> {
    let verdict = run::run(&counterexample.plan).verdict;
    let breaks = |id: &str| match &verdict {
        Verdict::Violated(violations) => violations.iter().any(|violation| violation.property == id),
        Verdict::Held | Verdict::Inconclusive(_) => false,
    };
    match counterexample.broke.iter().find(|id| !breaks(id)) {
        None => Ok(()),
        Some(id) => Err(Error::Internal(format!("explored, {id} is broken; run as a plan, it is not"))),
    }
}
