//! Every kind of fault is wired in everywhere: a kind that is added and forgotten somewhere fails here by its name.
//!
//! That it has a sample, and an arm in every match over kinds, the compiler sees to.

#[path = "../kernel/letters.rs"]
#[expect(dead_code, reason = "only what scripts need")]
mod letters;

use std::collections::BTreeSet;
use std::sync::Arc;

use stormcart_sim::Micros;
use stormcart_sim::fault::{Fault, Nodes, PointFault, SustainedFault};
use stormcart_sim::physics::{Physics, Spread};
use stormcart_sim::script::{HealingStep, Script};
use stormcart_sim::shrink::weaker_than;
use stormcart_sim::trace::Trace;
use stormcart_sim::{Instant, Service};

use letters::{Clerk, Desk, Replays, at, during, letter, physics};

/// Every kind at letter 5, and every kind from 45 ms on.
fn faults() -> Vec<Fault> {
    let points = PointFault::SAMPLES.map(|point_fault| at(5, point_fault));
    points.into_iter().chain(SustainedFault::SAMPLES.map(|sustained| during(45, 60, sustained))).collect()
}

/// Letters that are long on their way, so that others are under way when one arrives.
fn slow() -> Physics {
    let mut physics = physics();
    physics.link = Spread::constant(Micros::millis(25));
    physics
}

fn script(fault: Fault) -> Script<Clerk> {
    Script {
        physics: Arc::new(slow()),
        truth: Replays::default(),
        services: Arc::new(|_, _| Clerk::with(10)),
        genesis: Arc::new(|_| Desk::default()),
        faults: [fault].into(),
        healing: vec![HealingStep { at: Instant(1_000_000), judge: None, heals: Nodes::ALL }],
        until: Instant(10_000_000),
        events: 10_000,
        rest: |_, _| {},
    }
}

/// No clerk misbehaves; in `every_kind_of_fault_strikes` of the kernel's tests a runner does.
fn strikes(fault: &Fault) -> bool {
    !matches!(fault, Fault::At { point_fault: PointFault::Misbehave(_), .. })
}

#[test]
fn every_kind_has_words_of_its_own() {
    let words: Vec<String> = faults().iter().map(|fault| Clerk::VOCABULARY.fault(&slow(), fault)).collect();
    let different: BTreeSet<&String> = words.iter().collect();
    assert_eq!(different.len(), words.len(), "{words:#?}");
}

#[test]
fn every_kind_contradicts_itself_and_nothing_elsewhere() {
    for fault in faults() {
        assert!(fault.contradicts(&fault), "{fault:?}");
        let elsewhere = at(7, PointFault::Drop);
        assert!(!fault.contradicts(&elsewhere) && !elsewhere.contradicts(&fault), "{fault:?}");
    }
}

#[test]
fn no_kind_is_weaker_than_itself() {
    for fault in faults() {
        assert!(!weaker_than(&fault, &slow()).contains(&fault), "{fault:?}");
    }
}

#[test]
fn every_kind_of_point_fault_strikes_in_both_backends() {
    for fault in faults() {
        let script = script(fault);
        let expected = usize::from(strikes(&fault));
        assert_eq!(script.play(Trace::off()).fired.len(), expected, "{fault:?} in the kernel");
        #[cfg(madsim)]
        if stormcart_sim::madsim::inexpressible(&fault).is_none() {
            let ended = stormcart_sim::madsim::play(&script, 1, Trace::off());
            assert_eq!((ended.fired.len(), ended.limit), (expected, None), "{fault:?} on madsim");
        }
    }
}

/// What cannot be expressed is listed under its family, and everything in the list is refused.
#[cfg(madsim)]
#[test]
fn every_kind_is_expressed_or_listed() {
    let refused: BTreeSet<&str> = faults()
        .iter()
        .filter(|fault| stormcart_sim::madsim::inexpressible(fault).is_some())
        .map(Fault::family)
        .collect();
    let listed = stormcart_sim::madsim::INEXPRESSIBLE.iter().map(|entry| entry.family).collect();
    assert_eq!(refused, listed);
}

/// An exploration steps with each kind as with a plan.
#[test]
fn every_kind_of_point_fault_strikes_when_it_is_asked_for() {
    for point_fault in PointFault::SAMPLES {
        let fault = at(5, point_fault);
        let mut world = script(fault).with_faults(&[]).world(Trace::off());
        let arrives = letter(5);
        loop {
            let next = world.next_site();
            if next.is_some_and(|next| (next.role, next.identity) == (arrives.role, arrives.identity)) {
                break;
            }
            assert!(world.step(), "letter 5 arrives");
        }
        assert_eq!(world.step_with(point_fault), strikes(&fault), "{point_fault:?}");
    }
}
