//! How small do failures get, how long does it take, and is it the least there is? Measured on storms with mixed bugs.
//!
//! ```text
//! cargo run --example shrink_many
//! cargo run --example shrink_many 1500
//! cargo run --example shrink_many -- --minimum-two
//! ```
//!
//! Every bug of the catalogue is hunted in every architecture it can hit, one failing storm of each in turn, until there
//! are enough. Each is shrunk, and what has two faults or more is compared with what exploration finds with fewer. What came
//! of it is in `docs/measurements.md`.
//!
//! **Invariant:** everything but the times is a function of the catalogue and of the storm; the digest says so.

mod minimum_two;
mod oracle;
mod report;
mod single;

use stormcart::Model;
use stormcart::harness::case::Case;
use stormcart::harness::error::Error;
use stormcart::harness::plan_file::PlanFile;
use stormcart::harness::run::run;
use stormcart::harness::seeds::Seed;
use stormcart::harness::shrink::{Shrunk, broke_first, shrink};
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};

use oracle::Least;
use report::Report;

/// A bug that is not found in so many storms is not waited for.
const HUNT_SEEDS: u64 = 2_000;

/// A storm that failed.
struct Failure {
    case: Case,
    property: &'static str,
    plan: Plan,
}

/// What became of it.
struct Row {
    case: Case,
    /// Nothing if the tool says that it does not fail, which it does.
    shrunk: Option<Shrunk<Checkout>>,
    /// The text of its plan file, for the digest.
    text: String,
    /// What exploration says about fewer faults, where it has two or more.
    least: Option<Least>,
    /// A fault that can go and leave the property broken.
    spare: bool,
    took_us: u64,
}

/// A bug in an architecture, and the storms in which it has not been looked for yet.
struct Hunt {
    variant: Variant,
    seeds: std::ops::Range<u64>,
}

impl Hunt {
    fn next(&mut self, loaded: &LoadedScenario) -> Option<Failure> {
        let Hunt { variant, seeds } = self;
        seeds.find_map(|seed| {
            let plan = loaded.plan(variant, Seed(seed));
            let property = broke_first(&run(&plan))?;
            Some(Failure { case: variant.case(&loaded.scenario.name, Seed(seed)), property, plan })
        })
    }
}

fn main() -> Result<(), Error> {
    if std::env::args().nth(1).as_deref() == Some("--minimum-two") {
        return minimum_two::measure();
    }
    let wanted = std::env::args().nth(1).map_or(Ok(200), |text| text.parse::<usize>());
    let wanted = wanted.map_err(|_| Error::Plain("how many cases? write a number".into()))?;
    let loaded = LoadedScenario::load("storm")?;
    let mut rows = Vec::new();
    for failure in failures(&loaded, wanted)? {
        let row = shrunk(failure)?;
        eprintln!("{}", report::line(&row));
        rows.push(row);
    }
    println!("{}", Report::of(&rows));
    Ok(())
}

/// Failing storms, one of each bug in each architecture, then another of each, until there are enough.
fn failures(loaded: &LoadedScenario, wanted: usize) -> Result<Vec<Failure>, Error> {
    let mut hunts = Vec::new();
    for bug in Checkout::catalog().bugs(false) {
        let args = VariantArgs { bugs: vec![bug.slug.clone()], ..VariantArgs::default() };
        for architecture in &bug.architectures {
            hunts.push(Hunt { variant: Checkout::variant_with(architecture, &args)?, seeds: 0..HUNT_SEEDS });
        }
    }
    let mut found = Vec::new();
    while found.len() < wanted && !hunts.is_empty() {
        hunts.retain_mut(|hunt| match hunt.next(loaded) {
            Some(failure) => {
                found.push(failure);
                true
            }
            None => false,
        });
    }
    found.truncate(wanted);
    Ok(found)
}

#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "how long it takes is what is measured"
)]
fn shrunk(Failure { case, property, plan }: Failure) -> Result<Row, Error> {
    let start = std::time::Instant::now();
    let shrunk = shrink(&plan, property);
    let took_us = start.elapsed().as_micros() as u64;
    let Some(found) = &shrunk else {
        return Ok(Row { case, shrunk, text: String::new(), least: None, spare: false, took_us });
    };
    let text =
        PlanFile { build: String::new(), ..PlanFile::of(&case, &found.plan, &run(&found.plan)) }.text()?;
    let least = (found.after.faults >= 2).then(|| oracle::least(&found.plan, property));
    let spare = oracle::spare(&found.plan, property);
    Ok(Row { case, text, least, spare, took_us, shrunk })
}
