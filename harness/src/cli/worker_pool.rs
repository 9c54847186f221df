//! Who does the work of many runs: threads, a progress bar, and an ear for Ctrl-C.
//!
//! **Invariant:** a bar is drawn on a terminal and nowhere else, and decides nothing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Error;
use crate::worker_pool::WorkerPool;

/// How many runs are done at once.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Jobs {
    /// How many runs are done at once; one for each processor, if it is not said.
    #[arg(long, value_name = "J", default_value_t = 0, hide_default_value = true)]
    pub jobs: usize,
}

impl Jobs {
    /// Does something with a worker pool that shows its progress towards so many runs.
    ///
    /// # Errors
    /// If no threads can be started.
    pub fn work<T>(
        self,
        title: &str,
        runs: u64,
        work: impl FnOnce(&WorkerPool<'_>) -> T,
    ) -> Result<T, Error> {
        let bar = ProgressBar::new(runs);
        let style = ProgressStyle::with_template("{prefix:>8}  {wide_bar} {human_pos} of {human_len} {msg}");
        bar.set_style(style.map_err(|error| Error::Internal(error.to_string()))?);
        bar.set_prefix(title.to_owned());
        let failed = AtomicU64::new(0);
        let done = |held: bool| {
            bar.inc(1);
            if !held {
                bar.set_message(format!("({} not held)", failed.fetch_add(1, Ordering::Relaxed) + 1));
            }
        };
        let pool = WorkerPool::new(self.jobs, interrupted(), &done)?;
        let worked = work(&pool);
        bar.finish_and_clear();
        Ok(worked)
    }
}

/// True from the first Ctrl-C on; the second one ends the process at once.
pub fn interrupted() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    static EAR: OnceLock<bool> = OnceLock::new();
    EAR.get_or_init(|| {
        let heard = || {
            if STOP.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        };
        // Without an ear a Ctrl-C ends the process as it always does.
        ctrlc::set_handler(heard).is_ok()
    });
    &STOP
}
