//! Worlds of another make, and how they are healed: what the kernel promises of them holds here too.

use stormcart_sim::fault::{CrashPoint, Fault, Nodes, PointFault, SustainedFault};
use stormcart_sim::madsim;
use stormcart_sim::physics::Spread;
use stormcart_sim::script::{Ended, HealingStep, Script};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Operation, Role};
use stormcart_sim::trace::{Happening, Trace};
use stormcart_sim::{Instant, Micros};

use super::faults::told;
use super::letters::*;
use super::run_in;
use super::scripts::script;

const MS: fn(u64) -> Micros = Micros::millis;
const EVER: u64 = u64::MAX;

/// Healed in part at 65 ms, and wholly at 305 ms.
fn healed(script: Script<Clerk>, core: Nodes) -> Ended<Clerk> {
    let step = |at_ms: u64, heals| HealingStep { at: Instant(at_ms * 1_000), judge: None, heals };
    let healing = vec![step(65, core), step(305, Nodes::ALL)];
    let ended = madsim::play(&Script { healing, ..script }, 1, Trace::on());
    assert_eq!(ended.limit, None, "it comes to rest");
    ended
}

fn happened(ended: &Ended<Clerk>, what: impl Fn(&Happening<Clerk>) -> bool) -> usize {
    ended.trace.entries().iter().filter(|entry| what(&entry.what)).count()
}

/// One worker that needs longer than the next letter: one waits, the others are refused.
#[test]
fn a_full_queue_refuses() {
    let mut physics = physics();
    physics.roles[1].service = Spread::constant(MS(90));
    (physics.workers, physics.inbox) = (1, 1);
    let ended = run_in(physics, &[]);
    let refused =
        |what: &Happening<Clerk>| matches!(what, Happening::Delivered { message, .. } if message.refused);
    assert_eq!((ended.counts.refused, happened(&ended, refused)), (6, 6));
    assert_eq!(told(&ended, "Full").len(), 6);
}

/// A node that does not wait for the disk has told what a crash takes back.
#[test]
fn without_the_barrier_an_answer_comes_before_its_cause_is_durable() {
    for (barrier, expected) in [(true, 0), (false, 1)] {
        let mut physics = physics();
        physics.barrier = barrier;
        let ended = run_in(physics, &[at(5, PointFault::Crash(CrashPoint::MidWrite, MS(15)))]);
        assert_eq!((told(&ended, "told 5").len(), told(&ended, "filed 5").len()), (expected, 0));
    }
}

/// A recovery that does not look for the mark of a commit takes half of one for real, and sees nothing torn.
#[test]
fn without_marks_no_torn_tail_is_found() {
    let plan = [at(5, PointFault::Crash(CrashPoint::MidWrite, MS(15)))];
    assert_eq!(told(&run_in(physics(), &plan), "torn").len(), 1);
    assert_eq!(told(&run_in(careless(), &plan), "torn").len(), 0);
}

#[test]
fn a_core_evicts_nodes_on_which_it_cannot_rely() {
    let (writer, first, second) = (Nodes::one(WRITER), Nodes::one(FIRST), Nodes::one(SECOND));
    let cases = [
        (SustainedFault::Partition { a: writer, b: second, one_way: true }, 1),
        (SustainedFault::LossyLink { a: writer, b: readers(), per_mille: 1 }, 1),
        (SustainedFault::Flap { a: readers(), b: writer, each: MS(3) }, 1),
        (SustainedFault::CrashLoop(readers(), MS(7)), 1),
        (SustainedFault::Partition { a: writer, b: first, one_way: false }, 0),
        (SustainedFault::Slow(readers(), 3), 0),
        (SustainedFault::Pause(SECOND), 0),
    ];
    for (sustained, expected) in cases {
        let ended = healed(script(physics(), &[during(45, EVER, sustained)]), writer.and(first));
        let evicted = |what: &Happening<Clerk>| matches!(what, Happening::Evicted(SECOND));
        assert_eq!(happened(&ended, evicted), expected, "{sustained:?}");
    }
}

/// The leader is heard by its follower, so none suspected it, and the writer does not reach it.
#[test]
fn a_leader_outside_the_core_is_replaced() {
    let cut = SustainedFault::Partition { a: Nodes::one(WRITER), b: Nodes::one(SECOND), one_way: true };
    let plan = [at(3, PointFault::SplitBrain), during(45, EVER, cut)];
    let ended = healed(script(replicated(), &plan), Nodes::one(WRITER).and(Nodes::one(FIRST)));
    assert_eq!(told(&ended, "1 for 2"), ["85 1 for 2"]);
}

#[test]
fn nothing_strikes_after_the_healing_began() {
    let cut = SustainedFault::Partition { a: Nodes::one(WRITER), b: readers(), one_way: false };
    let plan = [during(45, 150, cut), at(5, PointFault::Crash(CrashPoint::BeforeCommit, MS(5)))];
    let ended = healed(script(physics(), &plan), Nodes::ALL);
    assert_eq!((ended.fired.len(), told(&ended, "crashed 1").len()), (1, 0));
    assert_eq!(told(&ended, "filed 5").len(), 1, "it is handled all the same");
}

#[test]
fn a_recovery_that_is_aborted_is_tried_again() {
    let site = InjectionPoint { role: Role(1), identity: Identity::RECOVERY, occurrence: 1 };
    let aborted = Fault::At { site, point_fault: PointFault::FailWrite };
    let ended = run_in(physics(), &[during(50, 5, SustainedFault::Crash(Nodes::one(FIRST))), aborted]);
    assert_eq!((ended.fired.len(), told(&ended, "crashed 1").len(), told(&ended, "back 1").len()), (2, 2, 2));
    let woken =
        |what: &Happening<Clerk>| matches!(what, Happening::Written { node: FIRST, record: Record::Woken });
    assert_eq!(happened(&ended, woken), 2);
}

/// A process that dies while it handles a timer, or while it starts, leaves its successor nothing that is its own.
#[test]
fn a_successor_minds_its_own_timers() {
    let site = InjectionPoint { role: Role(1), identity: Identity::RECOVERY, occurrence: 1 };
    let starting = Fault::At { site, point_fault: PointFault::Crash(CrashPoint::BeforeCommit, MS(5)) };
    let due = Identity { operation: Operation(2), kind: MessageKind::Timer, subject: 1, attempt: 1 };
    let timer = InjectionPoint { role: Role(1), identity: due, occurrence: 1 };
    let ringing = Fault::At { site: timer, point_fault: PointFault::Crash(CrashPoint::BeforeCommit, MS(5)) };
    for plan in [&[during(15, 5, SustainedFault::Crash(Nodes::one(FIRST))), starting][..], &[ringing]] {
        let ended = run_in(physics(), plan);
        assert_eq!(ended.fired.len(), plan.len());
        assert_eq!(told(&ended, "due 9"), ["145 due 9"], "{plan:?}");
    }
}
