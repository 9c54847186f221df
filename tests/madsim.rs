//! madsim is there, and its cfg reaches the compiler.
//!
//! **Invariant:** beside the bench that runs against it, this is the only file that names madsim; the engine that will
//! run on it gets a room of its own.
#![cfg(madsim)]

use std::time::Duration;

use madsim::runtime::Runtime;
use madsim::time::sleep;

/// Virtual time passes in its runtime without real time passing, and the seed decides what is drawn.
#[test]
fn its_runtime_is_deterministic() {
    let drawn = |seed| {
        Runtime::with_seed_and_config(seed, madsim::Config::default()).block_on(async {
            sleep(Duration::from_secs(3_600)).await;
            madsim::rand::random::<u64>()
        })
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1), drawn(2));
}
