//! What many runs add up to.
//!
//! **Invariant:** merging is associative and commutative, so that neither threads, nor shards, nor the order of seeds
//! leave a trace; and a summary of a million runs is as small as one of a thousand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stormcart_sim::digest::Digest;

use crate::case::Case;
use crate::catalog::Catalog;
use crate::model::Model;
use crate::plan::Plan;
use crate::run::{Run, Verdict};
use crate::seeds::Seed;

/// How many cases of a kind are kept: those with the smallest seeds.
pub const KEPT: usize = 20;

/// A word of the vocabulary: borrowed from it, or read from a file.
pub type Word = Cow<'static, str>;

/// The sum of many runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many runs there were.
    pub runs: u64,
    /// In how many every property held.
    pub held: u64,
    /// In how many one did not.
    pub violated: u64,
    /// How many hit a limit first.
    pub inconclusive: u64,
    /// In how many runs each property did not hold; those it always held in are not named.
    pub broken: BTreeMap<Word, u64>,
    /// What was violated, of the smallest seeds.
    pub failures: Vec<Failure>,
    /// What hit a limit, of the smallest seeds.
    pub unfinished: Vec<Unfinished>,
    /// In how many runs each coverage goal was met.
    pub sometimes: BTreeMap<Word, u64>,
    /// How often faults of each family struck.
    pub exposure: BTreeMap<Word, Exposure>,
    /// Runs whose plan has faults, runs in which one struck, and runs in which one struck inside a critical window.
    pub storms: Storms,
    /// How often each property had something to check.
    pub exercised: BTreeMap<Word, u64>,
    /// What came of executing runs twice.
    pub determinism: Determinism,
    /// How many events there were.
    pub events: u64,
    /// The digests of all runs, added up.
    #[serde(with = "hexadecimal")]
    pub digest: u64,
}

/// A run in which properties did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// How to run it again.
    pub case: Case,
    /// Ids of what did not hold, in the order of the registry.
    pub properties: Vec<Word>,
}

/// A run that hit a limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// How to run it again.
    pub case: Case,
    /// Which limit.
    pub reason: String,
}

/// How often faults struck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exposure {
    /// At all.
    pub fired: u64,
    /// Inside a critical window: between two effects of one order, or while an outcome was unknown.
    pub critical: u64,
}

/// How many runs were stormy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storms {
    /// Their plan has faults.
    pub planned: u64,
    /// A fault struck.
    pub fired: u64,
    /// A fault struck inside a critical window.
    pub critical: u64,
}

/// What came of executing runs twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Determinism {
    /// How many runs were.
    pub checked: u64,
    /// How many were not the same the second time.
    pub differed: u64,
    /// Those of the smallest seeds.
    pub cases: Vec<Case>,
}

impl Summary {
    /// The sum of one run.
    pub fn of<M: Model>(plan: &Plan<M>, run: &Run, case: impl Fn() -> Case) -> Summary {
        let mut summary = Summary { runs: 1, events: run.events, ..Summary::default() };
        match &run.verdict {
            Verdict::Held => summary.held = 1,
            Verdict::Inconclusive(reason) => {
                summary.inconclusive = 1;
                summary.unfinished.push(Unfinished { case: case(), reason: reason.clone() });
            }
            Verdict::Violated(violations) => {
                let broken = |id: &&str| violations.iter().any(|violation| violation.property == *id);
                let properties = M::catalog().properties.iter().map(|property| property.id).filter(broken);
                let properties: Vec<Word> = properties.map(Word::Borrowed).collect();
                summary.violated = 1;
                summary.broken = properties.iter().map(|id| (id.clone(), 1)).collect();
                summary.failures.push(Failure { case: case(), properties });
            }
        }
        summary.digest = Digest::of(&(plan.seed, run.digest));
        summary.count(plan, run);
        summary
    }

    fn count<M: Model>(&mut self, plan: &Plan<M>, run: &Run) {
        let Catalog { goals, properties, .. } = M::catalog();
        for (number, goal) in goals.iter().enumerate() {
            self.sometimes.insert(Word::Borrowed(goal), run.goals >> number & 1);
        }
        for (property, times) in properties.iter().zip(&run.exercised) {
            self.exercised.insert(Word::Borrowed(property.id), u64::from(*times));
        }
        for fired in &run.fired {
            let Some(fault) = plan.faults.get(usize::from(fired.fault)) else { continue };
            let exposure = self.exposure.entry(Word::Borrowed(fault.family())).or_default();
            exposure.add(Exposure { fired: 1, critical: u64::from(fired.exposed) });
        }
        self.storms = Storms {
            planned: u64::from(!plan.faults.is_empty()),
            fired: u64::from(!run.fired.is_empty()),
            critical: u64::from(run.fired.iter().any(|fired| fired.exposed)),
        };
    }

    /// Notes that a run was executed twice.
    pub fn repeated(&mut self, identical: bool, case: impl Fn() -> Case) {
        self.determinism.checked += 1;
        if !identical {
            self.determinism.differed += 1;
            keep(&mut self.determinism.cases, vec![case()], |case| case);
        }
    }

    /// Both sums together.
    pub fn merge(mut self, other: Summary) -> Summary {
        self.runs += other.runs;
        self.held += other.held;
        self.violated += other.violated;
        self.inconclusive += other.inconclusive;
        self.events += other.events;
        self.digest = self.digest.wrapping_add(other.digest);
        keep(&mut self.failures, other.failures, |failure| &failure.case);
        keep(&mut self.unfinished, other.unfinished, |unfinished| &unfinished.case);
        add(&mut self.broken, other.broken);
        add(&mut self.sometimes, other.sometimes);
        add(&mut self.exercised, other.exercised);
        for (word, exposure) in other.exposure {
            self.exposure.entry(word).or_default().add(exposure);
        }
        self.storms.planned += other.storms.planned;
        self.storms.fired += other.storms.fired;
        self.storms.critical += other.storms.critical;
        self.determinism.checked += other.determinism.checked;
        self.determinism.differed += other.determinism.differed;
        keep(&mut self.determinism.cases, other.determinism.cases, |case| case);
        self
    }

    /// Properties that never had anything to check, in the order of the catalog: they prove nothing here.
    pub fn vacuous(&self, catalog: &Catalog) -> Vec<&'static str> {
        let ids = catalog.properties.iter().map(|property| property.id);
        ids.filter(|id| self.exercised.get(*id).is_none_or(|times| *times == 0)).collect()
    }
}

impl Exposure {
    fn add(&mut self, other: Exposure) {
        self.fired += other.fired;
        self.critical += other.critical;
    }
}

fn add(counts: &mut BTreeMap<Word, u64>, more: BTreeMap<Word, u64>) {
    for (word, count) in more {
        *counts.entry(word).or_default() += count;
    }
}

/// Keeps the cases of the smallest seeds of both lists. The order is total, so which come first does not matter.
fn keep<T>(kept: &mut Vec<T>, more: Vec<T>, case: impl Fn(&T) -> &Case) {
    if more.is_empty() {
        return;
    }
    kept.extend(more);
    let key = |item: &T| -> (Seed, Case) { (case(item).seed, case(item).clone()) };
    kept.sort_by_cached_key(key);
    kept.truncate(KEPT);
}

/// A digest in a file is a string, as a seed is: a JSON number above 2^53 would come back as another.
mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::seeds::Seed;

    pub fn serialize<S: Serializer>(digest: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        Seed(*digest).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        Seed::deserialize(deserializer).map(|digest| digest.0)
    }
}
