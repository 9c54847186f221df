//! The order of the search: depth first, in batches whose walks run side by side.
//!
//! A batch is taken from the stack, walked by as many threads as there are, and merged one walk after the other. What
//! is remembered, counted and found is decided in the merge alone.
//!
//! **Invariant:** the size of a batch is a constant, so the order of merges does not depend on the machine
//! (`any_number_of_threads_finds_the_same`).

use rayon::iter::{IntoParallelIterator, IntoParallelRefIterator, ParallelIterator};
use rustc_hash::FxHashSet;

use crate::kernel::World;
use crate::mask::FingerprintMask;
use crate::service::Service;

use super::explorer::Explorer;
use super::memo::{FAULTS_MAX, Memo};
use super::outcome::{Counterexample, Explored, Placed, Round, Stop};
use super::walk::{Branch, Config, End, Finish, Fork, Reached, Walk};

/// How many walks are merged before the next ones begin: enough for every thread, few enough to fit in memory with all
/// their forks.
const BATCH: usize = 16;

pub(super) struct Search<'a, S: Service, B> {
    config: Config<'a, S, B>,
    memo: Memo,
    round: u8,
    pub explored: Explored<B>,
}

/// A world that is still to be walked from.
struct Pending<S: Service> {
    fork_at: Fork<S>,
    budget: u8,
    path: Vec<Placed>,
}

/// A fork that is still to be branched at.
struct BranchPoint<S: Service> {
    fork_at: Fork<S>,
    /// The walk it lies on, by its place in the batch.
    walk: usize,
}

impl<'a, S: Service, B: Clone + PartialEq + Send + Sync> Search<'a, S, B> {
    pub fn new(explorer: &'a Explorer<'a>, finish: &'a Finish<'a, S, B>) -> Self {
        let memo = Memo::new(explorer.mask.sees(FingerprintMask::BUDGET));
        Search { config: Config { explorer, finish }, memo, round: 0, explored: Explored::default() }
    }

    /// Places up to so many faults; true if nothing is broken yet and no limit was hit.
    pub fn round(&mut self, world: &World<S>, round: u8) -> bool {
        self.round = round;
        self.explored.stopped = self.search(world.clone()).err();
        self.explored.states = self.memo.len() as u64;
        if self.explored.stopped.is_none() {
            self.explored.faults = round;
            let Explored { executions, states, .. } = self.explored;
            self.explored.rounds.push(Round { executions, states });
        }
        self.explored.stopped.is_none() && self.explored.broken.is_empty()
    }

    fn search(&mut self, mut world: World<S>) -> Result<(), Stop> {
        let mut stack = Vec::new();
        match self.config.settle(&mut world, self.round, true) {
            Reached::To(checkpoint) => {
                let fork_at = Fork { world, checkpoint, idle: false };
                stack.push(Pending { fork_at, budget: self.round, path: Vec::new() });
            }
            over => self.over(over, &[])?,
        }
        while let Some(budget) = stack.last().map(|pending| pending.budget) {
            let alike = stack.iter().rev().take(BATCH).take_while(|pending| pending.budget == budget).count();
            let batch: Vec<Pending<S>> = stack.drain(stack.len() - alike..).rev().collect();
            self.batch(batch, budget, &mut stack)?;
        }
        Ok(())
    }

