//! Exploration: every placement of up to so many faults over one world, or the smallest one that breaks something.
//!
//! The world is a value, so a branch is a clone. Depth first, and at each depth first on to the end without a fault
//! (the trunk), then back to each place passed on the way. A state that was reached before, by whatever faults, with
//! as many left to place as now, has been explored already and is not entered again.
//!
//! Why that is sound: [`World::step`] and [`World::step_with`] are functions of the world, and what they read of it is
//! in its fingerprint (but for traces, counters and absolute time, which they only write). So two worlds with one
//! fingerprint have the same continuations under the same faults, and the set of ends that can be reached is the same.
//! A smaller budget allows a subset of the continuations of a larger one.
//!
//! **Invariant:** what is skipped was entered before with at least as many faults left; nothing is skipped on a guess.
//! **Invariant:** trunks are walked to their ends before any fork, so a state that turns up again on its own trunk is a
//! run that never comes to rest, and is told as such instead of being taken for explored.

mod alphabet;
mod memo;
mod outcome;

pub use alphabet::Alphabet;
pub use memo::FAULTS_MAX;
pub use outcome::{Counterexample, Explored, Limits, Placed, Stop};

use crate::kernel::{Next, World};
use crate::service::{Service, Truth};
use crate::time::Micros;

use memo::Memo;

/// How often a run with nothing left to place looks whether it has met another one; further looks cost more memory than
/// they save time.
const LOOKS: usize = 4;

/// What is tried, and how much of it.
#[derive(Clone, Debug)]
pub struct Explorer<'a> {
    /// The verbs.
    pub alphabet: &'a Alphabet,
    /// When to give up.
    pub limits: Limits,
    /// Whether states are remembered. Without it everything is executed that can be: the proof that the memo is honest.
    pub memo: bool,
    /// How long nothing must have happened for a look at the memo to be worth it, where no fault is left to place.
    pub quiet: Micros,
}

impl Explorer<'_> {
    /// Places up to `faults` faults, fewer ones first, and stops after the number at which something broke.
    ///
    /// At most [`FAULTS_MAX`] of them. `finish` is called wherever a run has ended, at rest or at its first violation, and says what was broken.
    pub fn explore<S: Service, B: Clone + PartialEq>(
        &self,
        world: &World<S>,
        faults: u8,
        finish: impl FnMut(&mut World<S>) -> Vec<B>,
    ) -> Explored<B> {
        let mut search = Search {
            explorer: self,
            finish,
            memo: Memo::new(),
            path: Vec::new(),
            round: 0,
            explored: Explored::default(),
        };
        for round in 0..=faults.min(FAULTS_MAX) {
            search.round = round;
            let walked = search.walk(world.clone(), round);
            search.explored.stopped = walked.err();
            if search.explored.stopped.is_some() {
                break;
            }
            search.explored.faults = round;
            if !search.explored.broken.is_empty() {
                break;
            }
        }
        search.explored.states = search.memo.len() as u64;
        search.explored
    }
}

struct Search<'a, B, F> {
    explorer: &'a Explorer<'a>,
    finish: F,
    memo: Memo,
    /// The faults placed on the way here.
    path: Vec<Placed>,
    /// How many may be placed at most.
    round: u8,
    explored: Explored<B>,
}

impl<B: Clone + PartialEq, F> Search<'_, B, F> {
    /// Explores everything that can happen from here with so many faults: first nothing, then each fault at each place.
    fn walk<S: Service>(&mut self, world: World<S>, budget: u8) -> Result<(), Stop>
    where
        F: FnMut(&mut World<S>) -> Vec<B>,
    {
        let forks = self.trunk(world, budget)?;
        for (fork, next) in forks {
            let event = fork.events() + 1;
            for verb in self.explorer.alphabet.verbs(&next) {
                let mut branch = fork.clone();
                if branch.step_with(verb) {
                    self.explored.events += 1;
                    self.explored.placements += u64::from(self.round == 1);
                    self.path.push(Placed { event, verb });
                    self.walk(branch, budget - 1)?;
                    self.path.pop();
                }
            }
        }
        Ok(())
    }

    /// Runs on without a fault, to the end or to where it was before; returns the places where faults can still strike.
    fn trunk<S: Service>(&mut self, mut world: World<S>, budget: u8) -> Result<Vec<(World<S>, Next)>, Stop>
    where
        F: FnMut(&mut World<S>) -> Vec<B>,
    {
        let mut forks = Vec::new();
        let mut passed = Vec::new();
        while world.truth().violations() == 0
            && let Some(at) = world.next_at()
        {
            // With nothing left to place it is cheaper to run than to look: one look on entry, and a few where all has
            // been quiet for a while, because that is where runs that went different ways meet again.
            let quiet = passed.len() < LOOKS && at - world.now() >= self.explorer.quiet;
            let looks = budget > 0 || passed.is_empty() || quiet;
            if looks
                && let Some(next) = world.next_site()
                && self.explorer.alphabet.touches(&next)
            {
                if self.explorer.memo {
                    let fingerprint = world.fingerprint();
                    if !self.enter(fingerprint, budget)? {
                        let endless = passed.contains(&fingerprint);
                        return if endless { Err(Stop::Endless) } else { Ok(forks) };
                    }
                    passed.push(fingerprint);
                }
                if budget > 0 {
                    forks.push((world.clone(), next));
                }
            }
            if world.events() >= self.explorer.limits.events {
                return Err(Stop::Events);
            }
            world.step();
            self.explored.events += 1;
        }
        self.end(&mut world)?;
        Ok(forks)
    }

    fn enter(&mut self, fingerprint: u64, budget: u8) -> Result<bool, Stop> {
        let fresh = self.memo.enter(fingerprint, budget);
        self.explored.pruned += u64::from(!fresh);
        if self.memo.len() as u64 > self.explorer.limits.states { Err(Stop::States) } else { Ok(fresh) }
    }

    /// A run has ended.
    fn end<S: Service>(&mut self, world: &mut World<S>) -> Result<(), Stop>
    where
        F: FnMut(&mut World<S>) -> Vec<B>,
    {
        self.explored.executions += 1;
        self.explored.latest = self.explored.latest.max(world.now());
        for what in (self.finish)(world) {
            if !self.explored.broken.iter().any(|known| known.what == what) {
                self.explored.broken.push(Counterexample { what, path: self.path.clone() });
            }
        }
        let limits = &self.explorer.limits;
        if self.explored.latest > limits.horizon {
            return Err(Stop::Horizon);
        }
        if self.explored.executions >= limits.executions { Err(Stop::Executions) } else { Ok(()) }
    }
}
