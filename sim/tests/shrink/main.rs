//! Weaker faults are weaker, and weaker and weaker comes to an end, whatever it begins with.

use proptest::prelude::*;

use stormcart_sim::draw::Draws;
use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::{Physics, RoleSpec};
use stormcart_sim::shrink::weaker_than;
use stormcart_sim::site::{
    Identity, InjectionPoint, MessageKind, MisbehaviorId, Node, Operation, Role, Vocabulary,
};
use stormcart_sim::{Instant, Micros};

/// How strong a fault is: what kind, and how much of everything it has. No part is counted in the code under test.
fn strength(fault: &Fault) -> (u8, Vec<u64>) {
    let count = |nodes: Nodes| u64::from(nodes.0.count_ones());
    let off = |leap: Leap| match leap {
        Leap::Ahead(by) | Leap::Behind(by) => by.0,
    };
    match *fault {
        Fault::At { point_fault, .. } => match point_fault {
            PointFault::Drop
            | PointFault::LoseTie
            | PointFault::ReorderInbox
            | PointFault::FailWrite
            | PointFault::SplitBrain => (0, vec![]),
            PointFault::Misbehave(_) => (0, vec![]),
            PointFault::Delay(time) => (1, vec![time.0]),
            PointFault::Corrupt => (2, vec![]),
            PointFault::Reorder(time) | PointFault::Duplicate(time) => (2, vec![time.0]),
            PointFault::Pause(time) => (3, vec![time.0]),
            PointFault::IsolateSender(time) | PointFault::IsolateReceiver(time) => (4, vec![time.0]),
            PointFault::Crash(point, time) => (4, vec![undone(point), time.0]),
            PointFault::Leap(leap, time) => (4, vec![off(leap), time.0]),
        },
        Fault::During { lasting: Micros(lasting), sustained, .. } => match sustained {
            SustainedFault::Partition { a, b, one_way } => {
                (0, vec![lasting, count(a) + count(b), u64::from(!one_way)])
            }
            SustainedFault::Flap { a, b, each } => (1, vec![lasting, count(a), count(b), each.0]),
            SustainedFault::SlowLink { a, b, times } => (0, vec![lasting, count(a), count(b), times.into()]),
            SustainedFault::LossyLink { a, b, per_mille } => {
                (0, vec![lasting, count(a), count(b), per_mille.into()])
            }
            SustainedFault::Pause(_) => (0, vec![lasting]),
            SustainedFault::Crash(nodes) | SustainedFault::FullDisk(nodes) => {
                (0, vec![lasting, count(nodes)])
            }
            SustainedFault::CrashLoop(nodes, each) => (1, vec![lasting, count(nodes), each.0]),
            SustainedFault::Slow(nodes, times) | SustainedFault::SlowDisk(nodes, times) => {
                (0, vec![lasting, count(nodes), times.into()])
            }
            SustainedFault::Clock(_, leap) => (0, vec![lasting, off(leap)]),
            SustainedFault::Drift(_, rate) => (0, vec![lasting, rate.abs_diff(1_000).into()]),
        },
    }
}

fn undone(point: CrashPoint) -> u64 {
    match point {
        CrashPoint::AfterSend | CrashPoint::DuringRecovery => 0,
        CrashPoint::AfterCommit => 1,
        CrashPoint::BeforeCommit => 2,
        CrashPoint::DuringSync | CrashPoint::MidWrite => 3,
    }
}

/// Of another kind that is further down, or less in something and more in nothing.
fn is_less(weaker: &Fault, stronger: &Fault) -> bool {
    let ((kind, less), (stronger, more)) = (strength(weaker), strength(stronger));
    kind < stronger
        || kind == stronger && less != more && less.iter().zip(&more).all(|(less, more)| less <= more)
}

fn site(kind: MessageKind) -> InjectionPoint {
    let identity = Identity { operation: Operation(0), kind, subject: 0, attempt: 1 };
    InjectionPoint { role: Role(1), identity, occurrence: 1 }
}

