//! One fault after the other, drawn.
//!
//! **Invariant:** nothing that is looked up in an architecture or among its nodes decides what is drawn next.

use stormcart_sim::draw::Stream;
use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Node, Operation};
use stormcart_sim::{Instant, Micros};

use crate::catalog::{Architecture, Place, Who};
use crate::model::Subject;

use super::family::{Kind, Scope};
use super::{FaultGenerator, Share};

/// The subjects of a run, and which operations each of them is likely to come by.
#[derive(Clone, Copy)]
pub struct Workload<'a> {
    /// The subjects, by number.
    pub subjects: &'a [Subject],
    /// Whether a subject is likely to come by an operation.
    pub comes_by: &'a dyn Fn(u32, Operation) -> bool,
}

impl Workload<'_> {
    /// A subject that is likely to come by a place.
    fn subject_at(&self, stream: &mut Stream, place: Place) -> u32 {
        let all = 0..self.subjects.len() as u32;
        let likely: Vec<u32> = all.filter(|subject| (self.comes_by)(*subject, place.operation)).collect();
        stream.pick(&likely).copied().unwrap_or_else(|| stream.below(self.subjects.len() as u64) as u32)
    }
}

/// Who plays which part: an architecture and its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Topology<'a> {
    /// Who coordinates how.
    pub architecture: &'a Architecture,
    /// Where everybody is.
    pub physics: &'a Physics,
}

impl Topology<'_> {
    fn nodes(&self, who: Who) -> Nodes {
        let role = who.role(self.architecture);
        self.physics.instances(role).fold(Nodes::default(), |set, node| set.and(Nodes::one(node)))
    }

    /// An instance of somebody; of those outside there is one.
    fn node(&self, who: Who, instance: u64) -> Option<Node> {
        let role = who.role(self.architecture);
        let nodes: Vec<Node> = self.physics.instances(role).collect();
        nodes.get(instance as usize % nodes.len().max(1)).copied()
    }
}

/// A storm that is being drawn.
pub(super) struct Storm<'a> {
    generator: &'a FaultGenerator,
    stream: &'a mut Stream,
    shares: &'a [Share],
    workload: Workload<'a>,
    topology: Topology<'a>,
    /// Where the last fault struck that has a place.
    last: Option<Mark>,
    /// Who crashed last.
    crashed: Option<Who>,
}

/// A place on the way of a subject.
#[derive(Clone, Copy, Debug)]
struct Mark {
    place: Place,
    subject: u32,
    attempt: u8,
}

impl<'a> Storm<'a> {
    pub fn new(
        generator: &'a FaultGenerator,
        stream: &'a mut Stream,
        shares: &'a [Share],
        workload: Workload<'a>,
        topology: Topology<'a>,
    ) -> Self {
        Storm { generator, stream, shares, workload, topology, last: None, crashed: None }
    }

