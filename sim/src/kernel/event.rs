//! What can be pending.
//!
//! **Invariant:** causes are for the trace only; they are no part of an event's identity. Neither is luck: it is a
//! function of what is handled and where.

use std::hash::{Hash, Hasher};

use crate::draw::DrawBits;
use crate::fault::{CrashPoint, SustainedFault};
use crate::service::{Effect, Service, Timer};
use crate::site::{Identity, MisbehaviorId, Node, Role};
use crate::time::Micros;
use crate::trace::Cause;

/// Something that will happen.
#[derive(Clone)]
pub(super) enum Event<S: Service> {
    /// A message arrives.
    Deliver(Delivery<S>),
    /// A message arrives that carries its doom or its manner with it, or that was held back (`held`) until another one
    /// of its link has been delivered.
    Arrive { to: Node, job: Job<S>, held: bool },
    /// A timer fires.
    Timer { node: Node, timer: S::Timer, cause: Cause },
    /// A handler's time on the worker or on the disk is over: its next effects are due.
    Resume(Task<S>),
    /// A crashed node comes back.
    Restart { node: Node, cause: Cause },
    /// An instance notices that another one of its role is gone for long.
    Takeover { node: Node, lost: Node, cause: Cause },
    /// A fault of the plan with a time strikes.
    SustainedFault(u16),
    /// Something that lasts begins anew: links flap, nodes crash again.
    Beat(Beat),
    /// Something that lasted ends.
    Mend { fault: u16 },
}

/// What comes and goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beat {
    pub fault: u16,
    pub sustained: SustainedFault,
    /// For how long it goes on after this.
    pub left: Micros,
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

    /// This fault of the plan strikes, or strikes again.
    pub fn inject(fault: u16) -> u64 {
        1 << 16 | u64::from(fault)
    }

    /// What was held back comes right after what it waited for.
    pub const RIGHT_AFTER: u64 = 1 << 17;

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
    pub bits: DrawBits,
    pub cause: Cause,
}

/// A command waiting for a worker.
#[derive(Clone)]
pub(super) struct Job<S: Service> {
    pub from: Node,
    pub message: S::Message,
    pub bits: DrawBits,
    pub doom: Option<Box<Doom<S>>>,
    pub misbehavior: Option<MisbehaviorId>,
    pub cause: Cause,
}

/// What will go wrong inside a handler; boxed where it is kept, because it is rare and tasks should be small.
#[derive(Clone, Hash)]
pub(super) struct Doom<S: Service> {
    /// What, in the order of the plan.
    pub mishaps: Vec<Mishap>,
    /// What an abort takes back.
    pub undo: Option<Undo<S>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mishap {
    /// This fault crashes the node.
    Crash(u16, CrashPoint, Micros),
    /// This fault aborts the transaction.
    FailWrite(u16),
    /// There is no room for a transaction; the fault struck long ago.
    FullDisk,
    /// This fault begins when the handler has decided.
    Begins(u16),
}

impl Mishap {
    /// The fault that has still to strike, if it has.
    pub fn fault(self) -> Option<u16> {
        match self {
            Mishap::Crash(fault, ..) | Mishap::FailWrite(fault) | Mishap::Begins(fault) => Some(fault),
            Mishap::FullDisk => None,
        }
    }
}

/// What an aborted transaction takes back: the handler's changes to memory are undone with it, as in a framework that
/// throws the state of a failed request away.
#[derive(Clone, Hash)]
pub(super) struct Undo<S: Service> {
    /// What was being handled, to hand it back.
    pub handled: Handled<S>,
    /// Memory as it was before the handler, while nobody else has used it.
    pub memory: Option<S>,
}

#[derive(Clone, Hash)]
pub(super) enum Handled<S: Service> {
    Message(Node, S::Message),
    /// A timer, and its place among the events of its instant.
    Timer(S::Timer, u64),
}

impl<S: Service> Default for Doom<S> {
    fn default() -> Self {
        Doom { mishaps: Vec::new(), undo: None }
    }
}

impl<S: Service> Doom<S> {
    /// Others use the memory from now on: what an abort put back would take back what they did.
    #[cold]
    pub fn lets_go(&mut self) {
        if let Some(undo) = &mut self.undo {
            undo.memory = None;
        }
    }

    /// Whether it will take something back.
    pub fn aborts(&self) -> bool {
        self.mishaps.iter().any(|mishap| matches!(mishap, Mishap::FailWrite(_) | Mishap::FullDisk))
    }
}

impl Mishap {
    /// Whether a handler with these effects ever comes to where this strikes.
    pub fn strikes<S: Service>(self, effects: &[Effect<S>]) -> bool {
        let any = |wanted: fn(&Effect<S>) -> bool| effects.iter().any(wanted);
        match self {
            Mishap::Crash(_, CrashPoint::AfterSend, _) => any(|effect| matches!(effect, Effect::Send(..))),
            Mishap::Crash(_, CrashPoint::DuringRecovery, _) => true,
            Mishap::Begins(_) => false,
            Mishap::FailWrite(_) | Mishap::FullDisk | Mishap::Crash(..) => {
                any(|effect| matches!(effect, Effect::Write(_)))
            }
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
    pub bits: DrawBits,
    pub doom: Option<Box<Doom<S>>>,
    /// Occupies a worker.
    pub worker: bool,
    /// Its service time has been spent.
    pub served: bool,
    pub committed: bool,
    pub cause: Cause,
}

impl<S: Service> Event<S> {
    /// Where it arrives, if it is a message.
    pub fn arrives_at(&self) -> Option<Node> {
        match self {
            Event::Deliver(delivery) => Some(delivery.to),
            Event::Arrive { to, .. } => Some(*to),
            _ => None,
        }
    }

    /// Whether this does not happen while the node stands still.
    pub fn waits_for(&self, node: Node) -> bool {
        match self {
            Event::Deliver(delivery) => delivery.to == node,
            Event::Arrive { to, held, .. } => *to == node && !held,
            Event::Timer { node: owner, .. } | Event::Takeover { node: owner, .. } => *owner == node,
            Event::Resume(task) => task.node == node,
            Event::Restart { .. } | Event::SustainedFault(_) | Event::Beat(_) | Event::Mend { .. } => false,
        }
    }

    /// Whether this happens when it is time by the clock of the node, whatever the time really is.
    pub fn by_the_clock_of(&self, node: Node) -> bool {
        match self {
            Event::Timer { node: owner, timer, .. } => *owner == node && timer.wall(),
            Event::Takeover { node: owner, .. } => *owner == node,
            _ => false,
        }
    }

    /// Whether this is a message held back on a link.
    pub fn held_on(&self, link: (Node, Node)) -> bool {
        matches!(self, Event::Arrive { to, job, held: true } if (job.from, *to) == link)
    }
}

impl<S: Service> Hash for Job<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.from, &self.message, &self.doom, self.misbehavior).hash(hasher);
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
            Event::SustainedFault(fault) => (4u8, fault).hash(hasher),
            Event::Mend { .. } => hasher.write_u8(5),
            Event::Takeover { node, lost, .. } => (6u8, node, lost).hash(hasher),
            Event::Arrive { to, job, held } => (7u8, to, job, held).hash(hasher),
            Event::Beat(beat) => (8u8, beat.sustained, beat.left).hash(hasher),
        }
    }
}

impl<S: Service> Task<S> {
    /// Whether a transaction is still to come.
    pub(super) fn writes(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
    }
}