/// The whole vocabulary, with these values where it has some.
fn everything(time: Micros, lasting: Micros, value: u16, a: Nodes, b: Nodes) -> Vec<Fault> {
    let site = site(MessageKind::Ask);
    let leaps = [Leap::Ahead(lasting), Leap::Behind(lasting)];
    let mut point_faults = vec![
        PointFault::Drop,
        PointFault::Duplicate(time),
        PointFault::Delay(time),
        PointFault::Reorder(time),
        PointFault::ReorderInbox,
        PointFault::Corrupt,
        PointFault::LoseTie,
        PointFault::FailWrite,
        PointFault::IsolateSender(time),
        PointFault::IsolateReceiver(time),
        PointFault::Pause(time),
        PointFault::SplitBrain,
        PointFault::Misbehave(MisbehaviorId(0)),
    ];
    point_faults.extend(CrashPoint::ALL.map(|(point, _)| PointFault::Crash(point, time)));
    point_faults.extend(leaps.map(|leap| PointFault::Leap(leap, time)));
    let mut sustained = vec![
        SustainedFault::Partition { a, b, one_way: false },
        SustainedFault::Partition { a, b, one_way: true },
        SustainedFault::Flap { a, b, each: time },
        SustainedFault::SlowLink { a, b, times: value },
        SustainedFault::LossyLink { a, b, per_mille: value },
        SustainedFault::Pause(Node(0)),
        SustainedFault::Slow(a, value),
        SustainedFault::Crash(a),
        SustainedFault::CrashLoop(a, time),
        SustainedFault::SlowDisk(a, value),
        SustainedFault::FullDisk(a),
        SustainedFault::Drift(Node(0), value),
    ];
    sustained.extend(leaps.map(|leap| SustainedFault::Clock(Node(0), leap)));
    let begins = [When::At(Instant(1_000)), When::After(site)];
    let during = move |when| {
        sustained.clone().into_iter().map(move |sustained| Fault::During { when, lasting, sustained })
    };
    let at = point_faults.into_iter().map(|point_fault| Fault::At { site, point_fault });
    at.chain(begins.into_iter().flat_map(during)).collect()
}

fn physics() -> Physics {
    Physics::new(Draws::new(0), vec![RoleSpec::ONE; 3])
}

fn times() -> impl Strategy<Value = Micros> {
    prop_oneof![Just(u64::MAX), 0..=u64::MAX / 2, 0..100_000_000u64].prop_map(Micros)
}

proptest! {
    /// Every step leads down, whichever is taken, and after some steps there is none.
    #[test]
    fn weaker_and_weaker_comes_to_an_end(
        (time, lasting) in (times(), times()),
        value in any::<u16>(),
        (a, b) in (any::<u64>(), any::<u64>()),
        choices in prop::collection::vec(any::<usize>(), 1..8),
    ) {
        let physics = physics();
        for begin in everything(time, lasting, value, Nodes(a), Nodes(b)) {
            let mut last = begin;
            let mut ended = false;
            for choice in choices.iter().cycle().take(400) {
                let all = weaker_than(&last, &physics);
                for weaker in &all {
                    prop_assert!(is_less(weaker, &last), "{weaker:?} is not less than {last:?}");
                }
                ended = all.is_empty();
                if ended {
                    break;
                }
                last = all[choice % all.len()];
            }
            prop_assert!(ended, "{begin:?} has no end");
        }
    }
}

const WORDS: Vocabulary = Vocabulary {
    roles: &["shop", "bank", "post"],
    operations: &["pay"],
    misbehaviors: &[],
    subject: "order",
};

/// In the order in which they are tried, of what is as short as can be.
#[test]
fn weaker_point_faults() {
    let short = Micros::millis(5);
    let cases: [(PointFault, &[&str]); 9] = [
        (PointFault::Crash(CrashPoint::AfterSend, short), &[]),
        (
            PointFault::Crash(CrashPoint::AfterCommit, short),
            &["crash bank after send, before acknowledgement, back after 5 ms"],
        ),
        (
            PointFault::Crash(CrashPoint::DuringSync, short),
            &[
                "crash bank after send, before acknowledgement, back after 5 ms",
                "crash bank after commit, before send, back after 5 ms",
                "crash bank before commit, back after 5 ms",
            ],
        ),
        (
            PointFault::Crash(CrashPoint::AfterSend, Micros::millis(50)),
            &["crash bank after send, before acknowledgement, back after 5 ms"],
        ),
        (PointFault::Corrupt, &["drop"]),
        (PointFault::IsolateSender(short), &["drop"]),
        (PointFault::IsolateReceiver(short), &["drop"]),
        (PointFault::Pause(short), &["delay by 5 ms"]),
        (PointFault::Leap(Leap::Behind(Micros::millis(50)), short), &["clock of bank 5 ms behind for 5 ms"]),
    ];
    let site = site(MessageKind::Ask);
    for (point_fault, expected) in cases {
        let there = |fault: &Fault| matches!(fault, Fault::At { site: other, .. } if *other == site);
        let weaker = weaker_than(&Fault::At { site, point_fault }, &physics());
        let words = weaker.iter().filter(|fault| there(fault)).map(|fault| WORDS.fault(&physics(), fault));
        let here = format!("{}: ", WORDS.site(&site));
        assert_eq!(
            words.map(|words| words.replace(&here, "")).collect::<Vec<_>>(),
            expected,
            "{point_fault:?}"
        );
    }
}

