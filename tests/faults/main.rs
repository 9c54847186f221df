//! Every fault strikes where it is placed, does what it says and nothing else, and heals.
//!
//! **Invariant:** each is alone in a quiet world, in every architecture that has the place; next to it runs the same world
//! without it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod customers;
mod lasting;
mod log;
mod misbehaviors;
mod outages;
mod seen;

use stormcart_models::checkout::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::checkout::model::Checkout;
use stormcart_models::checkout::vocabulary::Op;
use stormcart_sim::Micros;
use stormcart_sim::fault::{CrashPoint, Fault, PointFault};
use stormcart_sim::site::{InjectionPoint, Node};
use stormcart_sim::trace::{Happening, Loss};

use seen::{Seen, arrivals, at, losses, site, travels};

const SHORT: Micros = Micros::millis(150);
const LONG: Micros = Micros::secs(45);

/// A command, an outside answer, and the announcement or answer of the step.
const PLACES: [&str; 3] = ["payments charge ask", "payments sale answer", "coordinator charge answer"];
/// Where every architecture writes before it sends.
const COMMITS: [&str; 2] = ["payments charge ask", "payments sale answer"];

/// One fault at each of these places in each architecture; `does` says what it must have done there.
#[track_caller]
fn check(
    places: &[&str],
    point_faults: &[PointFault],
    does: impl Fn(&Seen, &str, &'static Architecture, PointFault),
) {
    for architecture in ARCHITECTURES {
        for place in places {
            for point_fault in point_faults {
                let fault = at(place, architecture, *point_fault);
                let seen = Seen::of("calm", architecture, &[fault]);
                println!("{}: {}", architecture.name, seen.plan.names().fault(&fault));
                does(&seen, place, architecture, *point_fault);
            }
        }
    }
}

#[test]
fn a_dropped_message_does_not_arrive() {
    check(&PLACES, &[PointFault::Drop], |seen, place, architecture, _| {
        let site = site(place, architecture);
        assert_eq!(losses(&seen.world, &site), [(seen.struck(0), Loss::Dropped)]);
        assert_eq!(arrivals(&seen.world, &site), []);
        assert_eq!(arrivals(&seen.twin, &site), [seen.struck(0)], "it would have arrived then");
    });
}

#[test]
fn a_duplicate_arrives_twice() {
    let point_faults = [Micros::ZERO, SHORT, LONG].map(PointFault::Duplicate);
    check(&PLACES, &point_faults, |seen, place, architecture, point_fault| {
        let PointFault::Duplicate(after) = point_fault else { panic!("{point_fault:?}") };
        let struck = seen.struck(0);
        assert_eq!(arrivals(&seen.world, &site(place, architecture)), [struck, struck + after]);
    });
}

#[test]
fn a_delayed_message_arrives_later() {
    check(&PLACES, &[SHORT, LONG].map(PointFault::Delay), |seen, place, architecture, point_fault| {
        let PointFault::Delay(by) = point_fault else { panic!("{point_fault:?}") };
        let site = site(place, architecture);
        let meant = arrivals(&seen.twin, &site);
        assert_eq!((meant[0], arrivals(&seen.world, &site)), (seen.struck(0), vec![meant[0] + by]));
    });
}

/// The next one on its link comes first, and if there is none within the time, it comes then.
#[test]
fn a_message_that_is_held_back_comes_after_the_next_one() {
    check(
        &PLACES,
        &[PointFault::Reorder(Micros::millis(1)), PointFault::Reorder(LONG)],
        |seen, place, architecture, point_fault| {
            let PointFault::Reorder(wait) = point_fault else { panic!("{point_fault:?}") };
            let (site, struck) = (site(place, architecture), seen.struck(0));
            let link = travels(&seen.twin, &site);
            let [came] = arrivals(&seen.world, &site)[..] else { panic!("it comes once") };
            match seen.passed(|from, to| (from, to) == link, struck, came) {
                0 => assert!(came <= struck + wait, "{came}"),
                1 => assert!(came < struck + wait, "{came}"),
                overtakers => panic!("{overtakers} overtook it"),
            }
        },
    );
}

/// Whoever called hears that it was not accepted; an answer or an event that is damaged is as good as lost.
#[test]
fn a_damaged_message_is_not_accepted() {
    check(&PLACES, &[PointFault::Corrupt], |seen, place, architecture, _| {
        let site = site(place, architecture);
        assert_eq!(losses(&seen.world, &site), [(seen.struck(0), Loss::Damaged)]);
        assert_eq!(arrivals(&seen.world, &site).first().filter(|at| **at == seen.struck(0)), None);
        assert_eq!(seen.world.counts().refused, seen.twin.counts().refused + 1);
        assert_eq!(seen.order().status, twin_status(seen), "and later it is done");
    });
}

/// Nothing else happens at that instant in a quiet world, so letting the others go first changes nothing.
#[test]
fn who_lets_others_go_first_goes_at_the_same_instant() {
    check(&PLACES, &[PointFault::LoseTie], |seen, place, architecture, _| {
        let site = site(place, architecture);
        assert_eq!(arrivals(&seen.world, &site), arrivals(&seen.twin, &site));
        assert_eq!(seen.world.counts(), seen.twin.counts());
    });
}

/// Two commands made to arrive at one instant change places when the first of them gives way.
#[test]
fn who_lets_others_go_first_goes_after_them() {
    for architecture in ARCHITECTURES {
        let charge = |order| Checkout::site(PLACES[0], architecture.name, order, 1).unwrap();
        let quiet = Seen::of("calm", architecture, &[]);
        let [first, second] = [3, 4].map(|order| arrivals(&quiet.twin, &charge(order))[0]);
        let delay = Fault::At { site: charge(3), point_fault: PointFault::Delay(second - first) };
        let arrived = |seen: &Seen| -> Vec<u32> {
            let orders = seen.entries().iter().filter_map(|entry| match &entry.what {
                Happening::Delivered { message, .. } if entry.at == second && message.op == Op::Charge => {
                    Some(message.order)
                }
                _ => None,
            });
            orders.collect()
        };
        let tied = arrived(&Seen::of("calm", architecture, &[delay]));
        let [early, late] = tied[..] else { panic!("two arrive at {second}: {tied:?}") };
        // What was delayed comes by its place for the second time.
        let occurrence = if early == 3 { 2 } else { 1 };
        let gives_way = Fault::At {
            site: InjectionPoint { occurrence, ..charge(early) },
            point_fault: PointFault::LoseTie,
        };
        assert_eq!(arrived(&Seen::of("calm", architecture, &[delay, gives_way])), [late, early]);
    }
}

#[test]
fn an_aborted_transaction_leaves_nothing_and_is_done_later() {
    check(&COMMITS, &[PointFault::FailWrite], |seen, place, architecture, _| {
        let site = site(place, architecture);
        let (_, node) = travels(&seen.twin, &site);
        assert_eq!(
            seen.when(|what| matches!(what, Happening::Aborted(who) if *who == node)),
            [seen.struck(0)]
        );
        let (written, sent) = seen.handled(&site);
        assert_eq!((written, sent), (0, 0), "{place} in {}", architecture.name);
        assert_eq!(
            (seen.order().captures, seen.order().status),
            (1, twin_status(seen)),
            "and later it is done"
        );
    });
}

fn twin_status(seen: &Seen) -> Option<stormcart_models::checkout::domain::Status> {
    seen.twin.truth().orders()[seen::ORDER as usize].status
}

/// What a crash at each point leaves: whether something is durable, and how many messages were sent.
#[test]
fn a_crash_falls_where_it_says() {
    let points = [
        CrashPoint::BeforeCommit,
        CrashPoint::DuringSync,
        CrashPoint::MidWrite,
        CrashPoint::AfterCommit,
        CrashPoint::AfterSend,
    ];
    let point_faults = points.map(|point| PointFault::Crash(point, SHORT));
    check(&COMMITS, &point_faults, |seen, place, architecture, point_fault| {
        let PointFault::Crash(point, down) = point_fault else { panic!("{point_fault:?}") };
        let site = site(place, architecture);
        let (_, node) = travels(&seen.twin, &site);
        crashed_and_back(seen, node, down);
        let (written, sent) = seen.handled(&site);
        match point {
            CrashPoint::BeforeCommit => assert_eq!((written, sent), (0, 0)),
            CrashPoint::DuringSync => assert_eq!(sent, 0),
            CrashPoint::MidWrite => {
                assert_eq!((written, sent), (0, 0));
                let found = seen.when(|what| matches!(what, Happening::Torn(_)));
                assert_eq!(found, [seen.struck(0) + down], "and cut off by who comes back");
            }
            CrashPoint::AfterCommit => assert!(written > 0 && sent == 0, "{written} {sent}"),
            CrashPoint::AfterSend => assert!(written > 0 && sent == 1, "{written} {sent}"),
            CrashPoint::DuringRecovery => panic!("there is no recovery here"),
        }
    });
}

/// Whether a torn write is durable is drawn, so both happen.
#[test]
fn a_crash_during_a_sync_leaves_all_or_nothing() {
    let crash = PointFault::Crash(CrashPoint::DuringSync, SHORT);
    let saga = Architecture::named("orchestrated-saga").unwrap();
    let mut left = std::collections::BTreeSet::new();
    for order in 0..12 {
        let place = Checkout::site("payments charge ask", saga.name, order, 1).unwrap();
        let seen = Seen::of("calm", saga, &[Fault::At { site: place, point_fault: crash }]);
        left.insert(seen.handled(&place).0);
    }
    assert_eq!(left.len(), 2, "all or nothing: {left:?}");
}

/// Down for as long as was said, doing nothing, hearing nothing, and back.
#[track_caller]
fn crashed_and_back(seen: &Seen, node: Node, down: Micros) {
    let crashed = seen.when(|what| matches!(what, Happening::Crashed(who) if *who == node));
    let back = seen.when(|what| matches!(what, Happening::Restarted(who) if *who == node));
    assert_eq!(crashed, [seen.struck(0)]);
    assert_eq!(back, [crashed[0] + seen.away(node, down)]);
    assert!(seen.doings(node, crashed[0], back[0]).is_empty(), "it is down");
    let deaf =
        |what: &Happening<_>| matches!(what, Happening::Lost { to, why: Loss::Down, .. } if *to != node);
    assert_eq!(seen.when(deaf), [], "everybody else hears");
}

/// The log and the engine write before they send as well, and come back when their failover gap is over. The order service
/// of a call chain keeps its process in memory: there is no commit to crash at.
#[test]
fn a_crash_of_whoever_coordinates() {
    for architecture in ARCHITECTURES {
        let place = site(PLACES[2], architecture);
        let crash = at(PLACES[2], architecture, PointFault::Crash(CrashPoint::AfterCommit, SHORT));
        if architecture.platform().is_none() {
            let crash = at(PLACES[2], architecture, PointFault::Crash(CrashPoint::AfterSend, SHORT));
            let seen = Seen::of("calm", architecture, &[crash]);
            assert_eq!(seen.handled(&place), (0, 1));
            continue;
        }
        let seen = Seen::of("calm", architecture, &[crash]);
        let (_, node) = travels(&seen.twin, &place);
        crashed_and_back(&seen, node, SHORT);
        assert_eq!(seen.away(node, SHORT), Micros::secs(10));
        assert!(seen.handled(&place).0 > 0);
    }
}

#[test]
fn who_is_isolated_hears_nobody_and_is_heard_by_nobody() {
    let point_faults =
        [SHORT, LONG].map(|time| [PointFault::IsolateSender(time), PointFault::IsolateReceiver(time)]);
    check(&PLACES, point_faults.as_flattened(), |seen, place, architecture, point_fault| {
        let site = site(place, architecture);
        let (from, to) = travels(&seen.twin, &site);
        let (alone, time) = match point_fault {
            PointFault::IsolateSender(time) => (from, time),
            PointFault::IsolateReceiver(time) => (to, time),
            _ => panic!("{point_fault:?}"),
        };
        let (begins, ends) = (seen.struck(0), seen.struck(0) + time);
        let cut = |from: Node, to: Node| (from == alone) != (to == alone);
        assert_eq!(seen.passed(cut, begins, ends), 0, "{place} in {}", architecture.name);
        assert_eq!(seen.when(|what| matches!(what, Happening::Ended { fault: 0 })), [ends]);
        match (point_fault, &arrivals(&seen.world, &site)[..]) {
            (PointFault::IsolateReceiver(_), [first, ..]) => {
                assert_eq!(*first, begins, "what isolates gets through")
            }
            (PointFault::IsolateReceiver(_), []) => panic!("it did not get through"),
            (_, []) => assert_eq!(losses(&seen.world, &site), [(begins, Loss::Cut)]),
            (_, [first, ..]) => assert_eq!(*first, ends, "caught, and let go"),
        }
    });
}

#[test]
fn who_is_paused_does_nothing_and_then_goes_on() {
    check(&PLACES, &[SHORT, LONG].map(PointFault::Pause), |seen, place, architecture, point_fault| {
        let PointFault::Pause(time) = point_fault else { panic!("{point_fault:?}") };
        let site = site(place, architecture);
        let (_, node) = travels(&seen.twin, &site);
        let (begins, ends) = (seen.struck(0), seen.struck(0) + time);
        assert!(seen.doings(node, begins, ends).is_empty(), "{place} in {}", architecture.name);
        // Much waited for it, and its workers take one thing after the other.
        let [first] = arrivals(&seen.world, &site)[..] else { panic!("it comes once") };
        assert!(ends <= first && first < ends + SHORT, "{first}");
        assert_eq!(seen.when(|what| matches!(what, Happening::Ended { fault: 0 })), [ends]);
        assert_eq!(seen.when(|what| matches!(what, Happening::Crashed(_))), [], "nothing is forgotten");
    });
}
