//! Everything that says what fails, as one value, and the one place that decides it. Both backends hold an [`Adversary`]
//! and call it.
//!
//! The value has queries, which are functions of it and of the time, and small commands. What follows from a fault (links
//! are cut, so somebody is suspected, so another instance takes over) is written once, over [`Backend`]: what a backend
//! does by means of its own, which is to schedule, to deliver, to kill and to start.
//!
//! **Invariant:** a world without faults pays one look at an empty list for each kind of fault (`benches/hop.rs`).

mod armed;
mod backend;
mod cut;
mod degradation;
mod failure;
mod fingerprint;
pub(crate) mod inject;
pub(crate) mod outage;
mod suspicion;
pub(crate) mod takeover;

use std::sync::Arc;

use crate::fault::{Fault, Nodes, When};
use crate::physics::Physics;
use crate::site::{Node, Role};
use crate::time::Instant;

pub use armed::Fired;
pub(crate) use armed::{ArmedFault, ArmedFaults};
pub(crate) use backend::{Backend, Redelivery, Repetition, Scheduled, struck};
pub(crate) use cut::Cut;
pub(crate) use degradation::Degradation;
pub(crate) use failure::{Handled, Job, PendingFailure, PendingFailures, Snapshot};

/// What fails, and until when.
#[derive(Clone)]
pub(crate) struct Adversary {
    physics: Arc<Physics>,
    plan: Arc<[Fault]>,
    /// Faults that wait for their place, and those that struck.
    pub faults: ArmedFaults,
    /// Links that carry nothing.
    cuts: Vec<Cut>,
    /// Nodes that stand still.
    pauses: Vec<(Node, Instant)>,
    /// Faults that are felt while they last, in the order in which they began.
    degradations: Vec<Degradation>,
    down: Nodes,
    /// Nodes that no fault strikes any more.
    healed: Nodes,
    /// Leaders by role; meaningful for replicated roles.
    leaders: Vec<Node>,
    /// Nodes of outside parties.
    outside: Nodes,
}

impl Adversary {
    /// Nothing has failed yet; the faults of the plan that wait for a place are armed.
    pub fn new(physics: Arc<Physics>, plan: Arc<[Fault]>) -> Self {
        let nodes = (0..physics.nodes() as u8).map(Node);
        Adversary {
            faults: ArmedFaults::new(&plan),
            cuts: Vec::new(),
            pauses: Vec::new(),
            degradations: Vec::new(),
            down: Nodes::default(),
            healed: Nodes::default(),
            leaders: (0..physics.roles.len() as u8).map(|role| physics.first(Role(role))).collect(),
            outside: (nodes.filter(|node| physics.spec(*node).outside))
                .fold(Nodes::default(), |all, node| all.and(Nodes::one(node))),
            plan,
            physics,
        }
    }

    /// The faults of the plan that begin at a moment.
    pub fn timed(&self) -> impl Iterator<Item = (Instant, Scheduled)> + use<> {
        let plan = Arc::clone(&self.plan);
        (0..plan.len()).filter_map(move |index| match plan[index] {
            Fault::During { when: When::At(from), .. } => Some((from, Scheduled::Start(index as u16))),
            Fault::During { when: When::After(_), .. } | Fault::At { .. } => None,
        })
    }

    #[inline]
    pub fn is_down(&self, node: Node) -> bool {
        self.down.has(node)
    }

    /// Whether a node belongs to an outside party.
    #[inline]
    pub fn is_outside(&self, node: Node) -> bool {
        self.outside.has(node)
    }

    /// Until when a node is stopped, if it is.
    #[inline]
    pub fn paused(&self, node: Node, now: Instant) -> Option<Instant> {
        if self.pauses.is_empty() {
            return None;
        }
        let stopped = |(who, until): &&(Node, Instant)| *who == node && *until > now;
        self.pauses.iter().filter(stopped).map(|(_, until)| *until).max()
    }

    /// A crashed node is up again.
    pub fn comes_up(&mut self, node: Node) {
        self.down = self.down.without(Nodes::one(node));
    }

    /// Drops what is pending in a handler once healing has begun, be it a fault that came to its place before: on a
    /// message that is late, in a handler that stood still.
    #[cold]
    pub fn drop_after_heal<S: crate::service::Service>(&self, pending: &mut PendingFailures<S>) {
        if self.healed != Nodes::default() {
            pending.failures.retain(|failure| failure.fault().is_none());
        }
    }

    /// Those of a set that there are, in order.
    fn among(&self, nodes: Nodes) -> impl Iterator<Item = Node> + use<> {
        let there = self.physics.nodes();
        nodes.iter().take_while(move |node| usize::from(node.0) < there)
    }
}
