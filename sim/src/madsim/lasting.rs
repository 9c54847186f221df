//! What makes part of the world slow, lossy, full or wrong about the time, for a while.
//!
//! madsim has one latency and one loss for the whole network and one clock for all nodes, so these are kept here, and
//! looked up where they are felt. Only a clock that leaps moves what is armed, and moves it back at the end.

use crate::draw::{Lane, Purpose};
use crate::fault::{Leap, Nodes, SustainedFault};
use crate::service::{Message, Service, Timer};
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::Cause;

use super::agenda::Entry;
use super::hub::State;
use super::letter::Job;

/// A strike that is felt until then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ailment {
    pub sustained: SustainedFault,
    pub until: Instant,
}

impl<S: Service> State<S> {
    /// Something that lasts begins.
    pub fn ail(&mut self, sustained: SustainedFault, lasting: Micros, fault: u16, cause: Cause) {
        let until = self.now + lasting;
        self.ailments.push(Ailment { sustained, until });
        self.mend_at(until, fault);
        match sustained {
            SustainedFault::Clock(node, leap) => {
                self.leap(node, leap);
                self.doubt(node, leap, cause);
            }
            // Who cannot write cannot renew a lease either.
            SustainedFault::FullDisk(nodes) => {
                self.among_us(nodes).for_each(|node| self.notice(node, until, cause));
            }
            _ => {}
        }
    }

    /// What is over is over, and what its clocks had moved is moved back.
    pub fn recover(&mut self, over: impl Fn(&Ailment) -> bool) {
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
    pub fn cure(&mut self, core: Nodes) {
        let now = self.now;
        for Ailment { sustained, until } in self.ailments.clone() {
            let SustainedFault::FullDisk(nodes) = sustained else { continue };
            for node in self.among_us(Nodes(nodes.0 & core.0)) {
                let sooner = |at| if at == until { now } else { at };
                self.machine(node).alarms.retime(|_, at| at == until, sooner);
                self.agenda.retime(|entry| entry.noticed_by(node), sooner);
            }
        }
        self.recover(|ailment| match ailment.sustained {
            SustainedFault::Clock(node, _) => core.has(node),
            _ => core == Nodes::ALL,
        });
    }

    /// What is felt now by those who are not healed.
    fn felt<T>(&self, of: impl Fn(SustainedFault) -> Option<T>) -> impl Iterator<Item = (T, Instant)> {
        let felt = self.ailments.iter().filter(|ailment| ailment.until > self.now);
        felt.filter_map(move |ailment| Some((of(ailment.sustained)?, ailment.until)))
    }

    fn product(&self, of: impl Fn(SustainedFault) -> Option<u16>) -> u64 {
        self.felt(of).fold(1, |all, (times, _)| all.saturating_mul(u64::from(times)))
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
    pub fn link_slowed(&self, from: Node, to: Node) -> u64 {
        self.product(|sustained| match sustained {
            SustainedFault::SlowLink { a, b, times } if self.between(a, b, from, to) => Some(times),
            _ => None,
        })
    }

    /// Whether a lossy link loses a message: drawn by what it is, so the same message over again has the same luck.
    pub fn loses(&self, job: &Job<S>, to: Node) -> bool {
        let lossy = self.felt(|sustained| match sustained {
            SustainedFault::LossyLink { a, b, per_mille } if self.between(a, b, job.from, to) => {
                Some(per_mille)
            }
            _ => None,
        });
        let Some((per_mille, _)) = lossy.max_by_key(|(per_mille, _)| *per_mille) else { return false };
        let identity = job.message.identity();
        let name = identity.packed(self.physics.role(to)) >> 32;
        let bits = self.physics.draws.bits(Purpose::Lossy, name, u64::from(identity.subject));
        bits.within(Lane::Link, 999) < u64::from(per_mille)
    }

    /// How many times as long a node needs for a command.
    pub fn slowed(&self, node: Node) -> u64 {
        self.product(|sustained| match sustained {
            SustainedFault::Slow(nodes, times) if self.among(nodes, node) => Some(times),
            _ => None,
        })
    }

    /// How many times as long a forced write of a node takes.
    pub fn disk_slowed(&self, node: Node) -> u64 {
        self.product(|sustained| match sustained {
            SustainedFault::SlowDisk(nodes, times) if self.among(nodes, node) => Some(times),
            _ => None,
        })
    }

    /// Until when there is no room on the disk of a node, if there is none. The disks of the outside are not ours.
    pub fn full(&self, node: Node) -> Option<Instant> {
        if self.outside.has(node) {
            return None;
        }
        let full = self.felt(|sustained| match sustained {
            SustainedFault::FullDisk(nodes) => self.among(nodes, node).then_some(()),
            _ => None,
        });
        full.map(|((), until)| until).max()
    }

    /// How long a duration that a node measures really takes, by the rate of its clock.
    pub fn measured(&self, node: Node, time: Micros) -> Micros {
        let rates = self.felt(|sustained| match sustained {
            SustainedFault::Drift(drifting, per_mille) if self.among(Nodes::one(drifting), node) => {
                Some(per_mille)
            }
            _ => None,
        });
        // Multiplied before they divide, so that the order in which clocks began to drift makes no difference.
        let (thousands, rate) = rates.fold((1_u128, 1_u128), |(thousands, rate), (per_mille, _)| {
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
        self.machine(node).alarms.retime(|timer, _| timer.wall(), moved);
        self.agenda.retime(|entry: &Entry<S>| entry.noticed_by(node), moved);
        self.post.ring();
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
