//! From the decision of a handler to where a failure strikes it.

use crate::fault::CrashPoint;
use crate::service::{Effect, Service};
use crate::site::{Identity, Node};
use crate::task::Task;
use crate::trace::{Cause, Happening};

use super::backend::{Backend, Scheduled, struck};
use super::failure::{Handled, PendingFailure, PendingFailures, Snapshot};
use super::outage;

/// Takes a snapshot for an abort, if there may be one: because of a fault, or because the disk is full.
#[cold]
pub(crate) fn snapshot<S: Service>(
    world: &impl Backend<S>,
    node: Node,
    pending: Option<Box<PendingFailures<S>>>,
    handled: impl FnOnce() -> Handled<S>,
) -> Option<Box<PendingFailures<S>>> {
    let full = world.adversary().full(node, world.now()).is_some();
    let mut pending = if full { Some(pending.unwrap_or_default()) } else { pending };
    if let Some(pending) = &mut pending {
        world.adversary().drop_after_heal(pending);
        pending.failures.extend(full.then_some(PendingFailure::FullDisk));
        if pending.may_abort() {
            let memory = Some(world.memory(node).clone());
            pending.snapshot = Some(Snapshot { handled: handled(), memory });
        }
    }
    pending
}

/// The handler has decided: what waited for that starts, and what finds nothing to strike in these effects is dropped.
#[cold]
pub(crate) fn decided<S: Service>(
    world: &mut impl Backend<S>,
    pending: Option<Box<PendingFailures<S>>>,
    effects: &[Effect<S>],
) -> Option<Box<PendingFailures<S>>> {
    let pending = pending?;
    start_waiting(world, &pending);
    let pending = pending.decided(effects)?;
    let strikes = |failure: &PendingFailure| *failure != PendingFailure::FullDisk;
    world.adversary_mut().faults.decided |= pending.failures.iter().any(strikes);
    Some(pending)
}

/// Starts what waited until this was handled.
pub(crate) fn start_waiting<S: Service>(world: &mut impl Backend<S>, pending: &PendingFailures<S>) {
    for failure in &pending.failures {
        if let PendingFailure::Start(fault) = *failure {
            world.schedule(world.now(), Scheduled::Start(fault));
        }
    }
}

/// Runs what a service does first when its node comes up. Where its disk has no room for what it writes then, it does
/// not come up before there is.
pub(crate) fn boot<S: Service>(
    world: &mut impl Backend<S>,
    node: Node,
    pending: Option<Box<PendingFailures<S>>>,
    cause: Cause,
) {
    let effects = world.handle(node, None, |service, cx| service.on_restart(cx));
    if let Some(until) = world.adversary().full(node, world.now())
        && effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
    {
        let cause = world.journal().record(cause, || Happening::Aborted(node));
        return outage::crash(world, node, until.away_from(world.now()), cause);
    }
    let pending = decided(world, pending, &effects);
    let place = (node, world.adversary().role(node));
    world.run(Task::without_worker(place, Identity::RECOVERY, effects, pending, cause));
}

/// Crashes the node of a handler if a pending failure says so at this point.
#[inline]
pub(crate) fn crashes<S: Service>(world: &mut impl Backend<S>, task: &Task<S>, here: CrashPoint) -> bool {
    let Some(pending) = task.pending.as_deref() else { return false };
    let Some((fault, down)) = pending.crash_at(here) else { return false };
    let cause = struck(world, fault, Some(task.identity.subject), task.cause);
    outage::crash(world, task.node, down, cause);
    true
}

/// The database aborts a transaction: nothing of the handler happens, and the service is told. Where the disk is full
/// and no caller would ask again, the timer fires again when there is room.
#[cold]
pub(crate) fn abort<S: Service>(world: &mut impl Backend<S>, task: &mut Task<S>, failure: PendingFailure) {
    let Some(pending) = task.pending.as_deref_mut() else { return };
    let snapshot = pending.snapshot.take();
    match failure {
        PendingFailure::FailWrite(fault) => {
            pending.failures.retain(|known| *known != failure);
            task.cause = struck(world, fault, Some(task.identity.subject), task.cause);
        }
        PendingFailure::FullDisk | PendingFailure::Crash(..) | PendingFailure::Start(_) => {
            world.journal().mark(u64::from(task.node.0), 24);
        }
    }
    let (node, cause) = (task.node, task.cause);
    world.journal().record(cause, || Happening::Aborted(node));
    task.effects.clear();
    let Some(Snapshot { handled, memory }) = snapshot else { return };
    if let Some(memory) = memory {
        world.put_back(node, memory);
    }
    match (handled, world.adversary().full(node, world.now())) {
        (Handled::Message(from, message), _) => {
            task.effects = world.handle(node, None, |service, cx| service.on_abort(cx, from, message));
        }
        (Handled::Timer(timer, priority), Some(room)) if failure == PendingFailure::FullDisk => {
            world.rearm(node, timer, room, priority, cause);
        }
        (Handled::Timer(timer, _), _) => {
            task.effects = world.handle(node, None, |service, cx| service.on_abort_timer(cx, timer));
        }
    }
}
