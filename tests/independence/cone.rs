//! The cone of a fault: what two runs that differ in one fault may differ in.
//!
//! A node is in the cone from the first moment at which it does something else in the two runs. That moment needs a
//! reason: the fault struck this node, or a message from a node that was in the cone already (or that no longer came), or
//! an instance with the same store in the cone. A node that is not in the cone does the same at the same virtual time.
//!
//! **Invariant:** nothing here knows the kernel: two traces and two lists of faults are all there is to go by.

use std::hash::Hash;

use stormcart_sim::Instant;
use stormcart_sim::digest::Digest;
use stormcart_sim::fault::{Fault, Nodes, Strike, Verb, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::service::Service;
use stormcart_sim::site::Node;
use stormcart_sim::trace::{Entry, Happening, Trace};

/// One thing a node did or met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Doing {
    at: Instant,
    what: u64,
    /// The other end, if it is a message.
    peer: Option<Node>,
}

/// A run and its faults.
pub struct Side<'a, S: Service> {
    pub physics: &'a Physics,
    pub trace: &'a Trace<S>,
    pub faults: &'a [Fault],
}

/// Two runs; the second has one fault more, at this place of its list.
pub struct Pair<'a, S: Service> {
    pub without: Side<'a, S>,
    pub with: Side<'a, S>,
    pub number: usize,
}

impl<S: Service> Pair<'_, S> {
    /// How much happened after the fault and outside of its cone; or what lies neither in the cone nor in both runs.
    pub fn outside(&self) -> Result<usize, String> {
        let (without, with) = (self.without.doings(), self.with.doings());
        let apex = self.with.strikes().find(|(number, _)| *number == self.number);
        let mut reached: Vec<Option<Instant>> = vec![None; without.len()];
        for victim in apex.iter().flat_map(|(_, entry)| self.with.victims(self.number, *entry)) {
            reached[victim.node.0 as usize] = Some(victim.since);
        }
        let apex = apex.map(|(_, entry)| self.with.entries()[entry].at);
        let parts: Vec<Option<Parting>> = without.iter().zip(&with).map(|(a, b)| parting(a, b)).collect();
        let mut open: Vec<(usize, &Parting)> = (parts.iter().enumerate())
            .filter_map(|(node, parting)| Some((node, parting.as_ref()?)))
            .collect();
        open.sort_by_key(|(_, parting)| parting.at);
        // Reasons come first: whoever is explained may explain others of the same moment.
        while let Some(next) =
            open.iter().position(|(node, parting)| self.explains(&reached, apex, *node, parting))
        {
            let (node, parting) = open.remove(next);
            reached[node] = Some(reached[node].map_or(parting.at, |known| known.min(parting.at)));
        }
        if let Some((node, parting)) = open.first() {
            return Err(format!(
                "node {node} differs for no reason; the fault struck at {apex:?}: {parting:?}"
            ));
        }
        let apex = apex.unwrap_or(Instant::NEVER);
        let outside = with.iter().zip(&parts).map(|(doings, parting)| {
            let until = parting.as_ref().map_or(Instant::NEVER, |parting| parting.at);
            doings.iter().filter(|doing| apex < doing.at && doing.at < until).count()
        });
        Ok(outside.sum())
    }

    fn explains(
        &self,
        reached: &[Option<Instant>],
        apex: Option<Instant>,
        node: usize,
        parting: &Parting,
    ) -> bool {
        let here = Node(node as u8);
        let physics = self.with.physics;
        // What one instance writes is read by the others: the store is one.
        let in_cone = |node: Node| {
            let mut instances = physics.instances(physics.role(node));
            instances.any(|other| reached[other.0 as usize].is_some_and(|since| since <= parting.at))
        };
        let mut peers = parting.doings.iter().flatten().filter_map(|doing| doing.peer);
        let struck = apex.is_some_and(|apex| apex <= parting.at);
        // A fault that waits for something in the cone begins at another time, or never.
        let moved = |fault: &Fault| match fault {
            Fault::During { when, .. } => self.with.awaits(when).is_some_and(in_cone),
            Fault::At { .. } => false,
        };
        let cut = |peer: Node| {
            let between = |fault: &&Fault| stands_between(fault, here, peer);
            let this = struck && between(&&self.with.faults[self.number]);
            this || self.with.faults.iter().filter(between).any(moved)
        };
        in_cone(here) || peers.any(|peer| in_cone(peer) || cut(peer))
    }
}

/// Whether a fault is a partition between two nodes.
fn stands_between(fault: &Fault, a: Node, b: Node) -> bool {
    let Fault::During { strike, .. } = fault else { return false };
    match strike {
        Strike::Partition { a: one, b: other, .. }
        | Strike::Flap { a: one, b: other, .. }
        | Strike::SlowLink { a: one, b: other, .. }
        | Strike::LossyLink { a: one, b: other, .. } => {
            one.has(a) && other.has(b) || one.has(b) && other.has(a)
        }
        _ => false,
    }
}

