//! What may go wrong where: the point faults of an exploration, as data.
//!
//! **Invariant:** which point faults are tried at a place depends on what happens there and on nothing else, so a
//! certificate can print all of it: [`FaultSet::point_faults`] is given nothing else.

use crate::fault::{CrashPoint, PointFault};
use crate::kernel::Next;
use crate::site::{MessageKind, Role};
use crate::time::Micros;

/// The point faults to try at each kind of place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FaultSet {
    /// At every delivery.
    pub delivery: Vec<PointFault>,
    /// Where a message or a timer is handled by a node that can crash.
    pub handler: Vec<PointFault>,
    /// Where a node comes back.
    pub recovery: Vec<PointFault>,
    /// Where a participant that may misbehave meets this part of an operation.
    pub misbehaviors: Vec<(Role, MessageKind, PointFault)>,
    /// Where something else happens at the same instant.
    pub tie: Vec<PointFault>,
}

impl FaultSet {
    /// What may happen to any service: messages are lost, doubled and late, nodes crash at every point, are paused
    /// and cut off, transactions abort. Crashes and copies last short, what keeps others waiting lasts long; so
    /// short is less than the time after which they ask again, and long is more.
    pub fn usual(short: Micros, long: Micros) -> FaultSet {
        let crashes = || CrashPoint::ALL.into_iter().map(|(point, _)| PointFault::Crash(point, short));
        let recovers = |point_fault: &PointFault| {
            matches!(point_fault, PointFault::Crash(CrashPoint::DuringRecovery, _))
        };
        FaultSet {
            delivery: vec![
                PointFault::Drop,
                PointFault::Duplicate(short),
                PointFault::Delay(long),
                PointFault::IsolateSender(long),
                PointFault::IsolateReceiver(long),
            ],
            handler: crashes()
                .filter(|point_fault| !recovers(point_fault))
                .chain([PointFault::FailWrite, PointFault::Pause(long)])
                .collect(),
            recovery: crashes().chain([PointFault::FailWrite]).collect(),
            misbehaviors: Vec::new(),
            tie: vec![PointFault::LoseTie],
        }
    }

    /// The point faults to try where this is about to happen.
    pub fn point_faults(&self, next: &Next) -> impl Iterator<Item = PointFault> {
        let Next { role, identity, outside, paused, tied, .. } = *next;
        let restart = identity.kind == MessageKind::Restart;
        let delivered = !restart && identity.kind != MessageKind::Timer;
        let list = |wanted: bool, point_faults: &'_ [PointFault]| {
            if wanted && !paused { point_faults.len() } else { 0 }
        };
        let delivery = &self.delivery[..list(delivered, &self.delivery)];
        let handler = &self.handler[..list(!restart && !outside, &self.handler)];
        let recovery = &self.recovery[..list(restart, &self.recovery)];
        let tie = &self.tie[..list(tied, &self.tie)];
        let meets = move |(of, kind, _): &&(Role, MessageKind, PointFault)| {
            !paused && (*of, *kind) == (role, identity.kind)
        };
        let misbehaviors = self.misbehaviors.iter().filter(meets).map(|(.., point_fault)| point_fault);
        delivery.iter().chain(handler).chain(recovery).chain(misbehaviors).chain(tie).copied()
    }

    /// Whether anything is tried there.
    pub fn touches(&self, next: &Next) -> bool {
        self.point_faults(next).next().is_some()
    }
}
