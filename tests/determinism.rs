//! Equal inputs give equal digests: in every build, with and without a trace, in one thread and in many, in this process
//! and in another.
//!
//! **Invariant:** the table below is committed. A change that is meant to change nothing keeps it; one that changes what
//! happens takes the table which the failing test prints, and its author says why.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fmt::Write;
use std::process::Command;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart::contender::Contender;
use stormcart::plan::{Plan, Stage};
use stormcart::run::{run, run_traced};
use stormcart::scenario::Scenario;
use stormcart::seeds::Seed;
use stormcart_models::architecture::ARCHITECTURES;
use stormcart_sim::digest::Digest;

/// Seeds that are folded into one digest.
const SEEDS: u64 = 24;

/// Scenario, architecture at its best, digest of the digests of all seeds.
const GOLDEN: &[(&str, &str, u64)] = &[
    ("calm", "choreography", 0xaba678e195e6f2ff),
    ("calm", "orchestrated-saga", 0xe6ea5cc7656eef53),
    ("calm", "call-chain", 0x831f5c85cda8eb74),
    ("declines-and-stockouts", "choreography", 0xf03aef4e9899f87e),
    ("declines-and-stockouts", "orchestrated-saga", 0xc2d92d3cef90f884),
    ("declines-and-stockouts", "call-chain", 0xac4120185f29547c),
    ("lost-replies", "choreography", 0x71c37d31012e545b),
    ("lost-replies", "orchestrated-saga", 0xee35b39a0fc46680),
    ("lost-replies", "call-chain", 0x7f4059b0351407a2),
    ("partition", "choreography", 0xc1048c84ce94d735),
    ("partition", "orchestrated-saga", 0xb9714be5617cb1ce),
    ("partition", "call-chain", 0xfa2c34687eab02fd),
    ("rolling-crash", "choreography", 0xf62d713588f90b29),
    ("rolling-crash", "orchestrated-saga", 0xa7d8c156df038bb0),
    ("rolling-crash", "call-chain", 0x9ac35b465e8294db),
    ("storm", "choreography", 0x87a7784abf6ae726),
    ("storm", "orchestrated-saga", 0xb70a049126b2ca8b),
    ("storm", "call-chain", 0xa890e29ddcc4bb62),
    ("cdnow", "choreography", 0xd96a9c7584e562f8),
    ("cdnow", "orchestrated-saga", 0x6a540f6318aef115),
    ("cdnow", "call-chain", 0xe486d9d82669905f),
    ("exploration", "choreography", 0x00876c71a074d735),
    ("exploration", "orchestrated-saga", 0x62f8262be9d325e6),
    ("exploration", "call-chain", 0x3cf228aa380768c9),
];

fn plans(scenario: &str, architecture: usize, seeds: u64) -> Vec<Plan> {
    let stage = Stage::load(scenario).unwrap();
    let contender = Contender::best(ARCHITECTURES[architecture]);
    (0..seeds).map(|seed| stage.plan(&contender, Seed(seed))).collect()
}

/// A few plans of everybody in every scenario of the catalogue.
fn sample(seeds: u64) -> Vec<Plan> {
    let everybody = 0..ARCHITECTURES.len();
    let pairs = Scenario::names().flat_map(|scenario| everybody.clone().map(move |at| (scenario, at)));
    pairs.flat_map(|(scenario, at)| plans(scenario, at, seeds)).collect()
}

fn digests(plans: &[Plan]) -> Vec<u64> {
    plans.iter().map(|plan| run(plan).digest).collect()
}

#[test]
fn golden() {
    let mut found = Vec::new();
    for scenario in Scenario::names() {
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
