//! What strikes at a place: messages held back and damaged, successors beside nodes that are alive, writes torn in
//! half, several faults at once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;

use stormcart_sim::digest::Digest;
use stormcart_sim::explore::{Explorer, FaultSet, Limits};
use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::{Isolation, Physics, Spread};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Operation, Role};
use stormcart_sim::trace::{Happening, Loss};
use stormcart_sim::{FingerprintMask, Instant, Micros, World};

use super::letters::*;

const MS: fn(u64) -> Micros = Micros::millis;

fn crash(point: CrashPoint, down: u64) -> PointFault {
    PointFault::Crash(point, MS(down))
}

fn struck(world: &World<Clerk>) -> Vec<u16> {
    world.fired().iter().map(|fired| fired.fault).collect()
}

/// Letters and when they arrive.
type FourLetters = [(u32, u64); 4];

/// The letters of the first reader from the fifth on, in the order in which they arrive.
#[test]
fn a_letter_is_overtaken_by_the_next_of_its_link() {
    let reorder = |number, wait| at(number, PointFault::Reorder(MS(wait)));
    let cases: [(&[Fault], FourLetters); 6] = [
        (&[], [(5, 51), (7, 71), (9, 91), (11, 111)]),
        (&[reorder(5, 100)], [(7, 71), (5, 71), (9, 91), (11, 111)]),
        (&[reorder(5, 10)], [(5, 61), (7, 71), (9, 91), (11, 111)]),
        (&[reorder(5, 100), reorder(7, 100)], [(9, 91), (5, 91), (7, 91), (11, 111)]),
        (&[reorder(5, 100), at(7, PointFault::Drop)], [(9, 91), (5, 91), (11, 111), (13, 131)]),
        (&[reorder(5, 30), at(7, PointFault::Drop)], [(5, 81), (9, 91), (11, 111), (13, 131)]),
    ];
    for (plan, expected) in cases {
        let world = run(plan);
        let read: Vec<(u32, u64)> =
            read(&world).into_iter().filter(|(number, _)| *number >= 5 && number % 2 == 1).collect();
        assert_eq!(read[..4], expected, "{plan:?}");
        assert_eq!(world.fired().len(), plan.len());
    }
}

#[test]
fn a_damaged_letter_is_refused_and_its_writer_hears() {
    let world = run(&[at(5, PointFault::Corrupt)]);
    assert_eq!(lost(&world), [(5, Loss::Damaged)]);
    assert_eq!(world.counts().refused, 1);
    let told = |what: &Happening<Clerk>| matches!(what, Happening::Delivered { to: WRITER, message, .. } if message.refused && message.number == 5);
    assert_eq!(when(&world, told), [52]);
    let answer = InjectionPoint {
        role: Role(0),
        identity: Identity { kind: MessageKind::Answer, ..letter(5).identity },
        occurrence: 1,
    };
    let world = run(&[Fault::At { site: answer, point_fault: PointFault::Corrupt }]);
    assert_eq!(
        (world.counts().refused, when(&world, told)),
        (1, vec![]),
        "no sender hears of a damaged answer"
    );
}

/// A timer has no link: what strikes links does not strike it.
#[test]
fn what_strikes_links_does_not_strike_timers() {
    let identity = Identity { operation: Operation(2), kind: MessageKind::Timer, subject: 5, attempt: 1 };
    let site = InjectionPoint { role: Role(1), identity, occurrence: 1 };
    for point_fault in [PointFault::Reorder(MS(1)), PointFault::Corrupt] {
        let world = run(&[Fault::At { site, point_fault }]);
        assert_eq!((struck(&world), rang(&world, Alarm::Due(5))), (vec![], vec![103]));
    }
    let world = run_in(replicated(), &[Fault::At { site, point_fault: PointFault::SplitBrain }]);
    assert_eq!(
        (struck(&world), world.database(Role(1)).state().filed.get(20)),
        (vec![0], Some(&10)),
        "all since then"
    );
}

