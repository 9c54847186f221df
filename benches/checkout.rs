//! What a checkout costs: orders per second when nothing goes wrong, seeds per second in the storm.
//!
//! Digest and every invariant are on, as in every run. `instructions.txt` beside this file keeps instruction counts;
//! `--once` runs one case once and nothing else:
//!
//! ```text
//! cargo bench --bench checkout --no-run       # prints the path of the executable
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null <executable> --once calm orchestrated-saga
//! ```

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use stormcart::harness::run::{Run, Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};

const CALM_ORDERS: u32 = 1_000;
const STORM_SEEDS: u64 = 200;

/// One long run in which nothing goes wrong.
fn calm() -> LoadedScenario {
    let LoadedScenario { scenario, mut own, .. } =
        LoadedScenario::load("calm").expect("the catalog is sound");
    own.sections.workload.orders = CALM_ORDERS;
    own.sections.workload.stock = 10 * CALM_ORDERS;
    LoadedScenario::open(scenario, own).expect("a longer calm is a calm")
}

fn storm() -> LoadedScenario {
    LoadedScenario::load("storm").expect("the catalogue is sound")
}

fn plans(stage: &LoadedScenario, architecture: &str, seeds: u64) -> Vec<Plan> {
    let variant = Checkout::variant(architecture).expect("the catalog has it");
    (0..seeds).map(|seed| stage.plan(&variant, Seed(seed))).collect()
}

fn all(plans: &[Plan]) -> u64 {
    let events = |run: Run| {
        assert!(matches!(run.verdict, Verdict::Held), "{:?}", run.verdict);
        run.events
    };
    plans.iter().map(|plan| events(run(black_box(plan)))).sum()
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--once") {
        Some(at) => {
            let words: Vec<&str> = arguments[at + 1..].iter().map(String::as_str).collect();
            let [stage, architecture] = words[..] else {
                panic!("--once takes a scenario and an architecture")
            };
            let plans = match stage {
                "calm" => plans(&calm(), architecture, 1),
                "storm" => plans(&storm(), architecture, STORM_SEEDS),
                other => panic!("--once takes `calm` or `storm`, not `{other}`"),
            };
            println!("{} events", all(&plans));
        }
        None => measure(),
    }
}

fn measure() {
    let mut criterion = Criterion::default().configure_from_args();
    for (name, stage, seeds, elements) in [
        ("calm orders", calm(), 1, u64::from(CALM_ORDERS)),
        ("storm seeds", storm(), STORM_SEEDS, STORM_SEEDS),
    ] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(elements)).sample_size(10);
        for architecture in ["choreography", "orchestrated-saga"] {
            let plans = plans(&stage, architecture, seeds);
            group.bench_function(architecture, |bencher| bencher.iter(|| all(&plans)));
        }
        group.finish();
    }
    criterion.final_summary();
}
