//! Part of the world is slow, lossy, full or wrong about the time, for a while.
//!
//! A degradation is looked up where it is felt, so that nothing is left behind when it is over: only a clock that leaps
//! moves what is pending, and moves it back at the end.

use crate::draw::{Lane, Purpose};
use crate::fault::{Nodes, SustainedFault};
use crate::service::{Message, Service};
use crate::site::Node;
use crate::time::{Instant, Micros};

use super::failure::Job;
use super::state::Adversary;

impl Adversary {
    /// Whether anything is degraded: if not, nothing has to be looked up.
    #[inline]
    pub fn is_degraded(&self) -> bool {
        !self.degradations.is_empty()
    }

    /// The degradations that are felt now, and until when.
    pub fn felt(&self, now: Instant) -> impl Iterator<Item = (SustainedFault, Instant)> {
        let felt = self.degradations.iter().filter(move |degradation| degradation.until > now);
        felt.map(|degradation| (degradation.sustained, degradation.until))
    }

    /// Whether a node is in a set and not healed.
    fn feels(&self, nodes: Nodes, node: Node) -> bool {
        nodes.has(node) && !self.healed.has(node)
    }

    /// Whether a link leads from one group to the other, and not both ends are healed.
    fn links(&self, a: Nodes, b: Nodes, from: Node, to: Node) -> bool {
        let between = a.has(from) && b.has(to) || a.has(to) && b.has(from);
        from != to && between && !(self.healed.has(from) && self.healed.has(to))
    }

    /// The product of what these degradations say.
    fn product(&self, now: Instant, of: impl Fn(SustainedFault) -> u16) -> u64 {
        let times = self.felt(now).map(|(sustained, _)| u64::from(of(sustained)));
        times.fold(1, u64::saturating_mul)
    }

    /// How many times as long a message takes on a link.
    #[cold]
    pub fn link_slowed(&self, from: Node, to: Node, now: Instant) -> u64 {
        self.product(now, |sustained| {
            if let SustainedFault::SlowLink { a, b, times } = sustained
                && self.links(a, b, from, to)
            {
                times
            } else {
                1
            }
        })
    }

    /// How many times as long a node needs for a command.
    #[cold]
    pub fn slowed(&self, node: Node, now: Instant) -> u64 {
        self.product(now, |sustained| {
            if let SustainedFault::Slow(nodes, times) = sustained
                && self.feels(nodes, node)
            {
                times
            } else {
                1
            }
        })
    }

    /// How many times as long a forced write of a node takes.
    #[cold]
    pub fn disk_slowed(&self, node: Node, now: Instant) -> u64 {
        self.product(now, |sustained| {
            if let SustainedFault::SlowDisk(nodes, times) = sustained
                && self.feels(nodes, node)
            {
                times
            } else {
                1
            }
        })
    }

    /// Whether a lossy link loses a message: drawn by what it is, so the same message is lost again.
    #[cold]
    pub fn loses<S: Service>(&self, job: &Job<S>, to: Node, now: Instant) -> bool {
        let lossy = self.felt(now).filter_map(|(sustained, _)| {
            let SustainedFault::LossyLink { a, b, per_mille } = sustained else { return None };
            self.links(a, b, job.from, to).then_some(per_mille)
        });
        lossy.max().is_some_and(|per_mille| self.draws_loss(Purpose::Lossy, job, to, per_mille))
    }

    /// Whether a message on which a cut falls is lost; if not, it arrives when the cut is over.
    pub fn cut_loses<S: Service>(&self, job: &Job<S>, to: Node, until: Instant) -> bool {
        self.draws_loss(Purpose::Caught, job, to, self.physics.lost_per_mille) || until == Instant::NEVER
    }

    fn draws_loss<S: Service>(&self, purpose: Purpose, job: &Job<S>, to: Node, per_mille: u16) -> bool {
        let bits = self.physics.bits(purpose, self.physics.role(to), job.message.identity());
        bits.within(Lane::Link, 999) < u64::from(per_mille)
    }

    /// Until when there is no room on the disk of a node, if there is none. Outside parties have disks of their own.
    #[inline]
    pub fn full(&self, node: Node, now: Instant) -> Option<Instant> {
        if self.degradations.is_empty() || self.outside.has(node) {
            return None;
        }
        let full = self.felt(now).filter_map(|(sustained, until)| {
            let SustainedFault::FullDisk(nodes) = sustained else { return None };
            self.feels(nodes, node).then_some(until)
        });
        full.max()
    }

    /// How long a duration that a node measures really takes, by the rate of its clock.
    #[inline]
    pub fn measured(&self, node: Node, time: Micros, now: Instant) -> Micros {
        if self.degradations.is_empty() { time } else { self.drifted(node, time, now) }
    }

    #[cold]
    fn drifted(&self, node: Node, time: Micros, now: Instant) -> Micros {
        let rates = self.felt(now).filter_map(|(sustained, _)| {
            let SustainedFault::Drift(drifting, per_mille) = sustained else { return None };
            self.feels(Nodes::one(drifting), node).then_some(per_mille)
        });
        // Multiplied before they divide, so that the order in which clocks began to drift makes no difference.
        let (thousands, rate) = rates.fold((1, 1), |(thousands, rate): (u128, u128), per_mille| {
            (thousands.saturating_mul(1_000), rate.saturating_mul(per_mille.max(1).into()))
        });
        Micros(u64::try_from(u128::from(time.0).saturating_mul(thousands) / rate).unwrap_or(u64::MAX))
    }
}
