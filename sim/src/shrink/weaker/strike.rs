//! Weaker things to happen to the world for a time.

use crate::fault::{Fault, Nodes, Strike, When};
use crate::time::{Instant, Micros};

use super::{shorter, verb};

/// How many times as slow something is made, the least first.
const TIMES: [u16; 4] = [2, 4, 10, 30];

/// How many messages of a thousand are lost, the fewest first.
const LOST: [u16; 4] = [50, 100, 250, 500];

/// How far from its rate a clock is, in per mille of it, the closest first.
const FAST: [u16; 5] = [1_100, 1_500, 2_000, 5_000, 20_000];
const SLOW: [u16; 5] = [900, 800, 500, 200, 100];

/// Weaker than this, where these are there.
pub fn weaker(when: When, lasting: Micros, strike: Strike, there: Nodes) -> Vec<Fault> {
    let shorter = shorter(lasting).map(|lasting| (when, lasting, strike));
    let once = once(lasting, strike).map(|(lasting, strike)| (when, lasting, strike));
    let less = less(strike).into_iter().chain(narrower(strike, there)).map(|strike| (when, lasting, strike));
    let later = later(when, lasting).map(|(when, lasting)| (when, lasting, strike));
    let all = once.into_iter().chain(shorter).chain(less).chain(later);
    all.map(|(when, lasting, strike)| Fault::During { when, lasting, strike }).collect()
}

/// What comes again and again, only once.
fn once(lasting: Micros, strike: Strike) -> Option<(Micros, Strike)> {
    match strike {
        Strike::CrashLoop(nodes, _) => Some((lasting, Strike::Crash(nodes))),
        Strike::Flap { a, b, each } => Some((each.min(lasting), Strike::Partition { a, b, one_way: false })),
        _ => None,
    }
}

/// A later beginning with the same end, for what begins at a moment and has one.
fn later(when: When, lasting: Micros) -> Option<(When, Micros)> {
    let When::At(from) = when else { return None };
    let half = Micros(lasting.0 / 2);
    let ends = lasting.0 != u64::MAX && half >= Micros::millis(1);
    ends.then(|| (When::At(Instant(from.0 + half.0)), Micros(lasting.0 - half.0)))
}

/// Less of the same, the least first.
fn less(strike: Strike) -> Vec<Strike> {
    let below = |ladder: [u16; 4], than: u16| ladder.into_iter().take_while(move |value| *value < than);
    match strike {
        Strike::SlowLink { a, b, times } => {
            below(TIMES, times).map(|times| Strike::SlowLink { a, b, times }).collect()
        }
        Strike::LossyLink { a, b, per_mille } => {
            below(LOST, per_mille).map(|per_mille| Strike::LossyLink { a, b, per_mille }).collect()
        }
        Strike::Slow(nodes, times) => below(TIMES, times).map(|times| Strike::Slow(nodes, times)).collect(),
        Strike::SlowDisk(nodes, times) => {
            below(TIMES, times).map(|times| Strike::SlowDisk(nodes, times)).collect()
        }
        Strike::Clock(node, leap) => verb::smaller(leap).map(|leap| Strike::Clock(node, leap)).collect(),
        Strike::Drift(node, rate) => {
            let fast = FAST.into_iter().take_while(|faster| *faster < rate);
            let slow = SLOW.into_iter().take_while(|slower| *slower > rate);
            fast.chain(slow).map(|rate| Strike::Drift(node, rate)).collect()
        }
        Strike::Partition { .. }
        | Strike::Flap { .. }
        | Strike::Pause(_)
        | Strike::Crash(_)
        | Strike::CrashLoop(..)
        | Strike::FullDisk(_) => Vec::new(),
    }
}

/// The same on fewer nodes, or in one direction.
fn narrower(strike: Strike, there: Nodes) -> Vec<Strike> {
    let pairs = |a: Nodes, b: Nodes, of: &dyn Fn(Nodes, Nodes) -> Strike| -> Vec<Strike> {
        let of_a = without_one(a, there).map(|a| of(a, b));
        of_a.chain(without_one(b, there).map(|b| of(a, b))).collect()
    };
    let each = |nodes: Nodes, of: &dyn Fn(Nodes) -> Strike| without_one(nodes, there).map(of).collect();
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
        Strike::CrashLoop(nodes, time) => each(nodes, &|nodes| Strike::CrashLoop(nodes, time)),
        Strike::SlowDisk(nodes, times) => each(nodes, &|nodes| Strike::SlowDisk(nodes, times)),
        Strike::FullDisk(nodes) => each(nodes, &Strike::FullDisk),
        Strike::Pause(_) | Strike::Clock(..) | Strike::Drift(..) => Vec::new(),
    }
}

/// Those of a set who are there, without each of them in turn, as long as somebody is left.
fn without_one(nodes: Nodes, there: Nodes) -> impl Iterator<Item = Nodes> {
    let nodes = Nodes(nodes.0 & there.0);
    nodes.iter().map(move |node| Nodes(nodes.0 & !Nodes::one(node).0)).filter(|left| left.0 != 0)
}
