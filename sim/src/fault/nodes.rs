//! Sets of nodes.

use crate::site::Node;

/// A set of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nodes(pub u64);

impl Nodes {
    /// Every node.
    pub const ALL: Nodes = Nodes(u64::MAX);

    /// The set of one node.
    pub const fn one(node: Node) -> Nodes {
        Nodes(1 << node.0)
    }

    /// Whether `node` is in the set.
    #[inline]
    pub const fn has(self, node: Node) -> bool {
        self.0 >> node.0 & 1 == 1
    }

    /// Both sets together.
    pub const fn and(self, other: Nodes) -> Nodes {
        Nodes(self.0 | other.0)
    }

    /// This set without the other.
    pub const fn without(self, other: Nodes) -> Nodes {
        Nodes(self.0 & !other.0)
    }

    /// The nodes that are in both sets.
    pub const fn within(self, other: Nodes) -> Nodes {
        Nodes(self.0 & other.0)
    }

    /// Whether a node is in both sets.
    pub const fn meets(self, other: Nodes) -> bool {
        self.0 & other.0 != 0
    }

    /// All nodes that are not in the set.
    pub const fn others(self) -> Nodes {
        Nodes(!self.0)
    }

    /// The nodes in it, in order.
    pub fn iter(self) -> impl Iterator<Item = Node> {
        (0..64).map(Node).filter(move |node| self.has(*node))
    }
}
