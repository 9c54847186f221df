//! Weaker things to happen to one delivery.

use crate::fault::{CrashPoint, Fault, Leap, PointFault};
use crate::site::{Identity, InjectionPoint, MessageKind, Role};
use crate::time::Micros;

use super::ladder::shorter;

/// Weaker than this point fault at this site, in a world of so many roles.
pub fn weaker(site: InjectionPoint, point_fault: PointFault, roles: usize) -> Vec<Fault> {
    let lasting = |time: Micros, point_fault: &dyn Fn(Micros) -> PointFault| {
        shorter(time).map(point_fault).collect::<Vec<_>>()
    };
    let less = match point_fault {
        PointFault::Drop
        | PointFault::LoseTie
        | PointFault::ReorderInbox
        | PointFault::FailWrite
        | PointFault::SplitBrain
        | PointFault::Misbehave(_) => Vec::new(),
        PointFault::Corrupt => vec![PointFault::Drop],
        PointFault::Duplicate(after) => lasting(after, &PointFault::Duplicate),
        PointFault::Delay(by) => lasting(by, &PointFault::Delay),
        PointFault::Reorder(wait) => lasting(wait, &PointFault::Reorder),
        PointFault::Crash(point, down) => {
            let milder = milder(point).iter().map(|point| PointFault::Crash(*point, down));
            milder.chain(shorter(down).map(|down| PointFault::Crash(point, down))).collect()
        }
        PointFault::IsolateSender(time) => {
            [vec![PointFault::Drop], lasting(time, &PointFault::IsolateSender)].concat()
        }
        PointFault::IsolateReceiver(time) => {
            [vec![PointFault::Drop], lasting(time, &PointFault::IsolateReceiver)].concat()
        }
        PointFault::Pause(time) => shorter(time)
            .chain([time])
            .map(PointFault::Delay)
            .chain(lasting(time, &PointFault::Pause))
            .collect(),
        PointFault::Leap(leap, time) => {
            let smaller = smaller(leap).map(|leap| PointFault::Leap(leap, time));
            smaller.chain(shorter(time).map(|time| PointFault::Leap(leap, time))).collect()
        }
    };
    let less = less.into_iter().map(|point_fault| Fault::At { site, point_fault });
    let lost = lost_answers(site, roles).filter(|_| matches!(point_fault, PointFault::IsolateReceiver(_)));
    lost.chain(less).collect()
}

/// The points at which a crash leaves less undone, the least first.
fn milder(point: CrashPoint) -> &'static [CrashPoint] {
    use CrashPoint::{AfterCommit, AfterSend, BeforeCommit, DuringRecovery, DuringSync, MidWrite};
    match point {
        AfterSend | DuringRecovery => &[],
        AfterCommit => &[AfterSend],
        BeforeCommit => &[AfterSend, AfterCommit],
        DuringSync | MidWrite => &[AfterSend, AfterCommit, BeforeCommit],
    }
}

/// Smaller leaps in the same direction, the smallest first.
pub fn smaller(leap: Leap) -> impl Iterator<Item = Leap> {
    let (by, leap): (_, fn(Micros) -> Leap) = match leap {
        Leap::Ahead(by) => (by, Leap::Ahead),
        Leap::Behind(by) => (by, Leap::Behind),
    };
    shorter(by).map(leap)
}

/// The answer to what is asked here is lost. A site does not say which role asks, so the answer is looked for at each
/// of so many roles.
fn lost_answers(site: InjectionPoint, roles: usize) -> impl Iterator<Item = Fault> {
    let asked = (site.identity.kind == MessageKind::Ask).then_some(0..roles as u8);
    let identity = Identity { kind: MessageKind::Answer, ..site.identity };
    let others = asked.into_iter().flatten().map(Role).filter(move |role| *role != site.role);
    others.map(move |role| Fault::At {
        site: InjectionPoint { role, identity, ..site },
        point_fault: PointFault::Drop,
    })
}
