//! What happened, in order, and what each thing was caused by.
//!
//! Recording is off in sweeps: a run is a pure function of its plan, so the trace of an interesting one is made by
//! running it again.

use crate::service::Service;
use crate::site::{Node, Role};
use crate::time::Instant;

/// The position of an entry in the trace; 0 is the start of the run.
pub type Cause = u32;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Entry<S: Service> {
    /// The number of the event it happened in, from 1.
    pub event: u64,
    /// The time at which it happened.
    pub at: Instant,
    /// The entry that made it happen.
    pub cause: Cause,
    /// What happened.
    pub what: Happening<S>,
}

/// Why a message did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A fault said so.
    Dropped,
    /// The link was cut.
    Cut,
    /// The receiver was down.
    Down,
    /// The receiver's queue was full.
    Full,
    /// It arrived damaged, and was not accepted.
    Damaged,
    /// The link lost it.
    Lost,
}

/// The kinds of thing that happen.
#[derive(Clone, Debug)]
pub enum Happening<S: Service> {
    /// The run started.
    Start,
    /// A message arrived.
    Delivered {
        /// The sender.
        from: Node,
        /// The receiver.
        to: Node,
        /// The message.
        message: S::Message,
    },
    /// A message did not arrive.
    Lost {
        /// The sender.
        from: Node,
        /// The receiver that it did not reach.
        to: Node,
        /// The message.
        message: S::Message,
        /// Why it was lost.
        why: Loss,
    },
    /// A timer fired.
    Timer {
        /// The node that armed it.
        node: Node,
        /// Its name.
        timer: S::Timer,
    },
    /// A record was written.
    Written {
        /// The node that wrote it.
        node: Node,
        /// The record.
        record: S::Record,
    },
    /// The database aborted a transaction.
    Aborted(Node),
    /// A node crashed.
    Crashed(Node),
    /// A node came back.
    Restarted(Node),
    /// An instance took over what a lost one had under way.
    TookOver {
        /// The instance that takes over.
        node: Node,
        /// The one that is believed to be lost.
        lost: Node,
    },
    /// A fault of the plan struck.
    Fault {
        /// Its position in the plan.
        fault: u16,
    },
    /// Something that lasted is over.
    Ended {
        /// The fault, by position in the plan.
        fault: u16,
    },
    /// Links that come and go went down.
    LinksDown {
        /// By which fault, by position in the plan.
        fault: u16,
        /// When they carry again.
        carries: Instant,
    },
    /// A node on which a viable core cannot rely was evicted: cut off from every other node.
    Evicted(Node),
    /// A log was found to end in half a transaction, which was cut off.
    Torn(Role),
    /// The world was healed, in part or wholly.
    Healed {
        /// Whether everything was.
        all: bool,
    },
}

/// A recorder that may be off.
#[derive(Clone, Debug)]
pub struct Trace<S: Service> {
    entries: Option<Vec<Entry<S>>>,
}

impl<S: Service> Trace<S> {
    /// A recorder that records nothing.
    pub fn off() -> Self {
        Trace { entries: None }
    }

    /// A recorder that records everything.
    pub fn on() -> Self {
        let start = Entry { event: 0, at: Instant::ZERO, cause: 0, what: Happening::Start };
        Trace { entries: Some(vec![start]) }
    }

    /// What was recorded.
    pub fn entries(&self) -> &[Entry<S>] {
        self.entries.as_deref().unwrap_or_default()
    }

    /// Records what `what` makes, if recording is on; returns its position.
    #[inline]
    pub(crate) fn record(
        &mut self,
        event: u64,
        at: Instant,
        cause: Cause,
        what: impl FnOnce() -> Happening<S>,
    ) -> Cause {
        let Some(entries) = &mut self.entries else { return cause };
        entries.push(Entry { event, at, cause, what: what() });
        entries.len() as Cause - 1
    }
}
