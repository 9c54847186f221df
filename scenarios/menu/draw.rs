//! One fault after the other, drawn.
//!
//! **Invariant:** nothing that is looked up in an architecture or among its nodes decides what is drawn next.

use stormcart_models::architecture::Architecture;
use stormcart_models::setup::Intent;
use stormcart_sim::draw::Stream;
use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, Strike, Verb, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{Identity, Leg, Node, Site};
use stormcart_sim::{Instant, Micros};

use super::family::{Kind, Scope};
use super::place::{INSIDE, Place, SIDES, Who};
use super::{Menu, Share};

/// Who plays which part: an architecture and its nodes.
#[derive(Clone, Copy, Debug)]
pub struct Cast<'a> {
    /// Who coordinates how.
    pub architecture: &'a Architecture,
    /// Where everybody is.
    pub physics: &'a Physics,
}

impl Cast<'_> {
    fn nodes(&self, who: Who) -> Nodes {
        let role = who.party(self.architecture).role();
        self.physics.instances(role).fold(Nodes::default(), |set, node| set.and(Nodes::one(node)))
    }

    /// An instance of somebody; of those outside there is one.
    fn node(&self, who: Who, instance: u64) -> Option<Node> {
        let role = who.party(self.architecture).role();
        let nodes: Vec<Node> = self.physics.instances(role).collect();
        nodes.get(instance as usize % nodes.len().max(1)).copied()
    }
}

/// A storm that is being drawn.
pub(super) struct Storm<'a> {
    menu: &'a Menu,
    stream: &'a mut Stream,
    shares: &'a [Share],
    intents: &'a [Intent],
    cast: Cast<'a>,
    /// Where the last fault struck that has a place.
    last: Option<Spot>,
    /// Who crashed last.
    crashed: Option<Who>,
}

/// A place on the way of an order.
#[derive(Clone, Copy, Debug)]
struct Spot {
    place: Place,
    order: u32,
    attempt: u8,
}

impl<'a> Storm<'a> {
    pub fn new(
        menu: &'a Menu,
        stream: &'a mut Stream,
        shares: &'a [Share],
        intents: &'a [Intent],
        cast: Cast<'a>,
    ) -> Self {
        Storm { menu, stream, shares, intents, cast, last: None, crashed: None }
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
        match (kind, self.crashed) {
            (Kind::CrashInRecovery, Some(who)) => self.in_recovery(who),
            _ if kind.scope() == Scope::Time => self.for_a_time(kind),
            _ => self.at_a_place(kind),
        }
    }

    /// A node that comes back crashes again.
    fn in_recovery(&mut self, who: Who) -> Option<Fault> {
        let role = who.party(self.cast.architecture).role();
        let verb = Verb::Crash(CrashPoint::DuringRecovery, self.lasting()?);
        Some(Fault::At { site: Site { role, identity: Identity::RECOVERY, occurrence: 1 }, verb })
    }

    fn at_a_place(&mut self, kind: Kind) -> Option<Fault> {
        let spot = self.spot(kind)?;
        let verb = self.verb(kind)?;
        if matches!(verb, Verb::Crash(..)) {
            self.crashed = Some(spot.place.who);
        }
        self.last = Some(spot);
        Some(Fault::At { site: self.site(spot), verb })
    }

    fn for_a_time(&mut self, kind: Kind) -> Option<Fault> {
        let when = self.when()?;
        let lasting = self.lasting()?;
        Some(Fault::During { when, lasting, strike: self.strike(kind)? })
    }

    fn site(&self, spot: Spot) -> Site {
        spot.place.site(self.cast.architecture, spot.order, spot.attempt)
    }

    /// Where something of this kind strikes: often on the way of the order that was struck before.
    fn spot(&mut self, kind: Kind) -> Option<Spot> {
        let weight = |(weight, place): &(f64, Place)| if kind.strikes_at(*place) { *weight } else { 0.0 };
        let weights: Vec<f64> = self.menu.places.iter().map(weight).collect();
        let place = self.menu.places[self.stream.weighted(&weights)?].1;
        let again = self.stream.chance(0.05) && place.leg != Leg::Timer;
        let same = self.stream.chance(0.4);
        let order = match self.last.filter(|last| same && place.comes_by(&self.intents[last.order as usize]))
        {
            Some(last) => last.order,
            None => place.order(self.stream, self.intents),
        };
        Some(Spot { place, order, attempt: if again { 2 } else { 1 } })
    }

    /// After something has been handled, or at a moment soon after a customer came: before and after there is nothing to
    /// disturb.
    fn when(&mut self) -> Option<When> {
        if self.stream.chance(0.4) {
            let spot = match self.last {
                Some(last) => last,
                None => self.spot(Kind::Drop)?,
            };
            self.last = Some(spot);
            return Some(When::After(self.site(spot)));
        }
        let came = self.stream.pick(self.intents).map_or(Micros::ZERO, |intent| intent.at);
        Some(When::At(Instant::ZERO + came + Micros(self.stream.below(self.menu.busy.0 + 1))))
    }

    fn lasting(&mut self) -> Option<Micros> {
        Some(Micros::millis(*self.stream.pick(&self.menu.faults.durations_ms)?))
    }

    fn late(&mut self) -> Option<Micros> {
        Some(Micros::millis(*self.stream.pick(&self.menu.faults.delays_ms)?))
    }

    /// How long a crashed node is away.
    fn down(&mut self) -> Option<Micros> {
        let for_good = self.stream.chance(self.menu.faults.down_for_good_percent / 100.0);
        let lasting = self.lasting()?;
        Some(if for_good { Micros(u64::MAX) } else { lasting })
    }

