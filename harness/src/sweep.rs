//! Many seeds at once: every run on its own, all of them added up.
//!
//! **Invariant:** what a sweep finds is a function of scenario, variant and seeds (`tests/harness/sweep.rs`). Threads only share the work; the
//! sum does not depend on who did what, nor in which order.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::model::Model;
use crate::plan::{LoadedScenario, Plan};
use crate::promise::{Miss, misses};
use crate::run::{Run, run};
use crate::seeds::{Seed, Seeds};
use crate::summary::Summary;
use crate::variant::Variant;
use crate::worker_pool::WorkerPool;

/// One seed of so many is executed twice.
const TWICE_EVERY: u64 = 64;

/// What is to be swept.
pub struct Sweep<'a, M: Model> {
    /// The scenario, opened.
    pub loaded: &'a LoadedScenario<M>,
    /// The variant that is put through it.
    pub variant: Variant,
    /// The seeds.
    pub seeds: Seeds,
    /// What executes a plan.
    pub execute: fn(&Plan<M>) -> Run,
}

impl<'a, M: Model> Sweep<'a, M> {
    /// A sweep by the backend of its variant.
    pub fn new(loaded: &'a LoadedScenario<M>, variant: Variant, seeds: Seeds) -> Self {
        Sweep { loaded, variant, seeds, execute: run }
    }

    /// Runs every seed. A pool that is stopped finishes the runs it has begun; the summary says how many there were.
    pub fn run(&self, pool: &WorkerPool<'_>) -> Summary {
        let one = |seed: u64| {
            let summary = (!pool.stopped()).then(|| self.one(Seed(seed)))?;
            pool.done(summary.held == 1);
            Some(summary)
        };
        pool.work(|| {
            self.seeds.range().into_par_iter().filter_map(one).reduce(Summary::default, Summary::merge)
        })
    }

    fn one(&self, seed: Seed) -> Summary {
        let case = || self.variant.case(&self.loaded.scenario.name, seed);
        let plan = self.loaded.plan(&self.variant, seed);
        let run = (self.execute)(&plan);
        let mut summary = Summary::of(&plan, &run, case);
        if seed.0.is_multiple_of(TWICE_EVERY) {
            // Drawn again as well: a plan that is not a function of its seed cannot be replayed either.
            let again = (self.execute)(&self.loaded.plan(&self.variant, seed));
            let same =
                again.digest == run.digest && again.verdict == run.verdict && again.totals == run.totals;
            summary.repeated(same, case);
        }
        summary
    }

    /// What the scenario promised to show and the sweep did not show, where it is judged.
    pub fn misses(&self, summary: &Summary) -> Vec<Miss> {
        misses::<M>(&self.loaded.scenario, &self.variant, summary)
    }
}
