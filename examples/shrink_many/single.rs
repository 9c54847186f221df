//! Every single fault: what decides whether a failure needs two.
//!
//! Wider than what shrinking looks at: at every place the full alphabet with four lengths of time, pauses, takeovers and
//! overtaking; and by the clock, at every instant at which something happens, what may befall each node, and cuts between
//! any two roles.
//!
//! **Invariant:** each is decided by an ordinary run, and none of the code that shrinks is used.

use std::collections::{BTreeMap, BTreeSet};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use stormcart::explore::breadth::{Breadth, Durations};
use stormcart::plan::Plan;
use stormcart::run::world;
use stormcart_sim::fault::{Fault, Leap, Nodes, Strike, Verb, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{Leg, Node, Role, Site};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Instant, Micros, Next};

use super::oracle::breaks;

/// How long things last.
const TIMES: [Micros; 4] = [Micros::millis(200), Micros::millis(1_500), Micros::secs(6), Micros::secs(45)];

/// How much is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// The full alphabet of exploration at every place.
    Alphabet,
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
    let terms = Durations::of(&bare.setup.terms);
    let mut durations = vec![terms];
    if width == Width::Everything {
        durations.extend(TIMES.map(|time| Durations { short: time, late: time, long: terms.long }));
    }
    let alphabets: Vec<_> =
        durations.iter().map(|times| Breadth::Full.alphabet(*times, &bare.setup.contract)).collect();
    let mut world = world(bare, Trace::off());
    let mut arrivals: BTreeMap<_, u8> = BTreeMap::new();
    let (mut faults, mut instants) = (Vec::new(), BTreeSet::new());
    loop {
        if let Some(next) = world.next_site().filter(|next| !next.put_off) {
            let occurrence = arrivals.entry((next.role, next.identity)).or_default();
            *occurrence = occurrence.saturating_add(1);
            let site = Site { role: next.role, identity: next.identity, occurrence: *occurrence };
            let mut verbs: Vec<Verb> = alphabets.iter().flat_map(|alphabet| alphabet.verbs(&next)).collect();
            if width == Width::Everything {
                verbs.extend(others(&next));
                instants.extend(world.next_at());
            }
            let mut seen = BTreeSet::new();
            verbs.retain(|verb| seen.insert(*verb));
            faults.extend(verbs.into_iter().map(|verb| Fault::At { site, verb }));
        }
        if world.events() >= bare.limits.events || !world.step() {
            break;
        }
    }
    let strikes = strikes(&bare.physics);
    let by_the_clock = instants.into_iter().flat_map(|at: Instant| {
        let lasting =
            move |strike: Strike| TIMES.map(|lasting| Fault::During { when: When::At(at), lasting, strike });
        strikes.iter().flat_map(move |strike| lasting(*strike))
    });
    faults.extend(by_the_clock);
    faults
}

/// What may happen at a place and is not in the alphabet.
fn others(next: &Next) -> Vec<Verb> {
    let mut verbs = Vec::new();
    if !matches!(next.identity.leg, Leg::Restart | Leg::Timer) {
        verbs.extend(TIMES.map(Verb::Reorder));
    }
    if !next.outside && next.identity.leg != Leg::Restart {
        verbs.extend(TIMES.map(Verb::Pause).into_iter().chain([Verb::Supersede]));
    }
    verbs
}

/// What may befall nodes: each of them alone, and any two roles.
fn strikes(physics: &Physics) -> Vec<Strike> {
    let inside = (0..physics.nodes() as u8).map(Node).filter(|node| !physics.spec(*node).outside);
    let alone = inside.flat_map(|node| {
        let this = Nodes::one(node);
        let leap = Micros::secs(45);
        [
            Strike::Pause(node),
            Strike::Crash(this),
            Strike::Partition { a: this, b: this.others(), one_way: false },
            Strike::FullDisk(this),
            Strike::SlowDisk(this, 50),
            Strike::Slow(this, 50),
            Strike::Clock(node, Leap::Ahead(leap)),
            Strike::Clock(node, Leap::Behind(leap)),
        ]
    });
    let roles: Vec<Nodes> = (0..physics.roles.len() as u8)
        .map(|role| {
            physics.instances(Role(role)).fold(Nodes::default(), |all, node| all.and(Nodes::one(node)))
        })
        .filter(|nodes| nodes.0 != 0)
        .collect();
    let pairs = (0..roles.len()).flat_map(|a| (a + 1..roles.len()).map(move |b| (a, b)));
    let cuts = pairs.map(|(a, b)| Strike::Partition { a: roles[a], b: roles[b], one_way: false });
    alone.chain(cuts).collect()
}
