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
use stormcart_sim::fault::{Fault, Nodes, PointFault, SustainedFault, When};
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
        let parts: Vec<Option<TraceDiff>> = without.iter().zip(&with).map(|(a, b)| diff(a, b)).collect();
        let mut open: Vec<(usize, &TraceDiff)> =
            (parts.iter().enumerate()).filter_map(|(node, diff)| Some((node, diff.as_ref()?))).collect();
        open.sort_by_key(|(_, diff)| diff.at);
        // Reasons come first: whoever is explained may explain others of the same moment.
        while let Some(next) = open.iter().position(|(node, diff)| self.explains(&reached, apex, *node, diff))
        {
            let (node, diff) = open.remove(next);
            reached[node] = Some(reached[node].map_or(diff.at, |known| known.min(diff.at)));
        }
        if let Some((node, diff)) = open.first() {
            return Err(format!("node {node} differs for no reason; the fault struck at {apex:?}: {diff:?}"));
        }
        let apex = apex.unwrap_or(Instant::NEVER);
        let outside = with.iter().zip(&parts).map(|(doings, diff)| {
            let until = diff.as_ref().map_or(Instant::NEVER, |diff| diff.at);
            doings.iter().filter(|doing| apex < doing.at && doing.at < until).count()
        });
        Ok(outside.sum())
    }

    fn explains(
        &self,
        reached: &[Option<Instant>],
        apex: Option<Instant>,
        node: usize,
        diff: &TraceDiff,
    ) -> bool {
        let here = Node(node as u8);
        let physics = self.with.physics;
        // What one instance writes is read by the others: the store is one.
        let in_cone = |node: Node| {
            let mut instances = physics.instances(physics.role(node));
            instances.any(|other| reached[other.0 as usize].is_some_and(|since| since <= diff.at))
        };
        let mut peers = diff.doings.iter().flatten().filter_map(|doing| doing.peer);
        let struck = apex.is_some_and(|apex| apex <= diff.at);
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
    let Fault::During { sustained, .. } = fault else { return false };
    match sustained {
        SustainedFault::Partition { a: one, b: other, .. }
        | SustainedFault::Flap { a: one, b: other, .. }
        | SustainedFault::SlowLink { a: one, b: other, .. }
        | SustainedFault::LossyLink { a: one, b: other, .. } => {
            one.has(a) && other.has(b) || one.has(b) && other.has(a)
        }
        _ => false,
    }
}

/// Whom a strike befalls itself, and not only a link of theirs.
fn struck(sustained: &SustainedFault) -> Nodes {
    match *sustained {
        SustainedFault::Pause(node) | SustainedFault::Clock(node, _) | SustainedFault::Drift(node, _) => {
            Nodes::one(node)
        }
        SustainedFault::Slow(nodes, _)
        | SustainedFault::Crash(nodes)
        | SustainedFault::CrashLoop(nodes, _)
        | SustainedFault::SlowDisk(nodes, _)
        | SustainedFault::FullDisk(nodes) => nodes,
        SustainedFault::Partition { .. }
        | SustainedFault::Flap { .. }
        | SustainedFault::SlowLink { .. }
        | SustainedFault::LossyLink { .. } => Nodes::default(),
    }
}

/// Where two lives of a node part.
#[derive(Debug)]
struct TraceDiff {
    at: Instant,
    /// What happened then in either run, if it happened in one only.
    doings: [Option<Doing>; 2],
}

fn diff(a: &[Doing], b: &[Doing]) -> Option<TraceDiff> {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let next = [a.get(same).copied(), b.get(same).copied()];
    let at = next.iter().flatten().map(|doing| doing.at).min()?;
    Some(TraceDiff { at, doings: next.map(|doing| doing.filter(|doing| doing.at == at)) })
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
        let (site, point_fault) = match &self.faults[number] {
            Fault::During { sustained, when, .. } => {
                let peer = self.awaits(when);
                return struck(sustained).iter().map(|node| Victim { peer, ..victim(node) }).collect();
            }
            Fault::At { site, point_fault } => (site, point_fault),
        };
        if matches!(point_fault, PointFault::Crash(..) | PointFault::FailWrite) {
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
                let sender = matches!(point_fault, PointFault::IsolateSender(_)).then_some((from, to));
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
                Happening::Evicted(node) => note(*node, 9, 0, None),
                Happening::TookOver { node, lost } => note(*node, 7, Digest::of(lost), Some(*lost)),
                Happening::Fault { fault } => {
                    let victims = self.victims(*fault as usize, position).into_iter();
                    victims.for_each(|victim| note(victim.node, 8, 0, victim.peer));
                }
                Happening::Start
                | Happening::Ended { .. }
                | Happening::LinksDown { .. }
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
