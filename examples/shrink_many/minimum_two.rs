//! Is the result the true minimum, where that is two or more? The cases are few, and looked for in every scenario.
//!
//! Each bug of the catalogue in each architecture it can hit meets every scenario; each property that a failing run breaks
//! is shrunk by itself. What comes out with two faults or more is a case, and what it really takes is decided by
//! [`single`] and by exploration.
//!
//! **Invariant:** that none was found is a minimum only where everything was tried; and a case counts against shrinking
//! wherever something smaller is found, in what is left of the world or in all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use stormcart::Model;
use stormcart::harness::error::Error;
use stormcart::harness::plan_file::PlanFile;
use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::shrink::{Shrunk, shrink};
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart_models::checkout::model::{Checkout, LoadedScenario};
use stormcart_sim::digest::Digest;
use stormcart_sim::fault::Fault;

use super::oracle::{Least, least};
use super::single::{Width, single};

/// Where failures are looked for.
const SCENARIOS: [&str; 9] = [
    "storm",
    "rolling-crash",
    "impatient-customers",
    "bad-disks",
    "log-trouble",
    "cdnow",
    "bad-clocks",
    "flaky-links",
    "lost-replies",
];

/// Seeds of a bug in an architecture and a scenario.
const SEEDS: u64 = 600;
/// Most cases of the same bug, architecture, scenario and property.
const ALIKE_MAX: usize = 2;

/// A failure that was shrunk to two faults or more.
struct Found {
    case: String,
    /// The run it is of: the scenario, the architecture and the seed.
    run: [String; 3],
    /// The digest of what is left of it. What is left the same of the same run is one failure, whatever bugs were planted
    /// that have no part in it; where a bug changes anything of it, it is another.
    digest: u64,
    text: String,
    shrunk: Shrunk<Checkout>,
    plan: stormcart_models::checkout::model::Plan,
}

/// What was shrunk of a bug in an architecture and a scenario: how many by faults left, and the cases.
#[derive(Default)]
struct Hunted {
    sizes: BTreeMap<usize, usize>,
    found: Vec<Found>,
}

/// Collects cases, and prints what became of each and the rates.
pub fn measure() -> Result<(), Error> {
    let mut hunts = Vec::new();
    for name in SCENARIOS {
        let loaded = LoadedScenario::load(name)?;
        for bug in Checkout::catalog().bugs(false) {
            let args = VariantArgs { bugs: vec![bug.slug.clone()], ..VariantArgs::default() };
            for architecture in &bug.architectures {
                hunts.push((loaded.clone(), Checkout::variant_with(architecture, &args)?));
            }
        }
    }
    let hunted: Vec<Hunted> =
        hunts.par_iter().map(|(loaded, variant)| hunt(loaded, variant)).collect::<Result<_, _>>()?;
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for (size, count) in hunted.iter().flat_map(|hunted| &hunted.sizes) {
        *sizes.entry(*size).or_default() += count;
    }
    let sizes: Vec<String> = sizes.iter().map(|(size, count)| format!("{count} to {size}")).collect();
    println!("failures shrunk, by faults left: {}", sizes.join(", "));
    let mut found: Vec<Found> = hunted.into_iter().flat_map(|hunted| hunted.found).collect();
    let all = found.len();
    let mut seen_before = BTreeSet::new();
    found.retain(|found| seen_before.insert((found.run.clone(), found.shrunk.property, found.digest)));
    println!("{all:>4} results with two faults or more, {} of them different failures", found.len());
    let runs: BTreeSet<&[String; 3]> = found.iter().map(|found| &found.run).collect();
    println!("{:>4} runs that they are of", runs.len());
    let [mut agree, mut beaten, mut unknown, mut beaten_whole, mut seen] = [0; 5];
    for found in &found {
        let decided = decide(found);
        eprintln!(
            "{} {}: {} faults{}",
            found.case, found.shrunk.property, found.shrunk.after.faults, decided.told
        );
        match decided.least {
            Least::Nothing => agree += 1,
            Least::Fewer(_) => beaten += 1,
            Least::Unknown => unknown += 1,
        }
        beaten_whole += usize::from(decided.whole);
        seen += usize::from(decided.explored);
    }
    println!("{:>4} cases with two faults or more; in what is left of their worlds", found.len());
    println!("{agree:>4}   nothing smaller breaks the property");
    println!("{beaten:>4}   something smaller does");
    println!("{unknown:>4}   nothing smaller was found, and not everything was tried");
    println!("{beaten_whole:>4} where one fault does in the whole world");
    println!("{seen:>4} of which exploration finds one as small");
    let texts: Vec<(&str, &str)> =
        found.iter().map(|found| (found.case.as_str(), found.text.as_str())).collect();
    println!("digest {:#018x}", Digest::of(&texts));
    Ok(())
}

