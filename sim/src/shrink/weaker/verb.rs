//! Weaker things to happen to one delivery.

use crate::fault::{CrashPoint, Fault, Leap, Verb};
use crate::site::{Identity, Leg, Role, Site};
use crate::time::Micros;

use super::shorter;

/// Weaker than this verb at this site, in a world of so many roles.
pub fn weaker(site: Site, verb: Verb, roles: usize) -> Vec<Fault> {
    let lasting = |time: Micros, verb: &dyn Fn(Micros) -> Verb| shorter(time).map(verb).collect::<Vec<_>>();
    let less = match verb {
        Verb::Drop | Verb::Yield | Verb::Overtaken | Verb::FailWrite | Verb::Supersede | Verb::Manner(_) => {
            Vec::new()
        }
        Verb::Corrupt => vec![Verb::Drop],
        Verb::Duplicate(after) => lasting(after, &Verb::Duplicate),
        Verb::Delay(by) => lasting(by, &Verb::Delay),
        Verb::Reorder(wait) => lasting(wait, &Verb::Reorder),
        Verb::Crash(point, down) => {
            let milder = milder(point).iter().map(|point| Verb::Crash(*point, down));
            milder.chain(shorter(down).map(|down| Verb::Crash(point, down))).collect()
        }
        Verb::IsolateSender(time) => [vec![Verb::Drop], lasting(time, &Verb::IsolateSender)].concat(),
        Verb::IsolateReceiver(time) => [vec![Verb::Drop], lasting(time, &Verb::IsolateReceiver)].concat(),
        Verb::Pause(time) => {
            shorter(time).chain([time]).map(Verb::Delay).chain(lasting(time, &Verb::Pause)).collect()
        }
        Verb::Leap(leap, time) => {
            let smaller = smaller(leap).map(|leap| Verb::Leap(leap, time));
            smaller.chain(shorter(time).map(|time| Verb::Leap(leap, time))).collect()
        }
    };
    let less = less.into_iter().map(|verb| Fault::At { site, verb });
    let lost = lost_answers(site, roles).filter(|_| matches!(verb, Verb::IsolateReceiver(_)));
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

/// The answer to what is asked here is lost. A site does not say who asks, so it is looked for at each of so many roles.
fn lost_answers(site: Site, roles: usize) -> impl Iterator<Item = Fault> {
    let asked = (site.identity.leg == Leg::Ask).then_some(0..roles as u8);
    let identity = Identity { leg: Leg::Answer, ..site.identity };
    let others = asked.into_iter().flatten().map(Role).filter(move |role| *role != site.role);
    others.map(move |role| Fault::At { site: Site { role, identity, ..site }, verb: Verb::Drop })
}
