//! One plan, executed twice: the proof that a run can be replayed.
//!
//! **Invariant:** both executions start from the plan alone; the second one also records, so a recorder that changed
//! what it records would be found out.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use stormcart_sim::digest::Digest;
use stormcart_sim::draw::Draws;
use stormcart_sim::script::Ended;

use crate::model::{Model, ServiceOf};
use crate::plan::Plan;
use crate::run::{Run, run, run_traced};

/// A plan and what came of it, twice.
pub struct DeterminismCheck<M: Model> {
    /// The plan.
    pub plan: Plan<M>,
    /// The recorded execution.
    pub run: Run,
    /// What it left behind, with its trace.
    pub ended: Ended<ServiceOf<M>>,
    /// The digest of the other execution.
    pub other: u64,
}

impl<M: Model> DeterminismCheck<M> {
    /// Executes a plan twice.
    pub fn of(plan: Plan<M>) -> DeterminismCheck<M> {
        let other = run(&plan).digest;
        let (run, ended) = run_traced(&plan);
        DeterminismCheck { plan, run, ended, other }
    }

    /// Executes a plan twice, with a nondeterminism planted in both: the alarm must ring.
    pub fn planted(plan: Plan<M>) -> DeterminismCheck<M> {
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
pub(crate) fn unsteady<M: Model>(plan: &Plan<M>) -> Plan<M> {
    let roles: std::collections::HashSet<&str> = M::vocabulary().roles.iter().copied().collect();
    let mut order = Digest::default();
    roles.iter().for_each(|role| role.hash(&mut order));
    // A few names may fall into the same order by chance; the hasher's own key never does.
    order.write_u64(roles.hasher().hash_one(0_u8));
    let mut physics = (*plan.physics).clone();
    physics.draws = Draws::new(plan.seed.0 ^ order.finish());
    Plan { physics: Arc::new(physics), ..plan.clone() }
}
