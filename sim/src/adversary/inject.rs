//! Point faults: what strikes a message that is about to be delivered, or a handler that is about to begin.
//!
//! **Invariant:** several faults at one place strike in the order of the plan; what finds nothing left to strike does
//! not strike (`several_faults_at_one_place`).

use crate::fault::{PointFault, SustainedFault};
use crate::service::{Message, Service};
use crate::site::{Identity, MisbehaviorId, Node, Role};
use crate::trace::{Cause, Loss};

use super::armed::ArmedFault;
use super::backend::{Backend, Origin, Redelivery, lose, refuse, struck};
use super::degrade::degrade;
use super::failure::{Job, PendingFailure, PendingFailures};
use super::{outage, takeover};

/// Faults that are due at one place, with their positions in the plan.
pub(crate) type Due = Vec<(u16, ArmedFault)>;

/// Takes the faults that wait for this; they are spent.
#[inline]
pub(crate) fn due<S: Service>(world: &mut impl Backend<S>, role: Role, identity: Identity) -> Due {
    world.adversary_mut().faults.due(role, identity)
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It goes on.
    Proceeds,
    /// It goes on, past links that were cut because of it.
    MeetsCuts,
    /// It goes on although the links for everything after it were cut.
    BypassesCuts,
    /// The message does not arrive now.
    Stopped,
}

/// Injects everything that waits for this message, until it is on its way no longer.
#[cold]
pub(crate) fn message<S: Service>(world: &mut impl Backend<S>, job: &mut Job<S>, to: Node) -> Delivery {
    let role = world.adversary().role(to);
    let mut delivery = Delivery::Proceeds;
    for (fault, armed) in due(world, role, job.message.identity()) {
        let became = match armed {
            ArmedFault::Inject(point_fault) => strike(world, job, to, fault, point_fault),
            ArmedFault::Start => {
                job.will_fail(PendingFailure::Start(fault));
                Delivery::Proceeds
            }
        };
        match (delivery, became) {
            (_, Delivery::Stopped) => return Delivery::Stopped,
            (_, Delivery::Proceeds) | (Delivery::BypassesCuts, Delivery::MeetsCuts) => {}
            (_, became) => delivery = became,
        }
    }
    delivery
}

/// Applies a fault to an arriving message, unless it finds nothing to strike.
fn strike<S: Service>(
    world: &mut impl Backend<S>,
    job: &mut Job<S>,
    to: Node,
    fault: u16,
    point_fault: PointFault,
) -> Delivery {
    let (now, role, identity) = (world.now(), world.adversary().role(to), job.message.identity());
    match point_fault {
        PointFault::Crash(..) if world.adversary().is_outside(to) => {}
        PointFault::Crash(point, down) => job.will_fail(PendingFailure::Crash(fault, point, down)),
        PointFault::FailWrite => job.will_fail(PendingFailure::FailWrite(fault)),
        PointFault::Drop => {
            let by = hit(world, job, fault);
            lose(world, job, to, Loss::Dropped, by.cause);
            return Delivery::Stopped;
        }
        PointFault::Corrupt => {
            hit(world, job, fault);
            refuse(world, job, to, Loss::Damaged);
            return Delivery::Stopped;
        }
        PointFault::Delay(by) => return paused(world, job, to, fault, Redelivery::At(now + by)),
        PointFault::LoseTie => return paused(world, job, to, fault, Redelivery::LastAt(now)),
        PointFault::Reorder(wait) => return paused(world, job, to, fault, Redelivery::Held(now + wait)),
        PointFault::ReorderInbox => {
            if let Some(next) = world.next_arrival(role) {
                return paused(world, job, to, fault, Redelivery::LastAt(next));
            }
        }
        PointFault::Duplicate(after) => {
            hit(world, job, fault);
            let copy = Job { pending: None, misbehavior: None, ..job.clone() };
            world.redeliver(to, copy, Redelivery::At(now + after));
        }
        PointFault::Pause(time) => {
            let by = hit(world, job, fault);
            outage::pause(world, to, time, by);
            world.redeliver(to, job.clone(), Redelivery::AfterPause(now + time));
            return Delivery::Stopped;
        }
        PointFault::IsolateSender(time) => {
            let by = hit(world, job, fault);
            outage::isolate(world, job.from, time, by);
            return Delivery::MeetsCuts;
        }
        PointFault::IsolateReceiver(time) => {
            let by = hit(world, job, fault);
            outage::isolate(world, to, time, by);
            return if world.adversary().is_down(to) { Delivery::Proceeds } else { Delivery::BypassesCuts };
        }
        PointFault::Leap(leap, time) => {
            let by = hit(world, job, fault);
            degrade(world, SustainedFault::Clock(to, leap), time, by);
        }
        PointFault::SplitBrain => {
            if let Some(successor) = world.adversary().successor(to, now) {
                let by = hit(world, job, fault);
                takeover::promote(world, successor, to, by.cause);
            }
        }
        PointFault::Misbehave(misbehavior) => {
            if !world.is_external(to) && S::admits(role, misbehavior, identity) {
                hit(world, job, fault);
                job.misbehavior = Some(misbehavior);
            }
        }
    }
    Delivery::Proceeds
}

