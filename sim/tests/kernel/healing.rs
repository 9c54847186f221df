//! What healing ends, which nodes a core evicts, and which nodes come back after what.

use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::site::{Identity, InjectionPoint, Node, Role};
use stormcart_sim::trace::Happening;
use stormcart_sim::{Instant, Micros, World};

use super::letters::*;

const MS: fn(u64) -> Micros = Micros::millis;
const EVER: u64 = u64::MAX;

/// Runs to the end, with some healed at 105 ms and all at 305 ms.
fn healed(mut world: World<Clerk>, core: Nodes) -> World<Clerk> {
    for (until, nodes) in [(105_000, core), (305_000, Nodes::ALL)] {
        world.run_until(Instant(until), 10_000);
        world.wait_until(Instant(until));
        world.heal(nodes);
    }
    while world.step() {
        assert!(world.events() < 10_000, "it comes to rest");
    }
    world
}

fn evicted(world: &World<Clerk>) -> Vec<Node> {
    let entries = world.trace().entries().iter();
    let nodes = entries.filter_map(|entry| match entry.what {
        Happening::Evicted(node) => Some(node),
        _ => None,
    });
    nodes.collect()
}

fn crashes(world: &World<Clerk>) -> Vec<u64> {
    when(world, |what| matches!(what, Happening::Crashed(_)))
}

/// A node that is heard by some and not by others is evicted, and so is one that comes and goes; one that is merely
/// slow or wrong about the time is not, and one that is gone is suspected anyway.
#[test]
fn a_core_evicts_nodes_on_which_it_cannot_rely() {
    let (writer, first, second) = (Nodes::one(WRITER), Nodes::one(FIRST), Nodes::one(SECOND));
    let cut = |a, b, one_way| SustainedFault::Partition { a, b, one_way };
    let cases = [
        (cut(writer, second, true), true),
        (cut(second, writer, true), true),
        (cut(first, second, false), true),
        (cut(writer, first, false), false),
        (SustainedFault::LossyLink { a: writer, b: readers(), per_mille: 1 }, true),
        (SustainedFault::LossyLink { a: writer, b: first, per_mille: 1_000 }, false),
        (SustainedFault::Flap { a: readers(), b: writer, each: MS(1) }, true),
        (SustainedFault::CrashLoop(readers(), MS(7)), true),
        (SustainedFault::CrashLoop(first, MS(7)), false),
        (SustainedFault::SlowLink { a: writer, b: readers(), times: 3 }, false),
        (SustainedFault::Slow(readers(), 3), false),
        (SustainedFault::SlowDisk(readers(), 3), false),
        (SustainedFault::FullDisk(readers()), false),
        (SustainedFault::Clock(SECOND, Leap::Ahead(MS(5))), false),
        (SustainedFault::Drift(SECOND, 500), false),
        (SustainedFault::Pause(SECOND), false),
        (SustainedFault::Crash(second), false),
    ];
    for (sustained, expected) in cases {
        for (lasting, expected) in [(EVER, expected), (150, expected), (50, false)] {
            let plan = [during(45, lasting, sustained)];
            let world = healed(world_in(physics(), &plan), writer.and(first));
            assert_eq!(evicted(&world), [SECOND][..usize::from(expected)], "{sustained:?} for {lasting} ms");
            let world = healed(world_in(physics(), &plan), Nodes::ALL);
            assert_eq!(evicted(&world), [], "no node is outside of all");
        }
    }
}

/// The leader is heard by its follower, so none suspected it, and the writer does not reach it.
#[test]
fn a_leader_outside_the_core_is_replaced() {
    let cut = SustainedFault::Partition { a: Nodes::one(WRITER), b: Nodes::one(SECOND), one_way: true };
    let plan = [at(5, PointFault::SplitBrain), during(75, EVER, cut)];
    let world = healed(world_in(replicated(), &plan), Nodes::one(WRITER).and(Nodes::one(FIRST)));
    let took_over = |what: &Happening<Clerk>| matches!(what, Happening::TookOver { node: FIRST, .. });
    assert_eq!(when(&world, took_over), [125]);
    let read: Vec<u32> = read(&world).into_iter().map(|(number, _)| number).collect();
    assert_eq!(read, [1, 2, 3, 4, 5, 6, 7, 13, 14, 15, 16, 17, 18, 19, 20]);
}

/// A fault whose place came before the healing and whose moment would come after it.
#[test]
fn nothing_strikes_after_the_healing_began() {
    let cut = SustainedFault::Partition { a: Nodes::one(WRITER), b: readers(), one_way: false };
    let crash = |point| at(5, PointFault::Crash(point, MS(5)));
    let pause = |site| Fault::During {
        when: When::After(site),
        lasting: Micros(EVER),
        sustained: SustainedFault::Pause(FIRST),
    };
    let late = [during(45, 150, cut), crash(CrashPoint::BeforeCommit)];
    let stopped = [pause(letter(5)), crash(CrashPoint::AfterCommit)];
    for (plan, strikes_at) in [(late, 195), (stopped, 51)] {
        let world = healed(world_in(physics(), &plan), Nodes::ALL);
        assert_eq!((world.fired().len(), crashes(&world)), (1, vec![]), "{plan:?}");
        assert!(read(&world).contains(&(5, strikes_at)), "it is handled all the same: {:?}", read(&world));
    }
}

/// A node that cannot write what it recovers gives up and comes back again.
#[test]
fn a_recovery_that_is_aborted_is_tried_again() {
    let recovery = |occurrence| Fault::At {
        site: InjectionPoint { role: Role(1), identity: Identity::RECOVERY, occurrence },
        point_fault: PointFault::FailWrite,
    };
    let crash = during(50, 1, SustainedFault::Crash(Nodes::one(FIRST)));
    for (plan, expected) in [
        (&[crash][..], &[50][..]),
        (&[crash, recovery(1)], &[50, 51]),
        (&[crash, recovery(1), recovery(2)], &[50, 51, 51]),
    ] {
        let world = run(plan);
        assert_eq!((crashes(&world), world.fired().len()), (expected.to_vec(), plan.len()));
        let woken = |what: &Happening<Clerk>| {
            matches!(what, Happening::Written { node: FIRST, record: Record::Woken })
        };
        assert_eq!(when(&world, woken), [0, 51]);
    }
}

/// A node that was away when another one was paused finds out when it is back.
#[test]
fn a_node_that_comes_back_suspects_one_that_is_paused() {
    let plan = [
        during(40, 40, SustainedFault::Crash(Nodes::one(SECOND))),
        during(50, EVER, SustainedFault::Pause(FIRST)),
    ];
    let world = healed(world_in(replicated(), &plan), Nodes::one(WRITER).and(Nodes::one(SECOND)));
    let took_over = |what: &Happening<Clerk>| matches!(what, Happening::TookOver { .. });
    assert_eq!(when(&world, took_over), [100]);
}
