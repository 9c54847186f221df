//! What the faults of a sweep met, and what they never met: the chaos-adequacy ledger.
//!
//! A *setting* is a named point of a run without subject and attempt, with how far its subject had come when something
//! passed there; a *cell* is a setting and a family of faults. A cell is hit when a fault of the family struck what
//! passed. It is reachable when it was hit, or when such a fault, placed where something first passed there, strikes:
//! that is tried. So every cell that was missed comes with a run and a fault that hit it, and
//! none is claimed that cannot be hit. What strikes at a moment (a partition, say) has no site, and no cell.
//!
//! **Invariant:** the ledger is a function of scenario, variant and seeds; looking changes no run.

mod probe;
mod report;
mod watch;

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use stormcart_sim::site::{MessageKind, Operation, Role, Vocabulary};

use crate::model::{Model, Progress};
use crate::plan::LoadedScenario;
use crate::seeds::{Seed, Seeds};
use crate::variant::Variant;
use crate::worker_pool::WorkerPool;

pub use probe::fault_set;
#[cfg_attr(not(feature = "testing"), doc(hidden))]
pub use probe::{Witness, missed};
pub use report::{Adequacy, Hit, Missed, Share};
pub use watch::{Visit, Watched};

/// Where something passes, and in which situation: a site without subject, attempt and occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setting {
    /// Where it arrives.
    pub role: Role,
    /// What is done.
    pub operation: Operation,
    /// Which part of it.
    pub kind: MessageKind,
    /// How far its subject has come; nothing where it is about none.
    pub progress: Option<Progress>,
}

/// A setting in which faults of a family strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// Where and when.
    pub setting: Setting,
    /// What kind of fault.
    pub family: &'static str,
}

/// What passed in many runs, and what was struck.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many runs there were.
    pub runs: u64,
    /// The settings in which something passed while faults could strike.
    pub passed: BTreeMap<Setting, Passed>,
    /// How often each cell was hit.
    pub hit: BTreeMap<Cell, u64>,
}

/// How often something passed in a setting, and where it did first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// How often.
    pub times: u64,
    /// The first: the smallest seed, and the event in its run.
    pub first: (Seed, u64),
}

impl Setting {
    /// The point of a run: `payments sale answer`.
    pub fn site(&self, vocabulary: &Vocabulary) -> String {
        let Setting { role, operation, kind, .. } = *self;
        let place = format!("{} {}", vocabulary.role(role), vocabulary.operation(operation));
        if kind == MessageKind::Restart { place } else { format!("{place} {}", kind.word()) }
    }
}

impl Coverage {
    /// What a sweep of these seeds covers.
    pub fn of<M: Model>(
        loaded: &LoadedScenario<M>,
        variant: &Variant,
        seeds: Seeds,
        pool: &WorkerPool<'_>,
    ) -> Coverage {
        let one = |seed: u64| {
            let plan = (!pool.stopped()).then(|| loaded.plan(variant, Seed(seed)))?;
            let coverage = Watched::of(&plan).coverage(&plan);
            pool.done(true);
            Some(coverage)
        };
        let runs = || seeds.range().into_par_iter().filter_map(one);
        pool.work(|| runs().reduce(Coverage::default, Coverage::merge))
    }

    /// Both together. Associative and commutative, like the sum of a sweep.
    pub fn merge(mut self, other: Coverage) -> Coverage {
        self.runs += other.runs;
        for (setting, passed) in other.passed {
            let known = self.passed.entry(setting).or_insert(Passed { times: 0, ..passed });
            known.times += passed.times;
            known.first = known.first.min(passed.first);
        }
        for (cell, times) in other.hit {
            *self.hit.entry(cell).or_default() += times;
        }
        self
    }
}
