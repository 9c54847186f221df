//! The ledger as it is printed: cells hit, and reachable cells that never were, each with a way to hit it.
//!
//! **Invariant:** what was missed comes in the order of how often it could have been hit.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::case::Case;
use crate::model::Model;
use crate::plan::LoadedScenario;
use crate::variant::Variant;
use crate::worker_pool::WorkerPool;

use super::probe::{self, Witness};
use super::{Cell, Coverage, Setting};

/// The chaos-adequacy ledger of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adequacy {
    /// How many runs were watched.
    pub runs: u64,
    /// How many cells can be hit, as far as these runs show.
    pub reachable: u64,
    /// How many were.
    pub hit: u64,
    /// The same by family.
    pub families: BTreeMap<&'static str, Share>,
    /// The same by the part of an operation that is struck.
    pub kinds: BTreeMap<&'static str, Share>,
    /// The cells that were hit, the least often hit first.
    pub cells: Vec<Hit>,
    /// The reachable cells that were not, the most often passed first.
    pub missed: Vec<Missed>,
}

/// How many of a family's cells were hit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// That can be.
    pub reachable: u64,
    /// That were.
    pub hit: u64,
    /// How often, all of them together.
    pub times: u64,
}

/// A cell that was hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The family of faults.
    pub family: &'static str,
    /// Where: party, operation, leg.
    pub site: String,
    /// How the order stood; nothing where it is about no order.
    pub order: Option<String>,
    /// How often.
    pub times: u64,
}

/// A reachable cell that was not hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Missed {
    /// The family of faults.
    pub family: &'static str,
    /// Where: party, operation, leg.
    pub site: String,
    /// How the order stood; nothing where it is about no order.
    pub order: Option<String>,
    /// How often something passed there.
    pub passed: u64,
    /// A run in which something passes there.
    pub case: Case,
    /// The fault that, added to that run, hits the cell.
    pub fault: String,
}

impl Adequacy {
    /// The ledger of what a sweep covered.
    pub fn of<M: Model>(
        loaded: &LoadedScenario<M>,
        variant: &Variant,
        coverage: &Coverage,
        pool: &WorkerPool<'_>,
    ) -> Adequacy {
        let missed = probe::missed(loaded, variant, coverage, pool);
        let struck = |(cell, times): (&Cell, &u64)| (*cell, Share { reachable: 1, hit: 1, times: *times });
        let spared = |cell: &Cell| (*cell, Share { reachable: 1, ..Share::default() });
        let all: Vec<_> = coverage.hit.iter().map(struck).chain(missed.keys().map(spared)).collect();
        let families = by(&all, |cell| cell.family);
        let kinds = by(&all, |cell| cell.setting.kind.word());
        let mut cells: Vec<Hit> = coverage.hit.iter().map(|(cell, times)| hit::<M>(cell, *times)).collect();
        cells.sort_by_key(|hit| hit.times);
        let tell = |(cell, witness)| miss(loaded, variant, coverage, cell, witness);
        let mut missed: Vec<Missed> = missed.iter().map(tell).collect();
        missed.sort_by_key(|missed| std::cmp::Reverse(missed.passed));
        let hit = cells.len() as u64;
        Adequacy {
            runs: coverage.runs,
            reachable: hit + missed.len() as u64,
            hit,
            families,
            kinds,
            cells,
            missed,
        }
    }
}

impl Share {
    fn add(&mut self, other: Share) {
        self.reachable += other.reachable;
        self.hit += other.hit;
        self.times += other.times;
    }
}

/// The cells added up by a word.
fn by(cells: &[(Cell, Share)], word: impl Fn(&Cell) -> &'static str) -> BTreeMap<&'static str, Share> {
    let mut sums: BTreeMap<&'static str, Share> = BTreeMap::new();
    cells.iter().for_each(|(cell, share)| sums.entry(word(cell)).or_default().add(*share));
    sums
}

fn progress(setting: &Setting) -> Option<String> {
    setting.progress.map(|progress| progress.to_string())
}

fn hit<M: Model>(cell: &Cell, times: u64) -> Hit {
    let Cell { setting, family } = cell;
    Hit { family, site: setting.site(M::vocabulary()), order: progress(setting), times }
}

fn miss<M: Model>(
    loaded: &LoadedScenario<M>,
    variant: &Variant,
    coverage: &Coverage,
    cell: &Cell,
    witness: &Witness,
) -> Missed {
    let Cell { setting, family } = cell;
    Missed {
        family,
        site: setting.site(M::vocabulary()),
        order: progress(setting),
        passed: coverage.passed.get(setting).map_or(0, |passed| passed.times),
        case: variant.case(&loaded.scenario.name, witness.seed),
        fault: loaded.plan(variant, witness.seed).names().fault(&witness.fault),
    }
}
