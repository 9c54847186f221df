//! Many seeds at once: every run on its own, all of them added up.
//!
//! **Invariant:** what a sweep finds is a function of scenario, contender and seeds. Threads only share the work; the
//! sum does not depend on who did what, nor in which order.

pub(crate) mod promise;
mod summary;

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::plan::{LoadedScenario, Plan};
use crate::run::{Run, run};
use crate::seeds::{Seed, Seeds};
use crate::variant::Variant;

pub use promise::Miss;
pub use summary::{Determinism, Exposure, Failure, KEPT, Storms, Summary, Unfinished, Word};

/// Every so manieth seed is executed twice.
const TWICE_EVERY: u64 = 64;

/// What is to be swept.
pub struct Sweep<'a> {
    /// The scenario, opened.
    pub stage: &'a LoadedScenario,
    /// Who is put through it.
    pub variant: Variant,
    /// With which seeds.
    pub seeds: Seeds,
    /// What executes a plan.
    pub execute: fn(&Plan) -> Run,
}

/// Who does the work.
pub struct WorkerPool<'a> {
    /// The threads.
    pool: ThreadPool,
    /// Once it is true, no further run is begun.
    stop: &'a AtomicBool,
    /// Hears of every run that is done, and whether it held; in no particular order.
    done: &'a (dyn Fn(bool) + Sync),
}

impl<'a> WorkerPool<'a> {
    /// So many threads; 0 for one a processor.
    ///
    /// # Errors
    /// If the system has no threads left.
    pub fn new(jobs: usize, stop: &'a AtomicBool, done: &'a (dyn Fn(bool) + Sync)) -> Result<Self, Error> {
        let pool = ThreadPoolBuilder::new().num_threads(jobs).build();
        let pool = pool.map_err(|error| Error::Plain(format!("cannot start {jobs} threads: {error}")))?;
        Ok(WorkerPool { pool, stop, done })
    }

    /// Whether the work was broken off.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Does something with the threads of this crew.
    pub fn work<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// Says that a run is done.
    pub fn done(&self, held: bool) {
        (self.done)(held);
    }
}

impl<'a> Sweep<'a> {
    /// A sweep by the engine of its contender.
    pub fn new(stage: &'a LoadedScenario, variant: Variant, seeds: Seeds) -> Self {
        Sweep { stage, variant, seeds, execute: run }
    }

    /// Runs every seed. A crew that is stopped finishes the runs it has begun; the summary says how many there were.
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
        let case = || self.variant.case(&self.stage.scenario.name, seed);
        let plan = self.stage.plan(&self.variant, seed);
        let run = (self.execute)(&plan);
        let mut summary = Summary::of(&plan, &run, case);
        if seed.0.is_multiple_of(TWICE_EVERY) {
            // Drawn again as well: a plan that is not a function of its seed cannot be replayed either.
            let again = (self.execute)(&self.stage.plan(&self.variant, seed));
            let same =
                again.digest == run.digest && again.verdict == run.verdict && again.outcome == run.outcome;
            summary.repeated(same, case);
        }
        summary
    }

    /// What the scenario promised to show and the sweep did not show, where it is judged.
    pub fn misses(&self, summary: &Summary) -> Vec<Miss> {
        promise::misses(&self.stage.scenario, &self.variant, summary)
    }
}

#[cfg(test)]
mod tests;