    fn verb(&mut self, kind: Kind) -> Option<Verb> {
        let mut crash = |point| Some(Verb::Crash(point, self.down()?));
        match kind {
            Kind::CrashBeforeCommit => crash(CrashPoint::BeforeCommit),
            Kind::CrashDuringSync => crash(CrashPoint::DuringSync),
            Kind::CrashMidWrite => crash(CrashPoint::MidWrite),
            // Nothing has crashed yet that could recover.
            Kind::CrashAfterCommit | Kind::CrashInRecovery => crash(CrashPoint::AfterCommit),
            Kind::CrashAfterSend => crash(CrashPoint::AfterSend),
            Kind::Duplicate => Some(Verb::Duplicate(self.late()?)),
            Kind::Delay => Some(Verb::Delay(self.late()?)),
            Kind::Reorder => Some(Verb::Reorder(self.late()?)),
            Kind::Corrupt => Some(Verb::Corrupt),
            Kind::Yield => Some(Verb::Yield),
            Kind::IsolateSender => Some(Verb::IsolateSender(self.lasting()?)),
            Kind::IsolateReceiver => Some(Verb::IsolateReceiver(self.lasting()?)),
            Kind::PauseHere => Some(Verb::Pause(self.lasting()?)),
            Kind::Abort => Some(Verb::FailWrite),
            Kind::Supersede => Some(Verb::Supersede),
            Kind::Manner(manner) => Some(Verb::Manner(manner.manner())),
            _ => Some(Verb::Drop),
        }
    }

    fn strike(&mut self, kind: Kind) -> Option<Strike> {
        match kind {
            Kind::CutNode => {
                let a = Nodes::one(self.one_of(SIDES)?);
                Some(Strike::Partition { a, b: a.others(), one_way: false })
            }
            Kind::CutPair | Kind::CutOneWay => {
                let (a, b) = self.two_of(SIDES)?;
                Some(Strike::Partition { a, b, one_way: kind == Kind::CutOneWay })
            }
            Kind::CutInTwo => {
                let (a, b): (Vec<Who>, Vec<Who>) = SIDES.iter().partition(|_| self.stream.chance(0.5));
                let all = |side: &[Who]| {
                    side.iter().fold(Nodes::default(), |set, who| set.and(self.cast.nodes(*who)))
                };
                (!a.is_empty() && !b.is_empty()).then(|| Strike::Partition {
                    a: all(&a),
                    b: all(&b),
                    one_way: false,
                })
            }
            Kind::SlowLink | Kind::LossyLink | Kind::FlappingLink => self.link(kind),
            Kind::PauseNode => Some(Strike::Pause(self.one_of(INSIDE)?)),
            Kind::SlowNode => Some(Strike::Slow(Nodes::one(self.one_of(INSIDE)?), self.times()?)),
            Kind::SlowAll => Some(Strike::Slow(self.all_of(INSIDE)?, self.times()?)),
            Kind::CrashLoop => {
                let each = self.late()?.max(Micros::millis(1));
                Some(Strike::CrashLoop(Nodes::one(self.one_of(INSIDE)?), each))
            }
            Kind::SlowDisk => Some(Strike::SlowDisk(self.all_of(INSIDE)?, self.times()?)),
            Kind::FullDisk => Some(Strike::FullDisk(self.all_of(INSIDE)?)),
            Kind::ClockAhead | Kind::ClockBehind | Kind::ClockFast | Kind::ClockSlow => self.clock(kind),
            _ => Some(Strike::Crash(self.all_of(INSIDE)?)),
        }
    }

    fn link(&mut self, kind: Kind) -> Option<Strike> {
        let (a, b) = self.two_of(SIDES)?;
        Some(match kind {
            Kind::SlowLink => Strike::SlowLink { a, b, times: self.times()? },
            Kind::LossyLink => {
                Strike::LossyLink { a, b, per_mille: *self.stream.pick(&self.menu.faults.lost_per_mille)? }
            }
            _ => Strike::Flap { a, b, each: self.late()?.max(Micros::millis(1)) },
        })
    }

    fn clock(&mut self, kind: Kind) -> Option<Strike> {
        let node = self.one_of(INSIDE)?;
        let faults = &self.menu.faults;
        let by = Micros::millis(*self.stream.pick(&faults.leaps_ms)?);
        let rate = if kind == Kind::ClockFast { &faults.fast_per_mille } else { &faults.slow_per_mille };
        let rate = *self.stream.pick(rate)?;
        Some(match kind {
            Kind::ClockAhead => Strike::Clock(node, Leap::Ahead(by)),
            Kind::ClockBehind => Strike::Clock(node, Leap::Behind(by)),
            _ => Strike::Drift(node, rate),
        })
    }

    fn times(&mut self) -> Option<u16> {
        self.stream.pick(&self.menu.faults.slow_times).copied()
    }

    /// One instance of one of these.
    fn one_of(&mut self, whos: &[Who]) -> Option<Node> {
        let who = *self.stream.pick(whos)?;
        let instance = self.stream.below(u64::from(self.menu.instances));
        self.cast.node(who, instance)
    }

    /// All instances of one of these.
    fn all_of(&mut self, whos: &[Who]) -> Option<Nodes> {
        Some(self.cast.nodes(*self.stream.pick(whos)?))
    }

    /// All instances of two different ones of these.
    fn two_of(&mut self, whos: &[Who]) -> Option<(Nodes, Nodes)> {
        let (a, b) = (*self.stream.pick(whos)?, *self.stream.pick(whos)?);
        (a != b).then(|| (self.cast.nodes(a), self.cast.nodes(b)))
    }
}
