//! How nodes and faults are called where a person reads them.

use stormcart_models::words::VOCABULARY;
use stormcart_sim::fault::{Fault, Nodes, SustainedFault};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::Node;

use crate::error::Error;

/// The name of a node: the party, and from the second instance on its number: `payments`, `payments-2`.
pub fn node_name(physics: &Physics, node: Node) -> String {
    VOCABULARY.node(physics, node)
}

/// A fault in words: `payments sale order 3 attempt 1, answer: lose the answer`.
pub fn fault_name(fault: &Fault, physics: &Physics) -> String {
    VOCABULARY.fault(physics, fault)
}

/// What lasts, in words: `cut payments off from orders`.
pub fn sustained_fault_name(sustained: &SustainedFault, physics: &Physics) -> String {
    VOCABULARY.inject(physics, sustained)
}

/// The names of those in a set who are there.
pub(super) fn list(physics: &Physics, nodes: Nodes) -> Vec<String> {
    VOCABULARY.nodes(physics, nodes)
}

/// The node of this name.
pub(super) fn node(physics: &Physics, name: &str) -> Result<Node, Error> {
    let nodes = || (0..physics.nodes() as u8).map(Node);
    let names: Vec<String> = nodes().map(|node| node_name(physics, node)).collect();
    let known = nodes().zip(&names).find(|(_, known)| *known == name).map(|(node, _)| node);
    known.ok_or_else(|| Error::unknown("node", name, names.iter().map(String::as_str)))
}

/// The nodes of these names.
pub(super) fn nodes(physics: &Physics, names: &[String]) -> Result<Nodes, Error> {
    if names.is_empty() {
        return Err(Error::Plain("a fault of nobody never strikes: name at least one node".into()));
    }
    names.iter().try_fold(Nodes::default(), |set, name| Ok(set.and(Nodes::one(node(physics, name)?))))
}
