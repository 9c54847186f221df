//! What makes part of the world slow, lossy, full or wrong about the time, for a while.
//!
//! Each of these is looked up where it is felt, so that nothing is left behind when it is gone: only a clock that leaps
//! moves what is pending, and moves it back at the end.
//!
//! **Invariant:** a world without ailments pays one look at an empty list.

use crate::draw::{Lane, Purpose};
use crate::fault::{Leap, Nodes, SustainedFault};
use crate::service::{Message, Service};
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::Cause;

use super::World;
use super::event::Job;

/// A strike that is felt until then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ailment {
    pub sustained: SustainedFault,
    pub until: Instant,
}

impl<S: Service> World<S> {
    /// Something that lasts begins.
    pub(super) fn ail(&mut self, sustained: SustainedFault, lasting: Micros, fault: u16, cause: Cause) {
        let until = self.now + lasting;
        self.ailments.push(Ailment { sustained, until });
        self.mend_at(until, fault);
        match sustained {
            SustainedFault::Clock(node, leap) => {
                self.leap(node, leap);
                self.doubt(node, leap, cause);
            }
            // Who cannot write cannot renew a lease either, nor answer the question whether it is well.
            SustainedFault::FullDisk(nodes) => {
                let there = self.hosts.len();
                for node in nodes.iter().take_while(|node| (node.0 as usize) < there) {
                    self.notice(node, until, cause);
                }
            }
            _ => {}
        }
    }

    /// What is over is over, and what its clocks had moved is moved back.
    pub(super) fn recover(&mut self, over: impl Fn(&Ailment) -> bool) {
        let over: Vec<Ailment> = self.ailments.extract_if(.., |ailment| over(ailment)).collect();
        for ailment in over {
            match ailment.sustained {
                SustainedFault::Clock(node, Leap::Ahead(by)) => self.leap(node, Leap::Behind(by)),
                SustainedFault::Clock(node, Leap::Behind(by)) => self.leap(node, Leap::Ahead(by)),
                _ => {}
            }
        }
    }

    /// Within the core nothing ails any more, and what had waited for room goes on.
    pub(super) fn cure(&mut self, core: Nodes) {
        for Ailment { sustained, until } in self.ailments.clone() {
            let SustainedFault::FullDisk(nodes) = sustained else { continue };
            for node in nodes.iter().filter(|node| core.has(*node)) {
                self.queue.bring_forward(until, self.now, |event| event.waits_for(node));
            }
        }
        self.recover(|ailment| match ailment.sustained {
            SustainedFault::Clock(node, _) => core.has(node),
            _ => core == Nodes::ALL,
        });
    }

    /// What is felt now by those who are not healed.
    fn felt(&self) -> impl Iterator<Item = (SustainedFault, Instant)> {
        let now = self.now;
        self.ailments
            .iter()
            .filter(move |ailment| ailment.until > now)
            .map(|known| (known.sustained, known.until))
    }

    /// Whether a strike between two groups is felt on a link.
    fn between(&self, a: Nodes, b: Nodes, from: Node, to: Node) -> bool {
        let healed = self.healed.has(from) && self.healed.has(to);
        from != to && !healed && (a.has(from) && b.has(to) || b.has(from) && a.has(to))
    }

    fn among(&self, nodes: Nodes, node: Node) -> bool {
        nodes.has(node) && !self.healed.has(node)
    }

    /// How many times as long a message takes on a link.
    #[cold]
    pub(super) fn link_slowed(&self, from: Node, to: Node) -> u64 {
        let times = self.felt().map(|(sustained, _)| match sustained {
            SustainedFault::SlowLink { a, b, times } if self.between(a, b, from, to) => u64::from(times),
            _ => 1,
        });
        times.fold(1, u64::saturating_mul)
    }

