//! Weaker faults: shorter, later, narrower, less of it, or another that does less.
//!
//! Kinds, from the strongest: to isolate; to pause; to corrupt or reorder; to delay; to drop. Again and again is
//! stronger than once. A crash is weaker the less of a handler it leaves undone: after the first message is out,
//! after the commit, before it; during the sync it may be either, and in the middle of a write there is debris on
//! top. One during recovery is none of these.
//!
//! **Invariant:** weaker is a partial order without cycles, so that shrinking ends: a weaker fault of the same kind
//! is less in something and more in nothing, and one of another kind is further down
//! (`weaker_and_weaker_comes_to_an_end`).

mod ladder;
mod point_fault;
mod sustained;

use crate::fault::Fault;
use crate::physics::Physics;

use super::fewer::{Breaks, accepted};

/// Each fault in turn as weak as it can be.
pub fn weaker(faults: &[Fault], physics: &Physics, breaks: &mut Breaks<'_>) -> Vec<Fault> {
    let mut left = faults.to_vec();
    let mut number = 0;
    while number < left.len() {
        let weaker = weaker_than(&left[number], physics).into_iter().find_map(|fault| {
            let mut faults = left.clone();
            faults[number] = fault;
            accepted(&faults, breaks)
        });
        match weaker {
            Some(weaker) => left = weaker,
            None => number += 1,
        }
    }
    left
}

/// Weaker variants of a fault, the weakest first.
pub fn weaker_than(fault: &Fault, physics: &Physics) -> Vec<Fault> {
    match *fault {
        Fault::At { site, point_fault } => point_fault::weaker(site, point_fault, physics.roles.len()),
        Fault::During { when, lasting, sustained } => {
            sustained::weaker(when, lasting, sustained, physics.all_nodes())
        }
    }
}
