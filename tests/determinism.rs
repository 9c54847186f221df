//! Equal inputs give equal digests: in every build, with and without a trace, in one thread and in many, in this process
//! and in another.
//!
//! **Invariant:** the table below is committed. A change that is meant to change nothing keeps it; one that changes what
//! happens takes the table which the failing test prints, and its author says why.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;
use std::process::Command;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart::harness::run::{run, run_traced};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_sim::digest::Digest;

/// Seeds that are folded into one digest.
const SEEDS: u64 = 24;

/// Scenario, architecture at its best, digest of the digests of all seeds.
const GOLDEN: &[(&str, &str, u64)] = &[
    ("calm", "choreography", 0xa74672cfa510f41c),
    ("calm", "orchestrated-saga", 0x3b4a362123cecf31),
    ("calm", "call-chain", 0x33e745e71f977c1e),
    ("declines-and-stockouts", "choreography", 0x4ded11c4bfe872be),
    ("declines-and-stockouts", "orchestrated-saga", 0xb79a9550906a3c56),
    ("declines-and-stockouts", "call-chain", 0x6ac260ea10a3c215),
    ("lost-replies", "choreography", 0x4e1a1825d30e975e),
    ("lost-replies", "orchestrated-saga", 0x62f084512e877f54),
    ("lost-replies", "call-chain", 0x6fa7dbe3ea7cd1cb),
    ("partition", "choreography", 0x203ea9305c7247ce),
    ("partition", "orchestrated-saga", 0x1aa6210d1c22b506),
    ("partition", "call-chain", 0x25593d3275f538c3),
    ("rolling-crash", "choreography", 0xca335bf3110c858b),
    ("rolling-crash", "orchestrated-saga", 0xe411e5d4824c62b0),
    ("rolling-crash", "call-chain", 0x01de0cb9d6f9256f),
    ("impatient-customers", "choreography", 0x5382b08702f18c82),
    ("impatient-customers", "orchestrated-saga", 0x87914def2df18527),
    ("impatient-customers", "call-chain", 0xd7fb9fe34cb1a52c),
    ("flaky-links", "choreography", 0x44f0ea662af0de7e),
    ("flaky-links", "orchestrated-saga", 0x7f3378e12f83a238),
    ("flaky-links", "call-chain", 0x76c3d3e713cdf20e),
    ("bad-disks", "choreography", 0xf318331578d19417),
    ("bad-disks", "orchestrated-saga", 0xec3aef82609ae4f1),
    ("bad-disks", "call-chain", 0x00cc500b999d9c82),
    ("bad-clocks", "choreography", 0xc86ba87e033f4d3a),
    ("bad-clocks", "orchestrated-saga", 0xbe2d7f3c7f7958d5),
    ("bad-clocks", "call-chain", 0xeabac9487f69bd7e),
    ("log-trouble", "choreography", 0xab6bb138a12c06ae),
    ("log-trouble", "orchestrated-saga", 0x8813e6fbd68fe12f),
    ("log-trouble", "call-chain", 0x40181d9747bee577),
    ("nobody-repairs", "choreography", 0x04d1600464e54f6e),
    ("nobody-repairs", "orchestrated-saga", 0xb4485e021485a89e),
    ("nobody-repairs", "call-chain", 0x3a7039856f19f72d),
    ("storm", "choreography", 0x211ac0e1447ef4e6),
    ("storm", "orchestrated-saga", 0xf4d9dbbc80c02927),
    ("storm", "call-chain", 0x42d7087215691c0e),
    ("cdnow", "choreography", 0x481a277db9a6e426),
    ("cdnow", "orchestrated-saga", 0x36dcafbd0131ccf8),
    ("cdnow", "call-chain", 0xc0cb40b6e65e00b8),
    ("exploration", "choreography", 0x97ff2bf711276e23),
    ("exploration", "orchestrated-saga", 0x18d2c47cebd9d52d),
    ("exploration", "call-chain", 0xd76c113473847241),
    ("cancelled-in-flight", "choreography", 0x75511115b7c5387d),
    ("cancelled-in-flight", "orchestrated-saga", 0x56ceb23b4335899d),
    ("cancelled-in-flight", "call-chain", 0x4d945de822f8133a),
    ("racing-webhook", "choreography", 0xbced3ce049d76f8e),
    ("racing-webhook", "orchestrated-saga", 0x170f041a9a879896),
    ("racing-webhook", "call-chain", 0xac5a348ff11df882),
];

