//! Which links carry, and which nodes reach which.

use crate::fault::Nodes;
use crate::site::Node;
use crate::time::Instant;

use super::cut::Cut;
use super::state::Adversary;

impl Adversary {
    #[inline]
    pub fn has_cuts(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// Links that carry nothing now.
    pub fn cuts(&self, now: Instant) -> impl Iterator<Item = &Cut> {
        self.cuts.iter().filter(move |cut| cut.until > now)
    }

    /// Until when messages from one node to the other are stopped, if they are.
    #[inline]
    pub fn cut(&self, from: Node, to: Node, now: Instant) -> Option<Instant> {
        self.cuts.iter().filter(|cut| cut.stops(from, to, now)).map(|cut| cut.until).max()
    }

    /// Cuts the links from one group to the other.
    pub fn cut_off(&mut self, from: Nodes, to: Nodes, until: Instant) {
        self.cuts.push(Cut { from, to, until });
    }

    /// Forgets what carries again.
    pub fn forget_cuts(&mut self, now: Instant) {
        self.cuts.retain(|cut| cut.until > now);
    }

    /// Lets links between these nodes carry again.
    pub fn join(&mut self, nodes: Nodes) {
        self.cuts = self.cuts.drain(..).flat_map(|cut| cut.outside(nodes)).collect();
    }

    /// Until when a node is cut off from every other one, if it is.
    pub fn isolated(&self, node: Node, now: Instant) -> Option<Instant> {
        self.reaches_none(node, self.among(Nodes::one(node).others()), now)
    }

    /// Until when messages of a node reach none of these; nothing if there are none or one is reached.
    pub fn reaches_none(
        &self,
        node: Node,
        mut others: impl Iterator<Item = Node>,
        now: Instant,
    ) -> Option<Instant> {
        let first = self.cut(node, others.next()?, now)?;
        others.try_fold(first, |until, other| Some(until.min(self.cut(node, other, now)?)))
    }
}
