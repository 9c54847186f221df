//! A run from its first process to its rest, as seen by its driver.
//!
//! The driver is the one task that is on no node of the world: it looks after the schedule and dropped messages,
//! heals when it is time, and ends the run. Where nothing is to happen for a while, virtual time jumps.
//!
//! **Invariant:** a run ends: every event is counted against a budget, and time runs to the end of the script
//! (`a_run_ends_at_its_limits`).

use std::hash::Hasher;
use std::sync::Arc;

use crate::adversary::sustained;
use crate::script::{Ended, Limit, Script};
use crate::service::Service;
use crate::time::{Instant, Micros, Moment};
use crate::trace::Trace;

use super::shared::{Shared, State};
use super::sleep;
use super::tracker::Arrival;

/// How often the driver looks whether all is at rest.
const PATIENCE: Micros = Micros::secs(60);

/// Drives a script to its end.
pub(super) async fn drive<S: Service>(
    shared: &Arc<Shared<S>>,
    script: &Script<S>,
    quiet: Micros,
) -> Ended<S> {
    let limit = phases(shared, script, quiet).await.err();
    let mut state = shared.enter();
    state.progress.over = true;
    state.check_all_replays();
    if limit.is_none() {
        // It came to rest with what happened last, not when it was sure that nothing more would.
        let moment = Moment { at: state.progress.last, ..state.journal.moment() };
        (script.rest)(&mut state.truth, moment);
    }
    state.end(limit)
}

async fn phases<S: Service>(shared: &Arc<Shared<S>>, script: &Script<S>, quiet: Micros) -> Result<(), Limit> {
    for step in &script.healing {
        run_until(shared, step.at).await?;
        let mut state = shared.enter();
        state.progress.last = state.progress.last.max(step.at);
        if let Some(judge) = step.judge {
            let moment = state.journal.moment();
            judge(&mut state.truth, moment);
        }
        sustained::heal(&mut *state, step.heals);
    }
    run_until_quiet(shared, script.until, quiet).await?;
    if shared.enter().pending() { Err(Limit::Time) } else { Ok(()) }
}

/// Lets everything happen until nothing is pending and nothing has happened for so long, or until a moment.
async fn run_until_quiet<S: Service>(
    shared: &Arc<Shared<S>>,
    end: Instant,
    quiet: Micros,
) -> Result<(), Limit> {
    loop {
        let at = {
            let state = shared.enter();
            let silent = state.progress.last + quiet;
            if state.journal.now >= end || silent <= state.journal.now && !state.pending() {
                return Ok(());
            }
            silent.max(state.journal.now + PATIENCE).min(end)
        };
        run_until(shared, at).await?;
    }
}

/// Lets everything happen that happens before a moment.
async fn run_until<S: Service>(shared: &Arc<Shared<S>>, end: Instant) -> Result<(), Limit> {
    loop {
        let at = {
            let mut state = shared.enter();
            state.catch_up(end);
            if state.progress.over {
                return Err(Limit::Events);
            }
            if state.journal.now >= end {
                return Ok(());
            }
            state.schedule.next_at().min(end)
        };
        let woken = |waker: &std::task::Waker| {
            shared.tracker.wakes(waker);
            let state = shared.enter();
            state.progress.over || state.schedule.next_at() < at || shared.tracker.has_dropped()
        };
        sleep::watch(&shared.clock, at, woken).await;
    }
}

impl<S: Service> State<S> {
    /// Does what is due by now and before the end, until nothing is.
    fn catch_up(&mut self, end: Instant) {
        loop {
            let dropped = self.tracker.dropped();
            let due = if self.schedule.next_at() < end { self.schedule.due(self.journal.now) } else { None };
            if self.progress.over || dropped.is_empty() && due.is_none() {
                return;
            }
            dropped.into_iter().for_each(|(to, job)| self.arrive(to, job, Arrival::Dropped));
            due.into_iter().for_each(|entry| self.happen(entry));
        }
    }

    /// What the run left behind; `limit` is what ended it, if it is not at rest.
    fn end(&mut self, limit: Option<Limit>) -> Ended<S> {
        Ended {
            truth: self.truth.clone(),
            digest: self.journal.digest.finish(),
            events: self.journal.events,
            at: self.progress.last,
            limit,
            fired: std::mem::take(&mut self.adversary.faults.fired),
            counts: std::mem::take(&mut self.journal.counts),
            probes: self.journal.probes,
            trace: std::mem::replace(&mut self.journal.trace, Trace::off()),
        }
    }
}
