//! What a thousand runs on madsim leave in memory: alone in its process, because memory is counted by process.
#![cfg(madsim)]

#[path = "../kernel/letters.rs"]
#[expect(dead_code, reason = "only what runs need")]
mod letters;
#[path = "../madsim/scripts.rs"]
mod scripts;

use stormcart_sim::madsim;
use stormcart_sim::trace::Trace;

use letters::physics;
use scripts::{rough, script};

/// A thread, a runtime and its nodes per run, and nothing of them afterwards.
#[test]
fn nothing_is_left_of_a_run() {
    let script = script(physics(), &rough());
    let play = |seeds: std::ops::Range<u64>| {
        seeds.for_each(|seed| drop(madsim::play(&script, seed, Trace::off())));
    };
    play(0..100);
    let before = resident_kb();
    play(100..1_100);
    let grown = resident_kb().saturating_sub(before);
    assert!(grown < 1_000, "{grown} KB in 1,000 runs");
}

fn resident_kb() -> u64 {
    let status =
        std::fs::read_to_string("/proc/self/status").expect("the kernel says how much memory this takes");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("resident memory");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}
