//! The services of the kernel's tests on the other engine.
#![cfg(madsim)]

#[path = "../kernel/letters.rs"]
#[expect(dead_code, reason = "these tests need the letters, not the kernel's view of them")]
mod letters;

use std::sync::Arc;

use stormcart_sim::Instant;
use stormcart_sim::fault::Fault;
use stormcart_sim::madsim;
use stormcart_sim::physics::Physics;
use stormcart_sim::script::{Ended, Script};
use stormcart_sim::trace::Trace;

use letters::*;

fn script(physics: Physics, plan: &[Fault]) -> Script<Clerk> {
    Script {
        physics: Arc::new(physics),
        truth: Replays::default(),
        services: Arc::new(|_, _| Clerk::with(LETTERS)),
        genesis: Arc::new(|_| Desk::default()),
        faults: plan.into(),
        turns: Vec::new(),
        until: Instant(10_000_000),
        events: 10_000,
        rest: |_, _| {},
    }
}

fn run(plan: &[Fault]) -> Ended<Clerk> {
    let ended = madsim::play(&script(physics(), plan), 1, Trace::on());
    assert_eq!(ended.limit, None, "it comes to rest");
    ended
}

#[test]
fn without_faults_a_run_costs_what_it_costs_in_the_kernel() {
    let kernel = script(physics(), &[]).play(Trace::off());
    assert_eq!(run(&[]).counts, kernel.counts);
}
