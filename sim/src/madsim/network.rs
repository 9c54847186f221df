//! The runtime's network: what a datagram takes, and links that carry nothing.

use std::sync::Arc;
use std::time::Duration;

use madsim::net::NetSim;
use madsim::runtime::NodeHandle;

use crate::adversary::Adversary;
use crate::fault::Nodes;
use crate::physics::{Physics, Spread};
use crate::service::Service;
use crate::site::Node;
use crate::time::{Instant, Micros};

use super::machines::Machine;

/// The tag of all datagrams.
pub(super) const TAG: u64 = 1;

/// What every datagram takes: a millisecond to send, and one to receive.
pub(super) const OVERHEAD: Micros = Micros::millis(2);

/// The runtime's network.
pub(super) struct Network {
    net: Arc<NetSim>,
    /// The node whose tasks carry messages: what was sent is on its way, whatever becomes of the sender.
    pub carrier: NodeHandle,
    blocked: Blocked,
}

/// What the network was told to stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Blocked {
    /// Nodes that reach no other one.
    out_of: Nodes,
    /// Nodes that no other one reaches.
    into: Nodes,
    /// By sender, those of the rest that it does not reach.
    links: Vec<Nodes>,
}

/// How long madsim lets a datagram take, so that with its overhead it takes what a link takes.
pub(super) fn config(physics: &Physics) -> madsim::Config {
    let Spread { base, spread } = physics.link;
    let least = Duration::from_micros(base.0.saturating_sub(OVERHEAD.0));
    let mut config = madsim::Config::default();
    config.net.send_latency = least..least + Duration::from_micros(spread.0) + Duration::from_nanos(1);
    config
}

impl Network {
    pub fn new(carrier: NodeHandle) -> Self {
        Network { net: NetSim::current(), carrier, blocked: Blocked::default() }
    }

    /// Tells the network what is cut and what carries again.
    pub fn block<S: Service>(&mut self, adversary: &Adversary, now: Instant, machines: &[Machine<S>]) {
        let wanted = Blocked::by(adversary, now, machines.len());
        if wanted == self.blocked {
            return;
        }
        let id = |node: Node| machines[node.0 as usize].process.id();
        let nodes = || (0..machines.len() as u8).map(Node);
        for from in nodes() {
            match (self.blocked.out_of.has(from), wanted.out_of.has(from)) {
                (false, true) => self.net.clog_node_out(id(from)),
                (true, false) => self.net.unclog_node_out(id(from)),
                (false, false) | (true, true) => {}
            }
            match (self.blocked.into.has(from), wanted.into.has(from)) {
                (false, true) => self.net.clog_node_in(id(from)),
                (true, false) => self.net.unclog_node_in(id(from)),
                (false, false) | (true, true) => {}
            }
            let [before, after] = [&self.blocked, &wanted].map(|blocked| blocked.from(from));
            for to in nodes().filter(|to| before.has(*to) != after.has(*to)) {
                match after.has(to) {
                    true => self.net.clog_link(id(from), id(to)),
                    false => self.net.unclog_link(id(from), id(to)),
                }
            }
        }
        self.blocked = wanted;
    }
}

impl Blocked {
    /// What the cuts mean: a node that is cut off from every other one is blocked as a node, all else link by link.
    fn by(adversary: &Adversary, now: Instant, there: usize) -> Self {
        let all = Nodes((1_u64 << (there - 1) << 1).wrapping_sub(1));
        let mut wanted = Blocked::default();
        if adversary.cuts(now).next().is_none() {
            return wanted;
        }
        let of = |node: Node, others: Nodes| others.within(all).without(Nodes::one(node));
        let all_others = |node: Node, reached: Nodes| of(node, reached) == of(node, Nodes::ALL);
        let union = |sets: &mut dyn Iterator<Item = Nodes>| sets.fold(Nodes::default(), Nodes::and);
        for node in all.iter() {
            let one = Nodes::one(node);
            let towards = union(&mut adversary.cuts(now).filter(|cut| cut.from.has(node)).map(|cut| cut.to));
            let hearing = union(&mut adversary.cuts(now).filter(|cut| cut.to.has(node)).map(|cut| cut.from));
            wanted.out_of = wanted.out_of.and(if all_others(node, towards) { one } else { Nodes::default() });
            wanted.into = wanted.into.and(if all_others(node, hearing) { one } else { Nodes::default() });
            wanted.links.push(of(node, towards));
        }
        let Blocked { out_of, into, ref mut links } = wanted;
        for (node, link) in all.iter().zip(links) {
            *link = if out_of.has(node) { Nodes::default() } else { link.without(into) };
        }
        wanted
    }

    fn from(&self, node: Node) -> Nodes {
        self.links.get(node.0 as usize).copied().unwrap_or_default()
    }
}
