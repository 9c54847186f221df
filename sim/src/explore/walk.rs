//! One walk, and the branches at its forks: what threads do, each with worlds of its own.
//!
//! **Invariant:** nothing here changes what is shared: the memo is taken by shared reference.

use smallvec::SmallVec;

use crate::fault::PointFault;
use crate::kernel::{Next, World};
use crate::service::{Service, Truth};
use crate::time::Instant;

use super::explorer::Explorer;
use super::memo::Memo;
use super::outcome::{Placed, Stop};

/// A place between two events where a fault could strike next.
#[derive(Clone, Copy)]
pub(super) struct Checkpoint {
    pub next: Next,
    pub fingerprint: u64,
}

/// A world at a checkpoint.
pub(super) struct Fork<S: Service> {
    pub world: World<S>,
    pub checkpoint: Checkpoint,
    /// It was seen that what happens next commits nothing.
    pub idle: bool,
}

/// A run that was taken to its end.
pub(super) struct End<B> {
    /// What was broken.
    pub broken: Vec<B>,
    /// When it came to rest.
    pub at: Instant,
}

/// Where a world is after running on.
pub(super) enum Reached<B> {
    /// At the next place where one looks.
    To(Checkpoint),
    /// At its end.
    End(End<B>),
    /// Where a limit was hit.
    Stop(Stop),
    /// Where another one had been.
    Known,
}

/// A walk from a checkpoint to where it ended.
pub(super) struct Walk<S: Service, B> {
    /// The checkpoints on the way, by their fingerprints.
    pub marks: SmallVec<[u64; 2]>,
    /// The worlds at these checkpoints, where faults are left to place.
    pub forks: Vec<Fork<S>>,
    /// How it ended; never at a checkpoint.
    pub reached: Reached<B>,
    /// Events executed.
    pub events: u64,
}

/// What became of a fork with a fault.
pub(super) struct Branch<S: Service, B> {
    pub placed: Placed,
    pub world: World<S>,
    pub reached: Reached<B>,
    pub events: u64,
}

/// What is done with a world at its end; says what was broken.
pub(super) type Finish<'a, S, B> = dyn Fn(&mut World<S>) -> Vec<B> + Sync + 'a;

/// What walks share.
pub(super) struct Config<'a, S: Service, B> {
    pub explorer: &'a Explorer<'a>,
    pub finish: &'a Finish<'a, S, B>,
}

impl<S: Service, B> Clone for Config<'_, S, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Service, B> Copy for Config<'_, S, B> {}

impl<S: Service, B> Config<'_, S, B> {
    /// Runs a world on to the next place where one looks: the next one at all if faults are left or it is fresh from a
    /// fault, and else the next one after a silence.
    pub fn settle(&self, world: &mut World<S>, budget: u8, fresh: bool) -> Reached<B> {
        let Explorer { fault_set, limits, quiet, memo, mask } = self.explorer;
        while world.truth().violations().is_empty()
            && let Some(at) = world.next_at()
        {
            if (budget > 0 || fresh || at - world.now() >= *quiet)
                && let Some(next) = world.next_site()
                && fault_set.touches(&next)
            {
                let fingerprint = if *memo { world.fingerprint_but(*mask) } else { 0 };
                return Reached::To(Checkpoint { next, fingerprint });
            }
            if world.events() >= limits.events {
                return Reached::Stop(Stop::Events);
            }
            world.step();
        }
        let broken = (self.finish)(world);
        let at = world.now();
        if at > limits.horizon { Reached::Stop(Stop::Horizon) } else { Reached::End(End { broken, at }) }
    }

    /// Walks from a checkpoint to the end, or to where the memo knows it has been.
    pub fn walk(&self, world: &mut World<S>, from: Checkpoint, budget: u8, memo: &Memo) -> Walk<S, B> {
        let start = world.events();
        let (mut marks, mut forks) = (SmallVec::new(), Vec::new());
        let mut reached = Reached::To(from);
        while let Reached::To(checkpoint) = reached {
            if self.explorer.memo && marks.contains(&checkpoint.fingerprint) {
                reached = Reached::Stop(Stop::Endless);
                break;
            }
            if self.explorer.memo && memo.covers(checkpoint.fingerprint, budget) {
                reached = Reached::Known;
                break;
            }
            if world.events() >= self.explorer.limits.events {
                reached = Reached::Stop(Stop::Events);
                break;
            }
            marks.push(checkpoint.fingerprint);
            if budget > 0 {
                let commits = world.commits();
                let fork = world.clone();
                world.step();
                let idle = checkpoint.next.prompt && world.commits() == commits;
                forks.push(Fork { world: fork, checkpoint, idle });
            } else {
                world.step();
            }
            reached = self.settle(world, budget, false);
        }
        Walk { marks, forks, reached, events: world.events() - start }
    }

    /// Every point fault at a fork that strikes there, each run on to where one looks.
    pub fn branches(&self, fork: &Fork<S>, budget: u8, memo: &Memo) -> impl Iterator<Item = Branch<S, B>> {
        let point_faults = self.explorer.fault_set.point_faults(&fork.checkpoint.next);
        let may_strike = |point_fault: &PointFault| !(fork.idle && point_fault.strikes_commit());
        point_faults
            .filter(may_strike)
            .filter_map(move |point_fault| self.branch(fork, point_fault, budget, memo))
    }

    /// Every point fault at a fork, where it is the last fault: each is walked at once, while its world is at hand.
    pub fn last(&self, fork: &Fork<S>, memo: &Memo) -> Vec<(Placed, Walk<S, B>)> {
        let mut entered: SmallVec<[u64; 16]> = SmallVec::new();
        let walked = |branch: Branch<S, B>| {
            let Branch { placed, mut world, reached, events } = branch;
            let Reached::To(checkpoint) = reached else { return (placed, Walk::over(reached, events)) };
            if self.explorer.memo && entered.contains(&checkpoint.fingerprint) {
                return (placed, Walk::over(Reached::Known, events));
            }
            entered.push(checkpoint.fingerprint);
            let walk = self.walk(&mut world, checkpoint, 0, memo);
            (placed, Walk { events: events + walk.events, ..walk })
        };
        self.branches(fork, 0, memo).map(walked).collect()
    }

    fn branch(
        &self,
        fork: &Fork<S>,
        point_fault: PointFault,
        budget: u8,
        memo: &Memo,
    ) -> Option<Branch<S, B>> {
        let before = fork.world.events();
        let mut world = fork.world.clone();
        if !world.step_with(point_fault) {
            return None;
        }
        let placed = Placed { event: before + 1, point_fault };
        let reached = match self.settle(&mut world, budget, true) {
            Reached::To(checkpoint) if self.explorer.memo && memo.covers(checkpoint.fingerprint, budget) => {
                Reached::Known
            }
            reached => reached,
        };
        let events = world.events() - before;
        Some(Branch { placed, world, reached, events })
    }
}

impl<S: Service, B> Walk<S, B> {
    /// A walk that was over before its first step.
    fn over(reached: Reached<B>, events: u64) -> Self {
        Walk { marks: SmallVec::new(), forks: Vec::new(), reached, events }
    }
}
