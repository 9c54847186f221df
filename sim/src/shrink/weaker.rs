//! Weaker faults: shorter, later, narrower, or another that does less.
//!
//! **Invariant:** weaker is a partial order without cycles, so that shrinking ends: a weaker fault of the same kind lasts
//! less, begins later or touches less, and one of another kind is further down: isolate, pause, corrupt and reorder,
//! delay, drop.

use crate::fault::{Fault, Nodes, Strike, Verb, When};
use crate::time::{Instant, Micros};

use super::{Breaks, accepted};

/// Durations that are tried, the shortest first.
const LADDER: [Micros; 9] = [
    Micros::millis(5),
    Micros::millis(50),
    Micros::millis(200),
    Micros::millis(500),
    Micros::millis(1_500),
    Micros::secs(6),
    Micros::secs(15),
    Micros::secs(33),
    Micros::secs(45),
];

/// Each fault in turn as weak as it can be.
pub fn all(faults: &[Fault], breaks: &mut Breaks<'_>) -> Vec<Fault> {
    let mut left = faults.to_vec();
    let mut number = 0;
    while number < left.len() {
        let weaker = than(&left[number]).into_iter().find_map(|fault| {
            let mut faults = left.clone();
            faults[number] = fault;
            accepted(&faults, breaks)
        });
        match weaker {
            Some(weaker) => left = weaker,
            None => number += 1,
        }
    }
    left
}

/// Weaker variants of a fault, the weakest first.
pub fn than(fault: &Fault) -> Vec<Fault> {
    match *fault {
        Fault::At { site, verb } => {
            weaker_verbs(verb).into_iter().map(|verb| Fault::At { site, verb }).collect()
        }
        Fault::During { when, lasting, strike } => {
            let shorter = shorter(lasting).map(|lasting| Fault::During { when, lasting, strike });
            let narrower = narrower(strike).into_iter().map(|strike| Fault::During { when, lasting, strike });
            let later = later(when, lasting);
            let later = later.map(|(when, lasting)| Fault::During { when, lasting, strike });
            shorter.chain(narrower).chain(later).collect()
        }
    }
}

fn shorter(than: Micros) -> impl Iterator<Item = Micros> {
    LADDER.into_iter().take_while(move |time| *time < than)
}

/// A later beginning with the same end, for what begins at a moment and has one.
fn later(when: When, lasting: Micros) -> Option<(When, Micros)> {
    let When::At(from) = when else { return None };
    let half = Micros(lasting.0 / 2);
    let ends = lasting.0 != u64::MAX && half >= Micros::millis(1);
    ends.then(|| (When::At(Instant(from.0 + half.0)), Micros(lasting.0 - half.0)))
}

fn weaker_verbs(verb: Verb) -> Vec<Verb> {
    let lasting = |time: Micros, verb: &dyn Fn(Micros) -> Verb| shorter(time).map(verb).collect::<Vec<_>>();
    let or_drop = |mut verbs: Vec<Verb>| {
        verbs.insert(0, Verb::Drop);
        verbs
    };
    match verb {
        Verb::Drop | Verb::Yield | Verb::Overtaken | Verb::FailWrite | Verb::Supersede | Verb::Manner(_) => {
            Vec::new()
        }
        Verb::Corrupt => vec![Verb::Drop],
        Verb::Duplicate(after) => lasting(after, &Verb::Duplicate),
        Verb::Delay(by) => lasting(by, &Verb::Delay),
        Verb::Reorder(wait) => lasting(wait, &Verb::Reorder),
        Verb::Crash(point, down) => lasting(down, &|down| Verb::Crash(point, down)),
        Verb::IsolateSender(time) => or_drop(lasting(time, &Verb::IsolateSender)),
        Verb::IsolateReceiver(time) => lasting(time, &Verb::IsolateReceiver),
        Verb::Pause(time) => {
            shorter(time).chain([time]).map(Verb::Delay).chain(lasting(time, &Verb::Pause)).collect()
        }
        Verb::Leap(leap, time) => lasting(time, &|time| Verb::Leap(leap, time)),
    }
}

