//! Runs of ten letters.

use std::sync::Arc;

use stormcart_sim::fault::{CrashPoint, Fault, Nodes, PointFault, SustainedFault};
use stormcart_sim::physics::Physics;
use stormcart_sim::script::Script;
use stormcart_sim::{Instant, Micros};

use super::letters::*;

const MS: fn(u64) -> Micros = Micros::millis;

/// Ten letters, in a world in which this goes wrong.
pub fn script(physics: Physics, plan: &[Fault]) -> Script<Clerk> {
    Script {
        physics: Arc::new(physics),
        truth: Replays::default(),
        services: Arc::new(|_, _| Clerk::with(10)),
        genesis: Arc::new(|_| Desk::default()),
        faults: plan.into(),
        healing: Vec::new(),
        until: Instant(10_000_000),
        events: 10_000,
        rest: |_, _| {},
    }
}

/// Something of everything.
pub fn rough() -> Vec<Fault> {
    vec![
        during(
            25,
            60,
            SustainedFault::Partition { a: Nodes::one(FIRST), b: Nodes::one(FIRST).others(), one_way: false },
        ),
        at(2, PointFault::Crash(CrashPoint::DuringSync, MS(30))),
        at(6, PointFault::Duplicate(MS(7))),
        at(8, PointFault::Pause(MS(15))),
        during(40, 50, SustainedFault::LossyLink { a: readers(), b: Nodes::one(WRITER), per_mille: 500 }),
    ]
}
