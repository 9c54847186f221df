//! Runs as a whole: what they cost, that they repeat, that they end, that nothing is left of them.

use stormcart_sim::fault::{Fault, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::script::{HealingStep, Limit};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Instant, Micros, madsim};

use super::letters::*;
use super::run_in;
use super::scripts::{rough, script};

const MS: fn(u64) -> Micros = Micros::millis;

#[test]
fn without_faults_a_run_costs_what_it_costs_in_the_kernel() {
    let script = script(physics(), &[]);
    assert_eq!(run_in(physics(), &[]).counts, script.play(Trace::off()).counts);
}

#[test]
fn equal_seeds_give_equal_digests_on_every_thread() {
    let script = script(physics(), &rough());
    let digest = |seed| madsim::play(&script, seed, Trace::off()).digest;
    let here: Vec<u64> = (0..20).map(digest).collect();
    let there = std::thread::scope(|scope| scope.spawn(|| (0..20).map(digest).collect::<Vec<u64>>()).join());
    assert_eq!(there.ok(), Some(here));
    let traced = madsim::play(&script, 3, Trace::on());
    assert_eq!(traced.digest, digest(3), "looking changes nothing");
}

/// The runtime's own seed orders what happens at one instant and draws latencies, and that is seen.
#[test]
fn seeds_of_the_runtime_differ() {
    let mut spread = physics();
    spread.link.spread = MS(3);
    let script = script(spread, &[]);
    let digest = |seed| madsim::play(&script, seed, Trace::off()).digest;
    assert_ne!(digest(1), digest(2));
}

#[test]
fn a_run_ends_at_its_limits() {
    let mut short = script(physics(), &[]);
    short.events = 20;
    let ended = madsim::play(&short, 1, Trace::off());
    assert_eq!((ended.limit, ended.events), (Some(Limit::Events), 20));
    let mut early = script(physics(), &[]);
    early.until = Instant(50_000);
    assert_eq!(madsim::play(&early, 1, Trace::off()).limit, Some(Limit::Time));
}

#[test]
fn what_lasts_for_ever_ends_with_the_healing() {
    let all = [
        SustainedFault::Pause(FIRST),
        SustainedFault::Crash(Nodes::one(FIRST)),
        SustainedFault::FullDisk(readers()),
        SustainedFault::Partition { a: readers(), b: Nodes::one(WRITER), one_way: false },
    ];
    for sustained in all {
        let fault = Fault::During { when: When::At(Instant(45_000)), lasting: Micros(u64::MAX), sustained };
        let mut script = script(physics(), &[fault]);
        script.healing = vec![HealingStep { at: Instant(75_000), judge: None, heals: Nodes::ALL }];
        let ended = madsim::play(&script, 1, Trace::on());
        assert_eq!((ended.limit, ended.fired.len()), (None, 1), "{sustained:?}");
        let last = super::faults::told(&ended, "read 10");
        assert_eq!(last, ["103 read 10"], "{sustained:?}");
    }
}

#[test]
fn the_inexpressible_is_said() {
    let reordered = at(5, PointFault::ReorderInbox);
    let reason = madsim::inexpressible(&reordered);
    let known = madsim::INEXPRESSIBLE;
    assert_eq!(reason, Some(known[0].reason));
    assert!(known.iter().any(|entry| entry.family == reordered.family()));
    let mut expressible = rough().into_iter().map(|fault| madsim::inexpressible(&fault));
    assert!(expressible.all(|reason| reason.is_none()));
}

#[test]
#[should_panic(expected = "cannot be expressed")]
fn the_inexpressible_is_to_be_refused_before() {
    madsim::play(&script(physics(), &[at(5, PointFault::ReorderInbox)]), 1, Trace::off());
}
