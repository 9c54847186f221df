//! Every single fault: what decides whether a failure needs two.
//!
//! Wider than what shrinking looks at: at every place the full alphabet with four lengths of time, pauses, takeovers and
//! overtaking; and by the clock, at every instant at which something happens, what may befall each node, and cuts between
//! any two roles.
//!
//! **Invariant:** each is decided by an ordinary run, and none of the code that shrinks is used.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use stormcart::Model;
use stormcart::harness::explore::fault_set_size::{Durations, FaultSetSize};
use stormcart::harness::run::world;
use stormcart_models::checkout::model::{Checkout, Plan};
use stormcart_sim::fault::{Fault, Leap, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{InjectionPoint, MessageKind, Node, Role};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Instant, Micros, Next};

use super::oracle::breaks;

/// How long things last.
const TIMES: [Micros; 4] = [Micros::millis(200), Micros::millis(1_500), Micros::secs(6), Micros::secs(45)];

/// How much is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// The full alphabet of exploration at every place.
    FaultSet,
    /// That with more lengths of time and more verbs, and everything by the clock.
    Everything,
}

/// One fault, or none, that breaks the property in this plan's world, and how many were tried.
pub fn single(plan: &Plan, property: &str, width: Width) -> (Option<Vec<Fault>>, usize) {
    let bare = plan.with_faults(Vec::new());
    if breaks(&bare, property) {
        return (Some(Vec::new()), 1);
    }
    let faults = faults(&bare, width);
    let found = faults.par_iter().find_first(|fault| breaks(&bare.with_faults(vec![**fault]), property));
    (found.map(|fault| vec![*fault]), faults.len())
}

/// Every fault, in the run without any.
fn faults(bare: &Plan, width: Width) -> Vec<Fault> {
    let timeouts = Durations::of(Checkout::timing(&bare.setup));
    let mut durations = vec![timeouts];
    if width == Width::Everything {
        durations.extend(TIMES.map(|time| Durations { short: time, late: time, long: timeouts.long }));
    }
    let alphabets: Vec<_> =
        durations.iter().map(|times| FaultSetSize::Full.fault_set::<Checkout>(*times, &bare.setup)).collect();
    let mut world = world(bare, Trace::off());
    let mut arrivals: BTreeMap<_, u8> = BTreeMap::new();
    let (mut faults, mut instants) = (Vec::new(), BTreeSet::new());
    loop {
        if let Some(next) = world.next_site().filter(|next| !next.paused) {
            let occurrence = arrivals.entry((next.role, next.identity)).or_default();
            *occurrence = occurrence.saturating_add(1);
            let site = InjectionPoint { role: next.role, identity: next.identity, occurrence: *occurrence };
            let mut point_faults: Vec<PointFault> =
                alphabets.iter().flat_map(|fault_set| fault_set.point_faults(&next)).collect();
            if width == Width::Everything {
                point_faults.extend(others(&next));
                instants.extend(world.next_at());
            }
            let mut seen = BTreeSet::new();
            point_faults.retain(|point_fault| seen.insert(*point_fault));
            faults.extend(point_faults.into_iter().map(|point_fault| Fault::At { site, point_fault }));
        }
        if world.events() >= bare.limits.events || !world.step() {
            break;
        }
    }
    let strikes = strikes(&bare.physics);
    let by_the_clock = instants.into_iter().flat_map(|at: Instant| {
        let lasting = move |sustained: SustainedFault| {
            TIMES.map(|lasting| Fault::During { when: When::At(at), lasting, sustained })
        };
        strikes.iter().flat_map(move |sustained| lasting(*sustained))
    });
    faults.extend(by_the_clock);
    faults
}

/// What may happen at a place and is not in the alphabet.
fn others(next: &Next) -> Vec<PointFault> {
    let mut point_faults = Vec::new();
    if !matches!(next.identity.kind, MessageKind::Restart | MessageKind::Timer) {
        point_faults.extend(TIMES.map(PointFault::Reorder));
    }
    if !next.outside && next.identity.kind != MessageKind::Restart {
        point_faults.extend(TIMES.map(PointFault::Pause).into_iter().chain([PointFault::SplitBrain]));
    }
    point_faults
}

/// What may befall nodes: each of them alone, and any two roles.
fn strikes(physics: &Physics) -> Vec<SustainedFault> {
    let inside = (0..physics.nodes() as u8).map(Node).filter(|node| !physics.spec(*node).outside);
    let alone = inside.flat_map(|node| {
        let this = Nodes::one(node);
        let leap = Micros::secs(45);
        [
            SustainedFault::Pause(node),
            SustainedFault::Crash(this),
            SustainedFault::Partition { a: this, b: this.others(), one_way: false },
            SustainedFault::FullDisk(this),
            SustainedFault::SlowDisk(this, 50),
            SustainedFault::Slow(this, 50),
            SustainedFault::Clock(node, Leap::Ahead(leap)),
            SustainedFault::Clock(node, Leap::Behind(leap)),
        ]
    });
    let roles: Vec<Nodes> = (0..physics.roles.len() as u8)
        .map(|role| {
            physics.instances(Role(role)).fold(Nodes::default(), |all, node| all.and(Nodes::one(node)))
        })
        .filter(|nodes| nodes.0 != 0)
        .collect();
    let pairs = (0..roles.len()).flat_map(|a| (a + 1..roles.len()).map(move |b| (a, b)));
    let cuts = pairs.map(|(a, b)| SustainedFault::Partition { a: roles[a], b: roles[b], one_way: false });
    alone.chain(cuts).collect()
}
