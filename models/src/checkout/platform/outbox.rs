//! The outbox of a service: events that its database holds until the log or the engine has acknowledged them.
//!
//! **Invariant:** events of one order leave in the order in which they were written, and those of other orders do not
//! wait for them; the model in `models/tests/platform/idempotency.rs` checks it.

use serde::{Serialize, Serializer};
use smallvec::SmallVec;

use crate::checkout::domain::Status;
use crate::checkout::vocabulary::Event;

/// An event that is to be announced, and the final status it is about or leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QueuedEvent {
    /// What is announced.
    pub event: Event,
    /// The final status; pending where the event is about none.
    pub status: Status,
}

/// `StockReserved`, or `OrderClosed (completed)`.
impl Serialize for QueuedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let QueuedEvent { event, status } = self;
        match status {
            Status::Pending => serializer.collect_str(event),
            Status::Completed | Status::Rejected | Status::Cancelled | Status::Refunded => {
                serializer.collect_str(&format_args!("{event} ({status})"))
            }
        }
    }
}

/// Events of one order that are to be handed on, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Outbox {
    events: SmallVec<[QueuedEvent; 4]>,
}

impl Outbox {
    /// Nothing is left to hand on.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The event that is handed on now.
    pub fn oldest(&self) -> Option<QueuedEvent> {
        self.events.first().copied()
    }

    /// The event that is handed on after the oldest one.
    pub fn second(&self) -> Option<QueuedEvent> {
        self.events.get(1).copied()
    }

    /// Every event, oldest first.
    pub fn events(&self) -> &[QueuedEvent] {
        &self.events
    }

    /// Adds an event behind the others.
    pub(super) fn push(&mut self, event: Event, status: Status) {
        self.events.push(QueuedEvent { event, status });
    }

    /// Takes the oldest event out, if there is one.
    pub(super) fn remove_oldest(&mut self) {
        self.events.drain(..self.events.len().min(1));
    }
}
