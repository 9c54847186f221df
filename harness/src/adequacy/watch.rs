//! One run, looked at before every event in which a fault can strike.
//!
//! **Invariant:** a watched run is the run: it is stepped through, and nothing is asked that changes it.

use std::collections::BTreeMap;

use stormcart_sim::Next;
use stormcart_sim::fault::{Fault, When};
use stormcart_sim::site::{Identity, InjectionPoint};
use stormcart_sim::trace::Trace;

use crate::model::Model;
use crate::plan::Plan;
use crate::run::{self, Run, WorldOf};

use super::{Cell, Coverage, Passed, Setting};

/// Something passed while a fault could have struck it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The number of the event.
    pub event: u64,
    /// What was about to happen.
    pub next: Next,
    /// Where exactly.
    pub site: InjectionPoint,
    /// Where, and in which situation.
    pub setting: Setting,
}

/// A run, and what passed in it.
#[derive(Clone, Debug)]
pub struct Watched {
    /// The run.
    pub run: Run,
    /// What passed, in order.
    pub visits: Vec<Visit>,
}

impl Watched {
    /// Executes a plan under observation.
    pub fn of<M: Model>(plan: &Plan<M>) -> Watched {
        let mut world = run::world(plan, Trace::off());
        let mut arrivals: BTreeMap<(u8, Identity), u8> = BTreeMap::new();
        let mut visits = Vec::new();
        while world.events() < plan.limits.events && world.next_at().is_some_and(|at| at < plan.safety_until)
        {
            // What is put off comes again, and only then is it asked which fault waits for it.
            if let Some(next) = world.next_site().filter(|next| !next.paused) {
                let occurrence = arrivals.entry((next.role.0, next.identity)).or_default();
                *occurrence = occurrence.saturating_add(1);
                let site =
                    InjectionPoint { role: next.role, identity: next.identity, occurrence: *occurrence };
                visits.push(Visit {
                    event: world.events() + 1,
                    next,
                    site,
                    setting: setting::<M>(&world, &next),
                });
            }
            world.step();
        }
        Watched { run: run::finish(plan, world), visits }
    }

    /// The cells that faults of the plan hit, one for each fault that struck what passed at a site.
    pub fn hits<M: Model>(&self, plan: &Plan<M>) -> Vec<Cell> {
        let hit = |fault: &Fault| {
            let (Fault::At { site, .. } | Fault::During { when: When::After(site), .. }) = fault else {
                return None;
            };
            let visit = self.visits.iter().find(|visit| visit.site == *site)?;
            Some(Cell { setting: visit.setting, family: fault.family() })
        };
        let fired = self.run.fired.iter().filter_map(|fired| plan.faults.get(usize::from(fired.fault)));
        fired.filter_map(hit).collect()
    }

    /// What this run covers.
    pub fn coverage<M: Model>(&self, plan: &Plan<M>) -> Coverage {
        let mut coverage = Coverage { runs: 1, ..Coverage::default() };
        for visit in &self.visits {
            let first = (plan.seed, visit.event);
            coverage.passed.entry(visit.setting).or_insert(Passed { times: 0, first }).times += 1;
        }
        for cell in self.hits(plan) {
            *coverage.hit.entry(cell).or_default() += 1;
        }
        coverage
    }
}

/// The setting of what happens next.
fn setting<M: Model>(world: &WorldOf<M>, next: &Next) -> Setting {
    let Identity { operation, kind, .. } = next.identity;
    let progress = M::subject_of(&next.identity).and_then(|subject| M::progress(world.truth(), subject));
    Setting { role: next.role, operation, kind, progress }
}
