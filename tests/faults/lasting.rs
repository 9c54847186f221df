//! What lasts, in the checkout: each is felt next to the twin without it, ends when it says, and leaves nothing behind.
//!
//! **Invariant:** whoever claims safety is safe under every row, and at rest every order has an end.

use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::vocabulary::{Op, Party};
use stormcart_sim::fault::{Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::site::Node;
use stormcart_sim::trace::{Happening, Loss};
use stormcart_sim::{Instant, Micros};

use super::seen::{ORDER, Seen, arrivals, at, site};
use super::{LONG, SHORT};

const FROM: Instant = Instant(200_000);
const BEAT: Micros = Micros::millis(100);

/// How one sees that something lasts.
struct Row {
    sustained: fn(&Seen) -> SustainedFault,
    lasting: Micros,
    /// From the beginning to the end, in the world and in its twin.
    felt: fn(&Seen, Instant, Instant) -> bool,
}

fn one(seen: &Seen, party: Party) -> Nodes {
    Nodes::one(seen.node(party))
}

fn between(seen: &Seen, a: Party, b: Party) -> impl Fn(Node, Node) -> bool {
    let (a, b) = (seen.node(a), seen.node(b));
    move |from, to| (from, to) == (a, b) || (from, to) == (b, a)
}

/// How many messages between payments and the provider arrive in a part of the time.
fn sales(seen: &Seen, from: Instant, until: Instant) -> usize {
    seen.passed(between(seen, Party::Payments, Party::Psp), from, until)
}

/// How much later than in the twin the order under test is told to the provider, and its answer heard.
fn later(seen: &Seen) -> Micros {
    let heard = |world| {
        *arrivals(world, &site("payments sale answer", seen.plan.setup.architecture)).first().unwrap()
    };
    heard(&seen.world) - heard(&seen.twin)
}

fn rows() -> Vec<Row> {
    vec![
        Row {
            sustained: |seen| SustainedFault::Flap {
                a: one(seen, Party::Payments),
                b: one(seen, Party::Psp),
                each: BEAT,
            },
            lasting: BEAT.times(6),
            felt: |seen, from, _| {
                let phase = |number| sales(seen, from + BEAT.times(number), from + BEAT.times(number + 1));
                [0, 2, 4].map(phase) == [0; 3] && [1, 3, 5].iter().all(|number| phase(*number) > 0)
            },
        },
        Row {
            sustained: |seen| SustainedFault::SlowLink {
                a: one(seen, Party::Payments),
                b: one(seen, Party::Psp),
                times: 3,
            },
            lasting: LONG,
            felt: |seen, _, _| later(seen) > Micros::ZERO,
        },
        Row {
            sustained: |seen| SustainedFault::LossyLink {
                a: one(seen, Party::Payments),
                b: one(seen, Party::Psp),
                per_mille: 1_000,
            },
            lasting: BEAT.times(6),
            felt: |seen, from, until| {
                let lost = seen.when(|what| matches!(what, Happening::Lost { why: Loss::Lost, .. }));
                sales(seen, from, until) == 0
                    && !lost.is_empty()
                    && lost.iter().all(|at| from <= *at && *at < until)
            },
        },
        Row {
            sustained: |seen| SustainedFault::Slow(one(seen, Party::Payments).and(one(seen, Party::Psp)), 10),
            lasting: LONG,
            felt: |seen, _, _| later(seen) > Micros::ZERO,
        },
        Row {
            sustained: |seen| SustainedFault::SlowDisk(one(seen, Party::Payments), 20),
            lasting: LONG,
            felt: |seen, _, _| later(seen) > Micros::ZERO,
        },
        Row {
            sustained: |seen| SustainedFault::FullDisk(one(seen, Party::Payments)),
            lasting: BEAT.times(6),
            felt: |seen, from, until| {
                let node = seen.node(Party::Payments);
                let aborted = seen.when(|what| matches!(what, Happening::Aborted(who) if *who == node));
                let wrote =
                    seen.when(|what| matches!(what, Happening::Written { node: who, .. } if *who == node));
                !aborted.is_empty() && !wrote.iter().any(|at| from < *at && *at < until)
            },
        },
        Row {
            sustained: |seen| SustainedFault::CrashLoop(one(seen, Party::Payments), BEAT),
            lasting: BEAT.times(5),
            felt: |seen, from, _| {
                let crashed = seen.when(|what| matches!(what, Happening::Crashed(_)));
                let back = seen.when(|what| matches!(what, Happening::Restarted(_)));
                let beats = |first: u64| [0, 2, 4].map(|number| from + BEAT.times(number + first));
                crashed == beats(0) && back == beats(1)
            },
        },
    ]
}

#[test]
fn each_is_felt_and_ends() {
    for architecture in ARCHITECTURES {
        let quiet = Seen::of("calm", architecture, &[]);
        for Row { sustained, lasting, felt } in rows() {
            let sustained = sustained(&quiet);
            let seen =
                Seen::of("calm", architecture, &[Fault::During { when: When::At(FROM), lasting, sustained }]);
            let until = FROM + lasting;
            assert_eq!(seen.struck(0), FROM);
            assert_eq!(seen.when(|what| matches!(what, Happening::Ended { fault: 0 })), [until]);
            assert!(felt(&seen, FROM, until), "{}: {sustained:?} is not felt", architecture.name);
        }
    }
}

/// What nobody ends is ended by the healing: from then on, everybody gets what they wanted.
#[test]
fn each_is_healed() {
    for architecture in ARCHITECTURES.iter().filter(|architecture| architecture.claims_safety()) {
        let quiet = Seen::of("calm", architecture, &[]);
        for Row { sustained, .. } in rows() {
            let sustained = sustained(&quiet);
            let lasting = Micros(u64::MAX);
            let seen =
                Seen::of("calm", architecture, &[Fault::During { when: When::At(FROM), lasting, sustained }]);
            assert_eq!(seen.when(|what| matches!(what, Happening::Ended { .. })), [], "{sustained:?}");
            let open =
                seen.world.truth().orders().iter().filter(|order| order.placed > 0 && order.status.is_none());
            assert_eq!(open.count(), 0, "{}: {sustained:?} leaves orders open", architecture.name);
        }
    }
}

/// When the alarm of an operation on the order under test goes off.
fn rang(seen: &Seen, op: Op) -> Vec<Instant> {
    seen.when(|what| matches!(what, Happening::Timer { timer, .. } if (timer.op, timer.order) == (op, ORDER)))
}

/// A clock that leaps after an event: a hold expires while it is needed, an order is overdue that has just come, and
/// nobody is worse off than by a real delay.
#[test]
fn a_leap_ahead_makes_holds_and_orders_overdue() {
    for architecture in ARCHITECTURES {
        for (party, op) in [(Party::Inventory, Op::Expiry), (Party::Orders, Op::Deadline)] {
            let quiet = Seen::of("calm", architecture, &[]);
            let leap = Leap::Ahead(Micros::secs(3_600));
            let sustained = SustainedFault::Clock(quiet.node(party), leap);
            let when = When::After(site("payments charge ask", architecture));
            let seen = Seen::of("calm", architecture, &[Fault::During { when, lasting: SHORT, sustained }]);
            let struck = seen.struck(0);
            assert_eq!(arrivals(&seen.world, &site("payments charge ask", architecture)), [struck]);
            assert_eq!(rang(&seen, op), [struck], "{} {op}", architecture.name);
            assert_eq!(seen.when(|what| matches!(what, Happening::Ended { .. })), [struck + SHORT]);
        }
    }
}

/// How long a call waits for its answer is measured by the clock of the caller: half as fast, twice as long.
#[test]
fn a_drifting_clock_waits_longer() {
    for architecture in ARCHITECTURES {
        let lost = at("payments sale answer", architecture, PointFault::Drop);
        let plain = Seen::of("calm", architecture, &[lost]);
        let sustained = SustainedFault::Drift(plain.node(Party::Payments), 500);
        let drift = Fault::During { when: When::At(Instant::ZERO), lasting: LONG, sustained };
        let seen = Seen::of("calm", architecture, &[lost, drift]);
        let asked = arrivals(&seen.world, &site("payments charge ask", architecture))[0];
        let waited = |seen: &Seen| rang(seen, Op::Sale)[0] - asked;
        let (fast, slow) = (waited(&plain), waited(&seen));
        let twice = slow.0 as f64 / fast.0 as f64;
        assert!((1.95..2.0).contains(&twice), "{}: {fast} and {slow}", architecture.name);
    }
}
