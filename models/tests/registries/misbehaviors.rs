//! Misbehaviors: each one in the table does something at one of its places.

use std::sync::Arc;

use stormcart_models::checkout::misbehaviors::{MISBEHAVIORS, MisbehaviorSite};
use stormcart_models::checkout::setup::{ProviderCapabilities, Setup};
use stormcart_models::checkout::vocabulary::{Misbehavior, Op, Party};
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::site::{Identity, InjectionPoint};
use stormcart_sim::trace::Happening;

use super::world::{ORDERS, Shop, open_with, setup};

/// Everything that a run with these faults delivered and wrote.
fn happened(faults: &[Fault]) -> Vec<String> {
    let capabilities = ProviderCapabilities { replays_errors: true, look_up: true, webhooks: true };
    let setup = Setup { capabilities, ..setup(Shop::Choreography, 1) };
    let mut world = open_with(setup, Shop::Choreography, 2, 7, Arc::from(faults));
    while world.events() < 5_000 && world.step() {}
    let told = world.trace().entries().iter().filter(|entry| !matches!(entry.what, Happening::Fault { .. }));
    told.map(|entry| format!("{} {:?}", entry.at, entry.what)).collect()
}

/// Every place where a misbehavior of a site can show in a small run.
fn places(site: &MisbehaviorSite) -> impl Iterator<Item = Fault> {
    let MisbehaviorSite { party, misbehavior, at, kind } = *site;
    let ops = if at.is_empty() { Op::ALL } else { at };
    ops.iter().flat_map(move |op| {
        (0..ORDERS).map(move |subject| Fault::At {
            site: InjectionPoint {
                role: party.role(),
                identity: Identity { operation: op.operation(), kind, subject, attempt: 1 },
                occurrence: 1,
            },
            point_fault: PointFault::Misbehave(misbehavior.misbehavior()),
        })
    })
}

#[test]
fn every_misbehavior_changes_a_run() {
    let quiet = happened(&[]);
    for site in MISBEHAVIORS {
        let MisbehaviorSite { party, misbehavior, kind, .. } = site;
        let shows = places(site).any(|fault| happened(&[fault]) != quiet);
        assert!(shows, "{misbehavior} of {party}, {}: nothing comes of it", kind.word());
    }
}

#[test]
fn every_misbehavior_is_somebodys() {
    for misbehavior in Misbehavior::ALL {
        let whose = Party::ALL
            .iter()
            .filter(|party| party.misbehavior_sites().any(|site| site.misbehavior == *misbehavior));
        assert!(whose.count() > 0, "{misbehavior} is in no row of the table");
    }
}
