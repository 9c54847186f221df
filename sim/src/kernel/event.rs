//! What can be pending.
//!
//! **Invariant:** causes are for the trace only; they are no part of an event's identity. Neither is luck: it is a
//! function of what is handled and where.

use std::hash::{Hash, Hasher};

use crate::draw::Luck;
use crate::fault::CrashPoint;
use crate::service::{Effect, Service};
use crate::site::{Identity, Manner, Node, Role};
use crate::time::Micros;
use crate::trace::Cause;

/// Something that will happen.
#[derive(Clone)]
pub(super) enum Event<S: Service> {
    /// A message arrives.
    Deliver(Delivery<S>),
    /// A timer fires.
    Timer { node: Node, timer: S::Timer, cause: Cause },
    /// A handler's time on the worker or on the disk is over: its next effects are due.
    Resume(Task<S>),
    /// A crashed node comes back.
    Restart { node: Node, cause: Cause },
    /// An instance notices that another one of its role is gone for long.
    Takeover { node: Node, lost: Node, cause: Cause },
    /// A fault of the plan with a time strikes.
    Strike(u16),
    /// A partition or pause ends.
    Mend { fault: u16 },
}

/// The order of what happens to the world at one instant: outages end, nodes come back, others take over, faults
/// strike, then come messages and timers, whose drawn priorities are spread over 63 bits, and last what let others go
/// first.
pub(super) mod order {
    use crate::site::Node;

    /// Outages end; which of them first makes no difference.
    pub const MEND: u64 = 0;

    /// This node comes back.
    pub fn restart(node: Node) -> u64 {
        1 + u64::from(node.0)
    }

    /// This node takes over from that one.
    pub fn take_over(node: Node, lost: Node) -> u64 {
        1 << 14 | u64::from(node.0) << 6 | u64::from(lost.0)
    }

    /// This fault of the plan strikes.
    pub fn strike(fault: u16) -> u64 {
        1 << 16 | u64::from(fault)
    }

    /// What had this priority lets the others go first. Of several that do, the order stays what it was: if they were
    /// all just last, their order would be an accident of the queue.
    pub fn yielded(priority: u64) -> u64 {
        1 << 63 | priority
    }
}

/// A message in flight.
#[derive(Clone)]
pub(super) struct Delivery<S: Service> {
    pub from: Node,
    pub to: Node,
    pub message: S::Message,
    pub luck: Luck,
    pub cause: Cause,
}

/// A command waiting for a worker.
#[derive(Clone)]
pub(super) struct Job<S: Service> {
    pub from: Node,
    pub message: S::Message,
    pub luck: Luck,
    pub doom: Option<Box<Doom<S>>>,
    pub manner: Option<Manner>,
    pub cause: Cause,
}

/// What will go wrong inside a handler; boxed where it is kept, because it is rare and tasks should be small.
#[derive(Clone, Hash)]
pub(super) struct Doom<S: Service> {
    pub fault: u16,
    pub what: Mishap<S>,
}

#[derive(Clone, Hash)]
pub(super) enum Mishap<S: Service> {
    Crash(CrashPoint, Micros),
    FailWrite(Undo<S>),
}

/// What an aborted transaction takes back: the handler's changes to memory are undone with it, as in a framework that
/// throws the state of a failed request away.
#[derive(Clone, Hash)]
pub(super) struct Undo<S: Service> {
    /// The message to hand back, if it was a message.
    pub message: Option<(Node, S::Message)>,
    /// The timer to hand back, if it was a timer.
    pub timer: Option<S::Timer>,
    /// Memory as it was before the handler.
    pub memory: Option<S>,
}

impl<S: Service> Default for Undo<S> {
    fn default() -> Self {
        Undo { message: None, timer: None, memory: None }
    }
}

impl<S: Service> Doom<S> {
    /// Whether a handler with these effects ever comes to where this strikes.
    pub fn strikes(&self, effects: &[Effect<S>]) -> bool {
        let any = |wanted: fn(&Effect<S>) -> bool| effects.iter().any(wanted);
        match self.what {
            Mishap::FailWrite(_)
            | Mishap::Crash(
                CrashPoint::BeforeCommit
                | CrashPoint::DuringSync
                | CrashPoint::MidWrite
                | CrashPoint::AfterCommit,
                _,
            ) => any(|effect| matches!(effect, Effect::Write(_))),
            Mishap::Crash(CrashPoint::AfterSend, _) => any(|effect| matches!(effect, Effect::Send(..))),
            Mishap::Crash(CrashPoint::DuringRecovery, _) => true,
        }
    }
}

/// A handler whose effects are being executed.
#[derive(Clone)]
pub(super) struct Task<S: Service> {
    pub node: Node,
    pub role: Role,
    /// What is being handled.
    pub identity: Identity,
    /// What is left to do, last first.
    pub effects: Vec<Effect<S>>,
    pub luck: Luck,
    pub doom: Option<Box<Doom<S>>>,
    /// Occupies a worker.
    pub worker: bool,
    /// Its service time has been spent.
    pub served: bool,
    pub committed: bool,
    pub cause: Cause,
}

impl<S: Service> Event<S> {
    /// Whether this does not happen while the node stands still.
    pub fn waits_for(&self, node: Node) -> bool {
        match self {
            Event::Deliver(delivery) => delivery.to == node,
            Event::Timer { node: owner, .. } | Event::Takeover { node: owner, .. } => *owner == node,
            Event::Resume(task) => task.node == node,
            Event::Restart { .. } | Event::Strike(_) | Event::Mend { .. } => false,
        }
    }
}

impl<S: Service> Hash for Job<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.from, &self.message, &self.doom, self.manner).hash(hasher);
    }
}

impl<S: Service> Hash for Event<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        match self {
            Event::Deliver(d) => (0u8, d.from, d.to, &d.message).hash(hasher),
            Event::Timer { node, timer, .. } => (1u8, node, timer).hash(hasher),
            Event::Resume(task) => {
                (2u8, task.node, task.identity, &task.effects, &task.doom).hash(hasher);
                (task.worker, task.served, task.committed).hash(hasher);
            }
            Event::Restart { node, .. } => (3u8, node).hash(hasher),
            Event::Strike(fault) => (4u8, fault).hash(hasher),
            Event::Mend { .. } => hasher.write_u8(5),
            Event::Takeover { node, lost, .. } => (6u8, node, lost).hash(hasher),
        }
    }
}

impl<S: Service> Task<S> {
    /// Whether a transaction is still to come.
    pub(super) fn writes(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
    }
}
