//! How nodes and faults are called where a person reads and writes them.

use stormcart_sim::fault::{Fault, Nodes};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{Node, Vocabulary};

use crate::catalog::Catalog;
use crate::error::Error;

/// The names of a model, and of the nodes of one of its worlds.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// What exists.
    pub catalog: &'static Catalog,
    /// What it is called.
    pub vocabulary: &'static Vocabulary,
    /// The nodes.
    pub physics: &'a Physics,
}

impl Names<'_> {
    /// The name of a node: the role, and from the second instance on its number: `payments`, `payments-2`.
    pub fn node(self, node: Node) -> String {
        self.vocabulary.node(self.physics, node)
    }

    /// A fault in words: `payments sale order 3 attempt 1, answer: lose the answer`.
    pub fn fault(self, fault: &Fault) -> String {
        self.vocabulary.fault(self.physics, fault)
    }

    /// The names of the nodes in a set that are there.
    pub fn nodes(self, nodes: Nodes) -> Vec<String> {
        self.vocabulary.nodes(self.physics, nodes)
    }

    /// The node of this name.
    pub(super) fn read_node(self, name: &str) -> Result<Node, Error> {
        let nodes = || (0..self.physics.nodes() as u8).map(Node);
        let names: Vec<String> = nodes().map(|node| self.node(node)).collect();
        let known = nodes().zip(&names).find(|(_, known)| *known == name).map(|(node, _)| node);
        known.ok_or_else(|| Error::unknown("node", name, names.iter().map(String::as_str)))
    }

    /// The nodes of these names.
    pub(super) fn read_nodes(self, names: &[String]) -> Result<Nodes, Error> {
        if names.is_empty() {
            return Err(Error::Plain("a fault of nobody never strikes: name at least one node".into()));
        }
        names.iter().try_fold(Nodes::default(), |set, name| Ok(set.and(Nodes::one(self.read_node(name)?))))
    }
}
