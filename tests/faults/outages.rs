//! Outages with a time: partitions, pauses, crashes of several, and what others do meanwhile.

use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::vocabulary::Party;
use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::site::{Identity, InjectionPoint, Node};
use stormcart_sim::trace::Happening;
use stormcart_sim::{Instant, Micros};

use super::seen::{Seen, at, site, travels};
use super::{LONG, SHORT};

const FROM: Instant = Instant(200_000);
/// Two instances of everybody, and little time before the others notice.
const TWO: &str = "about = \"two of each\"\n[workload]\norders = 20\n[physics]\ninstances = 2\n";

/// A strike that lasts this long, in a world where it is known who is where.
#[track_caller]
fn check(
    sustained: impl Fn(&dyn Fn(Party) -> Node) -> SustainedFault,
    lasting: Micros,
    does: impl Fn(&Seen, Instant),
) {
    for architecture in ARCHITECTURES {
        let quiet = Seen::of("calm", architecture, &[]);
        let sustained = sustained(&|party| quiet.node(party));
        let seen =
            Seen::of("calm", architecture, &[Fault::During { when: When::At(FROM), lasting, sustained }]);
        assert_eq!(seen.struck(0), FROM);
        let until = if lasting.0 == u64::MAX { seen.plan.safety_until } else { FROM + lasting };
        does(&seen, until);
    }
}

fn mended(seen: &Seen) -> Vec<Instant> {
    seen.when(|what| matches!(what, Happening::Ended { fault: 0 }))
}

#[test]
fn a_partition_stops_messages_both_ways() {
    for lasting in [SHORT, LONG] {
        let sustained = |node: &dyn Fn(Party) -> Node| SustainedFault::Partition {
            a: Nodes::one(node(Party::Payments)),
            b: Nodes::one(node(Party::Psp)),
            one_way: false,
        };
        check(sustained, lasting, |seen, until| {
            let (a, b) = (seen.node(Party::Payments), seen.node(Party::Psp));
            assert_eq!(seen.passed(|from, to| (from, to) == (a, b) || (from, to) == (b, a), FROM, until), 0);
            assert!(seen.passed(|from, to| (from == a) != (to == a), FROM, until) > 0, "others reach it");
            assert!(seen.passed(|from, to| (from, to) == (a, b), until, Instant::NEVER) > 0, "and it heals");
            assert_eq!(mended(seen), [until]);
        });
    }
}

#[test]
fn a_partition_can_be_one_way() {
    let sustained = |node: &dyn Fn(Party) -> Node| SustainedFault::Partition {
        a: Nodes::one(node(Party::Psp)),
        b: Nodes::one(node(Party::Payments)),
        one_way: true,
    };
    check(sustained, SHORT, |seen, until| {
        let (psp, payments) = (seen.node(Party::Psp), seen.node(Party::Payments));
        assert_eq!(seen.passed(|from, to| (from, to) == (psp, payments), FROM, until), 0);
        assert!(
            seen.passed(|from, to| (from, to) == (payments, psp), FROM, until) > 0,
            "the other way is open"
        );
        assert_eq!(mended(seen), [until]);
    });
}

/// What nobody ends is ended by the healing, which the trace shows.
#[test]
fn a_partition_without_an_end_is_healed() {
    let sustained = |node: &dyn Fn(Party) -> Node| SustainedFault::Partition {
        a: Nodes::one(node(Party::Payments)),
        b: Nodes::one(node(Party::Payments)).others(),
        one_way: false,
    };
    check(sustained, Micros(u64::MAX), |seen, until| {
        let payments = seen.node(Party::Payments);
        assert_eq!(seen.passed(|from, to| (from == payments) != (to == payments), FROM, until), 0);
        assert_eq!(mended(seen), []);
        assert_eq!(seen.when(|what| matches!(what, Happening::Healed { all: false })), [until]);
        assert_eq!(seen.when(|what| matches!(what, Happening::Healed { all: true })).len(), 1);
    });
}

#[test]
fn a_pause_of_a_node() {
    for lasting in [SHORT, LONG] {
        check(
            |node| SustainedFault::Pause(node(Party::Inventory)),
            lasting,
            |seen, until| {
                assert!(seen.doings(seen.node(Party::Inventory), FROM, until).is_empty());
                assert_eq!(mended(seen), [until]);
            },
        );
    }
}

#[test]
fn a_crash_of_several_nodes() {
    let both = [Party::Payments, Party::Orders];
    for lasting in [SHORT, Micros(u64::MAX)] {
        let sustained = |node: &dyn Fn(Party) -> Node| {
            SustainedFault::Crash(
                both.iter().fold(Nodes::default(), |set, party| set.and(Nodes::one(node(*party)))),
            )
        };
        check(sustained, lasting, |seen, until| {
            for node in both.map(|party| seen.node(party)) {
                assert_eq!(seen.when(|what| matches!(what, Happening::Crashed(who) if *who == node)), [FROM]);
                assert_eq!(
                    seen.when(|what| matches!(what, Happening::Restarted(who) if *who == node)),
                    [until]
                );
                assert!(seen.doings(node, FROM, until).is_empty());
            }
        });
    }
}

