//! A memo that is blind to a part of the world misses ends. (The other parts are needed by the checkout: its own tests of
//! exploration have them.)

use std::collections::BTreeSet;
use std::sync::Mutex;

use stormcart_sim::explore::{Alphabet, Explorer};
use stormcart_sim::fault::{CrashPoint, Verb};
use stormcart_sim::{Blind, Micros, World};

use super::LIMITS;
use super::vault::{How, Teller, Watch, world};

fn drops() -> Alphabet {
    Alphabet { delivery: vec![Verb::Drop], ..Alphabet::default() }
}

/// Whoever has answered may die.
fn deaths() -> Alphabet {
    let death = Verb::Crash(CrashPoint::AfterSend, Micros(u64::MAX));
    Alphabet { handler: vec![death], ..drops() }
}

/// The ends that two faults lead to, whether or not they break anything.
fn ends(world: &World<Teller>, alphabet: &Alphabet, memo: Option<Blind>) -> BTreeSet<u64> {
    let (quiet, blind) = (Micros::millis(5), memo.unwrap_or_default());
    let explorer = Explorer { alphabet, limits: LIMITS, memo: memo.is_some(), quiet, blind };
    let ends = Mutex::new(BTreeSet::new());
    explorer.explore(world, 2, |world| -> Vec<()> {
        ends.lock().unwrap().insert(world.fingerprint());
        Vec::new()
    });
    ends.into_inner().unwrap()
}

#[track_caller]
fn needed(part: Blind, (how, watch, outside): (How, Watch, bool), alphabet: &Alphabet) {
    let world = world(how, watch, outside);
    let everything = ends(&world, alphabet, None);
    assert_eq!(ends(&world, alphabet, Some(Blind::NOT)), everything, "a memo that sees all skips no end");
    let blind = ends(&world, alphabet, Some(part));
    assert!(blind.is_subset(&everything) && blind.len() < everything.len(), "{} ends", blind.len());
}

/// Paid twice and paid once leave the same stores where a payment is remembered by its number alone.
#[test]
fn the_ledger() {
    needed(Blind::LEDGER, (How::Careless, Watch::AtRest, false), &drops());
}

/// How often a request took effect is known outside, and nowhere else.
#[test]
fn outside_parties() {
    needed(Blind::OUTSIDE, (How::Counting, Watch::Nothing, true), &drops());
}

/// A vault that has done its work, and one that died of it.
#[test]
fn outages() {
    needed(Blind::OUTAGES, (How::Careful, Watch::Always, false), &deaths());
}
