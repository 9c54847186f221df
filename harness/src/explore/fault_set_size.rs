//! The fault set of an exploration: which faults it places, for how long, and how wide the choice is.
//!
//! **Invariant:** durations follow from the scenario's terms: the short one heals before a call's timeout, the late one
//! passes it, the long one outlasts the deadline.

use stormcart_sim::Micros;
use stormcart_sim::explore::FaultSet;
use stormcart_sim::fault::{CrashPoint, Leap, PointFault};

use crate::model::{Model, Timing};

/// How long things last and how late they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durations {
    /// Over before a call times out.
    pub short: Micros,
    /// Later than the timeout of a call.
    pub late: Micros,
    /// Longer than the deadline of an order.
    pub long: Micros,
}

/// How wide the choice of faults is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FaultSetSize {
    /// Every kind, outages short.
    Least,
    /// Every kind, short and long, with aborted transactions and everybody's misbehavior.
    Full,
}

impl Durations {
    /// The durations that go with these terms.
    pub fn of(timing: Timing) -> Durations {
        Durations {
            short: Micros(timing.call_timeout.0 / 50),
            late: Micros(timing.call_timeout.0 * 3 / 2),
            long: Micros(timing.deadline.0 * 4 / 3),
        }
    }
}

impl FaultSetSize {
    /// What is used where nobody says: with three faults or more the full choice takes too long.
    pub fn usual(faults: u8) -> FaultSetSize {
        if faults <= 2 { FaultSetSize::Full } else { FaultSetSize::Least }
    }

    /// The verbs.
    pub fn fault_set<M: Model>(self, durations: Durations, setup: &M::Setup) -> FaultSet {
        let Durations { short, late, long } = durations;
        let full = self == FaultSetSize::Full;
        let outages = if full { vec![short, long] } else { vec![short] };
        let lateness = if full { vec![late, long] } else { vec![late] };
        let lasting = |point_fault: &dyn Fn(Micros) -> PointFault| {
            outages.iter().map(|time| point_fault(*time)).collect()
        };
        let crash = |(point, _)| -> Vec<PointFault> { lasting(&|time| PointFault::Crash(point, time)) };
        let (recovery, points): (Vec<_>, Vec<_>) =
            CrashPoint::ALL.into_iter().partition(|(point, _)| *point == CrashPoint::DuringRecovery);
        let wrong = |leap| PointFault::Leap(leap, long);
        let senders: Vec<PointFault> = lasting(&PointFault::IsolateSender);
        let receivers: Vec<PointFault> = lasting(&PointFault::IsolateReceiver);
        FaultSet {
            delivery: [PointFault::Drop, PointFault::Duplicate(short)]
                .into_iter()
                .chain([PointFault::Corrupt, PointFault::ReorderInbox].into_iter().filter(|_| full))
                .chain(lateness.into_iter().map(PointFault::Delay))
                .chain(senders)
                .chain(receivers)
                .collect(),
            handler: (points.iter().copied())
                .flat_map(crash)
                .chain(
                    [PointFault::FailWrite, wrong(Leap::Ahead(long)), wrong(Leap::Behind(long))]
                        .into_iter()
                        .filter(|_| full),
                )
                .collect(),
            recovery: (recovery.into_iter())
                .chain(points.iter().copied().filter(|_| full))
                .flat_map(crash)
                .chain(Some(PointFault::FailWrite).filter(|_| full))
                .collect(),
            misbehaviors: (M::catalog().misbehaviors.iter())
                .filter(|site| (full || site.least) && !site.beyond_defence)
                .filter(|site| M::misbehaves(setup, site.misbehavior))
                .map(|site| (site.role, site.kind, PointFault::Misbehave(site.misbehavior)))
                .collect(),
            tie: vec![PointFault::LoseTie],
        }
    }
}

/// What lies between short and long, for who looks for one fault that does what several did: outages that pass a timeout
/// once or a few times and are over before a deadline, and zombies.
pub fn between(durations: Durations) -> FaultSet {
    let outages = [durations.late, durations.late.times(4)];
    let senders = outages.map(PointFault::IsolateSender);
    FaultSet {
        delivery: outages.map(PointFault::IsolateReceiver).into_iter().chain(senders).collect(),
        handler: vec![PointFault::SplitBrain],
        ..FaultSet::default()
    }
}

/// Other orders of messages: at one place, and of one instant.
pub fn orders() -> FaultSet {
    FaultSet {
        delivery: vec![PointFault::ReorderInbox],
        tie: vec![PointFault::LoseTie],
        ..FaultSet::default()
    }
}
