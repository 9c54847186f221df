//! One walk, and the branches at its forks: what threads do, each with worlds of its own.
//!
//! **Invariant:** nothing here changes what is shared; the memo is only read.

use smallvec::SmallVec;

use crate::fault::Verb;
use crate::kernel::{Next, World};
use crate::service::{Service, Truth};
use crate::time::Instant;

use super::Explorer;
use super::memo::Memo;
use super::outcome::{Placed, Stop};

/// A place between two events where a fault could strike next.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub next: Next,
    pub fingerprint: u64,
}

/// A world that stands at a spot.
pub(super) struct Stand<S: Service> {
    pub world: World<S>,
    pub spot: Spot,
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
pub(super) enum Came<B> {
    /// At the next place where one looks.
    To(Spot),
    /// At its end.
    End(End<B>),
    /// Where a limit was hit.
    Stop(Stop),
    /// Where another one had been.
    Known,
}

/// A walk from a spot to where it ended.
pub(super) struct Walk<S: Service, B> {
    /// The spots on the way, by their fingerprints.
    pub marks: SmallVec<[u64; 2]>,
    /// The worlds at these spots, where faults are left to place.
    pub forks: Vec<Stand<S>>,
    /// How it ended; never at a spot.
    pub came: Came<B>,
    /// Events executed.
    pub events: u64,
}

/// What became of a fork with a fault.
pub(super) struct Branch<S: Service, B> {
    pub placed: Placed,
    pub world: World<S>,
    pub came: Came<B>,
    pub events: u64,
}

/// What walks share.
pub(super) struct Guide<'a, F> {
    pub explorer: &'a Explorer<'a>,
    pub finish: &'a F,
}

impl<F> Clone for Guide<'_, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F> Copy for Guide<'_, F> {}

impl<F> Guide<'_, F> {
    /// Runs a world on to the next place where one looks: the next one at all if faults are left or it is fresh from a
    /// fault, and else the next one after a silence.
    pub fn settle<S: Service, B>(&self, world: &mut World<S>, budget: u8, fresh: bool) -> Came<B>
    where
        F: Fn(&mut World<S>) -> Vec<B>,
    {
        let Explorer { alphabet, limits, quiet, memo, blind } = self.explorer;
        while world.truth().violations() == 0
            && let Some(at) = world.next_at()
        {
            if (budget > 0 || fresh || at - world.now() >= *quiet)
                && let Some(next) = world.next_site()
                && alphabet.touches(&next)
            {
                let fingerprint = if *memo { world.fingerprint_but(*blind) } else { 0 };
                return Came::To(Spot { next, fingerprint });
            }
            if world.events() >= limits.events {
                return Came::Stop(Stop::Events);
            }
            world.step();
        }
        let broken = (self.finish)(world);
        let at = world.now();
        if at > limits.horizon { Came::Stop(Stop::Horizon) } else { Came::End(End { broken, at }) }
    }

    /// Walks from a spot to the end, or to where the memo knows it has been.
    pub fn walk<S: Service, B>(&self, world: &mut World<S>, from: Spot, budget: u8, memo: &Memo) -> Walk<S, B>
    where
        F: Fn(&mut World<S>) -> Vec<B>,
    {
        let start = world.events();
        let (mut marks, mut forks) = (SmallVec::new(), Vec::new());
        let mut came = Came::To(from);
        while let Came::To(spot) = came {
            if self.explorer.memo && marks.contains(&spot.fingerprint) {
                came = Came::Stop(Stop::Endless);
                break;
            }
            if self.explorer.memo && memo.covers(spot.fingerprint, budget) {
                came = Came::Known;
                break;
            }
            if world.events() >= self.explorer.limits.events {
                came = Came::Stop(Stop::Events);
                break;
            }
            marks.push(spot.fingerprint);
            if budget > 0 {
                let commits = world.commits();
                let fork = world.clone();
                world.step();
                let idle = spot.next.prompt && world.commits() == commits;
                forks.push(Stand { world: fork, spot, idle });
            } else {
                world.step();
            }
            came = self.settle(world, budget, false);
        }
        Walk { marks, forks, came, events: world.events() - start }
    }

    /// Every verb at a fork that strikes there, each run on to where one looks.
    pub fn branches<S: Service, B>(
        &self,
        fork: &Stand<S>,
        budget: u8,
        memo: &Memo,
    ) -> impl Iterator<Item = Branch<S, B>>
    where
        F: Fn(&mut World<S>) -> Vec<B>,
    {
        let verbs = self.explorer.alphabet.verbs(&fork.spot.next);
        let may_strike = |verb: &Verb| !(fork.idle && verb.strikes_commit());
        verbs.filter(may_strike).filter_map(move |verb| self.branch(fork, verb, budget, memo))
    }

    /// Every verb at a fork, where it is the last fault: each is walked at once, while its world is at hand.
    pub fn last<S: Service, B>(&self, fork: &Stand<S>, memo: &Memo) -> Vec<(Placed, Walk<S, B>)>
    where
        F: Fn(&mut World<S>) -> Vec<B>,
    {
        let mut entered: SmallVec<[u64; 16]> = SmallVec::new();
        let walked = |branch: Branch<S, B>| {
            let Branch { placed, mut world, came, events } = branch;
            let Came::To(spot) = came else { return (placed, Walk::over(came, events)) };
            if self.explorer.memo && entered.contains(&spot.fingerprint) {
                return (placed, Walk::over(Came::Known, events));
            }
            entered.push(spot.fingerprint);
            let walk = self.walk(&mut world, spot, 0, memo);
            (placed, Walk { events: events + walk.events, ..walk })
        };
        self.branches(fork, 0, memo).map(walked).collect()
    }

    fn branch<S: Service, B>(
        &self,
        fork: &Stand<S>,
        verb: Verb,
        budget: u8,
        memo: &Memo,
    ) -> Option<Branch<S, B>>
    where
        F: Fn(&mut World<S>) -> Vec<B>,
    {
        let before = fork.world.events();
        let mut world = fork.world.clone();
        if !world.step_with(verb) {
            return None;
        }
        let placed = Placed { event: before + 1, verb };
        let came = match self.settle(&mut world, budget, true) {
            Came::To(spot) if self.explorer.memo && memo.covers(spot.fingerprint, budget) => Came::Known,
            came => came,
        };
        let events = world.events() - before;
        Some(Branch { placed, world, came, events })
    }
}

impl<S: Service, B> Walk<S, B> {
    /// A walk that was over before its first step.
    fn over(came: Came<B>, events: u64) -> Self {
        Walk { marks: SmallVec::new(), forks: Vec::new(), came, events }
    }
}
