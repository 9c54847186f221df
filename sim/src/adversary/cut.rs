//! Links that carry nothing for a time.
//!
//! A cut has one direction; a complete one is two.

use crate::fault::Nodes;
use crate::site::Node;
use crate::time::Instant;

/// Messages from one group to the other do not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The senders.
    pub from: Nodes,
    /// The receivers.
    pub to: Nodes,
    /// When they pass again.
    pub until: Instant,
}

impl Cut {
    /// Whether it stops what one node sends to another now.
    #[inline]
    pub(super) fn stops(&self, from: Node, to: Node, now: Instant) -> bool {
        self.until > now && self.from.has(from) && self.to.has(to) && from != to
    }

    /// Whether it stops anything between a node and some of these.
    pub(super) fn parts(&self, node: Node, others: Nodes) -> bool {
        self.from.has(node) && self.to.meets(others) || self.to.has(node) && self.from.meets(others)
    }

    /// What is left of it when links within the core work again.
    pub(super) fn outside(self, core: Nodes) -> impl Iterator<Item = Cut> {
        let from_outside = Cut { from: self.from.without(core), ..self };
        let to_outside = Cut { from: self.from.within(core), to: self.to.without(core), ..self };
        [from_outside, to_outside].into_iter().filter(|cut| cut.from.0 != 0 && cut.to.0 != 0)
    }
}
