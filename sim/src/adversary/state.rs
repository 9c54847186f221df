//! The state that says what fails.

use std::sync::Arc;

use crate::fault::{Fault, Nodes, SustainedFault, When};
use crate::physics::Physics;
use crate::service::Service;
use crate::site::{Node, Role};
use crate::time::Instant;

use super::armed::ArmedFaults;
use super::cut::Cut;
use super::failure::PendingFailures;

/// A sustained fault that is felt until then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Degradation {
    pub sustained: SustainedFault,
    pub until: Instant,
}

/// What fails, and until when.
#[derive(Clone)]
pub(crate) struct Adversary {
    pub(super) physics: Arc<Physics>,
    pub(super) plan: Arc<[Fault]>,
    /// Faults that wait for their place, and those that struck.
    pub faults: ArmedFaults,
    /// Links that carry nothing.
    pub(super) cuts: Vec<Cut>,
    /// Paused nodes, and until when.
    pub(super) pauses: Vec<(Node, Instant)>,
    /// Faults that are felt while they last, in the order in which they began.
    pub(super) degradations: Vec<Degradation>,
    pub(super) down: Nodes,
    /// Nodes that no fault strikes any more.
    pub(super) healed: Nodes,
    /// Leaders by role; meaningful for replicated roles.
    pub(super) leaders: Vec<Node>,
    /// Nodes of outside parties.
    pub(super) outside: Nodes,
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
    pub fn timed(&self) -> impl Iterator<Item = (Instant, u16)> + use<> {
        let plan = Arc::clone(&self.plan);
        (0..plan.len()).filter_map(move |index| match plan[index] {
            Fault::During { when: When::At(from), .. } => Some((from, index as u16)),
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
    pub fn drop_after_heal<S: Service>(&self, pending: &mut PendingFailures<S>) {
        if self.healed != Nodes::default() {
            pending.failures.retain(|failure| failure.fault().is_none());
        }
    }

    /// Those of a set that there are, in order.
    pub(super) fn among(&self, nodes: Nodes) -> impl Iterator<Item = Node> + use<> {
        let there = self.physics.nodes();
        nodes.iter().take_while(move |node| usize::from(node.0) < there)
    }
}
