//! From one process to another: latencies, links that carry nothing, messages that are lost.
//!
//! A datagram takes what madsim's network draws for it, and two milliseconds that it takes for every send and receive.
//! What a link takes longer than that, because it leads outside or is slow, a message waits before it is sent.
//!
//! A partition acts when a datagram is sent: what is on the network by then crosses it. That is madsim's nature, and differs
//! from the kernel, where a partition falls on what is in flight.
//!
//! **Invariant:** every message is counted when it is sent, wherever it ends.

use std::time::Duration;

use crate::draw::{DrawBits, Lane, Purpose};
use crate::fault::Nodes;
use crate::physics::{Physics, Spread};
use crate::service::{Message, Service, To};
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening, Loss};

use super::agenda::Entry;
use super::arrive::Came;
use super::hub::State;
use super::letter::{Job, Letter};
use super::nap;
use super::process::TAG;

/// What every datagram takes: a millisecond to send, and one to receive.
const OVERHEAD: Micros = Micros::millis(2);

/// What the network was told to stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clogged {
    /// Nodes that reach nobody.
    out_of: Nodes,
    /// Nodes that nobody reaches.
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

impl<S: Service> State<S> {
    pub fn bits(&self, to: Node, message: &S::Message) -> DrawBits {
        let identity = message.identity();
        let name = identity.packed(self.physics.role(to)) >> 32;
        self.physics.draws.bits(Purpose::Message, name, u64::from(identity.subject))
    }

    /// Sends a message on its way.
    pub fn send(&mut self, from: Node, to: To, message: S::Message, cause: Cause) {
        let identity = message.identity();
        let to = self.resolve(to, identity.subject, identity.attempt);
        let bits = self.bits(to, &message);
        let job = Job { from, message, bits, fate: None, misbehavior: None, cause };
        if from == to {
            return self.hand_over(to, job, Came::Safely);
        }
        let outside = self.outside.has(from) || self.outside.has(to);
        let (link, count) = match outside {
            true => (self.physics.outside_link, &mut self.counts.outside_messages),
            false => (self.physics.link, &mut self.counts.internal_messages),
        };
        *count += 1;
        let time = link.draw(bits, Lane::Link).times(self.link_slowed(from, to));
        let carried = match outside {
            true => OVERHEAD.max(self.physics.link.base),
            false => self.physics.link.draw(bits, Lane::Link),
        };
        let at = self.now + Micros(time.0.saturating_sub(carried.0));
        let (letter, address) = (Letter::new(&self.post, to, job), self.machine(to).address);
        let (Some(endpoint), Some(hub)) = (self.machine(from).endpoint.clone(), self.hub.upgrade()) else {
            return;
        };
        self.wire.spawn(async move {
            if at > nap::now(&hub.clock) {
                nap::until(&hub.clock, at).await;
            }
            // A letter that is lost says so itself.
            drop(endpoint.send_to_raw(address, TAG, Box::new(letter)).await);
        });
    }

    /// Hands a message to a process without a network between: its own, or one that was put off on the way.
    pub fn hand_over(&mut self, to: Node, job: Job<S>, came: Came) {
        let Some(hub) = self.hub.upgrade() else { return };
        let letter = Letter::new(&self.post, to, job);
        self.machine(to).process.spawn(async move {
            if let Some(job) = letter.open() {
                hub.enter().arrive(to, job, came);
            }
        });
    }

    /// A partition falls on a message: it is lost, or arrives when the partition is over. Both happen; drawn.
    pub fn caught(&mut self, to: Node, job: Job<S>, until: Instant) {
        let identity = job.message.identity();
        let name = identity.packed(self.physics.role(to)) >> 32;
        let bits = self.physics.draws.bits(Purpose::Caught, name, u64::from(identity.subject));
        if bits.within(Lane::Link, 999) < u64::from(self.physics.lost_per_mille) || until == Instant::NEVER {
            return self.lost(&job, to, Loss::Cut, job.cause);
        }
        self.agenda_push(until, Entry::Arrive { to, job, held: false });
    }

