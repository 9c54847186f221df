//! A run from its first process to its rest, as seen by who conducts it.
//!
//! The conductor is the one task that is on no node of the world: it looks after the agenda and the fallen letters, heals
//! when it is time, and ends the run. Where nothing is to happen for a while, virtual time jumps.
//!
//! **Invariant:** a run ends: every event is counted against a budget, and time runs to the end of the script.

use std::hash::Hasher;
use std::sync::Arc;

use crate::script::{Ended, Limit, Script};
use crate::service::{Moment, Service};
use crate::time::{Instant, Micros};
use crate::trace::Trace;

use super::arrive::Came;
use super::hub::{Hub, State};
use super::nap;

/// How often it is looked whether all is at rest.
const PATIENCE: Micros = Micros::secs(60);

/// Conducts a script to its end.
pub(super) async fn conduct<S: Service>(hub: &Arc<Hub<S>>, script: &Script<S>, silence: Micros) -> Ended<S> {
    let limit = phases(hub, script, silence).await.err();
    let mut state = hub.enter();
    state.over = true;
    state.check_all_replays();
    if limit.is_none() {
        // It came to rest with what happened last, not when it was sure that nothing more would.
        let moment = Moment { at: state.last, ..state.moment() };
        (script.rest)(&mut state.truth, moment);
    }
    state.end(limit)
}

async fn phases<S: Service>(hub: &Arc<Hub<S>>, script: &Script<S>, silence: Micros) -> Result<(), Limit> {
    for turn in &script.healing {
        run_until(hub, turn.at).await?;
        let mut state = hub.enter();
        state.last = state.last.max(turn.at);
        if let Some(judge) = turn.judge {
            let moment = state.moment();
            judge(&mut state.truth, moment);
        }
        state.heal(turn.heals);
    }
    run_until_silent(hub, script.until, silence).await?;
    if hub.enter().pending() { Err(Limit::Time) } else { Ok(()) }
}

/// Lets everything happen until nothing is pending and nothing has happened for so long, or until a moment.
async fn run_until_silent<S: Service>(hub: &Arc<Hub<S>>, end: Instant, silence: Micros) -> Result<(), Limit> {
    loop {
        let at = {
            let state = hub.enter();
            let quiet = state.last + silence;
            if state.now >= end || quiet <= state.now && !state.pending() {
                return Ok(());
            }
            quiet.max(state.now + PATIENCE).min(end)
        };
        run_until(hub, at).await?;
    }
}

/// Lets everything happen that happens before a moment.
async fn run_until<S: Service>(hub: &Arc<Hub<S>>, end: Instant) -> Result<(), Limit> {
    loop {
        let at = {
            let mut state = hub.enter();
            state.catch_up(end);
            if state.over {
                return Err(Limit::Events);
            }
            if state.now >= end {
                return Ok(());
            }
            state.agenda.next_at().min(end)
        };
        let rung = |waker: &std::task::Waker| {
            hub.post.hear(waker);
            let state = hub.enter();
            state.over || state.agenda.next_at() < at || hub.post.has_fallen()
        };
        nap::watch(&hub.clock, at, rung).await;
    }
}

impl<S: Service> State<S> {
    /// Does what is due by now and before the end, until nothing is.
    fn catch_up(&mut self, end: Instant) {
        loop {
            let fallen = self.post.fallen();
            let due = if self.agenda.next_at() < end { self.agenda.due(self.now) } else { None };
            if self.over || fallen.is_empty() && due.is_none() {
                return;
            }
            fallen.into_iter().for_each(|(to, job)| self.arrive(to, job, Came::Fallen));
            due.into_iter().for_each(|entry| self.happen(entry));
        }
    }

    /// What the run left behind; `limit` is what ended it, if it is not at rest.
    fn end(&mut self, limit: Option<Limit>) -> Ended<S> {
        Ended {
            truth: self.truth.clone(),
            digest: self.digest.finish(),
            events: self.events,
            at: self.last,
            limit,
            fired: std::mem::take(&mut self.nemesis.fired),
            counts: std::mem::take(&mut self.counts),
            probes: self.probes,
            trace: std::mem::replace(&mut self.trace, Trace::off()),
        }
    }
}