/// Down, coming back, down again, back.
#[test]
fn a_crash_during_a_recovery() {
    for architecture in ARCHITECTURES {
        let node = Seen::of("calm", architecture, &[]).node(Party::Payments);
        let site =
            InjectionPoint { role: Party::Payments.role(), identity: Identity::RECOVERY, occurrence: 1 };
        let first = Fault::During {
            when: When::At(FROM),
            lasting: SHORT,
            sustained: SustainedFault::Crash(Nodes::one(node)),
        };
        let second = Fault::At { site, point_fault: PointFault::Crash(CrashPoint::DuringRecovery, SHORT) };
        let seen = Seen::of("calm", architecture, &[first, second]);
        let again = FROM + SHORT;
        assert_eq!(seen.when(|what| matches!(what, Happening::Crashed(_))), [FROM, seen.struck(1)]);
        let back = seen.when(|what| matches!(what, Happening::Restarted(_)));
        assert_eq!(back, [again, seen.struck(1) + SHORT]);
        assert!(seen.doings(node, seen.struck(1), back[1]).is_empty());
    }
}

/// A timer is a place too.
#[test]
fn a_crash_when_a_timer_fires() {
    for architecture in ARCHITECTURES {
        let lost = at("payments sale answer", architecture, PointFault::Drop);
        let timer = at("payments sale timer", architecture, PointFault::Crash(CrashPoint::AfterSend, SHORT));
        let seen = Seen::of("calm", architecture, &[lost, timer]);
        assert_eq!(seen.when(|what| matches!(what, Happening::Crashed(_))), [seen.struck(1)]);
        assert_eq!(seen.when(|what| matches!(what, Happening::Restarted(_))), [seen.struck(1) + SHORT]);
        assert_eq!(seen.order().captures, 1);
    }
}

/// A successor takes over beside somebody who is alive and does this very thing still.
#[test]
fn a_zombie_works_beside_its_successor() {
    for architecture in ARCHITECTURES {
        for party in [Some(Party::Payments), architecture.platform()].into_iter().flatten() {
            let place =
                if party == Party::Payments { "payments charge ask" } else { "coordinator charge answer" };
            let site = site(place, architecture);
            let seen = Seen::of(TWO, architecture, &[at(place, architecture, PointFault::SplitBrain)]);
            let (_, old) = travels(&seen.twin, &site);
            let heir = seen.world.physics().instances(party.role()).find(|other| *other != old);
            let took_over = |what: &Happening<_>| matches!(what, Happening::TookOver { node, lost } if (Some(*node), *lost) == (heir, old));
            assert_eq!(seen.when(took_over), [seen.struck(0)], "{} {party}", architecture.name);
            assert_eq!(travels(&seen.world, &site).1, old, "the old one handles it and knows nothing");
        }
    }
}

/// A clock that is off by more than it takes to miss somebody makes its node take over from the living.
#[test]
fn a_clock_that_leaps_too_far_makes_an_heir() {
    for architecture in ARCHITECTURES {
        for party in [Some(Party::Payments), architecture.platform()].into_iter().flatten() {
            let quiet = Seen::of(TWO, architecture, &[]);
            let instances: Vec<Node> = quiet.world.physics().instances(party.role()).collect();
            let takeover = quiet.world.physics().takeover;
            for (by, expected) in [(takeover, vec![FROM]), (Micros(takeover.0 - 1), vec![])] {
                let sustained = SustainedFault::Clock(instances[1], Leap::Ahead(by));
                let fault = Fault::During { when: When::At(FROM), lasting: SHORT, sustained };
                let seen = Seen::of(TWO, architecture, &[fault]);
                let took_over = |what: &Happening<_>| matches!(what, Happening::TookOver { node, lost } if [*lost, *node] == instances[..]);
                assert_eq!(seen.when(took_over), expected, "{} {party}", architecture.name);
            }
        }
    }
}

/// Crash, pause or isolation: whoever is gone for long has a successor, however it is gone and whoever it is.
#[test]
fn another_instance_takes_over() {
    for architecture in ARCHITECTURES {
        for party in [Some(Party::Payments), architecture.platform()].into_iter().flatten() {
            let place =
                if party == Party::Payments { "payments charge ask" } else { "coordinator place answer" };
            let quiet = Seen::of(TWO, architecture, &[]);
            let (_, node) = travels(&quiet.twin, &site(place, architecture));
            let gone = [SustainedFault::Crash(Nodes::one(node)), SustainedFault::Pause(node)];
            let gone = gone.map(|sustained| Fault::During { when: When::At(FROM), lasting: LONG, sustained });
            for fault in gone.into_iter().chain([at(place, architecture, PointFault::IsolateReceiver(LONG))])
            {
                let seen = Seen::of(TWO, architecture, &[fault]);
                let successor = seen.world.physics().instances(party.role()).find(|other| *other != node);
                let took_over = |what: &Happening<_>| matches!(what, Happening::TookOver { node: who, lost } if (Some(*who), *lost) == (successor, node));
                let noticed = seen.struck(0) + seen.world.physics().takeover;
                assert_eq!(seen.when(took_over), [noticed], "{} {party} {fault:?}", architecture.name);
            }
        }
    }
}
