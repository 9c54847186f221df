//! What a scenario promises to show, and whether a sweep showed it.
//!
//! **Invariant:** a promise is judged only from the number of runs that the scenario states, and only where the choices
//! that were made leave a way for it to be kept.

use serde::{Deserialize, Serialize};

use crate::model::Model;
use crate::scenario::Scenario;
use crate::summary::{Storms, Summary};
use crate::variant::Variant;

/// Something that was promised and did not occur.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// The architecture whose sweep missed it.
    pub architecture: String,
    /// The promise, and what was seen instead.
    pub missed: String,
}

/// The promises of a scenario that a variant's sweep did not keep.
pub fn misses<M: Model>(scenario: &Scenario, variant: &Variant, summary: &Summary) -> Vec<Miss> {
    let promises = &scenario.promises;
    if summary.runs < promises.from_runs {
        return Vec::new();
    }
    let goals = variant.catalog.goals;
    let possible = |name: &&String| {
        let goal = goals.iter().position(|known| known == name);
        goal.is_none_or(|goal| M::goal_possible(goal, variant))
    };
    let unseen = |name: &&String| summary.sometimes.get(name.as_str()).is_none_or(|times| *times == 0);
    let promised = promises.coverage_goals.iter().filter(possible).filter(unseen);
    let unmet = promised.map(|name| format!("{name}: not once in {} runs", summary.runs));
    let exposed = exposed_percent(&summary.storms).filter(|percent| *percent < promises.exposed_percent);
    let exposure = exposed.map(|percent| {
        let promised = promises.exposed_percent;
        format!("a fault inside a critical window: in {percent:.1} % of the runs with faults, {promised} % promised")
    });
    let miss = |missed| Miss { architecture: variant.architecture.name.into(), missed };
    unmet.chain(exposure).map(miss).collect()
}

/// Of a hundred runs that were to have faults, in how many one struck inside a critical window.
pub fn exposed_percent(storms: &Storms) -> Option<f64> {
    (storms.planned > 0).then(|| storms.critical as f64 * 100.0 / storms.planned as f64)
}
