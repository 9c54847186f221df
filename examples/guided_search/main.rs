//! Does it pay to choose the next plan by what the plans before it covered? Measured against the swarm, on every bug.
//!
//! ```text
//! cargo run --example guided_search
//! ```
//!
//! Each bug is hunted in each architecture it can hit, by each strategy, in 25 repetitions with seeds of their own; what
//! counts is how many runs it takes. Which pairs are the hard half is decided by the swarm alone, on other seeds:
//! decided on the same ones, a pair that the swarm was unlucky with would count as hard, and any challenger would look
//! good on it. A thin storm, in which bugs are rarer, leaves guidance more room to show something. What came of it is in
//! `docs/measurements.md`.
//!
//! **Invariant:** the result is a function of the catalogue and of the storm. Plans are run in generations and learned
//! from after each; threads only share the repetitions.

mod strategy;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart::Model;
use stormcart::harness::adequacy::Watched;
use stormcart::harness::catalog::Change;
use stormcart::harness::error::Error;
use stormcart::harness::run::{Run, Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::stats::{Interval, bootstrap_mean, quantile};
use stormcart::harness::variant::{Variant, VariantArgs};
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_sim::digest::Digest;

use strategy::{Corpus, Strategy};

const REPETITIONS: u64 = 25;
/// A hunt is given up after so many runs, and counts as so many.
const RUNS_MAX: u64 = 2_000;
/// So many plans are made from one corpus.
const GENERATION: u64 = 16;
/// So often the pairs are drawn again for the interval.
const RESAMPLES: u32 = 10_000;

/// A bug in an architecture, and in how many runs it was found, repetition by repetition.
struct Pair {
    name: String,
    /// The swarm on other seeds, to know how hard it is.
    trial: Vec<u64>,
    /// Every strategy, on the same seeds.
    found: [Vec<u64>; Strategy::ALL.len()],
}

fn main() -> Result<(), Error> {
    compare(&LoadedScenario::load("storm")?)?;
    println!("\nIn a thin storm, with two customers and one fault a plan:\n");
    let mut thin = LoadedScenario::load("storm")?;
    thin.own.sections.workload.orders = 2;
    thin.scenario.faults.count_weights = vec![0.0, 1.0];
    compare(&thin)
}

/// Measures and prints it.
fn compare(loaded: &LoadedScenario) -> Result<(), Error> {
    let pairs =
        Checkout::catalog().bugs(false).flat_map(|bug| bug.architectures.iter().map(move |at| (bug, *at)));
    let mut pairs = pairs.map(|(bug, at)| measure(loaded, bug, at)).collect::<Result<Vec<Pair>, Error>>()?;
    pairs.sort_by_key(|pair| std::cmp::Reverse(median(&pair.trial)));
    println!("| bug | architecture | {} |", Strategy::ALL.map(|who| format!("{who:?}")).join(" | "));
    println!("|---|---|{}", "--:|".repeat(Strategy::ALL.len()));
    pairs.iter().for_each(|pair| println!("{}", pair.row()));
    let hard = &pairs[..pairs.len().div_ceil(2)];
    for challenger in [Strategy::Aimed, Strategy::Crossed, Strategy::FingerprintMask] {
        against(challenger, Strategy::Swarm, hard);
    }
    against(Strategy::Crossed, Strategy::FingerprintMask, hard);
    let found: Vec<_> = pairs.iter().map(|pair| (&pair.trial, &pair.found)).collect();
    println!("digest {:#x}", Digest::of(&found));
    Ok(())
}

fn measure(loaded: &LoadedScenario, bug: &Change, at: &str) -> Result<Pair, Error> {
    let variant =
        Checkout::variant_with(at, &VariantArgs { bugs: vec![bug.slug.clone()], ..VariantArgs::default() })?;
    let hunts = |strategy: Strategy, first: u64| -> Vec<u64> {
        let one = |repetition| Hunt { loaded, variant, bug, strategy }.run((first + repetition) * RUNS_MAX);
        (0..REPETITIONS).into_par_iter().map(one).collect()
    };
    Ok(Pair {
        name: format!("{} | {}", bug.slug, at),
        trial: hunts(Strategy::Swarm, REPETITIONS),
        found: Strategy::ALL.map(|strategy| hunts(strategy, 0)),
    })
}

/// One search for one bug.
struct Hunt<'a> {
    loaded: &'a LoadedScenario,
    variant: Variant,
    bug: &'a Change,
    strategy: Strategy,
}

impl Hunt<'_> {
    /// How many runs it takes, from this seed on.
    fn run(&self, start: u64) -> u64 {
        let mut corpus = Corpus::default();
        let mut learned = Vec::new();
        for number in 0..RUNS_MAX {
            let plan = self.strategy.plan(self.loaded, &self.variant, Seed(start + number), &corpus);
            match self.look(&plan) {
                None => return number + 1,
                Some(watched) => learned.extend(watched.map(|watched| (plan, watched))),
            }
            if (number + 1).is_multiple_of(GENERATION) {
                let generation = learned.drain(..);
                generation.for_each(|(plan, watched)| corpus.learn(self.strategy, plan, watched));
            }
        }
        RUNS_MAX
    }

    /// Nothing if the plan finds the bug; otherwise what there is to learn, for those that do learn.
    fn look(&self, plan: &Plan) -> Option<Option<Watched>> {
        if self.strategy == Strategy::Swarm {
            return (!self.found(&run(plan))).then_some(None);
        }
        let watched = Watched::of(plan);
        (!self.found(&watched.run)).then_some(Some(watched))
    }

    fn found(&self, run: &Run) -> bool {
        let Verdict::Violated(violations) = &run.verdict else { return false };
        violations.iter().any(|violation| self.bug.breaks.contains(&violation.property))
    }
}

impl Pair {
    fn row(&self) -> String {
        let medians = self.found.each_ref().map(|found| median(found).to_string());
        format!("| {} | {} |", self.name, medians.join(" | "))
    }

    /// The mean, over the repetitions, of the logarithm of how many times the runs of the other one a strategy takes.
    fn log_ratio(&self, one: Strategy, other: Strategy) -> f64 {
        let runs = self.found[one as usize].iter().zip(&self.found[other as usize]);
        runs.map(|(one, other)| (*one as f64 / *other as f64).ln()).sum::<f64>() / REPETITIONS as f64
    }
}

/// Says how many times the runs of another one a strategy takes: the geometric mean over repetitions and pairs, with an
/// interval that draws whole pairs.
fn against(one: Strategy, other: Strategy, pairs: &[Pair]) {
    let ratios: Vec<f64> = pairs.iter().map(|pair| pair.log_ratio(one, other)).collect();
    let Some(Interval { value, lo, hi }) = bootstrap_mean(&ratios, RESAMPLES, 0) else { return };
    let [ratio, lo, hi] = [value, lo, hi].map(f64::exp);
    let fewer = ratios.iter().filter(|ratio| **ratio < 0.0).count();
    let all = pairs.len();
    println!(
        "{one:?} takes {ratio:.2} times the runs of {other:?} on the hard half ({lo:.2} to {hi:.2}), fewer in {fewer} \
         of {all} pairs"
    );
}

fn median(found: &[u64]) -> u64 {
    let mut sorted = found.to_vec();
    sorted.sort_unstable();
    quantile(&sorted, 0.5).unwrap_or(RUNS_MAX)
}
