//! What can be pending.
//!
//! Causes are for the trace only; they are no part of an event's identity. Neither are drawn bits: they are
//! a function of what is handled and where.

use std::hash::{Hash, Hasher};

use crate::adversary::{Job, Scheduled};
use crate::draw::DrawBits;
use crate::service::{Message, Service, Timer};
use crate::site::{Identity, Node};
use crate::task::Task;
use crate::trace::Cause;

/// Something that will happen.
#[derive(Clone)]
pub(super) enum Event<S: Service> {
    /// A message arrives.
    Deliver(Envelope<S>),
    /// A message arrives that something was decided about, or that was held back (`held`) until another one of its link
    /// has been delivered.
    Redeliver { to: Node, job: Job<S>, held: bool },
    /// A timer fires.
    Timer { node: Node, timer: S::Timer, cause: Cause },
    /// A handler's time on the worker or on the disk is over: its next effects are due.
    Resume(Task<S>),
    /// The adversary acts, or what it did is over.
    Scheduled(Scheduled),
}

/// The order of what happens to the world at one instant: outages end, nodes come back, others take over, faults start,
/// then come messages and timers, whose drawn priorities are spread over 63 bits, and last what lets others go first.
pub(super) mod order {
    use crate::adversary::{Repetition, Scheduled};

    /// The place of what the adversary does; ends have one place, because which of them comes first makes no
    /// difference.
    pub fn scheduled(what: &Scheduled) -> u64 {
        match *what {
            Scheduled::End { .. } => 0,
            Scheduled::Restart { node, .. } => 1 + u64::from(node.0),
            Scheduled::Takeover { node, lost, .. } => 1 << 14 | u64::from(node.0) << 6 | u64::from(lost.0),
            Scheduled::Start(fault) | Scheduled::Repeat(Repetition { fault, .. }) => {
                1 << 16 | u64::from(fault)
            }
        }
    }

    /// What was held back comes right after what it waited for.
    pub const RIGHT_AFTER: u64 = 1 << 17;

    /// What had this priority lets the others go first. Of several that do, the order stays what it was: if they were
    /// all just last, their order would be an accident of the queue.
    pub fn last(priority: u64) -> u64 {
        1 << 63 | priority
    }
}

/// A message in flight.
#[derive(Clone)]
pub(super) struct Envelope<S: Service> {
    pub from: Node,
    pub to: Node,
    pub message: S::Message,
    pub bits: DrawBits,
    pub cause: Cause,
}

impl<S: Service> Event<S> {
    /// Where a fault could strike it: the node, what it is about, and the sender of a message.
    pub fn site(&self) -> Option<(Node, Identity, Option<Node>)> {
        match self {
            Event::Deliver(d) => Some((d.to, d.message.identity(), Some(d.from))),
            Event::Redeliver { to, job, .. } => Some((*to, job.message.identity(), Some(job.from))),
            Event::Timer { node, timer, .. } => Some((*node, timer.identity(), None)),
            Event::Scheduled(Scheduled::Restart { node, .. }) => Some((*node, Identity::RECOVERY, None)),
            Event::Resume(_) | Event::Scheduled(_) => None,
        }
    }

    /// Where it arrives, if it is a message.
    pub fn arrives_at(&self) -> Option<Node> {
        match self {
            Event::Deliver(envelope) => Some(envelope.to),
            Event::Redeliver { to, .. } => Some(*to),
            Event::Timer { .. } | Event::Resume(_) | Event::Scheduled(_) => None,
        }
    }

    /// Whether this does not happen while the node is paused.
    pub fn waits_for(&self, node: Node) -> bool {
        match self {
            Event::Deliver(envelope) => envelope.to == node,
            Event::Redeliver { to, held, .. } => *to == node && !held,
            Event::Timer { node: owner, .. } => *owner == node,
            Event::Resume(task) => task.node == node,
            Event::Scheduled(what) => what.detected_by(node),
        }
    }

    /// Whether this happens when it is time by the clock of the node, whatever the time really is.
    pub fn by_the_clock_of(&self, node: Node) -> bool {
        match self {
            Event::Timer { node: owner, timer, .. } => *owner == node && timer.wall(),
            Event::Scheduled(what) => what.detected_by(node),
            Event::Deliver(_) | Event::Redeliver { .. } | Event::Resume(_) => false,
        }
    }

    /// Whether this is a message held back on a link.
    pub fn held_on(&self, link: (Node, Node)) -> bool {
        matches!(self, Event::Redeliver { to, job, held: true } if (job.from, *to) == link)
    }

    /// Whether this is gone when a node crashes.
    pub fn dies_with(&self, node: Node) -> bool {
        match self {
            Event::Timer { node: owner, .. } => *owner == node,
            Event::Resume(task) => task.node == node,
            Event::Deliver(_) | Event::Redeliver { .. } | Event::Scheduled(_) => false,
        }
    }

    /// The name under which it can be replaced or withdrawn.
    pub fn name(&self) -> Option<(Node, S::Timer)> {
        match self {
            Event::Timer { node, timer, .. } => Some((*node, *timer)),
            Event::Deliver(_) | Event::Redeliver { .. } | Event::Resume(_) | Event::Scheduled(_) => None,
        }
    }
}

impl<S: Service> Hash for Event<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Event::Deliver(d) => (0u8, d.from, d.to, &d.message).hash(hasher),
            Event::Timer { node, timer, .. } => (1u8, node, timer).hash(hasher),
            Event::Resume(task) => {
                (2u8, task.node, task.identity, &task.effects, &task.pending).hash(hasher);
                (task.worker, task.served, task.committed).hash(hasher);
            }
            Event::Redeliver { to, job, held } => (7u8, to, job, held).hash(hasher),
            Event::Scheduled(what) => what.hash(hasher),
        }
    }
}