/// Notes that a fault struck a message: what comes of the message is a consequence of that.
fn hit<S: Service>(world: &mut impl Backend<S>, job: &mut Job<S>, fault: u16) -> Origin {
    job.cause = struck(world, fault, Some(job.message.identity().subject), job.cause);
    Origin { fault, cause: job.cause }
}

/// A message arrives at another time, with everything that was decided about it.
fn paused<S: Service>(
    world: &mut impl Backend<S>,
    job: &mut Job<S>,
    to: Node,
    fault: u16,
    when: Redelivery,
) -> Delivery {
    hit(world, job, fault);
    world.redeliver(to, job.clone(), when);
    Delivery::Stopped
}

/// Whether a timer lets everything else of its instant go first, and the cause it has then.
pub(crate) fn loses_tie<S: Service>(
    world: &mut impl Backend<S>,
    due: &Due,
    subject: u32,
    cause: Cause,
) -> Option<Cause> {
    let loses = |(_, armed): &&(u16, ArmedFault)| *armed == ArmedFault::Inject(PointFault::LoseTie);
    let (fault, _) = due.iter().find(loses)?;
    Some(struck(world, *fault, Some(subject), cause))
}

/// How an instance misbehaves at a timer, and the cause of what it does.
pub(crate) fn misbehavior<S: Service>(
    world: &mut impl Backend<S>,
    due: &Due,
    node: Node,
    identity: Identity,
    cause: Cause,
) -> (Option<MisbehaviorId>, Cause) {
    let role = world.adversary().role(node);
    let misbehaves = due.iter().find_map(|(fault, armed)| match armed {
        ArmedFault::Inject(PointFault::Misbehave(misbehavior)) if S::admits(role, *misbehavior, identity) => {
            Some((*fault, *misbehavior))
        }
        ArmedFault::Inject(_) | ArmedFault::Start => None,
    });
    match misbehaves {
        None => (None, cause),
        Some((fault, misbehavior)) => {
            (Some(misbehavior), struck(world, fault, Some(identity.subject), cause))
        }
    }
}

/// What faults mean where there is no message: crashes and aborts strike inside the handler, outages strike the node,
/// and what strikes links strikes nothing.
pub(crate) fn handler<S: Service>(
    world: &mut impl Backend<S>,
    due: &Due,
    node: Node,
    subject: u32,
    cause: Cause,
) -> Option<Box<PendingFailures<S>>> {
    let mut failures = Vec::new();
    for (fault, armed) in due.iter().copied() {
        let point_fault = match armed {
            ArmedFault::Inject(point_fault) => point_fault,
            ArmedFault::Start => {
                failures.push(PendingFailure::Start(fault));
                continue;
            }
        };
        match point_fault {
            PointFault::Crash(..) if world.adversary().is_outside(node) => {}
            PointFault::Crash(point, down) => failures.push(PendingFailure::Crash(fault, point, down)),
            PointFault::FailWrite => failures.push(PendingFailure::FailWrite(fault)),
            PointFault::IsolateReceiver(time) => {
                struck(world, fault, Some(subject), cause);
                outage::isolate(world, node, time, Origin { fault, cause });
            }
            PointFault::SplitBrain => {
                if let Some(successor) = world.adversary().successor(node, world.now()) {
                    let cause = struck(world, fault, Some(subject), cause);
                    takeover::promote(world, successor, node, cause);
                }
            }
            PointFault::Leap(leap, time) => {
                let cause = struck(world, fault, Some(subject), cause);
                degrade(world, SustainedFault::Clock(node, leap), time, Origin { fault, cause });
            }
            PointFault::Drop
            | PointFault::Duplicate(_)
            | PointFault::Delay(_)
            | PointFault::Reorder(_)
            | PointFault::ReorderInbox
            | PointFault::Corrupt
            | PointFault::LoseTie
            | PointFault::IsolateSender(_)
            | PointFault::Pause(_)
            | PointFault::Misbehave(_) => {}
        }
    }
    PendingFailures::some(failures)
}
