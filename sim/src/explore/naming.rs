//! Names for places: from event numbers to faults, and every fault of a set that can be placed in a run.
//!
//! An exploration places faults by event number, because counting names would keep equal states apart. Executing a path
//! once more and counting then gives each fault its name, and the path becomes a plan like any other.
//!
//! **Invariant:** a run with the named faults of a path is, step for step, the run that was explored
//! (`what_exploration_says_is_least_breaks_it`).

use std::collections::BTreeMap;

use crate::fault::Fault;
use crate::kernel::{Next, World};
use crate::service::Service;
use crate::site::{Identity, InjectionPoint, Role};

use super::fault_set::FaultSet;
use super::outcome::Placed;

/// How often each thing has arrived.
#[derive(Default)]
struct Arrivals(BTreeMap<(Role, Identity), u8>);

impl Arrivals {
    /// The name of what is about to happen, if a fault can strike it now. What is put off comes again, and only then is
    /// it asked which fault waits for it.
    fn next<S: Service>(&mut self, world: &mut World<S>) -> Option<(Next, InjectionPoint)> {
        let next = world.next_site().filter(|next| !next.paused)?;
        let occurrence = self.0.entry((next.role, next.identity)).or_default();
        *occurrence = occurrence.saturating_add(1);
        Some((next, InjectionPoint { role: next.role, identity: next.identity, occurrence: *occurrence }))
    }
}

/// The faults of a path from this world, which has not begun; nothing if there is no such path.
pub fn named<S: Service>(mut world: World<S>, path: &[Placed]) -> Option<Vec<Fault>> {
    let mut arrivals = Arrivals::default();
    let mut faults = Vec::new();
    for placed in path {
        loop {
            let here = world.events() + 1 == placed.event;
            let site = arrivals.next(&mut world).map(|(_, site)| site);
            if here {
                faults.push(Fault::At { site: site?, point_fault: placed.point_fault });
                world.step_with(placed.point_fault);
                break;
            }
            if !world.step() {
                return None;
            }
        }
    }
    Some(faults)
}

/// Every fault of a set at every place of the run of this world, which has not begun, up to so many events.
pub fn placements<S: Service>(mut world: World<S>, fault_set: &FaultSet, events: u64) -> Vec<Fault> {
    let mut arrivals = Arrivals::default();
    let mut faults = Vec::new();
    loop {
        if let Some((next, site)) = arrivals.next(&mut world) {
            faults.extend(fault_set.point_faults(&next).map(|point_fault| Fault::At { site, point_fault }));
        }
        if world.events() >= events || !world.step() {
            return faults;
        }
    }
}