    pub fn lost(&mut self, job: &Job<S>, to: Node, why: Loss, cause: Cause) {
        self.digest.word(self.now.0 ^ u64::from(to.0) << 56);
        self.record(cause, || Happening::Lost { from: job.from, to, message: job.message.clone(), why });
    }

    /// Certainly not executed, and the caller hears so.
    pub fn refuse(&mut self, job: &Job<S>, to: Node, why: Loss) {
        self.counts.refused += 1;
        self.lost(job, to, why, job.cause);
        if let Some(refusal) = job.message.refused() {
            self.send(to, To::Node(job.from), refusal, job.cause);
        }
    }

    /// Until when messages from one node to the other are stopped, if they are.
    pub fn cut(&self, from: Node, to: Node) -> Option<Instant> {
        self.cuts.iter().filter(|cut| cut.stops(from, to, self.now)).map(|cut| cut.until).max()
    }

    /// Writes into the agenda, and wakes who keeps it.
    pub fn agenda_push(&mut self, at: Instant, entry: Entry<S>) {
        let first = at < self.agenda.next_at();
        self.agenda.push(at, entry);
        if first {
            self.post.ring();
        }
    }

    /// Tells the network what is cut and what carries again.
    pub fn clog(&mut self) {
        let wanted = self.wanted();
        if wanted == self.clogged {
            return;
        }
        let id = |node: Node| self.machines[node.0 as usize].process.id();
        let nodes: Vec<Node> = (0..self.machines.len() as u8).map(Node).collect();
        for from in nodes.iter().copied() {
            match (self.clogged.out_of.has(from), wanted.out_of.has(from)) {
                (false, true) => self.net.clog_node_out(id(from)),
                (true, false) => self.net.unclog_node_out(id(from)),
                _ => {}
            }
            match (self.clogged.into.has(from), wanted.into.has(from)) {
                (false, true) => self.net.clog_node_in(id(from)),
                (true, false) => self.net.unclog_node_in(id(from)),
                _ => {}
            }
            let [before, after] = [&self.clogged, &wanted].map(|clogged| clogged.from(from));
            for to in nodes.iter().copied().filter(|to| before.has(*to) != after.has(*to)) {
                match after.has(to) {
                    true => self.net.clog_link(id(from), id(to)),
                    false => self.net.unclog_link(id(from), id(to)),
                }
            }
        }
        self.clogged = wanted;
    }

    /// What the cuts mean: who is cut off from everybody is clogged as a node, all else link by link.
    fn wanted(&self) -> Clogged {
        let there = self.machines.len();
        let all = Nodes((1_u64 << (there - 1) << 1).wrapping_sub(1));
        let active = || self.cuts.iter().filter(|cut| cut.until > self.now);
        let mut wanted = Clogged::default();
        if active().next().is_none() {
            return wanted;
        }
        let of = |node: Node, others: Nodes| Nodes(others.0 & all.0 & !Nodes::one(node).0);
        let everybody = |node: Node, reached: Nodes| of(node, reached) == of(node, Nodes::ALL);
        let union = |sets: &mut dyn Iterator<Item = Nodes>| sets.fold(Nodes::default(), Nodes::and);
        for node in all.iter() {
            let towards = union(&mut active().filter(|cut| cut.from.has(node)).map(|cut| cut.to));
            let hearing = union(&mut active().filter(|cut| cut.to.has(node)).map(|cut| cut.from));
            let alone = [everybody(node, towards), everybody(node, hearing)];
            wanted.out_of = if alone[0] { wanted.out_of.and(Nodes::one(node)) } else { wanted.out_of };
            wanted.into = if alone[1] { wanted.into.and(Nodes::one(node)) } else { wanted.into };
            wanted.links.push(of(node, towards));
        }
        let Clogged { out_of, into, ref mut links } = wanted;
        for (node, link) in all.iter().zip(links) {
            *link = if out_of.has(node) { Nodes::default() } else { Nodes(link.0 & !into.0) };
        }
        wanted
    }
}

impl Clogged {
    fn from(&self, node: Node) -> Nodes {
        self.links.get(node.0 as usize).copied().unwrap_or_default()
    }
}