/// The successor leads from now on; the old leader still reads this letter and writes what it wants.
#[test]
fn an_old_leader_works_beside_its_successor() {
    let world = run_in(replicated(), &[at(5, PointFault::SplitBrain)]);
    assert_eq!(when(&world, |what| matches!(what, Happening::TookOver { node: SECOND, lost: FIRST })), [51]);
    let by = |number| {
        let written = world.trace().entries().iter().find_map(|entry| match &entry.what {
            Happening::Written { node, record: Record::Opened(opened) } if *opened == number => Some(*node),
            _ => None,
        });
        written.expect("every letter is opened")
    };
    assert_eq!([4, 5, 6].map(by), [FIRST, FIRST, SECOND]);
    let again = [at(5, PointFault::SplitBrain), at(6, PointFault::SplitBrain)];
    assert_eq!(struck(&run_in(replicated(), &again)), [0, 1], "and back");
    let down = during(45, 100, SustainedFault::Crash(Nodes::one(SECOND)));
    assert_eq!(
        struck(&run_in(replicated(), &[down, at(5, PointFault::SplitBrain)])),
        [0],
        "no instance is there to take over"
    );
    let Physics { draws, mut roles, .. } = physics();
    roles[1].instances = 1;
    assert_eq!(struck(&run_in(Physics::new(draws, roles), &[at(5, PointFault::SplitBrain)])), [0_u16; 0]);
}

fn torn(world: &World<Clerk>) -> Vec<u64> {
    when(world, |what| matches!(what, Happening::Torn(Role(1))))
}

/// Which half of letter 5 is in the store in the end: opened, filed.
fn halves(world: &World<Clerk>) -> (bool, bool) {
    let desk = world.database(Role(1)).state();
    (desk.opened.get(5).is_some(), desk.filed.get(5).is_some())
}

/// Half a transaction is found by what comes first: the node that comes back, or the next write of another.
#[test]
fn a_torn_tail_is_cut_off() {
    for (down, found) in [(5, 56), (10, 61), (50, 61)] {
        let world = run(&[at(5, crash(CrashPoint::MidWrite, down))]);
        assert_eq!((struck(&world), torn(&world)), (vec![0], vec![found]), "{down}");
        assert_eq!(halves(&world), (false, false));
    }
    let woken = Fault::At {
        site: InjectionPoint { role: Role(1), identity: Identity::RECOVERY, occurrence: 1 },
        point_fault: crash(CrashPoint::MidWrite, 2),
    };
    let world = run(&[during(50, 1, SustainedFault::Crash(Nodes::one(FIRST))), woken]);
    assert_eq!(torn(&world), [53], "half of one record is none, and a recovery can be torn too");
}

/// The mutant that does not look for the mark of a commit takes the half for real.
#[test]
fn a_recovery_that_does_not_look_for_the_mark_of_a_commit_takes_half_of_it() {
    let world = run_in(careless(), &[at(5, crash(CrashPoint::MidWrite, 5))]);
    assert_eq!((halves(&world), torn(&world)), ((true, false), vec![]));
}

/// Several faults at one place strike in the order of the plan, as long as there is something left to strike.
#[test]
fn several_faults_at_one_place() {
    let after_commit = crash(CrashPoint::AfterCommit, 5);
    let cases: [(&[PointFault], &[u16]); 7] = [
        (&[PointFault::Duplicate(MS(3)), after_commit], &[0, 1]),
        (&[after_commit, PointFault::Duplicate(MS(3))], &[1, 0]),
        (&[PointFault::Drop, after_commit], &[0]),
        (&[after_commit, PointFault::Drop], &[1]),
        (&[after_commit, PointFault::Delay(MS(3))], &[1, 0]),
        (&[PointFault::IsolateReceiver(MS(3)), after_commit], &[0, 1]),
        (&[PointFault::FailWrite, crash(CrashPoint::AfterSend, 5)], &[0, 1]),
    ];
    for (point_faults, expected) in cases {
        let plan: Vec<Fault> = point_faults.iter().map(|point_fault| at(5, *point_fault)).collect();
        assert_eq!(struck(&run(&plan)), expected, "{point_faults:?}");
    }
}

/// Of two faults that contradict each other one strikes, and only one.
#[test]
fn of_two_that_contradict_each_other_one_strikes() {
    let point_faults = [
        PointFault::Drop,
        PointFault::Corrupt,
        PointFault::Duplicate(MS(3)),
        PointFault::Delay(MS(3)),
        PointFault::FailWrite,
        PointFault::IsolateReceiver(MS(3)),
        crash(CrashPoint::BeforeCommit, 5),
        crash(CrashPoint::AfterSend, 5),
    ];
    let mut contradictions = 0;
    for first in point_faults {
        for second in point_faults.into_iter().filter(|second| *second != first) {
            let plan = [at(5, first), at(5, second)];
            if plan[0].contradicts(&plan[1]) {
                contradictions += 1;
                assert_eq!(struck(&run(&plan)).len(), 1, "{plan:?}");
            }
        }
    }
    assert_eq!(contradictions, 22);
}

