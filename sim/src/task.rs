//! A handler that has decided, and what is left to do of it. Each backend does it by means of its own.

use crate::adversary::failure::PendingFailures;
use crate::draw::DrawBits;
use crate::service::{Effect, Service};
use crate::site::{Identity, Node, Role};
use crate::trace::Cause;

/// A handler whose effects are being done.
#[derive(Clone)]
pub(crate) struct Task<S: Service> {
    pub node: Node,
    pub role: Role,
    /// What is being handled.
    pub identity: Identity,
    /// What is left to do, last first.
    pub effects: Vec<Effect<S>>,
    pub bits: DrawBits,
    pub pending: Option<Box<PendingFailures<S>>>,
    /// Occupies a worker.
    pub worker: bool,
    /// Its service time has been spent.
    pub served: bool,
    pub committed: bool,
    pub cause: Cause,
}

impl<S: Service> Task<S> {
    /// A handler that needs no worker, as of a timer or a recovery.
    pub fn without_worker(
        (node, role): (Node, Role),
        identity: Identity,
        effects: Vec<Effect<S>>,
        pending: Option<Box<PendingFailures<S>>>,
        cause: Cause,
    ) -> Self {
        let bits = DrawBits(identity.packed(Role(node.0)));
        let (worker, served, committed) = (false, true, false);
        Task { node, role, identity, effects, bits, pending, worker, served, committed, cause }
    }

    /// Whether a transaction is still to come.
    pub fn writes(&self) -> bool {
        self.effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
    }

    /// Takes the records up to the end of a transaction off, the first of which was taken already.
    pub fn transaction(&mut self, first: S::Record) -> Vec<S::Record> {
        let mut records = vec![first];
        while let Some(Effect::Write(record)) = self.effects.pop() {
            records.push(record);
        }
        records
    }
}
