//! One plan, executed twice: the proof that a run can be replayed.
//!
//! **Invariant:** both executions start from the plan alone; the second one also records, so a recorder that changed
//! what it records would be found out.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use stormcart_models::service::Checkout;
use stormcart_models::words::Party;
use stormcart_sim::digest::Digest;
use stormcart_sim::draw::Draws;
use stormcart_sim::script::Ended;

use crate::plan::Plan;
use crate::run::{Run, run, run_traced};

/// A plan and what came of it, twice.
pub struct DeterminismCheck {
    /// The plan.
    pub plan: Plan,
    /// The recorded execution.
    pub run: Run,
    /// What it left behind, with its trace.
    pub ended: Ended<Checkout>,
    /// The digest of the other execution.
    pub other: u64,
}

impl DeterminismCheck {
    /// Executes a plan twice.
    pub fn of(plan: Plan) -> DeterminismCheck {
        let other = run(&plan).digest;
        let (run, ended) = run_traced(&plan);
        DeterminismCheck { plan, run, ended, other }
    }

    /// Executes a plan twice, with a nondeterminism planted in both: the alarm must ring.
    pub fn planted(plan: Plan) -> DeterminismCheck {
        let other = run(&unsteady(&plan)).digest;
        DeterminismCheck { other, ..DeterminismCheck::of(unsteady(&plan)) }
    }

    /// Whether both executions were the same.
    pub fn identical(&self) -> bool {
        self.run.digest == self.other
    }
}

/// The bug that everybody ships once: latencies depend on the iteration order of a map with a random hasher.
#[expect(clippy::disallowed_types, reason = "the point is an order that differs between executions")]
pub(crate) fn unsteady(plan: &Plan) -> Plan {
    let parties: std::collections::HashSet<&str> = Party::NAMES.iter().copied().collect();
    let mut order = Digest::default();
    parties.iter().for_each(|party| party.hash(&mut order));
    // Eleven names fall into the same order by chance once in forty million times; the hasher's own key never.
    order.write_u64(parties.hasher().hash_one(0_u8));
    let mut physics = (*plan.physics).clone();
    physics.draws = Draws::new(plan.seed.0 ^ order.finish());
    Plan { physics: Arc::new(physics), ..plan.clone() }
}