/// Whom a strike befalls itself, and not only a link of theirs.
fn struck(strike: &Strike) -> Nodes {
    match *strike {
        Strike::Pause(node) | Strike::Clock(node, _) | Strike::Drift(node, _) => Nodes::one(node),
        Strike::Slow(nodes, _)
        | Strike::Crash(nodes)
        | Strike::CrashLoop(nodes, _)
        | Strike::SlowDisk(nodes, _)
        | Strike::FullDisk(nodes) => nodes,
        Strike::Partition { .. }
        | Strike::Flap { .. }
        | Strike::SlowLink { .. }
        | Strike::LossyLink { .. } => Nodes::default(),
    }
}

/// Where two lives of a node part.
#[derive(Debug)]
struct Parting {
    at: Instant,
    /// What happened then in either run, if it happened in one only.
    doings: [Option<Doing>; 2],
}

fn parting(a: &[Doing], b: &[Doing]) -> Option<Parting> {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let next = [a.get(same).copied(), b.get(same).copied()];
    let at = next.iter().flatten().map(|doing| doing.at).min()?;
    Some(Parting { at, doings: next.map(|doing| doing.filter(|doing| doing.at == at)) })
}

/// A node that a fault struck.
struct Victim {
    node: Node,
    /// A crash was decided when the handler began in which it struck.
    since: Instant,
    /// At the other end of the message that was struck.
    peer: Option<Node>,
}

impl<'a, S: Service> Side<'a, S> {
    fn entries(&self) -> &'a [Entry<S>] {
        self.trace.entries()
    }

    /// Faults that struck, by number, and where the trace says so.
    fn strikes(&self) -> impl Iterator<Item = (usize, usize)> {
        self.entries().iter().enumerate().filter_map(|(position, entry)| match entry.what {
            Happening::Fault { fault } => Some((fault as usize, position)),
            _ => None,
        })
    }

    /// Whom a fault struck whose entry stands here; those beyond a partition are told by [`stands_between`].
    fn victims(&self, number: usize, position: usize) -> Vec<Victim> {
        let entry = &self.entries()[position];
        let victim = |node| Victim { node, since: entry.at, peer: None };
        let (site, verb) = match &self.faults[number] {
            Fault::During { strike, when, .. } => {
                let peer = self.awaits(when);
                return struck(strike).iter().map(|node| Victim { peer, ..victim(node) }).collect();
            }
            Fault::At { site, verb } => (site, verb),
        };
        if matches!(verb, Verb::Crash(..) | Verb::FailWrite) {
            let handler = &self.entries()[entry.cause as usize];
            if let Happening::Delivered { to: node, .. } | Happening::Timer { node, .. } = handler.what {
                return vec![Victim { node, since: handler.at, peer: None }];
            }
        }
        let message = self.entries()[position..].iter().find_map(|caused| match caused.what {
            Happening::Delivered { from, to, .. } | Happening::Lost { from, to, .. } => {
                (caused.cause as usize == position).then_some((from, to))
            }
            _ => None,
        });
        match message {
            Some((from, to)) => {
                let sender = matches!(verb, Verb::IsolateSender(_)).then_some((from, to));
                let ends = sender.into_iter().chain([(to, from)]);
                ends.map(|(node, peer)| Victim { peer: Some(peer), ..victim(node) }).collect()
            }
            None => self.physics.instances(site.role).map(victim).collect(),
        }
    }

    /// Where that happens which a fault waits for, if it waits: when it begins follows from there.
    fn awaits(&self, when: &When) -> Option<Node> {
        match when {
            When::At(_) => None,
            When::After(site) => self.physics.instances(site.role).next(),
        }
    }

    /// Everything each node did or met, in order.
    fn doings(&self) -> Vec<Vec<Doing>> {
        let mut nodes = vec![Vec::new(); self.physics.nodes()];
        for (position, entry) in self.entries().iter().enumerate() {
            let mut note = |node: Node, kind: u8, what: u64, peer: Option<Node>| {
                nodes[node.0 as usize].push(Doing { at: entry.at, what: Digest::of(&(kind, what)), peer });
            };
            match &entry.what {
                Happening::Delivered { from, to, message } => {
                    note(*to, 0, digest(from, message), Some(*from))
                }
                Happening::Lost { from, to, message, why } => {
                    note(*to, 1, digest(&(from, *why as u8), message), Some(*from));
                }
                Happening::Timer { node, timer } => note(*node, 2, Digest::of(timer), None),
                Happening::Written { node, record } => note(*node, 3, Digest::of(record), None),
                Happening::Aborted(node) => note(*node, 4, 0, None),
                Happening::Crashed(node) => note(*node, 5, 0, None),
                Happening::Restarted(node) => note(*node, 6, 0, None),
                Happening::LeftOut(node) => note(*node, 9, 0, None),
                Happening::TookOver { node, lost } => note(*node, 7, Digest::of(lost), Some(*lost)),
                Happening::Fault { fault } => {
                    let victims = self.victims(*fault as usize, position).into_iter();
                    victims.for_each(|victim| note(victim.node, 8, 0, victim.peer));
                }
                Happening::Start
                | Happening::Mended { .. }
                | Happening::Flapped { .. }
                | Happening::Torn(_)
                | Happening::Healed { .. } => {}
            }
        }
        nodes
    }
}

fn digest(a: &impl Hash, b: &impl Hash) -> u64 {
    Digest::of(&(Digest::of(a), Digest::of(b)))
}
