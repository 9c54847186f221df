//! Exploration of a contender: every placement of up to so many faults in one world, and a certificate of it.
//!
//! The world is that of a scenario and a seed without its drawn faults, with the first few of its customers. It is not
//! healed: every outage that is placed ends by itself, and a run is over when all is at rest. What breaks a property is
//! named, and is a plan like any other then.
//!
//! **Invariant:** a counterexample is told only after its plan has broken the same property in an ordinary run.

pub mod breadth;
pub mod certificate;
mod naming;

use stormcart_models::ledger::Ledger;
use stormcart_sim::explore::{Alphabet, Explored, Explorer, FAULTS_MAX, Limits};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Blind, Micros};

use crate::case::Case;
use crate::contender::Contender;
use crate::error::Error;
use crate::plan::{Plan, Stage};
use crate::run::{self, CheckoutWorld, Verdict};
use crate::seeds::Seed;

use breadth::{Breadth, Durations};

/// Most states remembered: four hundred megabytes at the most.
const STATES: u64 = 25_000_000;

/// What is to be explored, whoever is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The most faults.
    pub faults: u8,
    /// How many customers come.
    pub orders: u32,
    /// How wide the choice of faults is.
    pub breadth: Breadth,
    /// The most executions.
    pub executions: u64,
}

/// An exploration and what it found.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// Who was explored, where, with which seed.
    pub case: Case,
    /// What was asked.
    pub question: Question,
    /// The world, without faults.
    pub plan: Plan,
    /// The faults that were placed.
    pub alphabet: Alphabet,
    /// The durations in it.
    pub durations: Durations,
    /// What was covered, and which properties were broken.
    pub explored: Explored<&'static str>,
    /// The plans that break them, each with those it broke first.
    pub counterexamples: Vec<Counterexample>,
}

/// A plan that breaks something.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The properties, by id.
    pub broke: Vec<&'static str>,
    /// The plan.
    pub plan: Plan,
}

impl Exploration {
    /// Explores a contender on a stage.
    ///
    /// # Errors
    /// If the question asks for more than there is.
    pub fn of(stage: &Stage, contender: &Contender, seed: Seed, question: Question) -> Result<Self, Error> {
        let plan = world(stage, contender, seed, question)?;
        let durations = Durations::of(&plan.setup.terms);
        let alphabet = question.breadth.alphabet(durations, &plan.setup.contract);
        let limits = Limits {
            executions: question.executions,
            states: STATES,
            events: plan.limits.events,
            horizon: plan.safety_until,
        };
        let quiet = Micros(plan.setup.terms.call_timeout.0 / 2);
        let explorer = Explorer { alphabet: &alphabet, limits, memo: true, quiet, blind: Blind::NOT };
        let explored = explorer.explore(&run::world(&plan, Trace::off()), question.faults, broken);
        let counterexamples = counterexamples(&plan, &explored)?;
        let case = contender.case(&stage.scenario.name, seed);
        Ok(Exploration { case, question, plan, alphabet, durations, explored, counterexamples })
    }
}

/// The world to explore, as a plan without faults.
fn world(stage: &Stage, contender: &Contender, seed: Seed, question: Question) -> Result<Plan, Error> {
    if question.faults > FAULTS_MAX {
        return Err(Error::Plain(format!("at most {FAULTS_MAX} faults can be placed")));
    }
    let plan = stage.plan(contender, seed).with_faults(Vec::new());
    let customers = plan.setup.intents.len() as u32;
    match question.orders {
        0 => Err(Error::Plain("nobody comes: `--orders` is at least 1".into())),
        orders if orders > customers => {
            Err(Error::Plain(format!("{} has {customers} customers, not {orders}", stage.scenario.name)))
        }
        orders => Ok(plan.with_orders(orders)),
    }
}

/// What is broken in a world that has come to its end, or to its first violation.
pub fn broken(world: &mut CheckoutWorld) -> Vec<&'static str> {
    if world.truth().broken().is_empty() {
        world.check_rewound_replays();
        world.judge(Ledger::rest);
    }
    let mut ids: Vec<&str> = world.truth().broken().iter().map(|violation| violation.property).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The paths that broke something, as plans that break it.
fn counterexamples(plan: &Plan, explored: &Explored<&'static str>) -> Result<Vec<Counterexample>, Error> {
    let mut found: Vec<(&[_], Counterexample)> = Vec::new();
    for broken in &explored.broken {
        if let Some((_, known)) = found.iter_mut().find(|(path, _)| *path == broken.path) {
            known.broke.push(broken.what);
            continue;
        }
        let faults = naming::faults(plan, &broken.path).ok_or_else(|| {
            Error::Internal(format!("no names for the placement that broke {}", broken.what))
        })?;
        let plan = plan.with_faults(faults);
        found.push((&broken.path, Counterexample { broke: vec![broken.what], plan }));
    }
    let counterexamples: Vec<Counterexample> = found.into_iter().map(|(_, found)| found).collect();
    counterexamples.iter().try_for_each(confirm)?;
    Ok(counterexamples)
}

/// An ordinary run of the plan must break the same.
fn confirm(counterexample: &Counterexample) -> Result<(), Error> {
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