/// The caller hears nothing; no caller waits for an answer to an answer.
#[test]
fn isolated_may_mean_that_the_answer_is_lost() {
    for (kind, expected) in [
        (
            MessageKind::Ask,
            &[
                "shop pay order 0 attempt 1, answer: lose the answer",
                "post pay order 0 attempt 1, answer: lose the answer",
            ][..],
        ),
        (MessageKind::Answer, &[]),
    ] {
        let isolated = Fault::At { site: site(kind), point_fault: PointFault::IsolateReceiver(Micros::ZERO) };
        let weaker = weaker_than(&isolated, &physics());
        let elsewhere = weaker
            .iter()
            .map(|fault| WORDS.fault(&physics(), fault))
            .filter(|words| !words.starts_with("bank"));
        assert_eq!(elsewhere.collect::<Vec<_>>(), expected, "{kind:?}");
    }
}

/// The same for sustained faults; nodes beyond the world do not count.
#[test]
fn weaker_sustained_faults() {
    let (shop, rest, two) = (Nodes(0b001), Nodes(!0b001), Nodes(0b011));
    let long = Micros::millis(20);
    let cases: [(SustainedFault, &[&str]); 9] = [
        (
            SustainedFault::Partition { a: shop, b: rest, one_way: true },
            &["stop what shop send to post", "stop what shop send to bank"],
        ),
        (
            SustainedFault::Partition { a: shop, b: Nodes(0b010), one_way: false },
            &["stop what shop send to bank", "stop what bank send to shop"],
        ),
        (SustainedFault::Flap { a: shop, b: Nodes(0b010), each: long }, &["cut shop off from bank"]),
        (
            SustainedFault::CrashLoop(two, long),
            &[
                "crash shop bank",
                "crash bank again and again, 20 ms down and 20 ms up,",
                "crash shop again and again, 20 ms down and 20 ms up,",
            ],
        ),
        (
            SustainedFault::SlowLink { a: shop, b: Nodes(0b010), times: 4 },
            &["links between shop and bank 2 times as slow"],
        ),
        (
            SustainedFault::LossyLink { a: shop, b: Nodes(0b010), per_mille: 100 },
            &["lose 50 of 1000 messages between shop and bank"],
        ),
        (
            SustainedFault::SlowDisk(shop, 5),
            &["disk of shop 2 times as slow", "disk of shop 4 times as slow"],
        ),
        (SustainedFault::Clock(Node(0), Leap::Ahead(Micros::millis(6))), &["clock of shop 5 ms ahead"]),
        (
            SustainedFault::Drift(Node(0), 500),
            &["clock of shop at 900 per mille of its rate", "clock of shop at 800 per mille of its rate"],
        ),
    ];
    let (when, lasting) = (When::After(site(MessageKind::Ask)), Micros::millis(5));
    for (sustained, expected) in cases {
        let weaker = weaker_than(&Fault::During { when, lasting, sustained }, &physics());
        let words = weaker.iter().map(|fault| WORDS.fault(&physics(), fault));
        let (from, lasts) = (format!("after {}: ", WORDS.site(&site(MessageKind::Ask))), " for 5 ms");
        assert_eq!(
            words.map(|words| words.replace(&from, "").replace(lasts, "")).collect::<Vec<_>>(),
            expected,
            "{sustained:?}"
        );
    }
}
