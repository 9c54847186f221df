//! One run: a pure function from a plan to what happened.
//!
//! Safety phase with faults; then a viable core heals while the rest stays broken; then everything heals, and all must
//! come to rest. Limits give *inconclusive*, with the reason, never a hang.
//!
//! **Invariant:** equal plans give equal runs, whichever backend the plan names.

use std::sync::Arc;

use stormcart_sim::fault::Nodes;
use stormcart_sim::property::Violation;
use stormcart_sim::script::{Ended, HealingStep, Judge, Limit, Script};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Counts, Fired, Instant, Micros, Truth, World};

use crate::model::{Model, ServiceOf, Totals, TruthOf};
use crate::plan::Plan;

/// A world of a model.
pub type WorldOf<M> = World<ServiceOf<M>>;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every property held.
    Held,
    /// Some did not.
    Violated(Vec<Violation>),
    /// A limit was hit first.
    Inconclusive(String),
}

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Run {
    /// How it ended.
    pub verdict: Verdict,
    /// The digest of everything that happened.
    pub digest: u64,
    /// How many events there were.
    pub events: u64,
    /// When the last one happened.
    pub ended: Instant,
    /// The faults that struck.
    pub fired: Vec<Fired>,
    /// What it cost.
    pub counts: Counts,
    /// The coverage goals that were met, as bits by position in the catalog.
    pub goals: u64,
    /// How often each property had something to check, in the order of the catalog.
    pub exercised: Vec<u32>,
    /// How the subjects ended.
    pub totals: Totals,
}

/// Runs a plan.
pub fn run<M: Model>(plan: &Plan<M>) -> Run {
    Run::of(plan, &play(plan, Trace::off()))
}

fn play<M: Model>(plan: &Plan<M>, trace: Trace<ServiceOf<M>>) -> Ended<ServiceOf<M>> {
    plan.backend.play(&plan.script(), &plan.externals, plan.seed.0, trace)
}

/// Runs a plan and keeps what it left behind, with its trace.
pub fn run_traced<M: Model>(plan: &Plan<M>) -> (Run, Ended<ServiceOf<M>>) {
    let ended = play(plan, Trace::on());
    (Run::of(plan, &ended), ended)
}

/// The kernel's world of a plan, before anything has happened.
pub fn world<M: Model>(plan: &Plan<M>, trace: Trace<ServiceOf<M>>) -> WorldOf<M> {
    plan.script().world(trace)
}

/// Takes a world of the kernel from where it is through all phases to its verdict.
pub fn finish<M: Model>(plan: &Plan<M>, world: WorldOf<M>) -> Run {
    Run::of(plan, &plan.script().finish(world))
}

impl<M: Model> Plan<M> {
    /// What a backend is given. Where nothing can go wrong, nothing heals.
    pub fn script(&self) -> Script<ServiceOf<M>> {
        let limits = &self.limits;
        let core = self.safety_until + Micros::millis(limits.core_ms);
        let with_core: Judge<TruthOf<M>> = M::with_core;
        let healing = [
            HealingStep { at: self.safety_until, judge: None, heals: self.core },
            HealingStep { at: core, judge: Some(with_core), heals: Nodes::ALL },
        ];
        let (setup, stored) = (Arc::clone(&self.setup), Arc::clone(&self.setup));
        Script {
            physics: Arc::clone(&self.physics),
            truth: M::truth(&self.setup),
            services: Arc::new(move |role, instance| M::service(&setup, role, instance)),
            genesis: Arc::new(move |role| M::store(&stored, role)),
            faults: Arc::clone(&self.faults),
            healing: if self.faults.is_empty() { Vec::new() } else { healing.to_vec() },
            until: core + Micros::millis(limits.rest_ms),
            events: limits.events,
            rest: M::at_rest,
        }
    }
}

impl Run {
    /// What is to be said of what a plan left behind.
    fn of<M: Model>(plan: &Plan<M>, ended: &Ended<ServiceOf<M>>) -> Run {
        let broken = ended.truth.violations();
        let verdict = match ended.limit {
            _ if !broken.is_empty() => Verdict::Violated(broken.to_vec()),
            Some(limit) => Verdict::Inconclusive(reason(plan, limit)),
            None => Verdict::Held,
        };
        Run {
            verdict,
            digest: ended.digest,
            events: ended.events,
            ended: ended.at,
            fired: ended.fired.clone(),
            counts: ended.counts.clone(),
            goals: ended.probes | struck(plan, &ended.fired),
            exercised: M::exercised(&ended.truth),
            totals: M::totals(&plan.setup, &ended.truth),
        }
    }
}

/// Why a run was not brought to its end.
fn reason<M: Model>(plan: &Plan<M>, limit: Limit) -> String {
    let limits = &plan.limits;
    match limit {
        Limit::Events => format!("more than {} events", limits.events),
        Limit::Time => {
            let lasted =
                Micros::millis(limits.core_ms + limits.rest_ms) + (plan.safety_until - Instant::ZERO);
            format!("not at rest after {lasted} of virtual time")
        }
    }
}

/// The kernel's world of a plan right after a moment of its run: after everything that happened until then, and after
/// whatever was healed until then.
pub fn world_after<M: Model>(plan: &Plan<M>, moment: Until) -> WorldOf<M> {
    let script = plan.script();
    let mut world = script.world(Trace::off());
    let healing = script.healing.iter().map(|turn| (turn.at, Some(turn)));
    for (at, turn) in healing.chain([(script.until, None)]) {
        let (time, events) = match moment {
            Until::Time(moment) => (at.min(moment + Micros(1)), script.events),
            Until::Event(event) => (at, script.events.min(event)),
        };
        let stopped = !world.run_until(time, events);
        if stopped || moment.reached(at, world.events()) {
            break;
        }
        if let Some(turn) = turn {
            turn.take(&mut world);
        }
    }
    if let Until::Time(moment) = moment
        && world.next_at().is_some_and(|next| next > moment)
    {
        world.wait_until(moment);
    }
    world
}

/// A moment of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Everything of this instant and before.
    Time(Instant),
    /// Everything up to the event of this number, which may share its instant with others.
    Event(u64),
}

impl Until {
    /// Whether the moment comes before a phase is over that ends then, after so many events.
    fn reached(self, end: Instant, events: u64) -> bool {
        match self {
            Until::Time(moment) => moment < end,
            Until::Event(event) => event <= events,
        }
    }

    /// Whether something that happened then is part of it.
    pub fn includes(self, at: Instant, event: u64) -> bool {
        match self {
            Until::Time(moment) => at <= moment,
            Until::Event(last) => event <= last,
        }
    }
}

/// The coverage goals that follow from which faults struck.
fn struck<M: Model>(plan: &Plan<M>, fired: &[Fired]) -> u64 {
    let goal = |fired: &Fired| M::goal_met_by(plan.faults.get(usize::from(fired.fault))?);
    fired.iter().filter_map(goal).fold(0, |met, goal| met | 1 << goal)
}
