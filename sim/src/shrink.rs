//! Shrinking: as few faults as will do, each as weak as it can be.
//!
//! What "will do" means is the caller's: a closure that runs some faults and, if the same goes wrong as before, says
//! which of them struck. (Delta debugging: Zeller and Hildebrandt 2002. That removing one fault leaves the others where
//! they were is what addressed randomness is for.)
//!
//! **Invariant:** what is returned was seen to break it, or is what was given
//! (`what_a_sweep_finds_shrinks_to_what_is_needed`).

mod fewer;
mod weaker;

use crate::fault::Fault;
use crate::physics::Physics;
use crate::script::Script;
use crate::service::Service;

pub use fewer::{Breaks, fewer, without_unfired};
pub use weaker::{weaker, weaker_than};

/// Fewer faults and weaker ones in turn, until nothing more can go.
pub fn smallest(faults: &[Fault], physics: &Physics, breaks: &mut Breaks<'_>) -> Vec<Fault> {
    let mut left = faults.to_vec();
    loop {
        let before = left.clone();
        left = weaker(&fewer(&left, breaks), physics, breaks);
        if left == before {
            return left;
        }
    }
}

impl<S: Service> Script<S> {
    /// The smallest plan that these faults lead to and that still breaks something; nothing if they break nothing. A
    /// caller that has several rules and means one of them says so in a closure for [`smallest`].
    pub fn shrink(&self, faults: &[Fault]) -> Option<Vec<Fault>> {
        let mut breaks = |some: &[Fault]| Some(self.breaks(some)?.fired);
        let fired = breaks(faults)?;
        Some(smallest(&without_unfired(faults, &fired, &mut breaks), &self.physics, &mut breaks))
    }
}
