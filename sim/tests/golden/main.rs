//! Random faults of every kind over a healing in two steps, in both backends: a change that is meant to change nothing
//! keeps these digests.

#[path = "../kernel/letters.rs"]
#[expect(dead_code, reason = "only what scripts need")]
mod letters;

use std::sync::Arc;

use stormcart_sim::digest::Digest;
use stormcart_sim::draw::{Draws, Purpose, Stream};
use stormcart_sim::fault::{CrashPoint, Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::{Isolation, Physics};
use stormcart_sim::script::{Ended, HealingStep, Script};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Node, Operation, Role};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Instant, Micros};

use letters::{Clerk, Desk, LETTERS, Replays, careless, letter, physics, replicated};

/// A letter or its answer that arrives, one of its alarms, or a reader that comes back.
fn site(dice: &mut Stream) -> InjectionPoint {
    let asked = letter(1 + dice.below(u64::from(LETTERS)) as u32);
    let kind = |operation, kind| Identity { operation: Operation(operation), kind, ..asked.identity };
    let (role, identity) = match dice.below(10) {
        0 => (asked.role, Identity::RECOVERY),
        1..3 => (Role(0), kind(0, MessageKind::Answer)),
        3..5 => (asked.role, kind(2, MessageKind::Timer)),
        _ => (asked.role, asked.identity),
    };
    InjectionPoint { role, identity, occurrence: 1 }
}

/// A fault of a random kind; its sample says which, and the dice say how much of it.
fn fault(dice: &mut Stream) -> Fault {
    let (long, short) = (Micros(1 + dice.below(60_000)), Micros(1 + dice.below(12_000)));
    let (a, b) = (Nodes(1 + dice.below(7)), Nodes(1 + dice.below(7)));
    let (node, times) = (Node(dice.below(3) as u8), 1 + dice.below(6) as u16);
    let leap = if dice.chance(0.5) { Leap::Ahead(long) } else { Leap::Behind(long) };
    let site = site(dice);
    if dice.chance(0.5) {
        let point = CrashPoint::ALL[dice.below(6) as usize].0;
        let point_fault = match PointFault::SAMPLES[dice.below(PointFault::SAMPLES.len() as u64) as usize] {
            PointFault::Duplicate(_) => PointFault::Duplicate(short),
            PointFault::Delay(_) => PointFault::Delay(long),
            PointFault::Reorder(_) => PointFault::Reorder(long),
            PointFault::IsolateSender(_) => PointFault::IsolateSender(long),
            PointFault::IsolateReceiver(_) => PointFault::IsolateReceiver(long),
            PointFault::Pause(_) => PointFault::Pause(long),
            PointFault::Leap(..) => PointFault::Leap(leap, short),
            // No clerk misbehaves, and madsim cannot reorder an inbox.
            PointFault::Crash(..) | PointFault::Misbehave(_) | PointFault::ReorderInbox => {
                PointFault::Crash(point, long)
            }
            plain => plain,
        };
        return Fault::At { site, point_fault };
    }
    let sustained = match SustainedFault::SAMPLES[dice.below(SustainedFault::SAMPLES.len() as u64) as usize] {
        SustainedFault::Partition { .. } => SustainedFault::Partition { a, b, one_way: dice.chance(0.5) },
        SustainedFault::Flap { .. } => SustainedFault::Flap { a, b, each: short },
        SustainedFault::SlowLink { .. } => SustainedFault::SlowLink { a, b, times },
        SustainedFault::LossyLink { .. } => SustainedFault::LossyLink { a, b, per_mille: 150 * times },
        SustainedFault::Pause(_) => SustainedFault::Pause(node),
        SustainedFault::Slow(..) => SustainedFault::Slow(a, times),
        SustainedFault::Crash(_) => SustainedFault::Crash(a),
        SustainedFault::CrashLoop(..) => SustainedFault::CrashLoop(a, short),
        SustainedFault::SlowDisk(..) => SustainedFault::SlowDisk(a, times),
        SustainedFault::FullDisk(_) => SustainedFault::FullDisk(a),
        SustainedFault::Clock(..) => SustainedFault::Clock(node, leap),
        SustainedFault::Drift(..) => SustainedFault::Drift(node, 300 * times),
    };
    let lasting = if dice.chance(0.3) { Micros(u64::MAX) } else { long };
    let at = When::At(Instant(dice.below(180_000)));
    Fault::During { when: if dice.chance(0.3) { When::After(site) } else { at }, lasting, sustained }
}

/// Two readers that share a store or are one group, with or without the marks of commits and what else may differ.
fn world(seed: u64) -> Physics {
    let worlds: [fn() -> Physics; 3] = [physics, replicated, careless];
    let mut physics = worlds[(seed % 3) as usize]();
    physics.lost_per_mille = 300;
    physics.barrier = !seed.is_multiple_of(11);
    if seed.is_multiple_of(5) {
        (physics.workers, physics.inbox) = (1, 2);
    }
    if seed.is_multiple_of(7) {
        physics.roles[1].isolation = Isolation::ReadCommitted;
    }
    physics
}

fn script(seed: u64) -> Script<Clerk> {
    let mut dice = Draws::new(seed).stream(Purpose::Plan, 1, 0);
    let step = |at_ms: u64, heals| HealingStep { at: Instant(at_ms * 1_000), judge: None, heals };
    Script {
        physics: Arc::new(world(seed)),
        truth: Replays::default(),
        services: Arc::new(|_, _| Clerk::with(LETTERS)),
        genesis: Arc::new(|_| Desk::default()),
        faults: (0..1 + dice.below(7)).map(|_| fault(&mut dice)).collect(),
        healing: vec![step(130, Nodes(0b011)), step(305, Nodes::ALL)],
        until: Instant(10_000_000),
        events: 10_000,
        rest: |_, _| {},
    }
}

/// The digest of a thousand runs, and how many faults struck in them.
fn digest(play: impl Fn(u64, &Script<Clerk>) -> Ended<Clerk>) -> (String, usize) {
    let ended = (0..1_000).map(|seed| play(seed, &script(seed)));
    let runs: Vec<(u64, u64, usize)> =
        ended.map(|ended| (ended.digest, ended.events, ended.fired.len())).collect();
    (format!("{:016x}", Digest::of(&runs[..])), runs.iter().map(|(.., struck)| struck).sum())
}

#[test]
fn the_kernel() {
    assert_eq!(digest(|_, script| script.play(Trace::off())), ("6bc2c0629b4868f5".into(), 2_025));
}

#[cfg(madsim)]
#[test]
fn madsim() {
    let play = |seed, script: &_| stormcart_sim::madsim::play(script, seed, Trace::off());
    assert_eq!(digest(play), ("47a50247f02ba285".into(), 2_018));
}
