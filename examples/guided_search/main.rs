//! Does it pay to choose the next plan by what the plans before it covered? Measured against the swarm, on every bug.
//!
//! ```text
//! cargo run --example guided_search
//! ```
//!
//! Each bug is hunted in each architecture it can hit, by each strategy, in 25 repetitions with seeds of their own; what
//! counts is how many runs it takes. Which pairs are the hard half is decided by the swarm alone, on other seeds:
//! decided on the same ones, a pair that the swarm was unlucky with would count as hard, and any challenger would look
//! good on it. What came of it is in `docs/measurements.md`.
//!
//! **Invariant:** the result is a function of the catalogue and of the storm. Plans are run in generations and learned
//! from after each; threads only share the repetitions.

mod strategy;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart::adequacy::Watched;
use stormcart::bugs::{CATALOGUE, Change};
use stormcart::contender::{Contender, Wish};
use stormcart::error::Error;
use stormcart::plan::{Plan, Stage};
use stormcart::run::{Run, Verdict, run};
use stormcart::seeds::Seed;
use stormcart::stats::{bootstrap_mean, quantile};
use stormcart_models::architecture::Architecture;
use stormcart_sim::digest::Digest;

use strategy::{Corpus, Strategy};

const REPETITIONS: u64 = 25;
/// A hunt is given up after so many runs, and counts as so many.
const RUNS_MAX: u64 = 2_000;
/// So many plans are made from one corpus.
const GENERATION: u64 = 16;
/// So often the pairs are drawn again for the interval.
const RESAMPLES: u32 = 10_000;
const CHALLENGERS: [Strategy; 3] = [Strategy::Aimed, Strategy::Crossed, Strategy::Blind];

/// A bug in an architecture, and in how many runs it was found, repetition by repetition.
struct Pair {
    name: String,
    /// The swarm on other seeds, to know how hard it is.
    trial: Vec<u64>,
    swarm: Vec<u64>,
    challengers: [Vec<u64>; CHALLENGERS.len()],
}

fn main() -> Result<(), Error> {
    let stage = Stage::load("storm")?;
    let pairs = CATALOGUE.bugs.iter().flat_map(|bug| bug.architectures.iter().map(move |at| (bug, *at)));
    let mut pairs = pairs.map(|(bug, at)| measure(&stage, bug, at)).collect::<Result<Vec<Pair>, Error>>()?;
    pairs.sort_by_key(|pair| std::cmp::Reverse(median(&pair.trial)));
    println!("| bug | architecture | swarm | {} |", CHALLENGERS.map(|who| format!("{who:?}")).join(" | "));
    println!("|---|---|--:|{}", "--:|".repeat(CHALLENGERS.len()));
    pairs.iter().for_each(|pair| println!("{}", pair.row()));
    let hard = &pairs[..pairs.len().div_ceil(2)];
    for (index, challenger) in CHALLENGERS.into_iter().enumerate() {
        let ratios: Vec<f64> = hard.iter().map(|pair| pair.log_ratio(index)).collect();
        let Some(found) = bootstrap_mean(&ratios, RESAMPLES, 0) else { continue };
        let [ratio, lo, hi] = [found.value, found.lo, found.hi].map(f64::exp);
        let better = ratios.iter().filter(|ratio| **ratio < 0.0).count();
        println!(
            "{challenger:?}: {ratio:.2} times the runs of the swarm on the hard half ({lo:.2} to {hi:.2}); fewer in \
             {better} of {} pairs",
            hard.len()
        );
    }
    let found: Vec<_> = pairs.iter().map(|pair| (&pair.trial, &pair.swarm, &pair.challengers)).collect();
    println!("digest {:#x}", Digest::of(&found));
    Ok(())
}

fn measure(stage: &Stage, bug: &Change, at: &'static Architecture) -> Result<Pair, Error> {
    let contender = Contender::with(at, &Wish { bugs: vec![bug.slug.clone()], ..Wish::default() })?;
    let hunts = |strategy: Strategy, first: u64| -> Vec<u64> {
        let one = |repetition| Hunt { stage, contender, bug, strategy }.run((first + repetition) * RUNS_MAX);
        (0..REPETITIONS).into_par_iter().map(one).collect()
    };
    Ok(Pair {
        name: format!("{} | {}", bug.slug, at.name),
        trial: hunts(Strategy::Plain, REPETITIONS),
        swarm: hunts(Strategy::Plain, 0),
        challengers: CHALLENGERS.map(|strategy| hunts(strategy, 0)),
    })
}

/// One search for one bug.
struct Hunt<'a> {
    stage: &'a Stage,
    contender: Contender,
    bug: &'a Change,
    strategy: Strategy,
}

impl Hunt<'_> {
    /// How many runs it takes, from this seed on.
    fn run(&self, start: u64) -> u64 {
        let mut corpus = Corpus::default();
        let mut learned = Vec::new();
        for number in 0..RUNS_MAX {
            let plan = self.strategy.plan(self.stage, &self.contender, Seed(start + number), &corpus);
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
        if self.strategy == Strategy::Plain {
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
        let all = [&self.swarm].into_iter().chain(&self.challengers);
        let medians: Vec<String> = all.map(|found| median(found).to_string()).collect();
        format!("| {} | {} |", self.name, medians.join(" | "))
    }

    /// The mean, over the repetitions, of the logarithm of how many times the runs of the swarm a challenger took.
    fn log_ratio(&self, challenger: usize) -> f64 {
        let pairs = self.challengers[challenger].iter().zip(&self.swarm);
        pairs.map(|(theirs, swarm)| (*theirs as f64 / *swarm as f64).ln()).sum::<f64>() / REPETITIONS as f64
    }
}

fn median(found: &[u64]) -> u64 {
    let mut sorted = found.to_vec();
    sorted.sort_unstable();
    quantile(&sorted, 0.5).unwrap_or(RUNS_MAX)
}
