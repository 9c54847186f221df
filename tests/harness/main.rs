//! The harness on the checkout: what needs a model to be tested, and a real one.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod adequacy;
mod by_the_clock;
mod compare;
mod fault_generator;
mod fault_set_size;
mod fault_text;
mod plan_file;
mod reduction;
mod shrink;
mod state_tree;
mod summary;
mod sweep;
mod variant;

use std::sync::atomic::AtomicBool;

use stormcart::harness::seeds::Seeds;
use stormcart::harness::variant::Variant;
use stormcart::harness::worker_pool::WorkerPool;
use stormcart_models::checkout::model::{Checkout, LoadedScenario};

/// The architectures by name; a test says which one by its position.
const ARCHITECTURES: [&str; 3] = ["choreography", "orchestrated-saga", "call-chain"];

fn load(scenario: &str) -> LoadedScenario {
    LoadedScenario::load(scenario).unwrap()
}

fn best(architecture: &str) -> Variant {
    Checkout::variant(architecture).unwrap()
}

fn seeds(range: &str) -> Seeds {
    range.parse().unwrap()
}

/// Threads whose runs nobody counts.
fn pool(jobs: usize, stop: &AtomicBool) -> WorkerPool<'_> {
    WorkerPool::new(jobs, stop, &|_| ()).unwrap()
}
