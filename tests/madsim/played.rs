//! Runs on the second backend: safe is safe there too, twice is the same, and a quiet world costs the same.

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart::harness::backend::Backend;
use stormcart::harness::run::{Run, Verdict, run, run_traced};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::VariantArgs;
use stormcart::testing::Check;
use stormcart_models::checkout::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};

/// Seeds of every scenario and architecture.
const SEEDS: u64 = 6;

fn plan(loaded: &LoadedScenario, architecture: &'static Architecture, backend: Backend, seed: u64) -> Plan {
    loaded.plan(&Checkout::variant(architecture.name).unwrap().on(backend), Seed(seed))
}

/// What can be compared of two runs of one plan.
fn gist(run: &Run) -> (u64, &Verdict, u64, usize) {
    (run.digest, &run.verdict, run.events, run.fired.len())
}

#[test]
fn everybody_runs_in_every_scenario_and_twice_the_same() {
    let mut struck = 0;
    for loaded in Checkout::scenarios().map(|name| LoadedScenario::load(name).unwrap()) {
        for architecture in ARCHITECTURES {
            loaded.admits(&Checkout::variant(architecture.name).unwrap().on(Backend::Madsim)).unwrap();
            for seed in 0..SEEDS {
                let plan = plan(&loaded, architecture, Backend::Madsim, seed);
                let (first, (again, _)) = (run(&plan), run_traced(&plan));
                let case = format!("{}:{}:{seed}", loaded.scenario.name, architecture.name);
                assert_eq!(gist(&first), gist(&again), "{case}");
                let safe = architecture.claims_safety();
                assert!(!safe || first.verdict == Verdict::Held, "{case}: {:?}", first.verdict);
                struck += first.fired.len();
            }
        }
    }
    assert!(struck > 300, "hardly any fault struck: {struck}");
}

/// The thread it happens to be called from is nobody's business.
#[test]
fn threads_change_nothing() {
    let loaded = LoadedScenario::load("storm").unwrap();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().unwrap();
    for architecture in ARCHITECTURES {
        let digest = |seed| run(&plan(&loaded, architecture, Backend::Madsim, seed)).digest;
        let here: Vec<u64> = (0..8).map(digest).collect();
        let there: Vec<u64> = pool.install(|| (0..8_u64).into_par_iter().map(digest).collect());
        assert_eq!(here, there, "{}", architecture.name);
    }
}

/// A test of somebody else's names the backend as the command line does.
#[test]
fn a_check_runs_on_it() {
    let args = VariantArgs { backend: Some("madsim".into()), ..VariantArgs::default() };
    let check = Check {
        scenario: "lost-replies",
        architecture: "orchestrated-saga",
        seeds: 0..20,
        args,
        ..Check::default()
    };
    assert_eq!(check.run().unwrap().seeds, 20);
    let args = VariantArgs { bugs: vec!["fresh-key-per-attempt".into()], ..check.args };
    let failed = Check { seeds: 0..64, environment: false, args, ..check }.run().unwrap_err().to_string();
    assert!(failed.lines().last().unwrap().ends_with("@madsim"), "{failed}");
}

/// Messages and forced writes of a quiet world are equal exactly, and everything ends the same.
#[test]
fn a_quiet_world_costs_the_same_on_both_backends() {
    let one = |workload: &str| format!("about = \"one order\"\n[workload]\norders = 1\n{workload}");
    let worlds = [
        one(""),
        one("declines_percent = 100.0"),
        one("undeliverable_percent = 100.0"),
        one("stock = 0"),
        one("free_percent = 100.0"),
        one("[provider]\nwebhooks = true"),
        "about = \"ten orders\"".to_owned(),
    ];
    for world in &worlds {
        let loaded = LoadedScenario::parse("quiet", world).unwrap();
        for architecture in ARCHITECTURES {
            for seed in 0..20 {
                let [ours, theirs] = [Backend::Kernel, Backend::Madsim]
                    .map(|backend| run(&plan(&loaded, architecture, backend, seed)));
                let case = format!("{world} in {}, seed {seed}", architecture.name);
                assert_eq!(ours.counts, theirs.counts, "{case}");
                assert_eq!(ours.totals.ended, theirs.totals.ended, "{case}");
                assert_eq!((&ours.verdict, &theirs.verdict), (&Verdict::Held, &Verdict::Held), "{case}");
            }
        }
    }
}
