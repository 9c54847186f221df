//! What one run contributes to a comparison: plain numbers, small enough to keep one for each run.
//!
//! **Invariant:** virtual time and exact counts only; no clock on a wall is ever read.

use stormcart_models::domain::Status;
use stormcart_models::invariant::INVARIANTS;
use stormcart_models::words::Party;
use stormcart_sim::Micros;

use crate::run::{Run, Verdict};
use crate::seeds::Seed;
use crate::stats;

/// The numbers of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Its seed.
    pub seed: Seed,
    /// Properties that did not hold, as bits by position in the registry.
    pub broken: u32,
    /// A limit was hit first.
    pub limited: bool,
    /// Purchase intents: what everything is divided by, because it is the same for everybody.
    pub intents: u64,
    /// Orders that ended well.
    pub completed: u64,
    /// Orders that were refused.
    pub rejected: u64,
    /// Orders that were given up before anything was charged.
    pub cancelled: u64,
    /// Orders that were given up afterwards.
    pub refunded: u64,
    /// Accepted orders without an end that wait for nobody.
    pub pending: u64,
    /// Orders that wait for a person.
    pub parked: u64,
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
    pub fn of(seed: Seed, run: &Run) -> Sample {
        let outcome = &run.outcome;
        let status = |status: Status| outcome.by_status[status as usize];
        let mut waits: Vec<u64> = outcome.waits.iter().map(|wait| wait.0).collect();
        waits.sort_unstable();
        let struck = run.fired.iter().map(|fired| fired.moment.at).max();
        let writes = |counted: fn(Party) -> bool| {
            let parties = Party::ALL.iter().filter(|party| counted(**party));
            parties.map(|party| run.counts.syncs[*party as usize]).sum()
        };
        Sample {
            seed,
            broken: broken(&run.verdict),
            limited: matches!(run.verdict, Verdict::Inconclusive(_)),
            intents: outcome.intents,
            completed: status(Status::Completed),
            rejected: status(Status::Rejected),
            cancelled: status(Status::Cancelled),
            refunded: status(Status::Refunded),
            pending: status(Status::Pending).saturating_sub(outcome.parked),
            parked: outcome.parked,
            misplaced_cents: outcome.misplaced_cents,
            waits,
            internal: run.counts.internal_messages,
            outside: run.counts.outside_messages,
            service_writes: writes(|party| !party.outside() && !platform(party)),
            platform_writes: writes(platform),
            fired: run.fired.len() as u64,
            critical: run.fired.iter().filter(|fired| fired.exposed).count() as u64,
            recovery: struck.zip(outcome.settled).map(|(struck, settled)| (settled - struck).0),
        }
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

/// The log and the engine: equal infrastructure, of which an architecture has one or none.
fn platform(party: Party) -> bool {
    matches!(party, Party::Engine | Party::Broker)
}

fn broken(verdict: &Verdict) -> u32 {
    let Verdict::Violated(violations) = verdict else { return 0 };
    let position = |id: &str| INVARIANTS.iter().position(|invariant| invariant.id == id);
    let positions = violations.iter().filter_map(|violation| position(violation.property));
    positions.fold(0, |bits, position| bits | 1 << position)
}