/// What a cut catches arrives later with everything that is on it.
#[test]
fn a_caught_letter_keeps_its_pending_failures() {
    let cut = SustainedFault::Partition { a: Nodes::one(WRITER), b: readers(), one_way: false };
    let world = run(&[during(45, 20, cut), at(5, crash(CrashPoint::BeforeCommit, 5))]);
    assert_eq!(when(&world, |what| matches!(what, Happening::Crashed(FIRST))), [65]);
}

/// Under late checks others use the memory before a transaction aborts: what they remember stays.
#[test]
fn an_abort_takes_back_nothing_of_others() {
    for (isolation, expected) in [(Isolation::ReadCommitted, 5), (Isolation::Serializable, 4)] {
        let mut physics = physics();
        physics.roles[1].isolation = isolation;
        physics.roles[1].service = Spread::constant(MS(25));
        let world = run_in(physics, &[at(5, PointFault::FailWrite)]);
        let desk = world.database(Role(1)).state();
        assert_eq!((desk.filed.get(5), desk.filed.get(9)), (None, Some(&expected)), "{isolation:?}");
    }
}

/// Worlds that differ in one thing only, a moment after it began.
#[test]
fn the_fingerprint_sees_what_lasts() {
    let (writer, first) = (Nodes::one(WRITER), Nodes::one(FIRST));
    let forever = |sustained| during(5, u64::MAX, sustained);
    let flap = |each| SustainedFault::Flap { a: writer, b: first, each: MS(each) };
    let slow = |times| SustainedFault::SlowLink { a: writer, b: first, times };
    let lossy = |per_mille| SustainedFault::LossyLink { a: writer, b: first, per_mille };
    let leap = |by| SustainedFault::Clock(FIRST, Leap::Ahead(MS(by)));
    let pairs = [
        (forever(slow(2)), forever(slow(3))),
        (forever(slow(2)), during(5, 50, slow(2))),
        (forever(lossy(1)), forever(lossy(2))),
        (forever(SustainedFault::Slow(first, 2)), forever(SustainedFault::Slow(readers(), 2))),
        (forever(SustainedFault::SlowDisk(first, 2)), forever(SustainedFault::SlowDisk(first, 3))),
        (forever(SustainedFault::SlowDisk(first, 2)), forever(SustainedFault::Slow(first, 2))),
        (forever(SustainedFault::FullDisk(first)), forever(SustainedFault::FullDisk(readers()))),
        (forever(leap(1)), forever(leap(2))),
        (forever(SustainedFault::Drift(FIRST, 500)), forever(SustainedFault::Drift(FIRST, 2_000))),
        (during(5, 200, flap(3)), during(5, 200, flap(4))),
        (during(5, 100, flap(3)), during(5, 200, flap(3))),
        (
            during(5, 200, SustainedFault::CrashLoop(first, MS(3))),
            during(5, 200, SustainedFault::CrashLoop(first, MS(4))),
        ),
    ];
    let seen = |fault: Fault| {
        let mut world = world_in(physics(), &[fault]);
        world.run_until(Instant(9_500), 1_000);
        world.wait_until(Instant(9_500));
        assert_eq!(world.fired().len(), 1);
        world.fingerprint()
    };
    for (one, other) in pairs {
        assert_ne!(seen(one), seen(other), "{one:?} and {other:?}");
    }
}

