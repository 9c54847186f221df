//! From one process to another: latencies, links that carry nothing, messages that are lost.
//!
//! A datagram takes what madsim's network draws for it, and two milliseconds that it takes for every send and receive.
//! What a link takes longer than that, because it leads outside or is slow, a message waits before it is sent.
//!
//! A cut acts when a datagram is sent: what is on the network by then crosses it. That is madsim's nature, and differs
//! from the kernel, where a cut falls on what is in flight.
//!
//! **Invariant:** every message is counted when it is sent, wherever it ends
//! (`without_faults_a_run_costs_what_it_costs_in_the_kernel`).

use std::sync::Arc;
use std::time::Duration;

use madsim::net::NetSim;
use madsim::runtime::NodeHandle;

use crate::adversary::{Adversary, Backend, Job, lose};
use crate::draw::{Lane, Purpose};
use crate::fault::Nodes;
use crate::physics::{Physics, Spread};
use crate::service::{Message, Service, To};
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Loss};

use super::deliver::Arrival;
use super::process::{Machine, TAG};
use super::schedule::Entry;
use super::shared::State;
use super::sleep;
use super::tracker::TrackedMessage;

/// What every datagram takes: a millisecond to send, and one to receive.
const OVERHEAD: Micros = Micros::millis(2);

/// The runtime's network.
pub(super) struct Network {
    net: Arc<NetSim>,
    /// The node whose tasks carry messages: what was sent is on its way, whatever becomes of the sender.
    carrier: NodeHandle,
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
        let everybody = |node: Node, reached: Nodes| of(node, reached) == of(node, Nodes::ALL);
        let union = |sets: &mut dyn Iterator<Item = Nodes>| sets.fold(Nodes::default(), Nodes::and);
        for node in all.iter() {
            let one = Nodes::one(node);
            let towards = union(&mut adversary.cuts(now).filter(|cut| cut.from.has(node)).map(|cut| cut.to));
            let hearing = union(&mut adversary.cuts(now).filter(|cut| cut.to.has(node)).map(|cut| cut.from));
            wanted.out_of = wanted.out_of.and(if everybody(node, towards) { one } else { Nodes::default() });
            wanted.into = wanted.into.and(if everybody(node, hearing) { one } else { Nodes::default() });
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

impl<S: Service> State<S> {
    /// Sends a message on its way.
    pub fn send_message(&mut self, from: Node, to: To, message: S::Message, cause: Cause) {
        let identity = message.identity();
        let to = self.adversary.resolve(to, identity.subject, identity.attempt);
        let name = identity.packed(self.physics.role(to)) >> 32;
        let bits = self.physics.draws.bits(Purpose::Message, name, u64::from(identity.subject));
        let job = Job { from, message, bits, pending: None, misbehavior: None, cause };
        if from == to {
            return self.hand_over(to, job, Arrival::Direct);
        }
        let outside = self.adversary.is_outside(from) || self.adversary.is_outside(to);
        let (link, count) = match outside {
            true => (self.physics.outside_link, &mut self.journal.counts.outside_messages),
            false => (self.physics.link, &mut self.journal.counts.internal_messages),
        };
        *count += 1;
        let time = link.draw(bits, Lane::Link).times(self.adversary.link_slowed(from, to, self.now()));
        let carried = match outside {
            true => OVERHEAD.max(self.physics.link.base),
            false => self.physics.link.draw(bits, Lane::Link),
        };
        let at = self.now() + Micros(time.0.saturating_sub(carried.0));
        let (message, address) = (TrackedMessage::new(&self.tracker, to, job), self.machine(to).address);
        let (Some(endpoint), Some(shared)) = (self.machine(from).endpoint.clone(), self.shared.upgrade())
        else {
            return;
        };
        self.network.carrier.spawn(async move {
            if at > sleep::now(&shared.clock) {
                sleep::until(&shared.clock, at).await;
            }
            // A message that is lost says so itself.
            drop(endpoint.send_to_raw(address, TAG, Box::new(message)).await);
        });
    }

    /// Hands a message to a process without a network between: its own, or one that was put off on the way.
    pub fn hand_over(&mut self, to: Node, job: Job<S>, arrival: Arrival) {
        let Some(shared) = self.shared.upgrade() else { return };
        let message = TrackedMessage::new(&self.tracker, to, job);
        self.machine(to).process.spawn(async move {
            if let Some(job) = message.open() {
                shared.enter().arrive(to, job, arrival);
            }
        });
    }

    /// A cut falls on a message: it is lost, or arrives when the cut is over.
    pub fn caught(&mut self, to: Node, job: Job<S>, until: Instant) {
        if self.adversary.cut_loses(&job, to, until) {
            return lose(self, &job, to, Loss::Cut, job.cause);
        }
        self.push_entry(until, Entry::Arrive { to, job, held: false });
    }

    /// Writes into the schedule, and wakes the driver that keeps it.
    pub fn push_entry(&mut self, at: Instant, entry: Entry<S>) {
        let first = at < self.schedule.next_at();
        self.schedule.push(at, entry);
        if first {
            self.tracker.wake();
        }
    }
}
