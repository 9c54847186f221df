//! What will go wrong inside a handler.

use crate::fault::{CrashPoint, PointFault};
use crate::service::{Effect, Service};
use crate::site::Node;
use crate::time::Micros;

/// What was decided about a handler before it began.
#[derive(Clone)]
pub(super) struct Fate<S: Service> {
    /// Mishaps, in the order of the plan.
    pub mishaps: Vec<Mishap>,
    /// What an abort takes back.
    pub undo: Option<Undo<S>>,
}

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What was being handled, and memory as it was before, while nobody else has used it.
#[derive(Clone)]
pub(super) struct Undo<S: Service> {
    pub handled: Handled<S>,
    pub memory: Option<S>,
}

#[derive(Clone)]
pub(super) enum Handled<S: Service> {
    Message(Node, S::Message),
    Timer(S::Timer),
}

impl<S: Service> Default for Fate<S> {
    fn default() -> Self {
        Fate { mishaps: Vec::new(), undo: None }
    }
}

impl Mishap {
    /// The mishap that a verb is for the handler it strikes, if it is one.
    pub fn of(fault: u16, point_fault: PointFault) -> Option<Mishap> {
        match point_fault {
            PointFault::Crash(point, down) => Some(Mishap::Crash(fault, point, down)),
            PointFault::FailWrite => Some(Mishap::FailWrite(fault)),
            _ => None,
        }
    }

    /// Whether it strikes a transaction before it is durable.
    pub fn before_durable(self) -> bool {
        match self {
            Mishap::Crash(_, point, _) => {
                matches!(point, CrashPoint::BeforeCommit | CrashPoint::DuringSync | CrashPoint::MidWrite)
            }
            Mishap::FailWrite(_) | Mishap::FullDisk => true,
            Mishap::Begins(_) => false,
        }
    }

    /// Whether a handler with these effects ever comes to where this strikes.
    pub fn is_met<S: Service>(self, effects: &[Effect<S>]) -> bool {
        let writes = || effects.iter().any(|effect| matches!(effect, Effect::Write(_)));
        match self {
            Mishap::Crash(_, CrashPoint::DuringRecovery, _) => true,
            Mishap::Crash(_, CrashPoint::AfterSend, _) => {
                effects.iter().any(|effect| matches!(effect, Effect::Send(..)))
            }
            Mishap::Crash(..) | Mishap::FailWrite(_) | Mishap::FullDisk => writes(),
            Mishap::Begins(_) => false,
        }
    }

    fn aborts(&self) -> bool {
        matches!(self, Mishap::FailWrite(_) | Mishap::FullDisk)
    }
}

impl<S: Service> Fate<S> {
    /// Whether it may take something back.
    pub fn aborts(&self) -> bool {
        self.mishaps.iter().any(Mishap::aborts)
    }

    /// Others use the memory from now on: putting it back would take back what they did.
    pub fn lets_go(&mut self) {
        if let Some(undo) = &mut self.undo {
            undo.memory = None;
        }
    }
}
