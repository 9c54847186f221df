//! Exploration as its users see it, on a small model: see [`vault`].
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod hunts;
mod mask;
mod vault;

use std::collections::BTreeSet;
use std::sync::Mutex;

use stormcart_sim::explore::{Explored, Explorer, FaultSet, Limits, Placed, Stop};
use stormcart_sim::fault::{CrashPoint, PointFault};
use stormcart_sim::{FingerprintMask, Instant, Micros, Truth};

use vault::{How, Watch, world};

fn fault_set() -> FaultSet {
    let (short, long) = (Micros::millis(2), Micros::millis(25));
    let (recovery, points): (Vec<_>, Vec<_>) =
        CrashPoint::ALL.into_iter().partition(|(point, _)| *point == CrashPoint::DuringRecovery);
    let crash = |(point, _)| PointFault::Crash(point, short);
    FaultSet {
        delivery: vec![
            PointFault::Drop,
            PointFault::Duplicate(short),
            PointFault::Delay(long),
            PointFault::IsolateReceiver(short),
            PointFault::IsolateSender(long),
        ],
        handler: points.into_iter().map(crash).chain([PointFault::FailWrite]).collect(),
        recovery: recovery.into_iter().map(crash).collect(),
        misbehaviors: Vec::new(),
        tie: vec![PointFault::LoseTie],
    }
}

const LIMITS: Limits =
    Limits { executions: u64::MAX, states: u64::MAX, events: 1_000, horizon: Instant::NEVER };

/// Explores the vault, and collects the fingerprints of all ends.
fn explore(how: How, faults: u8, memo: bool, limits: Limits) -> (Explored<&'static str>, BTreeSet<u64>) {
    let (fault_set, world) = (fault_set(), world(how, Watch::Always, false));
    let explorer = Explorer {
        fault_set: &fault_set,
        limits,
        memo,
        quiet: Micros::millis(5),
        mask: FingerprintMask::NONE,
    };
    let ends = Mutex::new(BTreeSet::new());
    let explored = explorer.explore(&world, faults, |world| {
        ends.lock().unwrap().insert(world.fingerprint());
        let times = world.truth().times;
        let twice = times.iter().any(|times| *times > 1).then_some("paid twice");
        let never = world.next_at().is_none() && times.contains(&0);
        twice.into_iter().chain(never.then_some("never paid")).collect()
    });
    (explored, ends.into_inner().unwrap())
}

#[test]
fn the_memo_is_honest() {
    for (how, faults) in [(How::Careful, 3), (How::Careless, 1)] {
        let (with, ends) = explore(how, faults, true, LIMITS);
        let (without, all_ends) = explore(how, faults, false, LIMITS);
        assert_eq!(ends, all_ends, "{how:?}: the memo skips no end and invents none");
        assert_eq!(with.broken, without.broken, "{how:?}");
        assert_eq!(with.placements, without.placements, "{how:?}");
        assert!(with.executions < without.executions, "{how:?}: it skips something");
    }
}

/// Exact counts are a guard: a change of the kernel that should change nothing keeps them.
#[test]
fn the_careful_vault_is_safe() {
    let (explored, ends) = explore(How::Careful, 3, true, LIMITS);
    assert!(explored.complete() && explored.broken.is_empty() && explored.faults == 3);
    assert_eq!((explored.placements, explored.naive_space()), (44, 14_235));
    assert_eq!(
        (explored.executions, explored.states, explored.pruned, ends.len()),
        (4_565, 9_852, 7_600, 16)
    );
}

#[test]
fn the_careless_vault_needs_one_fault() {
    let (explored, _) = explore(How::Careless, 3, true, LIMITS);
    assert_eq!(explored.faults, 1, "fewer faults come first");
    let [broken] = &explored.broken[..] else { panic!("one thing is broken: {:?}", explored.broken) };
    assert_eq!(broken.what, "paid twice");
    let [Placed { event, point_fault }] = broken.path[..] else { panic!("by one fault: {:?}", broken.path) };
    let mut again = world(How::Careless, Watch::Always, false);
    (1..event).for_each(|_| assert!(again.step()));
    assert!(again.step_with(point_fault));
    while again.step() {}
    assert_eq!(again.truth().violations().len(), 1);
}

#[test]
fn limits_are_told() {
    let stopped = |limits| {
        let (explored, _) = explore(How::Careful, 2, true, limits);
        assert!(!explored.complete() && explored.faults < 2);
        explored.stopped
    };
    assert_eq!(stopped(Limits { executions: 20, ..LIMITS }), Some(Stop::Executions));
    assert_eq!(stopped(Limits { states: 20, ..LIMITS }), Some(Stop::States));
    assert_eq!(stopped(Limits { events: 10, ..LIMITS }), Some(Stop::Events));
    assert_eq!(stopped(Limits { horizon: Instant(20_000), ..LIMITS }), Some(Stop::Horizon));
}

#[test]
fn a_run_that_never_rests_is_not_taken_for_explored() {
    assert_eq!(explore(How::Restless, 1, true, LIMITS).0.stopped, Some(Stop::Endless));
    assert_eq!(explore(How::Restless, 0, false, LIMITS).0.stopped, Some(Stop::Events));
}
