//! The kernel as its users see it, under everything that can go wrong.

mod degradations;
mod healing;
mod letters;
mod point_faults;
mod relay;
mod view;

use std::collections::BTreeSet;

use stormcart_sim::digest::Digest;
use stormcart_sim::fault::{CrashPoint, Fault, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Node, Operation, Role};
use stormcart_sim::{Instant, Micros, Truth, World};

use relay::{LEGS, Runner, TOKENS, plan, world};

fn finish(world: &mut World<Runner>) -> u64 {
    while world.step() {
        assert!(world.events() < 100_000, "a relay comes to rest");
    }
    world.check_all_replays();
    assert_eq!(world.truth().violations(), [], "every store is the fold of its log");
    world.digest()
}

/// How many tokens went all the way.
fn arrived(world: &World<Runner>) -> usize {
    world.truth().facts.iter().filter(|(_, kind)| *kind == LEGS).count()
}

/// A change of the kernel that is meant to change nothing keeps these.
#[test]
fn golden() {
    let digest_of = |faults| {
        let digests: Vec<u64> = (0..200).map(|seed| finish(&mut world(seed, plan(seed, faults)))).collect();
        format!("{:016x}", Digest::of(&digests[..]))
    };
    assert_eq!(
        [0, 1, 4, 20].map(digest_of),
        ["3a91698219870d03", "c3506a232142a158", "d5747b97e1d3d51b", "17b6d47614c8ef73"]
    );
}

#[test]
fn every_kind_of_fault_strikes() {
    let mut families = BTreeSet::new();
    for seed in 0..200 {
        let plan = plan(seed, 20);
        let mut world = world(seed, plan.clone());
        finish(&mut world);
        families.extend(world.fired().iter().map(|fired| plan[fired.fault as usize].family()));
    }
    let all = [
        "abort",
        "crash",
        "delay",
        "drop",
        "duplicate",
        "isolate",
        "misbehavior",
        "partition",
        "pause",
        "tie",
    ];
    assert!(families.into_iter().eq(all));
}

#[test]
fn every_token_arrives_when_nothing_goes_wrong() {
    for seed in 0..20 {
        let mut world = world(seed, plan(seed, 0));
        finish(&mut world);
        assert_eq!(arrived(&world), TOKENS as usize);
    }
}

#[test]
fn a_fork_ends_as_its_original_and_leaves_it_alone() {
    for seed in 0..50 {
        let expected = finish(&mut world(seed, plan(seed, 8)));
        let mut trunk = world(seed, plan(seed, 8));
        for _ in 0..40 {
            let mut fork = trunk.clone();
            assert_eq!(fork.fingerprint(), trunk.fingerprint());
            assert_eq!(finish(&mut fork), expected);
            trunk.step();
        }
        assert_eq!(finish(&mut trunk), expected);
    }
}

#[test]
fn a_recovery_that_writes_can_be_interrupted_too() {
    let recovery = InjectionPoint { role: Role(0), identity: Identity::RECOVERY, occurrence: 1 };
    let crash = PointFault::Crash(CrashPoint::DuringRecovery, Micros::millis(1));
    let sustained = SustainedFault::Crash(Nodes::one(Node(0)));
    let plan = [
        Fault::During { when: When::At(Instant(5_000)), lasting: Micros::millis(1), sustained },
        Fault::At { site: recovery, point_fault: crash },
    ];
    let mut world = world(0, plan.into());
    finish(&mut world);
    assert_eq!(world.fired().len(), 2);
    assert_eq!(arrived(&world), TOKENS as usize);
}

/// What waited for a paused node goes on when it is healed, not when the pause would have been over.
#[test]
fn healing_ends_a_pause_for_what_waited() {
    for lasting in [Micros(u64::MAX), Micros::secs(3_600)] {
        let sustained = SustainedFault::Pause(Node(0));
        let plan = [Fault::During { when: When::At(Instant(5_000)), lasting, sustained }];
        let mut world = world(1, plan.into());
        world.run_until(Instant(100_000), 100_000);
        assert!(arrived(&world) < TOKENS as usize, "the pause was felt");
        world.heal(Nodes::ALL);
        world.run_until(Instant(1_000_000), 100_000);
        assert_eq!(arrived(&world), TOKENS as usize);
    }
}

/// A crash that cannot happen does not cost the outside party a worker either.
#[test]
fn an_outside_party_does_not_crash() {
    let site = |operation, subject| InjectionPoint {
        role: Role(2),
        identity: Identity { operation: Operation(operation), kind: MessageKind::Ask, subject, attempt: 1 },
        occurrence: 1,
    };
    let crash = PointFault::Crash(CrashPoint::AfterCommit, Micros::millis(1));
    let subjects = 0..TOKENS;
    let plan = subjects.map(|subject| Fault::At { site: site(5, subject), point_fault: crash }).collect();
    let mut world = world(0, plan);
    finish(&mut world);
    assert!(world.fired().is_empty());
    assert_eq!(arrived(&world), TOKENS as usize);
}
