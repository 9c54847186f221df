//! The threads that share the work of many runs.
//!
//! **Invariant:** threads only share the work; no result depends on how many there are (`tests/many_runs.rs`).

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;

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

    /// Does something with the threads of this pool.
    pub fn work<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// Says that a run is done.
    pub fn done(&self, held: bool) {
        (self.done)(held);
    }
}
