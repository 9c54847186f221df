//! What one run contributes to a comparison: plain numbers, small enough to keep one for each run.
//!
//! **Invariant:** virtual time and exact counts only; no clock on a wall is ever read.

use stormcart_sim::Micros;
use stormcart_sim::site::Role;

use crate::catalog::{Catalog, EndKind, ParticipantKind};
use crate::run::{Run, Verdict};
use crate::seeds::Seed;
use crate::stats;

/// The numbers of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Its seed.
    pub seed: Seed,
    /// Properties that did not hold, as bits by position in the catalog.
    pub broken: u128,
    /// A limit was hit first.
    pub limited: bool,
    /// Subjects that came: what everything is divided by, because it is the same for every row.
    pub intents: u64,
    /// Accepted subjects by how they ended, in the order of the catalog's ends; those that wait for a person are not
    /// among the open ones.
    pub ended: Vec<u64>,
    /// How each of these ends counts.
    pub kinds: Vec<EndKind>,
    /// Subjects that wait for a person.
    pub dead_lettered: u64,
    /// Money that is not where it should be, in cents.
    pub misplaced_cents: u64,
    /// How long customers waited for a definitive answer, in microseconds, sorted; one for each who got one.
    pub waits: Vec<u64>,
    /// Messages between two nodes inside.
    pub internal: u64,
    /// Messages to or from an outside party.
    pub outside: u64,
    /// Forced writes in the stores of services.
    pub service_writes: u64,
    /// Forced writes of the log or the engine.
    pub platform_writes: u64,
    /// Faults that struck.
    pub fired: u64,
    /// Of these, inside a critical window.
    pub critical: u64,
    /// From the last strike until the last accepted order had its final status, in microseconds.
    pub recovery: Option<u64>,
}

impl Sample {
    /// The numbers of the run of a seed.
    pub fn of(catalog: &Catalog, seed: Seed, run: &Run) -> Sample {
        let totals = &run.totals;
        let mut waits: Vec<u64> = totals.waits.iter().map(|wait| wait.0).collect();
        waits.sort_unstable();
        let mut ended = totals.ended.clone();
        if let Some(open) = ended.first_mut() {
            *open = open.saturating_sub(totals.dead_lettered);
        }
        let struck = run.fired.iter().map(|fired| fired.moment.at).max();
        let writes = |counted: ParticipantKind| {
            let syncs = (0..).zip(&run.counts.syncs);
            syncs.filter(|(role, _)| catalog.kind(Role(*role)) == counted).map(|(_, syncs)| *syncs).sum()
        };
        Sample {
            seed,
            broken: broken(catalog, &run.verdict),
            limited: matches!(run.verdict, Verdict::Inconclusive(_)),
            intents: totals.intents,
            ended,
            kinds: catalog.ends.iter().map(|end| end.kind).collect(),
            dead_lettered: totals.dead_lettered,
            misplaced_cents: totals.misplaced_cents,
            waits,
            internal: run.counts.internal_messages,
            outside: run.counts.outside_messages,
            service_writes: writes(ParticipantKind::Service),
            platform_writes: writes(ParticipantKind::Platform),
            fired: run.fired.len() as u64,
            critical: run.fired.iter().filter(|fired| fired.exposed).count() as u64,
            recovery: struck.zip(totals.settled).map(|(struck, settled)| (settled - struck).0),
        }
    }

    /// Subjects that ended in a way of this kind.
    pub fn counted(&self, kind: EndKind) -> u64 {
        self.ended.iter().zip(&self.kinds).filter(|(_, known)| **known == kind).map(|(count, _)| *count).sum()
    }

    /// Subjects that ended as the customer wished.
    pub fn completed(&self) -> u64 {
        self.counted(EndKind::Completed)
    }

    /// Whether a property did not hold.
    pub fn violated(&self) -> bool {
        self.broken != 0
    }

    /// Whether money is in the wrong place.
    pub fn lost_money(&self) -> bool {
        self.misplaced_cents > 0
    }

    /// The median wait, in milliseconds, if anybody got an answer.
    pub fn median_wait_ms(&self) -> Option<f64> {
        stats::quantile(&self.waits, 0.5).map(|wait| wait as f64 / Micros::millis(1).0 as f64)
    }

    /// A count for each purchase intent, if there are any.
    pub fn per_order(&self, count: u64) -> Option<f64> {
        (self.intents > 0).then(|| count as f64 / self.intents as f64)
    }
}

fn broken(catalog: &Catalog, verdict: &Verdict) -> u128 {
    let Verdict::Violated(violations) = verdict else { return 0 };
    let position = |id: &str| catalog.properties.iter().position(|property| property.id == id);
    let positions = violations.iter().filter_map(|violation| position(violation.property));
    positions.fold(0, |bits, position| bits | 1 << position)
}
