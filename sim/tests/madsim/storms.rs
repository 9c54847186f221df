//! Tokens that go round under faults of every kind, drawn: the runs come to rest, repeat, and lose nothing they wrote.

use std::collections::BTreeSet;
use std::sync::Arc;

use stormcart_sim::madsim;
use stormcart_sim::script::{Ended, HealingStep, Script};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Instant, Truth};

use super::relay::{Book, LEGS, Runner, Seen, TOKENS, physics, plan};

fn script(seed: u64, faults: usize) -> Script<Runner> {
    Script {
        physics: Arc::new(physics(seed)),
        truth: Seen::default(),
        services: Arc::new(|_, _| Runner::default()),
        genesis: Arc::new(|_| Book::default()),
        faults: plan(seed, faults),
        healing: vec![HealingStep {
            at: Instant(1_000_000),
            judge: None,
            heals: stormcart_sim::fault::Nodes::ALL,
        }],
        until: Instant(10_000_000),
        events: 100_000,
        rest: |_, _| {},
    }
}

fn arrived(ended: &Ended<Runner>) -> usize {
    ended.truth.facts.iter().filter(|(_, kind)| *kind == LEGS).count()
}

#[test]
fn without_faults_every_token_arrives() {
    for seed in 0..20 {
        let ended = madsim::play(&script(seed, 0), seed, Trace::off());
        assert_eq!((ended.limit, arrived(&ended)), (None, TOKENS as usize));
    }
}

#[test]
fn every_kind_of_fault_strikes_and_nothing_written_is_lost() {
    let mut families = BTreeSet::new();
    for seed in 0..200 {
        let script = script(seed, 20);
        let ended = madsim::play(&script, seed, Trace::off());
        assert_eq!(
            (ended.limit, ended.truth.violations()),
            (None, &[][..]),
            "every store is the fold of its log"
        );
        assert_eq!(madsim::play(&script, seed, Trace::off()).digest, ended.digest);
        families.extend(ended.fired.iter().map(|fired| script.faults[fired.fault as usize].family()));
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