/// Every property that the first seeds break, each shrunk by itself.
fn hunt(loaded: &LoadedScenario, variant: &Variant) -> Result<Hunted, Error> {
    let mut hunted = Hunted::default();
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in (0..SEEDS).map(Seed) {
        let plan = loaded.plan(variant, seed);
        let Verdict::Violated(violations) = run(&plan).verdict else { continue };
        let mut properties: Vec<&'static str> =
            violations.iter().map(|violation| violation.property).collect();
        properties.sort_unstable();
        properties.dedup();
        for property in properties {
            if alike.get(property).is_some_and(|count| *count >= ALIKE_MAX) {
                continue;
            }
            let Some(shrunk) = shrink(&plan, property) else { continue };
            *hunted.sizes.entry(shrunk.after.faults).or_default() += 1;
            if shrunk.after.faults < 2 {
                continue;
            }
            *alike.entry(property).or_default() += 1;
            let case = variant.case(&loaded.scenario.name, seed);
            let left = run(&shrunk.plan);
            let file = PlanFile { build: String::new(), ..PlanFile::of(&case, &shrunk.plan, &left) };
            hunted.found.push(Found {
                run: [case.scenario.clone(), case.architecture.clone(), case.seed.to_string()],
                case: case.to_string(),
                digest: left.digest,
                text: file.text()?,
                shrunk,
                plan: plan.clone(),
            });
        }
    }
    Ok(hunted)
}

/// What a case really takes.
struct Decided {
    least: Least,
    /// One fault does in the whole world.
    whole: bool,
    /// Exploration finds something with as many faults.
    explored: bool,
    told: String,
}

fn decide(found: &Found) -> Decided {
    let Found { shrunk, plan, .. } = found;
    let (small, faults) = (&shrunk.plan, shrunk.after.faults);
    let mut told = String::new();
    let names = |faults: &[Fault]| {
        let names: Vec<String> = faults.iter().map(|fault| small.names().fault(fault)).collect();
        names.join(" and ")
    };
    let (one, tried) = single(small, shrunk.property, Width::Everything);
    let _ = write!(told, ", {tried} single faults");
    let mut result = match one {
        Some(one) => {
            let _ = write!(told, ", BEATEN by {}", names(&one));
            Least::Fewer(one)
        }
        None => Least::Nothing,
    };
    if faults > 2 && matches!(result, Least::Nothing) {
        result = least(small, shrunk.property);
        let _ = match &result {
            Least::Fewer(fewer) => write!(told, ", BEATEN by {}", names(fewer)),
            Least::Unknown => write!(told, ", exploration cannot say"),
            Least::Nothing => write!(told, ", exploration agrees"),
        };
    }
    let (whole, tried) = single(plan, shrunk.property, Width::FaultSet);
    let _ = write!(told, ", {tried} in the whole world");
    if let Some(one) = &whole {
        let _ = write!(told, ", BEATEN THERE by {}", names(one));
    }
    let same = super::oracle::within(small, shrunk.property, faults);
    if same.is_some() {
        told.push_str(", exploration finds as few");
    }
    Decided { least: result, whole: whole.is_some(), explored: same.is_some(), told }
}
