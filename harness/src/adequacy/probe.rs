//! Which cells can be hit: tried, where something first passed, in a fork of the very run, and then in a run of its own.
//!
//! **Invariant:** a cell counts as reachable only with a fault that strikes there; the fault is kept as the proof.

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart_sim::explore::FaultSet;
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::trace::Trace;

use crate::explore::fault_set_size::{Durations, FaultSetSize};
use crate::model::Model;
use crate::plan::{LoadedScenario, Plan};
use crate::run::{self, WorldOf};
use crate::seeds::Seed;
use crate::variant::Variant;
use crate::worker_pool::WorkerPool;

use super::{Cell, Coverage, Passed, Visit, Watched};

/// A run and a fault that, added to it, hits a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The run.
    pub seed: Seed,
    /// The fault.
    pub fault: Fault,
}

/// The faults that are tried: the full set of exploration, and a pause.
pub fn fault_set<M: Model>(setup: &M::Setup) -> FaultSet {
    let durations = Durations::of(M::timing(setup));
    let mut fault_set = FaultSetSize::Full.fault_set::<M>(durations, setup);
    fault_set.handler.push(PointFault::Pause(durations.short));
    fault_set
}

/// The reachable cells that were not hit, each with its witness.
pub fn missed<M: Model>(
    loaded: &LoadedScenario<M>,
    variant: &Variant,
    coverage: &Coverage,
    pool: &WorkerPool<'_>,
) -> BTreeMap<Cell, Witness> {
    let mut by_seed: BTreeMap<Seed, Vec<u64>> = BTreeMap::new();
    for Passed { first: (seed, event), .. } in coverage.passed.values() {
        by_seed.entry(*seed).or_default().push(*event);
    }
    let in_run = |(seed, events): (Seed, Vec<u64>)| {
        let mut probe = Probe { plan: loaded.plan(variant, seed), coverage, found: Vec::new() };
        probe.run(&events);
        probe.found
    };
    let runs: Vec<_> = by_seed.into_iter().collect();
    pool.work(|| runs.into_par_iter().flat_map_iter(in_run).collect())
}

/// A run in which faults are tried.
struct Probe<'a, M: Model> {
    plan: Plan<M>,
    coverage: &'a Coverage,
    found: Vec<(Cell, Witness)>,
}

impl<M: Model> Probe<'_, M> {
    /// Tries every family at these events.
    fn run(&mut self, events: &[u64]) {
        let fault_set = fault_set::<M>(&self.plan.setup);
        let visits = Watched::of(&self.plan).visits;
        let mut world = run::world(&self.plan, Trace::off());
        for visit in visits.iter().filter(|visit| events.contains(&visit.event)) {
            while world.events() + 1 < visit.event && world.step() {}
            for point_fault in fault_set.point_faults(&visit.next) {
                self.attempt(visit, point_fault, &world);
            }
        }
    }

    /// Tries one fault: a fork says whether it strikes at all, a run whether it hits the cell.
    fn attempt(&mut self, visit: &Visit, point_fault: PointFault, world: &WorldOf<M>) {
        let cell = Cell { setting: visit.setting, family: point_fault.family() };
        let known =
            self.coverage.hit.contains_key(&cell) || self.found.iter().any(|(found, _)| *found == cell);
        if known || !world.clone().step_with(point_fault) {
            return;
        }
        let witness = Witness { seed: self.plan.seed, fault: Fault::At { site: visit.site, point_fault } };
        let plan = witness.added_to(&self.plan);
        if Watched::of(&plan).hits(&plan).contains(&cell) {
            self.found.push((cell, witness));
        }
    }
}

impl Witness {
    /// The plan with the fault; it comes first, because of two faults at one site the first one strikes.
    pub fn added_to<M: Model>(&self, plan: &Plan<M>) -> Plan<M> {
        plan.with_faults([self.fault].into_iter().chain(plan.faults.iter().copied()).collect())
    }
}
