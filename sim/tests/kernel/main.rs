//! The kernel as its users see it, under everything that can go wrong.

mod relay;

use std::collections::BTreeSet;

use stormcart_sim::digest::Digest;
use stormcart_sim::{Truth, World};

use relay::{LEGS, Runner, TOKENS, plan, world};

fn finish(world: &mut World<Runner>) -> u64 {
    while world.step() {
        assert!(world.events() < 100_000, "a relay comes to rest");
    }
    world.check_all_replays();
    assert_eq!(world.truth().violations(), 0, "every store is the fold of its log");
    world.digest()
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
        ["b5d25d88698cfbd1", "d0ddbad20a874165", "cfa24dade0dd200d", "d8995ff631afca3e"]
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
    let all =
        ["abort", "crash", "delay", "drop", "duplicate", "isolate", "manners", "partition", "pause", "tie"];
    assert!(families.into_iter().eq(all));
}

#[test]
fn every_token_arrives_when_nothing_goes_wrong() {
    for seed in 0..20 {
        let mut world = world(seed, plan(seed, 0));
        finish(&mut world);
        let arrived = world.truth().facts.iter().filter(|(_, leg)| *leg == LEGS).count();
        assert_eq!(arrived, TOKENS as usize);
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
