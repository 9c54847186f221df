//! Nodes and faults in the words of a model, as a person reads them.
//!
//! **Invariant:** a fault of one model reads the same wherever it is shown: these are the only words for it
//! (`every_kind_has_words_of_its_own`).

use std::fmt;

use crate::fault::{Fault, Nodes, PointFault, SustainedFault, When};
use crate::physics::Physics;
use crate::site::{InjectionPoint, MessageKind, Node, Vocabulary};
use crate::time::Micros;

impl Vocabulary {
    /// The name of a node: its role, and from the second instance on its number: `payments`, `payments-2`.
    pub fn node(&self, physics: &Physics, node: Node) -> String {
        let role = self.role(physics.role(node));
        match physics.instance(node) {
            0 => role.into(),
            instance => format!("{role}-{}", instance + 1),
        }
    }

    /// The names of those in a set that there are.
    pub fn nodes(&self, physics: &Physics, nodes: Nodes) -> Vec<String> {
        let there = nodes.iter().take_while(|node| usize::from(node.0) < physics.nodes());
        there.map(|node| self.node(physics, node)).collect()
    }

    /// A fault in words: `payments sale order 3 attempt 1, answer: lose the answer`.
    pub fn fault(&self, physics: &Physics, fault: &Fault) -> String {
        match fault {
            Fault::At { site, point_fault: PointFault::Crash(point, Micros(u64::MAX)) } => {
                format!("{}: crash {} {}, for good", self.site(site), self.role(site.role), point.words())
            }
            Fault::At { site, point_fault } => {
                format!("{}: {}", self.site(site), point_fault.words(self, site))
            }
            Fault::During { when, lasting, sustained } => {
                let what = self.sustained(physics, sustained);
                let lasts = match *lasting {
                    Micros(u64::MAX) => "until it is healed".into(),
                    lasting => format!("for {lasting}"),
                };
                match when {
                    When::At(at) => format!("at {} ms: {what} {lasts}", at.as_millis()),
                    When::After(site) => format!("after {}: {what} {lasts}", self.site(site)),
                }
            }
        }
    }

    /// What lasts, in words: `cut payments off from orders`.
    pub fn sustained(&self, physics: &Physics, sustained: &SustainedFault) -> String {
        let all = |nodes: &Nodes| self.nodes(physics, *nodes).join(" ");
        let one = |node: &Node| self.node(physics, *node);
        match sustained {
            SustainedFault::Partition { a, b, one_way: false } => {
                format!("cut {} off from {}", all(a), all(b))
            }
            SustainedFault::Partition { a, b, one_way: true } => {
                format!("stop what {} send to {}", all(a), all(b))
            }
            SustainedFault::Flap { a, b, each } => {
                format!("cut {} off from {} and join them again, each for {each},", all(a), all(b))
            }
            SustainedFault::SlowLink { a, b, times } => {
                format!("links between {} and {} {times} times as slow", all(a), all(b))
            }
            SustainedFault::LossyLink { a, b, per_mille } => {
                format!("lose {per_mille} of 1000 messages between {} and {}", all(a), all(b))
            }
            SustainedFault::Pause(node) => format!("pause {}", one(node)),
            SustainedFault::Slow(nodes, times) => format!("{} {times} times as slow", all(nodes)),
            SustainedFault::Crash(nodes) => format!("crash {}", all(nodes)),
            SustainedFault::CrashLoop(nodes, each) => {
                format!("crash {} again and again, {each} down and {each} up,", all(nodes))
            }
            SustainedFault::SlowDisk(nodes, times) => format!("disk of {} {times} times as slow", all(nodes)),
            SustainedFault::FullDisk(nodes) => format!("disk of {} full", all(nodes)),
            SustainedFault::Clock(node, leap) => format!("clock of {} {leap}", one(node)),
            SustainedFault::Drift(node, rate) => {
                format!("clock of {} at {rate} per mille of its rate", one(node))
            }
        }
    }
}

impl PointFault {
    /// What it does, in words: on an answer it reads differently.
    pub fn words<'a>(
        &'a self,
        vocabulary: &'a Vocabulary,
        site: &'a InjectionPoint,
    ) -> impl fmt::Display + 'a {
        let answer = site.identity.kind == MessageKind::Answer;
        fmt::from_fn(move |f| match self {
            PointFault::Drop if answer => f.write_str("lose the answer"),
            PointFault::Drop => f.write_str("drop"),
            PointFault::Duplicate(after) => write!(f, "duplicate after {after}"),
            PointFault::Delay(by) => write!(f, "delay by {by}"),
            PointFault::Reorder(wait) => write!(f, "let the next message on its link overtake it, or {wait}"),
            PointFault::ReorderInbox => {
                write!(f, "the next message for {} comes first", vocabulary.role(site.role))
            }
            PointFault::Corrupt => f.write_str("damage it on the way"),
            PointFault::LoseTie => f.write_str("let the others of this instant go first"),
            PointFault::Crash(point, down) => {
                write!(f, "crash {} {}, back after {down}", vocabulary.role(site.role), point.words())
            }
            PointFault::FailWrite => write!(f, "abort the transaction of {}", vocabulary.role(site.role)),
            PointFault::IsolateSender(time) => write!(f, "isolate the sender for {time}"),
            PointFault::IsolateReceiver(time) => {
                write!(f, "isolate {} for {time}", vocabulary.role(site.role))
            }
            PointFault::Pause(time) => write!(f, "pause {} for {time}", vocabulary.role(site.role)),
            PointFault::Leap(leap, time) => {
                write!(f, "clock of {} {leap} for {time}", vocabulary.role(site.role))
            }
            PointFault::SplitBrain => {
                write!(f, "another {} takes over beside it", vocabulary.role(site.role))
            }
            PointFault::Misbehave(misbehavior) => f.write_str(vocabulary.misbehavior(*misbehavior)),
        })
    }
}
