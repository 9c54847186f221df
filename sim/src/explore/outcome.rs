//! What an exploration found, and how much of the space it covered.

use std::fmt;

use crate::fault::PointFault;
use crate::time::Instant;

/// When to give up. None of these is a time: what is covered must not depend on how fast a machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most runs.
    pub executions: u64,
    /// Most states remembered; each takes eight to twenty-two bytes.
    pub states: u64,
    /// Most events of one run.
    pub events: u64,
    /// The virtual time by which a run must have come to rest.
    pub horizon: Instant,
}

/// Why an exploration gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Too many runs.
    Executions,
    /// Too many states.
    States,
    /// One run was too long.
    Events,
    /// One run came to rest too late.
    Horizon,
    /// One run came back to a state it had been in: it never comes to rest.
    Endless,
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Stop::Executions => "the limit on executions was reached",
            Stop::States => "the limit on states was reached",
            Stop::Events => "a run had more events than the limit",
            Stop::Horizon => "a run came to rest only after the horizon",
            Stop::Endless => "a run came back to where it had been: it never comes to rest",
        })
    }
}

/// A fault, by the number of the event it struck in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The number of the event, from 1.
    pub event: u64,
    /// What happened to it.
    pub point_fault: PointFault,
}

/// Something that was broken, and the first placement of faults that broke it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample<B> {
    /// What was broken.
    pub what: B,
    /// By which faults, in order.
    pub path: Vec<Placed>,
}

/// Where an exploration stood when a number of faults was done with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Runs that were taken to their end so far.
    pub executions: u64,
    /// Different states so far.
    pub states: u64,
}

/// What an exploration did and found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explored<B> {
    /// Every placement of up to so many faults was covered.
    pub faults: u8,
    /// Runs that were taken to their end.
    pub executions: u64,
    /// Events executed; what runs share counts once.
    pub events: u64,
    /// Different states in which a fault could be placed.
    pub states: u64,
    /// Runs that were cut short because they came to a state that had been explored.
    pub pruned: u64,
    /// Places and point faults on the run without faults: how many placements of one fault there are.
    pub placements: u64,
    /// The virtual time at which the last of them came to rest.
    pub latest: Instant,
    /// How it grew: one entry for each number of faults that was done with, from none.
    pub rounds: Vec<Round>,
    /// What was broken, each with its first counterexample.
    pub broken: Vec<Counterexample<B>>,
    /// Why it stopped early, if it did.
    pub stopped: Option<Stop>,
}

impl<B> Default for Explored<B> {
    fn default() -> Self {
        Explored {
            faults: 0,
            executions: 0,
            events: 0,
            states: 0,
            pruned: 0,
            placements: 0,
            latest: Instant::ZERO,
            rounds: Vec::new(),
            broken: Vec::new(),
            stopped: None,
        }
    }
}

impl<B> Explored<B> {
    /// How many runs it would take to place the faults one by one on the run without faults: the sum over k of the ways
    /// to choose k of its placements. (Runs with faults are mostly longer, so it is rather more.)
    pub fn naive_space(&self) -> u64 {
        self.naive_space_of(self.faults)
    }

    /// The same for another number of faults.
    pub fn naive_space_of(&self, faults: u8) -> u64 {
        let ways = |ways: u128, k: u64| {
            Some(ways * u128::from(self.placements.saturating_sub(k)) / u128::from(k + 1))
        };
        let chosen = (0..u64::from(faults)).scan(1, |last, k| {
            *last = ways(*last, k)?;
            Some(*last)
        });
        u64::try_from(1 + chosen.sum::<u128>()).unwrap_or(u64::MAX)
    }

    /// Whether everything was covered up to the number of faults reached.
    pub fn complete(&self) -> bool {
        self.stopped.is_none()
    }
}

impl<B> fmt::Display for Explored<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Explored { faults, executions, .. } = self;
        write!(
            f,
            "every placement of up to {faults} faults, in {executions} runs: {} broken",
            self.broken.len()
        )?;
        match self.stopped {
            None => Ok(()),
            Some(stop) => write!(f, "; not complete: {stop}"),
        }
    }
}