/// What is pending or half done at a moment, in worlds that differ in nothing else.
#[test]
fn the_fingerprint_sees_what_is_to_come() {
    let cut = SustainedFault::Partition { a: Nodes::one(WRITER), b: readers(), one_way: false };
    let caught = during(45, 60, cut);
    let pause = |node| Fault::During {
        when: When::After(letter(9)),
        lasting: MS(5),
        sustained: SustainedFault::Pause(node),
    };
    let (before, mid) = (at(5, crash(CrashPoint::BeforeCommit, 40)), at(5, crash(CrashPoint::MidWrite, 40)));
    let seen = |physics: Physics, plan: &[Fault]| {
        let mut world = world_in(physics, plan);
        world.run_until(Instant(55_000), 1_000);
        world.fingerprint()
    };
    let differ = |physics: fn() -> Physics, one: &[Fault], other: &[Fault]| {
        assert_ne!(seen(physics(), one), seen(physics(), other), "{one:?} and {other:?}");
    };
    differ(physics, &[at(5, PointFault::Reorder(MS(40)))], &[at(5, PointFault::Delay(MS(40)))]);
    differ(physics, &[caught], &[caught, at(5, crash(CrashPoint::AfterCommit, 3))]);
    differ(physics, &[pause(FIRST)], &[]);
    differ(physics, &[pause(FIRST), at(19, PointFault::Drop)], &[at(19, PointFault::Drop), pause(FIRST)]);
    differ(careless, &[mid], &[before]);
    assert_eq!(seen(physics(), &[mid]), seen(physics(), &[before]), "a tail that will be cut off is none");
}

/// A healed node is spared by what is still to come.
#[test]
fn the_fingerprint_sees_which_nodes_are_healed() {
    let sustained = SustainedFault::Slow(readers(), 3);
    let healed = |core: Nodes| {
        let mut world = world_in(physics(), &[during(5, u64::MAX, sustained)]);
        world.run_until(Instant(9_500), 1_000);
        world.heal(core);
        world.fingerprint()
    };
    let all = [Nodes::default(), Nodes::one(FIRST), Nodes::one(SECOND), Nodes::ALL].map(healed);
    let mut different = all.to_vec();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), all.len());
}

/// A fork in the middle of everything ends as its original: nothing is kept outside of the world.
#[test]
fn a_fork_in_the_middle_of_everything() {
    let plan: Arc<[Fault]> = [
        during(15, 60, SustainedFault::Flap { a: Nodes::one(WRITER), b: readers(), each: MS(7) }),
        during(25, 90, SustainedFault::Clock(FIRST, Leap::Behind(MS(40)))),
        during(30, 90, SustainedFault::FullDisk(Nodes::one(SECOND))),
        during(35, 90, SustainedFault::LossyLink { a: readers(), b: Nodes::one(WRITER), per_mille: 300 }),
        at(5, PointFault::Reorder(MS(90))),
        at(7, crash(CrashPoint::MidWrite, 11)),
        at(9, PointFault::SplitBrain),
    ]
    .into();
    let end = |mut world: World<Clerk>| {
        while world.step() {}
        Digest::of(&(world.digest(), world.fingerprint()))
    };
    let mut trunk = world_in(physics(), &plan);
    let expected = end(trunk.clone());
    while trunk.step() {
        assert_eq!(end(trunk.clone()), expected);
    }
}

/// With every point fault of this file placed twice: a memo skips no end and invents none, whether recoveries look
/// for the mark of a commit or not.
#[test]
fn a_memo_of_these_point_faults_is_honest() {
    let fault_set = FaultSet {
        delivery: vec![
            PointFault::Corrupt,
            PointFault::Reorder(MS(25)),
            PointFault::Delay(MS(25)),
            PointFault::SplitBrain,
            PointFault::IsolateSender(MS(15)),
        ],
        handler: vec![
            crash(CrashPoint::MidWrite, 15),
            crash(CrashPoint::BeforeCommit, 15),
            PointFault::FailWrite,
        ],
        recovery: vec![crash(CrashPoint::MidWrite, 15)],
        ..FaultSet::default()
    };
    let limits = Limits { executions: u64::MAX, states: u64::MAX, events: 1_000, horizon: Instant::NEVER };
    for physics in [physics, replicated, careless] {
        let world = world_with(physics(), 6, &[]);
        let ends = |memo| {
            let explorer =
                Explorer { fault_set: &fault_set, limits, memo, quiet: MS(100), mask: FingerprintMask::NONE };
            let ends = Mutex::new(BTreeSet::new());
            let explored = explorer.explore(&world, 2, |world| {
                ends.lock().unwrap().insert(world.fingerprint());
                Vec::<()>::new()
            });
            (ends.into_inner().unwrap(), explored.executions)
        };
        let ((with, fewer), (without, more)) = (ends(true), ends(false));
        assert!(with == without, "{} ends with a memo, {} without", with.len(), without.len());
        assert!(fewer < more && with.len() > 100, "{fewer} of {more} runs, {} ends", with.len());
    }
}
