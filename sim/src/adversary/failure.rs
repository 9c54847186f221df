//! What will go wrong inside a handler, and the message that carries it there.
//!
//! **Invariant:** what a fault decided about a message travels with the message, however often it is put off
//! (`a_caught_letter_keeps_its_pending_failures`).

use std::hash::{Hash, Hasher};

use crate::draw::DrawBits;
use crate::fault::CrashPoint;
use crate::service::{Effect, Service};
use crate::site::{MisbehaviorId, Node};
use crate::time::Micros;
use crate::trace::Cause;

/// A message that is about to be handled, with what was decided about it on the way.
#[derive(Clone)]
pub(crate) struct Job<S: Service> {
    pub from: Node,
    pub message: S::Message,
    pub bits: DrawBits,
    pub pending: Option<Box<PendingFailures<S>>>,
    pub misbehavior: Option<MisbehaviorId>,
    pub cause: Cause,
}

/// What will go wrong inside one handler; boxed where it is kept, because it is rare and tasks should be small.
#[derive(Clone, Hash)]
pub(crate) struct PendingFailures<S: Service> {
    /// In the order of the plan.
    pub failures: Vec<PendingFailure>,
    /// What an abort puts back.
    pub snapshot: Option<Snapshot<S>>,
}

/// One thing that will go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PendingFailure {
    /// This fault crashes the node, which stays down for so long.
    Crash(u16, CrashPoint, Micros),
    /// This fault aborts the transaction.
    FailWrite(u16),
    /// There is no room for a transaction; the fault struck long ago.
    FullDisk,
    /// This fault starts when the handler has decided.
    Start(u16),
}

/// What was being handled, and memory as it was before, while no other handler has used it: an abort undoes changes to
/// memory, as in a framework that throws the state of a failed request away.
#[derive(Clone, Hash)]
pub(crate) struct Snapshot<S: Service> {
    pub handled: Handled<S>,
    pub memory: Option<S>,
}

/// What a handler was called with.
#[derive(Clone, Hash)]
pub(crate) enum Handled<S: Service> {
    Message(Node, S::Message),
    /// A timer, and its place among the events of its instant where a backend knows one.
    Timer(S::Timer, u64),
}

impl PendingFailure {
    /// The fault that has still to strike, if it has.
    pub fn fault(self) -> Option<u16> {
        match self {
            PendingFailure::Crash(fault, ..)
            | PendingFailure::FailWrite(fault)
            | PendingFailure::Start(fault) => Some(fault),
            PendingFailure::FullDisk => None,
        }
    }

    /// Whether it strikes a transaction before that is durable, on a disk that is full or not.
    pub fn strikes_commit(self, full: bool) -> bool {
        match self {
            PendingFailure::Crash(_, point, _) => {
                matches!(point, CrashPoint::BeforeCommit | CrashPoint::DuringSync | CrashPoint::MidWrite)
            }
            PendingFailure::FailWrite(_) => true,
            PendingFailure::FullDisk => full,
            PendingFailure::Start(_) => false,
        }
    }

    /// Whether a handler with these effects ever comes to where this strikes.
    fn is_reached<S: Service>(self, effects: &[Effect<S>]) -> bool {
        let any = |wanted: fn(&Effect<S>) -> bool| effects.iter().any(wanted);
        match self {
            PendingFailure::Crash(_, CrashPoint::AfterSend, _) => {
                any(|effect| matches!(effect, Effect::Send(..)))
            }
            PendingFailure::Crash(_, CrashPoint::DuringRecovery, _) => true,
            PendingFailure::Start(_) => false,
            PendingFailure::Crash(..) | PendingFailure::FailWrite(_) | PendingFailure::FullDisk => {
                any(|effect| matches!(effect, Effect::Write(_)))
            }
        }
    }
}

impl<S: Service> Default for PendingFailures<S> {
    fn default() -> Self {
        PendingFailures { failures: Vec::new(), snapshot: None }
    }
}

impl<S: Service> PendingFailures<S> {
    /// Nothing if there are none.
    pub fn some(failures: Vec<PendingFailure>) -> Option<Box<Self>> {
        (!failures.is_empty()).then(|| Box::new(PendingFailures { failures, snapshot: None }))
    }

    /// Discards memory as it was: others use the memory from now on, and putting it back would undo what they did.
    #[cold]
    pub fn discard(&mut self) {
        if let Some(snapshot) = &mut self.snapshot {
            snapshot.memory = None;
        }
    }

    /// Whether something may have to be put back.
    pub fn may_abort(&self) -> bool {
        let aborts = |failure: &PendingFailure| {
            matches!(failure, PendingFailure::FailWrite(_) | PendingFailure::FullDisk)
        };
        self.failures.iter().any(aborts)
    }

    /// The handler has decided on its effects: keeps what finds in them what it waits for.
    pub fn decided(mut self: Box<Self>, effects: &[Effect<S>]) -> Option<Box<Self>> {
        self.failures.retain(|failure| failure.is_reached(effects));
        (!self.failures.is_empty()).then_some(self)
    }

    /// The first failure that strikes at a commit, on a disk that is full or not.
    #[cold]
    pub fn at_commit(&self, full: bool) -> Option<PendingFailure> {
        self.failures.iter().find(|failure| failure.strikes_commit(full)).copied()
    }

    /// The fault that crashes the node at this point, and for how long it is down then.
    pub fn crash_at(&self, here: CrashPoint) -> Option<(u16, Micros)> {
        self.failures.iter().find_map(|failure| {
            let PendingFailure::Crash(fault, point, down) = *failure else { return None };
            (point == here).then_some((fault, down))
        })
    }
}

impl<S: Service> Job<S> {
    /// Lets something go wrong when this is handled.
    pub fn will_fail(&mut self, failure: PendingFailure) {
        self.pending.get_or_insert_default().failures.push(failure);
    }
}

/// Causes are for the trace, and drawn bits are a function of what is handled and where.
impl<S: Service> Hash for Job<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.from, &self.message, &self.pending, self.misbehavior).hash(hasher);
    }
}
