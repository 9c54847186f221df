//! Which cells can be hit: tried, where something first passed, in a fork of the very run, and then in a run of its own.
//!
//! **Invariant:** a cell counts as reachable only with a fault that strikes there; the fault is kept as the proof.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart_models::setup::Setup;
use stormcart_sim::explore::Alphabet;
use stormcart_sim::fault::{Fault, Verb};
use stormcart_sim::trace::Trace;

use crate::contender::Contender;
use crate::explore::breadth::{Breadth, Durations};
use crate::plan::{Plan, Stage};
use crate::run::{self, CheckoutWorld};
use crate::seeds::Seed;
use crate::sweep::Crew;

use super::{Cell, Coverage, Passed, Visit, Watched};

/// A run and a fault that, added to it, hits a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Witness {
    /// The run.
    pub seed: Seed,
    /// The fault.
    pub fault: Fault,
}

/// The verbs that are tried: the full alphabet of exploration, and a pause.
pub fn alphabet(setup: &Setup) -> Alphabet {
    let durations = Durations::of(&setup.terms);
    let mut alphabet = Breadth::Full.alphabet(durations, &setup.contract);
    alphabet.handler.push(Verb::Pause(durations.short));
    alphabet
}

/// The reachable cells that were not hit, each with its witness.
pub(super) fn missed(
    stage: &Stage,
    contender: &Contender,
    coverage: &Coverage,
    crew: &Crew<'_>,
) -> BTreeMap<Cell, Witness> {
    let mut by_seed: BTreeMap<Seed, Vec<u64>> = BTreeMap::new();
    for Passed { first: (seed, event), .. } in coverage.passed.values() {
        by_seed.entry(*seed).or_default().push(*event);
    }
    let in_run = |(seed, events): (Seed, Vec<u64>)| {
        let mut probe = Probe { plan: stage.plan(contender, seed), coverage, found: Vec::new() };
        probe.run(&events);
        probe.found
    };
    let runs: Vec<_> = by_seed.into_iter().collect();
    crew.work(|| runs.into_par_iter().flat_map_iter(in_run).collect())
}

/// A run in which faults are tried.
struct Probe<'a> {
    plan: Plan,
    coverage: &'a Coverage,
    found: Vec<(Cell, Witness)>,
}

impl Probe<'_> {
    /// Tries every family at these events.
    fn run(&mut self, events: &[u64]) {
        let alphabet = alphabet(&self.plan.setup);
        let visits = Watched::of(&self.plan).visits;
        let mut world = run::world(&self.plan, Trace::off());
        for visit in visits.iter().filter(|visit| events.contains(&visit.event)) {
            while world.events() + 1 < visit.event && world.step() {}
            for verb in alphabet.verbs(&visit.next) {
                self.attempt(visit, verb, &world);
            }
        }
    }

    /// Tries one fault: a fork says whether it strikes at all, a run whether it hits the cell.
    fn attempt(&mut self, visit: &Visit, verb: Verb, world: &CheckoutWorld) {
        let cell = Cell { setting: visit.setting, family: verb.family() };
        let known =
            self.coverage.hit.contains_key(&cell) || self.found.iter().any(|(found, _)| *found == cell);
        if known || !world.clone().step_with(verb) {
            return;
        }
        let witness = Witness { seed: self.plan.seed, fault: Fault::At { site: visit.site, verb } };
        let plan = witness.added_to(&self.plan);
        if Watched::of(&plan).hits(&plan).contains(&cell) {
            self.found.push((cell, witness));
        }
    }
}

impl Witness {
    /// The plan with the fault; it comes first, because of two faults at one site the first one strikes.
    pub fn added_to(&self, plan: &Plan) -> Plan {
        plan.with_faults([self.fault].into_iter().chain(plan.faults.iter().copied()).collect())
    }
}
