//! How nodes and faults are called where a person reads them.

use stormcart_models::words::{Party, VOCABULARY};
use stormcart_sim::Micros;
use stormcart_sim::fault::{Fault, Nodes, Strike, Verb, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::Node;

use crate::error::Error;

use super::bounded;

/// Names of nodes: the party, and from the second instance on its number: `payments`, `payments-2`.
pub fn node_name(physics: &Physics, node: Node) -> String {
    let party = Party::of(physics.role(node));
    match physics.instance(node) {
        0 => party.name().into(),
        instance => format!("{party}-{}", instance + 1),
    }
}

/// The names of those in a set who are there.
pub(super) fn list(physics: &Physics, nodes: Nodes) -> Vec<String> {
    let there = nodes.iter().take_while(|node| usize::from(node.0) < physics.nodes());
    there.map(|node| node_name(physics, node)).collect()
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

/// A fault in words: `payments sale order 3 attempt 1, answer: lose the answer`.
pub fn fault_name(fault: &Fault, physics: &Physics) -> String {
    match fault {
        Fault::At { site, verb: Verb::Crash(point, Micros(u64::MAX)) } => {
            let role = VOCABULARY.role(site.role);
            format!("{}: crash {role} {}, for good", VOCABULARY.site(site), point.words())
        }
        Fault::At { site, verb } => format!("{}: {}", VOCABULARY.site(site), verb.words(&VOCABULARY, site)),
        Fault::During { when, lasting, strike } => {
            let what = strike_name(strike, physics);
            let lasts = match bounded(*lasting) {
                Some(_) => format!("for {lasting}"),
                None => "until it is healed".into(),
            };
            match when {
                When::At(at) => format!("at {} ms: {what} {lasts}", at.as_millis()),
                When::After(site) => format!("after {}: {what} {lasts}", VOCABULARY.site(site)),
            }
        }
    }
}

/// What lasts, in words: `cut payments off from orders`.
pub fn strike_name(strike: &Strike, physics: &Physics) -> String {
    let all = |nodes: &Nodes| list(physics, *nodes).join(" ");
    match strike {
        Strike::Partition { a, b, one_way: false } => format!("cut {} off from {}", all(a), all(b)),
        Strike::Partition { a, b, one_way: true } => format!("stop what {} send to {}", all(a), all(b)),
        Strike::Flap { a, b, each } => {
            format!("cut {} off from {} and join them again, each for {each},", all(a), all(b))
        }
        Strike::SlowLink { a, b, times } => {
            format!("links between {} and {} {times} times as slow", all(a), all(b))
        }
        Strike::LossyLink { a, b, per_mille } => {
            format!("lose {per_mille} of 1000 messages between {} and {}", all(a), all(b))
        }
        Strike::Pause(node) => format!("pause {}", node_name(physics, *node)),
        Strike::Slow(nodes, times) => format!("{} {times} times as slow", all(nodes)),
        Strike::Crash(nodes) => format!("crash {}", all(nodes)),
        Strike::CrashLoop(nodes, each) => {
            format!("crash {} again and again, {each} down and {each} up,", all(nodes))
        }
        Strike::SlowDisk(nodes, times) => format!("disk of {} {times} times as slow", all(nodes)),
        Strike::FullDisk(nodes) => format!("disk of {} full", all(nodes)),
        Strike::Clock(node, leap) => format!("clock of {} {leap}", node_name(physics, *node)),
        Strike::Drift(node, rate) => {
            format!("clock of {} at {rate} per mille of its rate", node_name(physics, *node))
        }
    }
}