/// The same on fewer nodes, in one direction, or less of it.
fn narrower(strike: Strike) -> Vec<Strike> {
    let pairs = |a: Nodes, b: Nodes, of: &dyn Fn(Nodes, Nodes) -> Strike| -> Vec<Strike> {
        let of_a = without_one(a).map(|a| of(a, b));
        of_a.chain(without_one(b).map(|b| of(a, b))).collect()
    };
    let each = |nodes: Nodes, of: &dyn Fn(Nodes) -> Strike| without_one(nodes).map(of).collect::<Vec<_>>();
    match strike {
        Strike::Partition { a, b, one_way } => {
            let ways = [(a, b), (b, a)].into_iter().filter(|_| !one_way);
            let one_ways = ways.map(|(a, b)| Strike::Partition { a, b, one_way: true });
            one_ways.chain(pairs(a, b, &|a, b| Strike::Partition { a, b, one_way })).collect()
        }
        Strike::Flap { a, b, each } => pairs(a, b, &|a, b| Strike::Flap { a, b, each }),
        Strike::SlowLink { a, b, times } => pairs(a, b, &|a, b| Strike::SlowLink { a, b, times }),
        Strike::LossyLink { a, b, per_mille } => pairs(a, b, &|a, b| Strike::LossyLink { a, b, per_mille }),
        Strike::Slow(nodes, times) => each(nodes, &|nodes| Strike::Slow(nodes, times)),
        Strike::Crash(nodes) => each(nodes, &Strike::Crash),
        Strike::CrashLoop(nodes, time) => {
            let once = Strike::Crash(nodes);
            [once].into_iter().chain(each(nodes, &|nodes| Strike::CrashLoop(nodes, time))).collect()
        }
        Strike::SlowDisk(nodes, times) => each(nodes, &|nodes| Strike::SlowDisk(nodes, times)),
        Strike::FullDisk(nodes) => each(nodes, &Strike::FullDisk),
        Strike::Pause(_) | Strike::Clock(..) | Strike::Drift(..) => Vec::new(),
    }
}

/// A set of nodes without each of them in turn, as long as somebody is left; of everybody beyond the world nobody is.
fn without_one(nodes: Nodes) -> impl Iterator<Item = Nodes> {
    nodes.iter().map(move |node| Nodes(nodes.0 & !Nodes::one(node).0)).filter(|left| left.0 != 0)
}

#[cfg(test)]
mod tests {
    use crate::fault::CrashPoint;
    use crate::site::{Identity, Leg, Operation, Role, Site};

    use super::*;

    /// However long the way down is, it has an end.
    #[test]
    fn weaker_and_weaker_comes_to_an_end() {
        let (a, b) = (Nodes(0b0110), Nodes(0b1001));
        let strikes = [
            Strike::Partition { a, b, one_way: false },
            Strike::CrashLoop(a, Micros::secs(1)),
            Strike::LossyLink { a, b, per_mille: 500 },
        ];
        let when = When::At(Instant(1_000));
        let lasting = strikes.map(|strike| Fault::During { when, lasting: Micros::secs(60), strike });
        let verbs = [
            Verb::Pause(Micros::secs(45)),
            Verb::IsolateSender(Micros::secs(45)),
            Verb::Crash(CrashPoint::AfterCommit, Micros(u64::MAX)),
        ];
        let identity = Identity { operation: Operation(0), leg: Leg::Ask, subject: 0, attempt: 1 };
        let site = Site { role: Role(1), identity, occurrence: 1 };
        for fault in verbs.map(|verb| Fault::At { site, verb }).into_iter().chain(lasting) {
            let mut last = fault;
            let steps = std::iter::from_fn(|| {
                last = *than(&last).last()?;
                Some(())
            });
            assert!(steps.take(200).count() < 200, "{fault:?}");
        }
    }
}
