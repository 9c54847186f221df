//! A memo that is blind to a part of the world misses ends. (The other parts are needed by the checkout: its own
//! tests of exploration have them.)

use std::collections::BTreeSet;
use std::sync::Mutex;

use stormcart_sim::explore::{Explorer, FaultSet};
use stormcart_sim::fault::{CrashPoint, PointFault};
use stormcart_sim::{FingerprintMask, Micros, World};

use super::LIMITS;
use super::vault::{How, Teller, Watch, world};

fn drops() -> FaultSet {
    FaultSet { delivery: vec![PointFault::Drop], ..FaultSet::default() }
}

/// A node that has answered may die.
fn deaths() -> FaultSet {
    let death = PointFault::Crash(CrashPoint::AfterSend, Micros(u64::MAX));
    FaultSet { handler: vec![death], ..drops() }
}

/// The ends that two faults lead to, whether or not they break anything.
fn ends(world: &World<Teller>, fault_set: &FaultSet, memo: Option<FingerprintMask>) -> BTreeSet<u64> {
    let (quiet, mask) = (Micros::millis(5), memo.unwrap_or_default());
    let explorer = Explorer { fault_set, limits: LIMITS, memo: memo.is_some(), quiet, mask };
    let ends = Mutex::new(BTreeSet::new());
    explorer.explore(world, 2, |world| -> Vec<()> {
        ends.lock().unwrap().insert(world.fingerprint());
        Vec::new()
    });
    ends.into_inner().unwrap()
}

#[track_caller]
fn needed(part: FingerprintMask, (how, watch, outside): (How, Watch, bool), fault_set: &FaultSet) {
    let world = world(how, watch, outside);
    let everything = ends(&world, fault_set, None);
    assert_eq!(
        ends(&world, fault_set, Some(FingerprintMask::NONE)),
        everything,
        "a memo that sees all skips no end"
    );
    let fewer = ends(&world, fault_set, Some(part));
    assert!(fewer.is_subset(&everything) && fewer.len() < everything.len(), "{} ends", fewer.len());
}

/// Paid twice and paid once leave the same stores where a payment is remembered by its number alone.
#[test]
fn the_ledger() {
    needed(FingerprintMask::LEDGER, (How::Careless, Watch::AtRest, false), &drops());
}

/// How often a request took effect is known outside, and nowhere else.
#[test]
fn outside_parties() {
    needed(FingerprintMask::OUTSIDE, (How::Counting, Watch::Nothing, true), &drops());
}

/// A vault that has done its work, and one that died of it.
#[test]
fn outages() {
    needed(FingerprintMask::OUTAGES, (How::Careful, Watch::Always, false), &deaths());
}