    /// Walks from all of these, then branches at the forks that were left.
    fn batch(&mut self, batch: Vec<Pending<S>>, budget: u8, stack: &mut Vec<Pending<S>>) -> Result<(), Stop> {
        let (config, memo) = (self.config, &self.memo);
        let (forks, paths): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|pending| (pending.fork_at, pending.path)).unzip();
        let walk =
            |Fork { mut world, checkpoint, .. }: Fork<S>| config.walk(&mut world, checkpoint, budget, memo);
        let walks: Vec<Walk<S, B>> = forks.into_par_iter().map(walk).collect();
        let mut forks = Vec::new();
        for (number, walk) in walks.into_iter().enumerate() {
            let passed = self.merge(walk, &paths[number], budget)?;
            forks.extend(passed.into_iter().map(|fork_at| BranchPoint { fork_at, walk: number }));
        }
        match budget {
            0 => Ok(()),
            1 => self.place_last(&forks, &paths),
            _ => self.place(&forks, &paths, budget - 1, stack),
        }
    }

    /// Places a fault at each of these forks; where it leads is still to be walked.
    fn place(
        &mut self,
        forks: &[BranchPoint<S>],
        paths: &[Vec<Placed>],
        left: u8,
        stack: &mut Vec<Pending<S>>,
    ) -> Result<(), Stop> {
        let (config, memo) = (self.config, &self.memo);
        let branches: Vec<Vec<Branch<S, B>>> =
            forks.par_iter().map(|fork| config.branches(&fork.fork_at, left, memo).collect()).collect();
        let mut fresh = Vec::new();
        let mut entered = FxHashSet::default();
        for (fork, branches) in forks.iter().zip(branches) {
            for Branch { placed, world, reached, events } in branches {
                self.explored.events += events;
                let mut path = paths[fork.walk].clone();
                path.push(placed);
                match reached {
                    Reached::To(checkpoint)
                        if !config.explorer.memo || entered.insert(checkpoint.fingerprint) =>
                    {
                        fresh.push(Pending {
                            fork_at: Fork { world, checkpoint, idle: false },
                            budget: left,
                            path,
                        });
                    }
                    Reached::To(_) => self.over(Reached::Known, &path)?,
                    over => self.over(over, &path)?,
                }
            }
        }
        stack.extend(fresh.into_iter().rev());
        Ok(())
    }

    /// Places the last fault at each of these forks.
    fn place_last(&mut self, forks: &[BranchPoint<S>], paths: &[Vec<Placed>]) -> Result<(), Stop> {
        let (config, memo) = (self.config, &self.memo);
        let walks: Vec<Vec<(Placed, Walk<S, B>)>> =
            forks.par_iter().map(|fork| config.last(&fork.fork_at, memo)).collect();
        for (fork, walks) in forks.iter().zip(walks) {
            for (placed, walk) in walks {
                self.explored.placements += u64::from(self.round == 1);
                let mut path = paths[fork.walk].clone();
                path.push(placed);
                self.merge(walk, &path, 0)?;
            }
        }
        Ok(())
    }

    /// What a walk passed is noted, up to where an earlier one of the batch had been; returns its forks up to there.
    fn merge(&mut self, walk: Walk<S, B>, path: &[Placed], budget: u8) -> Result<Vec<Fork<S>>, Stop> {
        let Walk { marks, mut forks, reached, events } = walk;
        self.explored.events += events;
        let limits = &self.config.explorer.limits;
        if self.config.explorer.memo
            && let Some(known) = marks.iter().position(|mark| !self.memo.enter(*mark, budget))
        {
            forks.truncate(known);
            self.explored.pruned += 1;
        } else {
            self.over(reached, path)?;
        }
        if self.memo.len() as u64 > limits.states { Err(Stop::States) } else { Ok(forks) }
    }

    /// A run is over.
    fn over(&mut self, reached: Reached<B>, path: &[Placed]) -> Result<(), Stop> {
        let explored = &mut self.explored;
        let End { broken, at } = match reached {
            Reached::End(end) => end,
            Reached::Stop(stop) => return Err(stop),
            Reached::Known | Reached::To(_) => {
                explored.pruned += 1;
                return Ok(());
            }
        };
        explored.executions += 1;
        explored.latest = explored.latest.max(at);
        for what in broken {
            if !explored.broken.iter().any(|known| known.what == what) {
                explored.broken.push(Counterexample { what, path: path.to_vec() });
            }
        }
        let most = self.config.explorer.limits.executions;
        if explored.executions >= most { Err(Stop::Executions) } else { Ok(()) }
    }
}

impl Explorer<'_> {
    /// Places up to `faults` faults, fewer ones first, and stops after the number at which something broke.
    ///
    /// At most [`FAULTS_MAX`] of them. `finish` is called wherever a run has ended, at rest or at its first violation,
    /// from several threads, and says what was broken.
    pub fn explore<S: Service, B: Clone + PartialEq + Send + Sync>(
        &self,
        world: &World<S>,
        faults: u8,
        finish: impl Fn(&mut World<S>) -> Vec<B> + Sync,
    ) -> Explored<B> {
        let mut search = Search::new(self, &finish);
        for round in 0..=faults.min(FAULTS_MAX) {
            if !search.round(world, round) {
                break;
            }
        }
        search.explored
    }
}
