//! From the path of an exploration to faults with names.
//!
//! An exploration places faults by event number, because counting names would keep equal states apart. Executing a path
//! once more and counting then gives each fault its name, and the path becomes a plan like any other.
//!
//! **Invariant:** the plan with these faults is, step for step, the run that was explored.

use std::collections::BTreeMap;

use stormcart_sim::explore::Placed;
use stormcart_sim::fault::Fault;
use stormcart_sim::site::Site;
use stormcart_sim::trace::Trace;

use crate::plan::Plan;
use crate::run;

/// The faults of a path; nothing if there is no such path in the world of this plan.
pub fn faults(plan: &Plan, path: &[Placed]) -> Option<Vec<Fault>> {
    let mut world = run::world(plan, Trace::off());
    let mut arrivals = BTreeMap::new();
    let mut faults = Vec::new();
    for placed in path {
        loop {
            let here = world.events() + 1 == placed.event;
            // What is put off comes again, and only then is it asked which fault waits for it.
            let next = world.next_site().filter(|next| !next.put_off);
            let site = next.map(|next| {
                let occurrence: &mut u8 = arrivals.entry((next.role, next.identity)).or_default();
                *occurrence = occurrence.saturating_add(1);
                Site { role: next.role, identity: next.identity, occurrence: *occurrence }
            });
            if here {
                faults.push(Fault::At { site: site?, verb: placed.verb });
                world.step_with(placed.verb);
                break;
            }
            if !world.step() {
                return None;
            }
        }
    }
    Some(faults)
}
