//! A sweep: many runs, each with a few faults that its seed draws.
//!
//! Faults are drawn one after the other, each from the places of the run that those before it lead to: so they meet
//! retries, compensations and recoveries, which a run without faults does not have. Each seed first switches about half
//! of the families off, because some failures need the absence of something (swarm testing: Groce et al. 2012).
//!
//! **Invariant:** what is drawn and what is found is a function of the scripts; threads and their number do not matter
//! (`any_number_of_threads_finds_the_same`).

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::digest::Digest;
use crate::draw::{Draws, Purpose, Stream};
use crate::explore::{FaultSet, placements};
use crate::fault::Fault;
use crate::script::Script;
use crate::service::{Service, Truth};
use crate::trace::Trace;

/// What a sweep draws from.
#[derive(Clone, Copy, Debug)]
pub struct Sweep<'a> {
    /// The point faults from which it draws.
    pub fault_set: &'a FaultSet,
    /// The most faults of one run; there is at least one.
    pub faults_max: u8,
}

/// What a sweep found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many runs there were.
    pub runs: u64,
    /// In how many of them a fault struck: a sweep in which none did says nothing.
    pub struck: u64,
    /// Seeds of runs that held as long as they went, and hit a limit.
    pub inconclusive: Vec<u64>,
    /// Runs in which the truth found something wrong, by seed.
    pub broken: Vec<Broken>,
}

/// A run in which something was wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// Its seed.
    pub seed: u64,
    /// The faults that were drawn for it.
    pub faults: Vec<Fault>,
}

impl fmt::Display for Swept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Swept { runs, struck, .. } = self;
        write!(f, "{runs} runs, {struck} of them with faults that struck: {} broken", self.broken.len())?;
        match self.inconclusive.len() {
            0 => Ok(()),
            limited => write!(f, ", {limited} hit a limit"),
        }
    }
}

impl Sweep<'_> {
    /// Plays the script of each seed with the faults that are drawn for it.
    pub fn run<S: Service>(&self, seeds: Range<u64>, script: impl Fn(u64) -> Script<S> + Sync) -> Swept {
        let play = |seed| {
            let script = script(seed);
            let faults = self.faults(&script);
            let ended = script.with_faults(&faults).play(Trace::off());
            let broken = (!ended.truth.violations().is_empty()).then_some(Broken { seed, faults });
            (seed, !ended.fired.is_empty(), ended.limit.is_some(), broken)
        };
        let runs: Vec<_> = seeds.into_par_iter().map(play).collect();
        let mut swept = Swept { runs: runs.len() as u64, ..Swept::default() };
        for (seed, struck, limited, broken) in runs {
            swept.struck += u64::from(struck);
            swept.inconclusive.extend((limited && broken.is_none()).then_some(seed));
            swept.broken.extend(broken);
        }
        swept
    }

    /// The faults that the seed of a script draws for it, instead of its own; each can strike beside the others.
    pub fn faults<S: Service>(&self, script: &Script<S>) -> Vec<Fault> {
        let draws = &script.physics.draws;
        let mut stream = draws.stream(Purpose::Plan, 0, 0);
        let mut faults: Vec<Fault> = Vec::new();
        for _ in 0..1 + stream.below(self.faults_max.into()) {
            let world = script.with_faults(&faults).world(Trace::off());
            let all = placements(world, self.fault_set, script.events);
            let fits = |fault: &Fault| !faults.iter().any(|known| known.contradicts(fault));
            let drawn = one(&all, draws, &mut stream).filter(fits);
            faults.extend(drawn);
        }
        faults
    }
}

/// One of these faults: of the families that are not switched off each has the same chance, whatever its size.
fn one(all: &[Fault], draws: &Draws, stream: &mut Stream) -> Option<Fault> {
    let families: BTreeSet<&str> = all.iter().map(Fault::family).collect();
    let is_on = |family: &&str| draws.bits(Purpose::Plan, Digest::of(family), 1).priority() & 1 == 0;
    let (on, off): (Vec<&str>, Vec<&str>) = families.into_iter().partition(is_on);
    let family = stream.pick(if on.is_empty() { &off } else { &on })?;
    let of_it: Vec<&Fault> = all.iter().filter(|fault| fault.family() == *family).collect();
    stream.pick(&of_it).map(|fault| **fault)
}