    /// Whether a lossy link loses a message: drawn by what it is, so the same message over again has the same luck.
    #[cold]
    pub(super) fn loses(&self, job: &Job<S>, to: Node) -> bool {
        let lossy = self.felt().filter_map(|(sustained, _)| match sustained {
            SustainedFault::LossyLink { a, b, per_mille } if self.between(a, b, job.from, to) => {
                Some(per_mille)
            }
            _ => None,
        });
        let Some(per_mille) = lossy.max() else { return false };
        let identity = job.message.identity();
        let name = identity.packed(self.physics.role(to)) >> 32;
        let bits = self.physics.draws.bits(Purpose::Lossy, name, u64::from(identity.subject));
        bits.within(Lane::Link, 999) < u64::from(per_mille)
    }

    /// How many times as long a node needs for a command.
    #[cold]
    pub(super) fn slowed(&self, node: Node) -> u64 {
        let times = self.felt().map(|(sustained, _)| match sustained {
            SustainedFault::Slow(nodes, times) if self.among(nodes, node) => u64::from(times),
            _ => 1,
        });
        times.fold(1, u64::saturating_mul)
    }

    /// How many times as long a forced write of a node takes.
    #[cold]
    pub(super) fn disk_slowed(&self, node: Node) -> u64 {
        let times = self.felt().map(|(sustained, _)| match sustained {
            SustainedFault::SlowDisk(nodes, times) if self.among(nodes, node) => u64::from(times),
            _ => 1,
        });
        times.fold(1, u64::saturating_mul)
    }

    /// Until when there is no room on the disk of a node, if there is none. The disks of the outside are not ours.
    pub(super) fn full(&self, node: Node) -> Option<Instant> {
        if self.ailments.is_empty() || self.outside.has(node) {
            return None;
        }
        let full = self.felt().filter_map(|(sustained, until)| match sustained {
            SustainedFault::FullDisk(nodes) if self.among(nodes, node) => Some(until),
            _ => None,
        });
        full.max()
    }

    /// How long a duration that a node measures really takes, by the rate of its clock.
    #[inline]
    pub(super) fn measured(&self, node: Node, time: Micros) -> Micros {
        if self.ailments.is_empty() { time } else { self.drifted(node, time) }
    }

    #[cold]
    fn drifted(&self, node: Node, time: Micros) -> Micros {
        let rates = self.felt().filter_map(|(sustained, _)| match sustained {
            SustainedFault::Drift(drifting, per_mille) if self.among(Nodes::one(drifting), node) => {
                Some(per_mille)
            }
            _ => None,
        });
        // Multiplied before they divide, so that the order in which clocks began to drift makes no difference.
        let (thousands, rate) = rates.fold((1, 1), |(thousands, rate): (u128, u128), per_mille| {
            (thousands.saturating_mul(1_000), rate.saturating_mul(per_mille.max(1).into()))
        });
        Micros(u64::try_from(u128::from(time.0).saturating_mul(thousands) / rate).unwrap_or(u64::MAX))
    }

    /// The clock of a node leaps: what is judged by it comes that much sooner, at once if it is due, or later.
    fn leap(&mut self, node: Node, leap: Leap) {
        let now = self.now;
        let moved = |at: Instant| match leap {
            _ if at == Instant::NEVER => at,
            Leap::Ahead(by) => Instant(at.0.saturating_sub(by.0)).max(now),
            Leap::Behind(by) => at + by,
        };
        self.queue.retime(moved, |event| event.by_the_clock_of(node));
    }

    /// Who believes to have heard nothing from the others for longer than it takes to be lost takes over from them, alive
    /// as they are: a lease and a failure detector are judged by a clock too.
    fn doubt(&mut self, node: Node, leap: Leap, cause: Cause) {
        let Leap::Ahead(by) = leap else { return };
        if by < self.physics.takeover || !self.able(node) {
            return;
        }
        for other in self.physics.instances(self.physics.role(node)).filter(|other| *other != node) {
            if self.lost_until(other).is_none() {
                self.succeed(node, other, cause);
            }
        }
    }
}
