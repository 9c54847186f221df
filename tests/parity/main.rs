//! Two backends, one model: what the storm breaks in one of them, it breaks in the other.
//!
//! For every architecture as it was designed, and with each single bug of the catalogue, the set of properties that are
//! ever broken is the same. A property broken in one backend and never in the other is a bug in a backend, or one of the
//! exceptions in `exceptions.toml`, each with its reason.
//!
//! What is rare in one backend may be missed in the other by chance. So the other one looks on, through [`PATIENCE`] times
//! as many seeds, and only what it does not find in all of them is a difference: at equal rates r that happens with
//! probability (1 - exp(-rn)) exp(-33 rn) for n seeds, which is at most 1.1 %.
//!
//! `STORMCART_SEEDS=0..10000 cargo test --release --test parity -- --nocapture` compares more seeds and prints the table.
//!
//! **Invariant:** the storm is the same byte for byte, and a bug or an architecture that is added needs nothing here.
#![cfg(madsim)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Deserialize;
use stormcart::Model;
use stormcart::harness::backend::Backend;
use stormcart::harness::report::variant_name;
use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::{Seed, Seeds};
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::model::{Checkout, LoadedScenario};

/// Seeds of each cell on each backend.
const SEEDS: Seeds = Seeds { start: 0, end: 300 };

/// How many times as many seeds are looked through for what only the other backend has shown.
const PATIENCE: u64 = 32;

/// Of a hundred cells, so many may be exceptions.
const EXCEPTIONS_PERCENT: usize = 5;

/// How often each property was broken, by id.
type Broken = BTreeMap<&'static str, u64>;

/// A property that one backend breaks and the other never does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Exception {
    /// Architecture and bug, as in a case: `choreography+swallow-and-ack`.
    cell: String,
    /// The property, by id.
    property: String,
    /// The backend that breaks it.
    only_in: String,
}

/// An exception as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    cell: String,
    property: String,
    only_in: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Row>,
}

/// Everybody as designed, and with each bug that can hit them; by the name in a case.
fn cells() -> Vec<(String, Variant)> {
    let with = |architecture: &str, bug: Option<&str>| {
        let bugs: Vec<String> = bug.map(Into::into).into_iter().collect();
        let variant =
            Checkout::variant_with(architecture, &VariantArgs { bugs, ..VariantArgs::default() }).unwrap();
        (variant_name(&variant), variant)
    };
    let designed = ARCHITECTURES.iter().map(|architecture| with(architecture.name, None));
    let hits = Checkout::catalog()
        .bugs(false)
        .flat_map(|bug| bug.architectures.iter().map(move |at| (at, &bug.slug)));
    designed.chain(hits.map(|(architecture, slug)| with(architecture, Some(slug)))).collect()
}

/// What a variant breaks with this seed.
fn broken(loaded: &LoadedScenario, variant: &Variant, seed: u64) -> Broken {
    match run(&loaded.plan(variant, Seed(seed))).verdict {
        Verdict::Violated(violations) => violations.iter().map(|broken| (broken.property, 1)).collect(),
        Verdict::Held | Verdict::Inconclusive(_) => Broken::new(),
    }
}

fn sum(loaded: &LoadedScenario, variant: &Variant, seeds: Seeds) -> Broken {
    let runs = seeds.range().into_par_iter().map(|seed| broken(loaded, variant, seed));
    runs.reduce(Broken::new, |mut sum, more| {
        more.into_iter().for_each(|(id, times)| *sum.entry(id).or_default() += times);
        sum
    })
}

/// What only one of two variants breaks, though the other had every chance.
fn differences(loaded: &LoadedScenario, cell: &str, sides: [Variant; 2], seeds: Seeds) -> Vec<Exception> {
    let sums = sides.map(|side| sum(loaded, &side, seeds));
    println!("{cell:<58} {}", in_words(&sums));
    let more = seeds.end..seeds.end + PATIENCE * seeds.len();
    let only = |here: usize, there: usize| {
        let breaks = |id: &str, seed| broken(loaded, &sides[there], seed).contains_key(id);
        let ever = |id: &str| more.clone().into_par_iter().any(|seed| breaks(id, seed));
        let unseen = sums[here].keys().filter(|id| !sums[there].contains_key(*id));
        let exception = |id: &&str| Exception {
            cell: cell.into(),
            property: (*id).into(),
            only_in: sides[here].backend.name().into(),
        };
        unseen.filter(|id| !ever(id)).map(exception).collect::<Vec<_>>()
    };
    [only(0, 1), only(1, 0)].concat()
}

/// A variant on both backends.
fn both(variant: Variant) -> [Variant; 2] {
    [Backend::Kernel, Backend::Madsim].map(|backend| variant.on(backend))
}

/// `S1 12/14`: in so many runs of the kernel, in so many of madsim.
fn in_words([ours, theirs]: &[Broken; 2]) -> String {
    let mut ids: Vec<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let times = |sum: &Broken, id: &str| sum.get(id).copied().unwrap_or(0);
    let word = |id: &str| format!("{id} {}/{}", times(ours, id), times(theirs, id));
    if ids.is_empty() { "-".into() } else { ids.into_iter().map(word).collect::<Vec<_>>().join(", ") }
}

#[test]
fn what_breaks_in_one_backend_breaks_in_the_other() {
    let table: Exceptions = toml::from_str(include_str!("exceptions.toml")).unwrap();
    assert!(table.exception.iter().all(|row| !row.why.is_empty()), "an exception has a reason");
    let exception = |Row { cell, property, only_in, .. }| Exception { cell, property, only_in };
    let mut known: Vec<Exception> = table.exception.into_iter().map(exception).collect();
    let loaded = LoadedScenario::load("storm").unwrap();
    let seeds = Seeds::from_env().unwrap().unwrap_or(SEEDS);
    let cells = cells();
    let compared = cells.iter().flat_map(|(cell, variant)| differences(&loaded, cell, both(*variant), seeds));
    let mut found: Vec<Exception> = compared.collect();
    found.sort();
    known.sort();
    let new: Vec<&Exception> = found.iter().filter(|found| !known.contains(found)).collect();
    assert!(new.is_empty(), "one backend breaks what the other never does: {new:#?}");
    let gone: Vec<&Exception> = known.iter().filter(|known| !found.contains(known)).collect();
    assert!(gone.is_empty() || seeds != SEEDS, "no exceptions any more, take them out: {gone:#?}");
    let mut exceptional: Vec<&str> = known.iter().map(|exception| exception.cell.as_str()).collect();
    exceptional.dedup();
    assert!(
        exceptional.len() * 100 <= cells.len() * EXCEPTIONS_PERCENT,
        "{} of {} cells are exceptions: one backend is not the model",
        exceptional.len(),
        cells.len()
    );
}

/// An backend that misses a defence is found out.
#[test]
fn a_difference_is_seen() {
    let loaded = LoadedScenario::load("storm").unwrap();
    let cells = cells();
    let named = |name: &str| cells.iter().find(|(cell, _)| cell == name).unwrap().1;
    let [sound, _] = both(named("choreography"));
    let [_, ill] = both(named("choreography+compensation-overtakes-action"));
    let seen = differences(&loaded, "a planted difference", [sound, ill], Seeds { start: 0, end: 60 });
    assert!(!seen.is_empty() && seen.iter().all(|exception| exception.only_in == "madsim"), "{seen:?}");
}
