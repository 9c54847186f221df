//! Links that carry nothing for a time.
//!
//! **Invariant:** a cut has one direction; a complete one is two.

use crate::fault::Nodes;
use crate::site::Node;
use crate::time::Instant;

use super::state::Adversary;

/// Messages from `from` to `to` do not pass until then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub from: Nodes,
    pub to: Nodes,
    pub until: Instant,
}

impl Cut {
    /// Whether it stops what one node sends to another now.
    #[inline]
    fn stops(&self, from: Node, to: Node, now: Instant) -> bool {
        self.until > now && self.from.has(from) && self.to.has(to) && from != to
    }

    /// Whether it stops anything between a node and some of these.
    pub fn parts(&self, node: Node, others: Nodes) -> bool {
        self.from.has(node) && self.to.meets(others) || self.to.has(node) && self.from.meets(others)
    }

    /// What is left of it when links within the core work again.
    fn outside(self, core: Nodes) -> impl Iterator<Item = Cut> {
        let from_outside = Cut { from: self.from.without(core), ..self };
        let to_outside = Cut { from: self.from.within(core), to: self.to.without(core), ..self };
        [from_outside, to_outside].into_iter().filter(|cut| cut.from.0 != 0 && cut.to.0 != 0)
    }
}

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