fn plans(scenario: &str, architecture: usize, seeds: u64) -> Vec<Plan> {
    let loaded = LoadedScenario::load(scenario).unwrap();
    let variant = Checkout::variant(ARCHITECTURES[architecture].name).unwrap();
    (0..seeds).map(|seed| loaded.plan(&variant, Seed(seed))).collect()
}

/// A few plans of everybody in every scenario of the catalogue.
fn sample(seeds: u64) -> Vec<Plan> {
    let everybody = 0..ARCHITECTURES.len();
    let pairs = Checkout::scenarios().flat_map(|scenario| everybody.clone().map(move |at| (scenario, at)));
    pairs.flat_map(|(scenario, at)| plans(scenario, at, seeds)).collect()
}

fn digests(plans: &[Plan]) -> Vec<u64> {
    plans.iter().map(|plan| run(plan).digest).collect()
}

#[test]
fn golden() {
    let mut found = Vec::new();
    for scenario in Checkout::scenarios() {
        for (at, architecture) in ARCHITECTURES.iter().enumerate() {
            let digests = digests(&plans(scenario, at, SEEDS));
            found.push((scenario, architecture.name, Digest::of(&digests[..])));
        }
    }
    let table = found.iter().fold(String::new(), |mut table, (scenario, architecture, digest)| {
        let _ = writeln!(table, "    ({scenario:?}, {architecture:?}, {digest:#018x}),");
        table
    });
    assert!(found == GOLDEN, "what happens has changed; if it was meant to, this is the new table:\n{table}");
}

#[test]
fn a_recorder_changes_nothing() {
    let plans = sample(3);
    let traced: Vec<u64> = plans.iter().map(|plan| run_traced(plan).0.digest).collect();
    assert_eq!(traced, digests(&plans));
}

#[test]
fn threads_change_nothing() {
    let plans = sample(3);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    let many: Vec<u64> =
        pool.install(|| (0..plans.len()).into_par_iter().map(|at| run(&plans[at]).digest).collect());
    assert_eq!(many, digests(&plans));
}

const WORD: &str = "digests in this process:";

fn in_words(digests: &[u64]) -> String {
    digests.iter().map(|digest| format!(" {digest:016x}")).collect()
}

/// What the next test asks another process for.
#[test]
fn says_its_digests() {
    println!("{WORD}{}", in_words(&digests(&sample(2))));
}

/// Addresses, hasher keys and the order in which threads come up differ between processes, and must not be seen.
#[test]
fn another_process_changes_nothing() {
    let this = std::env::current_exe().unwrap();
    let there = Command::new(this).args(["--exact", "says_its_digests", "--nocapture"]).output().unwrap();
    let said = String::from_utf8(there.stdout).unwrap();
    let (_, digests_there) = said.split_once(WORD).unwrap_or_else(|| panic!("it says nothing: {said}"));
    assert_eq!(digests_there.lines().next(), Some(&*in_words(&digests(&sample(2)))));
}

/// The command line is yet another process, and draws the plan from the words of a case.
#[test]
fn the_command_line_changes_nothing() {
    for (at, architecture) in ARCHITECTURES.iter().enumerate() {
        let case = format!("storm:{}:0x1", architecture.name);
        let mut stormcart = Command::new(env!("CARGO_BIN_EXE_stormcart"));
        stormcart.args(["run", &case, "--format", "json"]).current_dir(env!("CARGO_TARGET_TMPDIR"));
        let said: serde_json::Value = serde_json::from_slice(&stormcart.output().unwrap().stdout).unwrap();
        let here = run(&plans("storm", at, 2)[1]).digest;
        assert_eq!(
            (&said["digest"], &said["identical"]),
            (&format!("{here:#018x}").into(), &true.into()),
            "{case}"
        );
    }
}
