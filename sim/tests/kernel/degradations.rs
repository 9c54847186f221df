//! Sustained faults: when they are felt, by which nodes, and that nothing of them is left.

use stormcart_sim::fault::{Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::site::{InjectionPoint, Role};
use stormcart_sim::trace::{Happening, Loss};
use stormcart_sim::{Instant, Micros, World};

use super::letters::*;

const MS: fn(u64) -> Micros = Micros::millis;

fn ended(world: &World<Clerk>) -> Vec<u64> {
    when(world, |what| matches!(what, Happening::Ended { .. }))
}

/// Letters, and when they arrive.
type Letters<'a> = &'a [(u32, u64)];

/// When letters arrive while links flap: caught by a cut, they come as soon as the link carries again.
#[test]
fn links_flap() {
    let flap = SustainedFault::Flap { a: Nodes::one(WRITER), b: readers(), each: MS(20) };
    let cases: [(u64, &[u64], Letters); 4] = [
        (
            80,
            &[95, 135],
            &[(10, 115), (11, 115), (12, 121), (13, 131), (14, 155), (15, 155), (16, 161), (17, 171)],
        ),
        (50, &[95, 135], &[(10, 115), (11, 115), (12, 121), (13, 131), (14, 145), (15, 151)]),
        (30, &[95], &[(10, 115), (11, 115), (12, 121), (13, 131), (14, 141), (15, 151)]),
        (10, &[95], &[(10, 105), (11, 111), (12, 121)]),
    ];
    for (lasting, down, expected) in cases {
        let world = run(&[during(95, lasting, flap)]);
        assert_eq!(when(&world, |what| matches!(what, Happening::LinksDown { .. })), down);
        let mut read: Vec<(u32, u64)> =
            read(&world).into_iter().filter(|(number, _)| *number >= 10).collect();
        read.sort_unstable();
        assert_eq!(read[..expected.len()], *expected, "for {lasting} ms");
        assert_eq!(ended(&world), [95 + lasting]);
    }
}

/// How long it is from the writing of letter 10 to its acknowledgement: link, service, disk, link.
#[test]
fn everything_can_be_slow() {
    let (writer, all) = (Nodes::one(WRITER), readers());
    let cases = [
        (SustainedFault::SlowLink { a: writer, b: all, times: 5 }, 12),
        (SustainedFault::SlowLink { a: all, b: writer, times: 3 }, 8),
        (SustainedFault::SlowLink { a: Nodes::one(FIRST), b: writer, times: 5 }, 4),
        (SustainedFault::Slow(all, 5), 8),
        (SustainedFault::SlowDisk(all, 7), 10),
        (SustainedFault::Slow(Nodes::one(FIRST), 5), 4),
    ];
    for (sustained, expected) in cases {
        for (lasting, expected) in [(60, expected), (30, 4)] {
            let world = run(&[during(60, lasting, sustained)]);
            let acknowledged = when(
                &world,
                |what| matches!(what, Happening::Delivered { to: WRITER, message, .. } if message.number == 10),
            );
            assert_eq!(acknowledged, [100 + expected], "{sustained:?} for {lasting} ms");
            assert_eq!(ended(&world), [60 + lasting]);
        }
    }
    let both = [during(60, 60, SustainedFault::Slow(all, 2)), during(60, 60, SustainedFault::Slow(all, 3))];
    let slowest = when(
        &run(&both),
        |what| matches!(what, Happening::Delivered { to: WRITER, message, .. } if message.number == 10),
    );
    assert_eq!(slowest, [109], "twice as long three times");
}

/// Whether a letter is lost is drawn by what it is: in whatever window, the same ones are.
#[test]
fn a_lossy_link_loses_by_name() {
    let losses = |from, lasting, per_mille| {
        let sustained = SustainedFault::LossyLink { a: readers(), b: Nodes::one(WRITER), per_mille };
        lost(&run(&[during(from, lasting, sustained)]))
    };
    let all: Vec<(u32, Loss)> = (5..=14).map(|number| (number, Loss::Lost)).collect();
    assert_eq!((losses(45, 100, 1_000), losses(45, 100, 0)), (all, vec![]));
    let half = losses(45, 100, 500);
    assert!(!half.is_empty() && half.len() < 10, "{half:?}");
    let later: Vec<(u32, Loss)> = half.into_iter().filter(|(number, _)| *number >= 9).collect();
    assert_eq!(losses(85, 60, 500), later);
}

#[test]
fn nodes_crash_again_and_again() {
    let cases: [(u64, &[u64], &[u64]); 3] =
        [(50, &[50, 70, 90], &[60, 80, 100]), (45, &[50, 70, 90], &[60, 80, 95]), (10, &[50], &[60])];
    for (lasting, crashed, restarted) in cases {
        let world = run(&[during(50, lasting, SustainedFault::CrashLoop(Nodes::one(FIRST), MS(10)))]);
        assert_eq!(when(&world, |what| matches!(what, Happening::Crashed(FIRST))), crashed, "{lasting}");
        assert_eq!(when(&world, |what| matches!(what, Happening::Restarted(FIRST))), restarted, "{lasting}");
        assert_eq!(ended(&world), [50 + lasting]);
    }
}

/// When the alarms of letter 3 go off, armed at 33 and meant for 83: the wall clock leaps, how long it was does not.
#[test]
fn clocks_leap_there_and_back() {
    use Leap::{Ahead, Behind};
    let cases = [
        (Ahead(MS(30)), 40, 1_000, 53),
        (Ahead(MS(60)), 40, 1_000, 40),
        (Ahead(MS(30)), 40, 5, 83),
        (Behind(MS(30)), 40, 1_000, 113),
        (Behind(MS(30)), 40, 60, 100),
        (Behind(MS(30)), 40, 10, 83),
        (Ahead(MS(30)), 20, 1_000, 83),
        (Ahead(MS(30)), 20, 50, 113),
        (Behind(MS(30)), 20, 50, 70),
    ];
    for (leap, from, lasting, expected) in cases {
        let world = run(&[during(from, lasting, SustainedFault::Clock(FIRST, leap))]);
        assert_eq!(rang(&world, Alarm::Due(3)), [expected], "{leap:?} from {from} for {lasting}");
        assert_eq!(rang(&world, Alarm::Waited(3)), [83]);
        assert_eq!(rang(&world, Alarm::Due(4)), [93], "the clock of the other reader is right");
        assert_eq!(ended(&world), [from + lasting]);
    }
}

/// What is armed while a clock drifts is measured by it; what was armed before is not.
#[test]
fn clocks_drift() {
    for (per_mille, expected) in [(2_000, 128), (500, 203), (1_000, 153)] {
        let sustained = SustainedFault::Drift(SECOND, per_mille);
        let world = run(&[during(85, 30, sustained)]);
        for (number, expected) in [(8, 133), (10, expected), (9, 143), (12, 173)] {
            assert_eq!(rang(&world, Alarm::Due(number)), [expected], "{per_mille} letter {number}");
            assert_eq!(rang(&world, Alarm::Waited(number)), [expected]);
        }
    }
}

/// What is read while a reader has no room: nothing is filed, senders are told, alarms wait for room.
#[test]
fn a_full_disk_takes_nothing() {
    for (lasting, until) in [(100, 145), (u64::MAX, 160)] {
        let mut world =
            world_in(physics(), &[during(45, lasting, SustainedFault::FullDisk(Nodes::one(FIRST)))]);
        world.run_until(Instant(160_000), 10_000);
        world.wait_until(Instant(160_000));
        world.heal(Nodes::ALL);
        while world.step() {}
        let desk = world.database(Role(1)).state();
        let filed: Vec<u32> = (1..=LETTERS).filter(|number| desk.filed.get(*number).is_some()).collect();
        let odd = |number: &u32| number % 2 == 1 && (45..until).contains(&u64::from(number * 10 + 1));
        assert_eq!(filed, (1..=LETTERS).filter(|number| !odd(number)).collect::<Vec<_>>());
        let told = |what: &Happening<Clerk>| matches!(what, Happening::Delivered { to: WRITER, message, .. } if message.refused);
        assert_eq!(when(&world, told).len(), (1..=LETTERS).filter(odd).count());
        assert_eq!(rang(&world, Alarm::Due(1)), [63, until], "once in vain");
        assert_eq!(rang(&world, Alarm::Due(2)), [73], "the disk of the other has room");
        assert_eq!(rang(&world, Alarm::Waited(1)), [63], "what writes nothing needs no room");
    }
}

/// A node that comes back to a full disk and has to write does not come up before there is room.
#[test]
fn a_recovery_waits_for_room() {
    let plan = |lasting| {
        [
            during(45, lasting, SustainedFault::FullDisk(Nodes::one(FIRST))),
            during(50, 5, SustainedFault::Crash(Nodes::one(FIRST))),
        ]
    };
    let ups = |world: &World<Clerk>| when(world, |what| matches!(what, Happening::Restarted(FIRST)));
    assert_eq!(ups(&run(&plan(50))), [55, 95]);
    let mut world = world_in(physics(), &plan(u64::MAX));
    world.run_until(Instant(120_000), 10_000);
    world.wait_until(Instant(120_000));
    world.heal(Nodes::ALL);
    while world.step() {}
    assert_eq!(ups(&world), [55, 120]);
}

/// A successor without room takes over when it has some.
#[test]
fn a_takeover_waits_for_room() {
    let plan = [
        during(45, 100, SustainedFault::FullDisk(Nodes::one(SECOND))),
        during(50, 300, SustainedFault::Crash(Nodes::one(FIRST))),
    ];
    assert_eq!(took_over(&run_in(replicated(), &plan)), [145]);
}

fn took_over(world: &World<Clerk>) -> Vec<u64> {
    when(world, |what| matches!(what, Happening::TookOver { node: SECOND, lost: FIRST }))
}

/// Which instances are believed to be lost: one that no other hears, and one beside an instance whose clock leapt too
/// far.
#[test]
fn who_is_not_heard_has_an_heir() {
    let (first, second, writer) = (Nodes::one(FIRST), Nodes::one(SECOND), Nodes::one(WRITER));
    let cut = |a, b, one_way| SustainedFault::Partition { a, b, one_way };
    let cases: [(SustainedFault, u64, &[u64]); 14] = [
        (SustainedFault::FullDisk(first), 60, &[65]),
        (SustainedFault::FullDisk(first), 15, &[]),
        (cut(first, first.others(), false), 60, &[65]),
        (cut(first, second.and(writer), false), 60, &[65]),
        (cut(first, second, false), 60, &[65]),
        (cut(first, second, true), 60, &[65]),
        (cut(second, first, true), 60, &[]),
        (cut(first, writer, false), 60, &[]),
        (cut(first, second, false), 15, &[]),
        (SustainedFault::Flap { a: first, b: second, each: MS(15) }, 60, &[]),
        (SustainedFault::Flap { a: first, b: second, each: MS(25) }, 60, &[65]),
        (SustainedFault::Clock(SECOND, Leap::Ahead(MS(20))), 60, &[45]),
        (SustainedFault::Clock(SECOND, Leap::Ahead(MS(19))), 60, &[]),
        (SustainedFault::Clock(SECOND, Leap::Behind(MS(90))), 60, &[]),
    ];
    for (sustained, lasting, expected) in cases {
        assert_eq!(
            took_over(&run_in(replicated(), &[during(45, lasting, sustained)])),
            expected,
            "{sustained:?}"
        );
    }
}

/// How long it takes to suspect an instance is measured by the clock of the one that does.
#[test]
fn the_successors_clock_decides_when_an_instance_is_lost() {
    let crash = during(50, 300, SustainedFault::Crash(Nodes::one(FIRST)));
    let cases = [
        (SustainedFault::Drift(SECOND, 2_000), 60),
        (SustainedFault::Drift(SECOND, 500), 90),
        (SustainedFault::Drift(WRITER, 500), 70),
        (SustainedFault::Clock(SECOND, Leap::Ahead(MS(15))), 70),
    ];
    for (sustained, expected) in cases {
        assert_eq!(
            took_over(&run_in(replicated(), &[during(45, 200, sustained), crash])),
            [expected],
            "{sustained:?}"
        );
    }
    let leap = during(60, 200, SustainedFault::Clock(SECOND, Leap::Ahead(MS(5))));
    assert_eq!(took_over(&run_in(replicated(), &[crash, leap])), [65], "the lease is over sooner");
}

/// What begins after an event begins when it was handled, at its occurrence; not if it never comes.
#[test]
fn a_sustained_fault_can_wait_for_an_event() {
    let after = |number, occurrence| Fault::During {
        when: When::After(InjectionPoint { occurrence, ..letter(number) }),
        lasting: MS(25),
        sustained: SustainedFault::Pause(FIRST),
    };
    let struck = |plan: &[Fault]| -> Vec<(u16, u64)> {
        run(plan).fired().iter().map(|fired| (fired.fault, fired.moment.at.as_millis())).collect()
    };
    assert_eq!(struck(&[after(5, 1)]), [(0, 51)]);
    assert_eq!(struck(&[after(5, 2)]), []);
    assert_eq!(struck(&[after(5, 2), at(5, PointFault::Duplicate(MS(3)))]), [(1, 51), (0, 54)]);
    assert_eq!(struck(&[after(5, 1), at(5, PointFault::Drop)]), [(1, 51)]);
    assert_eq!(
        struck(&[after(5, 1), at(5, PointFault::Delay(MS(3)))]),
        [(1, 51), (0, 54)],
        "it is put off with it"
    );
    let world = run(&[after(5, 1)]);
    let read = read(&world);
    assert!(
        read.contains(&(5, 51)) && read.contains(&(7, 76)),
        "handled, and then it stands still: {read:?}"
    );
}

/// The core is healed, and feels nothing any more; what lies outside goes on.
#[test]
fn the_core_is_healed_and_the_rest_is_not() {
    let lossy = SustainedFault::LossyLink { a: Nodes::one(WRITER), b: readers(), per_mille: 1_000 };
    let flap = SustainedFault::Flap { a: Nodes::one(WRITER), b: readers(), each: MS(200) };
    let core = Nodes::one(WRITER).and(Nodes::one(FIRST));
    for sustained in [lossy, flap] {
        let mut world = world_in(physics(), &[during(45, u64::MAX, sustained)]);
        for (until, nodes) in [(105_000, core), (155_000, Nodes::ALL)] {
            world.run_until(Instant(until), 10_000);
            world.wait_until(Instant(until));
            world.heal(nodes);
        }
        while world.step() {
            assert!(world.events() < 10_000, "nothing of it goes on for ever");
        }
        let mut read: Vec<u32> = read(&world)
            .into_iter()
            .filter(|(_, at)| (45..245).contains(at))
            .map(|(number, _)| number)
            .collect();
        read.sort_unstable();
        assert_eq!(read, [11, 13, 15, 16, 17, 18, 19, 20], "{sustained:?}");
    }
}
