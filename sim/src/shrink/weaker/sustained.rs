//! Weaker things to happen to the world for a time.

use crate::fault::{Fault, Nodes, SustainedFault, When};
use crate::time::{Instant, Micros};

use super::ladder::shorter;
use super::point_fault;

/// How many times as slow something is made, the least first.
const TIMES: [u16; 4] = [2, 4, 10, 30];

/// How many messages of a thousand are lost, the fewest first.
const LOST: [u16; 4] = [50, 100, 250, 500];

/// How far from its rate a clock is, in per mille of it, the closest first.
const FAST: [u16; 5] = [1_100, 1_500, 2_000, 5_000, 20_000];
const SLOW: [u16; 5] = [900, 800, 500, 200, 100];

/// Weaker than this, where these are there.
pub fn weaker(when: When, lasting: Micros, sustained: SustainedFault, there: Nodes) -> Vec<Fault> {
    let shorter = shorter(lasting).map(|lasting| (when, lasting, sustained));
    let once = once(lasting, sustained).map(|(lasting, sustained)| (when, lasting, sustained));
    let less = less(sustained)
        .into_iter()
        .chain(narrower(sustained, there))
        .map(|sustained| (when, lasting, sustained));
    let later = later(when, lasting).map(|(when, lasting)| (when, lasting, sustained));
    let all = once.into_iter().chain(shorter).chain(less).chain(later);
    all.map(|(when, lasting, sustained)| Fault::During { when, lasting, sustained }).collect()
}

/// What comes again and again, only once.
fn once(lasting: Micros, sustained: SustainedFault) -> Option<(Micros, SustainedFault)> {
    if let SustainedFault::Flap { a, b, each } = sustained {
        return Some((each.min(lasting), SustainedFault::Partition { a, b, one_way: false }));
    }
    let SustainedFault::CrashLoop(nodes, _) = sustained else { return None };
    Some((lasting, SustainedFault::Crash(nodes)))
}

/// A later beginning with the same end, for what begins at a moment and has one.
fn later(when: When, lasting: Micros) -> Option<(When, Micros)> {
    let When::At(from) = when else { return None };
    let half = Micros(lasting.0 / 2);
    let ends = lasting.0 != u64::MAX && half >= Micros::millis(1);
    ends.then(|| (When::At(Instant(from.0 + half.0)), Micros(lasting.0 - half.0)))
}

/// Less of the same, the least first.
fn less(sustained: SustainedFault) -> Vec<SustainedFault> {
    let below = |ladder: [u16; 4], than: u16| ladder.into_iter().take_while(move |value| *value < than);
    match sustained {
        SustainedFault::SlowLink { a, b, times } => {
            below(TIMES, times).map(|times| SustainedFault::SlowLink { a, b, times }).collect()
        }
        SustainedFault::LossyLink { a, b, per_mille } => {
            below(LOST, per_mille).map(|per_mille| SustainedFault::LossyLink { a, b, per_mille }).collect()
        }
        SustainedFault::Slow(nodes, times) => {
            below(TIMES, times).map(|times| SustainedFault::Slow(nodes, times)).collect()
        }
        SustainedFault::SlowDisk(nodes, times) => {
            below(TIMES, times).map(|times| SustainedFault::SlowDisk(nodes, times)).collect()
        }
        SustainedFault::Clock(node, leap) => {
            point_fault::smaller(leap).map(|leap| SustainedFault::Clock(node, leap)).collect()
        }
        SustainedFault::Drift(node, rate) => {
            let fast = FAST.into_iter().take_while(|faster| *faster < rate);
            let slow = SLOW.into_iter().take_while(|slower| *slower > rate);
            fast.chain(slow).map(|rate| SustainedFault::Drift(node, rate)).collect()
        }
        SustainedFault::Partition { .. }
        | SustainedFault::Flap { .. }
        | SustainedFault::Pause(_)
        | SustainedFault::Crash(_)
        | SustainedFault::CrashLoop(..)
        | SustainedFault::FullDisk(_) => Vec::new(),
    }
}

/// The same on fewer nodes, or in one direction.
fn narrower(sustained: SustainedFault, there: Nodes) -> Vec<SustainedFault> {
    let pairs = |a: Nodes, b: Nodes, of: &dyn Fn(Nodes, Nodes) -> SustainedFault| -> Vec<SustainedFault> {
        let of_a = without_one(a, there).map(|a| of(a, b));
        of_a.chain(without_one(b, there).map(|b| of(a, b))).collect()
    };
    let each =
        |nodes: Nodes, of: &dyn Fn(Nodes) -> SustainedFault| without_one(nodes, there).map(of).collect();
    match sustained {
        SustainedFault::Partition { a, b, one_way } => {
            let ways = [(a, b), (b, a)].into_iter().filter(|_| !one_way);
            let one_ways = ways.map(|(a, b)| SustainedFault::Partition { a, b, one_way: true });
            one_ways.chain(pairs(a, b, &|a, b| SustainedFault::Partition { a, b, one_way })).collect()
        }
        SustainedFault::Flap { a, b, each } => pairs(a, b, &|a, b| SustainedFault::Flap { a, b, each }),
        SustainedFault::SlowLink { a, b, times } => {
            pairs(a, b, &|a, b| SustainedFault::SlowLink { a, b, times })
        }
        SustainedFault::LossyLink { a, b, per_mille } => {
            pairs(a, b, &|a, b| SustainedFault::LossyLink { a, b, per_mille })
        }
        SustainedFault::Slow(nodes, times) => each(nodes, &|nodes| SustainedFault::Slow(nodes, times)),
        SustainedFault::Crash(nodes) => each(nodes, &SustainedFault::Crash),
        SustainedFault::CrashLoop(nodes, time) => {
            each(nodes, &|nodes| SustainedFault::CrashLoop(nodes, time))
        }
        SustainedFault::SlowDisk(nodes, times) => {
            each(nodes, &|nodes| SustainedFault::SlowDisk(nodes, times))
        }
        SustainedFault::FullDisk(nodes) => each(nodes, &SustainedFault::FullDisk),
        SustainedFault::Pause(_) | SustainedFault::Clock(..) | SustainedFault::Drift(..) => Vec::new(),
    }
}

/// Those of a set that there are, without each of them in turn, as long as one is left.
fn without_one(nodes: Nodes, there: Nodes) -> impl Iterator<Item = Nodes> {
    let nodes = nodes.within(there);
    nodes.iter().map(move |node| nodes.without(Nodes::one(node))).filter(|left| left.0 != 0)
}