    /// So many faults, or fewer where nothing fits; each of them can strike beside the others.
    pub fn take(mut self, count: usize) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::with_capacity(count);
        for _ in 0..count {
            let fits = |fault: &Fault| !faults.iter().any(|known| known.contradicts(fault));
            let one = self.one().filter(fits);
            faults.extend(one);
        }
        faults
    }

    fn one(&mut self) -> Option<Fault> {
        let weights: Vec<f64> = self.shares.iter().map(|share| share.weight).collect();
        let share = &self.shares[self.stream.weighted(&weights)?];
        let weights: Vec<f64> = share.kinds.iter().map(|(_, weight)| *weight).collect();
        let kind = share.kinds[self.stream.weighted(&weights)?].0;
        self.of(kind)
    }

    /// One of this kind.
    pub fn of(&mut self, kind: Kind) -> Option<Fault> {
        match (kind.scope(), self.crashed) {
            (Scope::InjectionPoint, Some(who)) if kind == Kind::CrashInRecovery => self.in_recovery(who),
            (Scope::InjectionPoint, _) => self.at_a_place(kind),
            (Scope::Time, _) => self.for_a_time(kind),
        }
    }

    /// A node that comes back crashes again.
    fn in_recovery(&mut self, who: Who) -> Option<Fault> {
        let role = who.role(self.topology.architecture);
        let point_fault = PointFault::Crash(CrashPoint::DuringRecovery, self.lasting()?);
        Some(Fault::At {
            site: InjectionPoint { role, identity: Identity::RECOVERY, occurrence: 1 },
            point_fault,
        })
    }

    fn at_a_place(&mut self, kind: Kind) -> Option<Fault> {
        let mark = self.mark(kind)?;
        let point_fault = self.point_fault(kind)?;
        if matches!(point_fault, PointFault::Crash(..)) {
            self.crashed = Some(mark.place.who);
        }
        self.last = Some(mark);
        Some(Fault::At { site: self.site(mark), point_fault })
    }

    fn for_a_time(&mut self, kind: Kind) -> Option<Fault> {
        let when = self.when()?;
        let lasting = self.lasting()?;
        Some(Fault::During { when, lasting, sustained: self.sustained(kind)? })
    }

    fn site(&self, mark: Mark) -> InjectionPoint {
        mark.place.site(self.topology.architecture, mark.subject, mark.attempt)
    }

    /// Where something of this kind strikes: often on the way of the subject that was struck before.
    fn mark(&mut self, kind: Kind) -> Option<Mark> {
        let weight = |(weight, place): &(f64, Place)| {
            if kind.strikes_at(*place, self.generator.catalog) { *weight } else { 0.0 }
        };
        let weights: Vec<f64> = self.generator.places.iter().map(weight).collect();
        let place = self.generator.places[self.stream.weighted(&weights)?].1;
        let again = self.stream.chance(0.05) && place.kind != MessageKind::Timer;
        let same = self.stream.chance(0.4);
        let comes_by = |last: &Mark| (self.workload.comes_by)(last.subject, place.operation);
        let subject = match self.last.filter(|last| same && comes_by(last)) {
            Some(last) => last.subject,
            None => self.workload.subject_at(self.stream, place),
        };
        Some(Mark { place, subject, attempt: if again { 2 } else { 1 } })
    }

    /// After something has been handled, or at a moment soon after a customer came: before and after there is nothing to
    /// disturb.
    fn when(&mut self) -> Option<When> {
        if self.stream.chance(0.4) {
            let mark = match self.last {
                Some(last) => last,
                None => self.mark(Kind::Drop)?,
            };
            self.last = Some(mark);
            return Some(When::After(self.site(mark)));
        }
        let came = self.stream.pick(self.workload.subjects).map_or(Micros::ZERO, |subject| subject.at);
        Some(When::At(Instant::ZERO + came + Micros(self.stream.below(self.generator.busy.0 + 1))))
    }

    fn lasting(&mut self) -> Option<Micros> {
        Some(Micros::millis(*self.stream.pick(&self.generator.faults.durations_ms)?))
    }

    fn late(&mut self) -> Option<Micros> {
        Some(Micros::millis(*self.stream.pick(&self.generator.faults.delays_ms)?))
    }

    /// How long a crashed node is away.
    fn down(&mut self) -> Option<Micros> {
        let for_good = self.stream.chance(self.generator.faults.down_for_good_percent / 100.0);
        let lasting = self.lasting()?;
        Some(if for_good { Micros(u64::MAX) } else { lasting })
    }

    fn point_fault(&mut self, kind: Kind) -> Option<PointFault> {
        let mut crash = |point| Some(PointFault::Crash(point, self.down()?));
        match kind {
            Kind::CrashBeforeCommit => crash(CrashPoint::BeforeCommit),
            Kind::CrashDuringSync => crash(CrashPoint::DuringSync),
            Kind::CrashMidWrite => crash(CrashPoint::MidWrite),
            // Nothing has crashed yet that could recover.
            Kind::CrashAfterCommit | Kind::CrashInRecovery => crash(CrashPoint::AfterCommit),
            Kind::CrashAfterSend => crash(CrashPoint::AfterSend),
            Kind::Duplicate => Some(PointFault::Duplicate(self.late()?)),
            Kind::Delay => Some(PointFault::Delay(self.late()?)),
            Kind::Reorder => Some(PointFault::Reorder(self.late()?)),
            Kind::Corrupt => Some(PointFault::Corrupt),
            Kind::LoseTie => Some(PointFault::LoseTie),
            Kind::IsolateSender => Some(PointFault::IsolateSender(self.lasting()?)),
            Kind::IsolateReceiver => Some(PointFault::IsolateReceiver(self.lasting()?)),
            Kind::PauseHere => Some(PointFault::Pause(self.lasting()?)),
            Kind::Abort => Some(PointFault::FailWrite),
            Kind::SplitBrain => Some(PointFault::SplitBrain),
            Kind::Misbehave(misbehavior) => Some(PointFault::Misbehave(misbehavior)),
            Kind::Drop => Some(PointFault::Drop),
            Kind::CutNode
            | Kind::CutPair
            | Kind::CutOneWay
            | Kind::CutInTwo
            | Kind::SlowLink
            | Kind::LossyLink
            | Kind::FlappingLink
            | Kind::PauseNode
            | Kind::SlowNode
            | Kind::SlowAll
            | Kind::CrashLoop
            | Kind::SlowDisk
            | Kind::FullDisk
            | Kind::ClockAhead
            | Kind::ClockBehind
            | Kind::ClockFast
            | Kind::ClockSlow
            | Kind::CrashAll => unreachable!("{kind:?} strikes for a time"),
        }
    }

    fn sustained(&mut self, kind: Kind) -> Option<SustainedFault> {
        match kind {
            Kind::CutNode => {
                let a = Nodes::one(self.one_of(self.sides())?);
                Some(SustainedFault::Partition { a, b: a.others(), one_way: false })
            }
            Kind::CutPair | Kind::CutOneWay => {
                let (a, b) = self.two_of(self.sides())?;
                Some(SustainedFault::Partition { a, b, one_way: kind == Kind::CutOneWay })
            }
            Kind::CutInTwo => self.in_two(),
            Kind::SlowLink => {
                let (a, b) = self.two_of(self.sides())?;
                Some(SustainedFault::SlowLink { a, b, times: self.times()? })
            }
            Kind::LossyLink => {
                let (a, b) = self.two_of(self.sides())?;
                let per_mille = *self.stream.pick(&self.generator.faults.lost_per_mille)?;
                Some(SustainedFault::LossyLink { a, b, per_mille })
            }
            Kind::FlappingLink => {
                let (a, b) = self.two_of(self.sides())?;
                Some(SustainedFault::Flap { a, b, each: self.late()?.max(Micros::millis(1)) })
            }
            Kind::PauseNode => Some(SustainedFault::Pause(self.one_of(self.inside())?)),
            Kind::SlowNode => {
                Some(SustainedFault::Slow(Nodes::one(self.one_of(self.inside())?), self.times()?))
            }
            Kind::SlowAll => Some(SustainedFault::Slow(self.all_of(self.inside())?, self.times()?)),
            Kind::CrashLoop => {
                let each = self.late()?.max(Micros::millis(1));
                Some(SustainedFault::CrashLoop(Nodes::one(self.one_of(self.inside())?), each))
            }
            Kind::SlowDisk => Some(SustainedFault::SlowDisk(self.all_of(self.inside())?, self.times()?)),
            Kind::FullDisk => Some(SustainedFault::FullDisk(self.all_of(self.inside())?)),
            Kind::ClockAhead => {
                self.clock(kind).map(|(node, by, _)| SustainedFault::Clock(node, Leap::Ahead(by)))
            }
            Kind::ClockBehind => {
                self.clock(kind).map(|(node, by, _)| SustainedFault::Clock(node, Leap::Behind(by)))
            }
            Kind::ClockFast | Kind::ClockSlow => {
                self.clock(kind).map(|(node, _, rate)| SustainedFault::Drift(node, rate))
            }
            Kind::CrashAll => Some(SustainedFault::Crash(self.all_of(self.inside())?)),
            Kind::CrashBeforeCommit
            | Kind::CrashDuringSync
            | Kind::CrashMidWrite
            | Kind::CrashAfterCommit
            | Kind::CrashInRecovery
            | Kind::CrashAfterSend
            | Kind::Duplicate
            | Kind::Delay
            | Kind::Reorder
            | Kind::Corrupt
            | Kind::LoseTie
            | Kind::IsolateSender
            | Kind::IsolateReceiver
            | Kind::PauseHere
            | Kind::Abort
            | Kind::SplitBrain
            | Kind::Misbehave(_)
            | Kind::Drop => unreachable!("{kind:?} strikes at a place"),
        }
    }

    /// Everybody in two groups that do not reach each other.
    fn in_two(&mut self) -> Option<SustainedFault> {
        let (a, b): (Vec<Who>, Vec<Who>) = self.sides().iter().partition(|_| self.stream.chance(0.5));
        let all =
            |side: &[Who]| side.iter().fold(Nodes::default(), |set, who| set.and(self.topology.nodes(*who)));
        let parted = || SustainedFault::Partition { a: all(&a), b: all(&b), one_way: false };
        (!a.is_empty() && !b.is_empty()).then(parted)
    }

    /// A node, by how much its clock leaps, and at what rate it drifts: all drawn, so that kinds of one family are paired.
    fn clock(&mut self, kind: Kind) -> Option<(Node, Micros, u16)> {
        let node = self.one_of(self.inside())?;
        let faults = &self.generator.faults;
        let by = Micros::millis(*self.stream.pick(&faults.leaps_ms)?);
        let rate = if kind == Kind::ClockFast { &faults.fast_per_mille } else { &faults.slow_per_mille };
        let rate = *self.stream.pick(rate)?;
        Some((node, by, rate))
    }

    fn times(&mut self) -> Option<u16> {
        self.stream.pick(&self.generator.faults.slow_times).copied()
    }

    fn sides(&self) -> &'static [Who] {
        &self.generator.catalog.sides
    }

    fn inside(&self) -> &'static [Who] {
        &self.generator.catalog.inside
    }

    /// One instance of one of these.
    fn one_of(&mut self, whos: &[Who]) -> Option<Node> {
        let who = *self.stream.pick(whos)?;
        let instance = self.stream.below(u64::from(self.generator.instances));
        self.topology.node(who, instance)
    }

    /// All instances of one of these.
    fn all_of(&mut self, whos: &[Who]) -> Option<Nodes> {
        Some(self.topology.nodes(*self.stream.pick(whos)?))
    }

    /// All instances of two different ones of these.
    fn two_of(&mut self, whos: &[Who]) -> Option<(Nodes, Nodes)> {
        let (a, b) = (*self.stream.pick(whos)?, *self.stream.pick(whos)?);
        (a != b).then(|| (self.topology.nodes(a), self.topology.nodes(b)))
    }
}
