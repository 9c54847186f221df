//! Faults are data with names: what may go wrong, where, and for how long.
//!
//! **Invariant:** a point fault is decided when the thing it strikes is about to happen, and only by the adversary's
//! `inject`, in both backends and whether a plan, an explorer or a replay asked for it: no other module can take an
//! armed fault (`every_kind_of_point_fault_strikes_in_both_backends`,
//! `every_kind_of_point_fault_strikes_when_it_is_asked_for`).
//! **Invariant:** a kind that is added and not wired in does not compile: no match over kinds has a catch-all, and
//! each has a sample (`kinds_are_matched_one_by_one`).

/// Defines one sample of each kind; a kind without one does not compile.
macro_rules! samples {
    ($fault:ident, $count:literal: $($kind:pat => $sample:expr,)*) => {
        impl $fault {
            /// One of each kind, for whatever has to be done or shown for every kind.
            pub const SAMPLES: [$fault; $count] = [$($sample),*];
        }
        const _: fn(&$fault) = |fault| match fault { $($kind => {})* };
    };
}

mod nodes;
mod point;
mod sustained;

use crate::site::InjectionPoint;
use crate::time::{Instant, Micros};

pub use nodes::Nodes;
pub use point::{CrashPoint, Leap, PointFault};
pub use sustained::SustainedFault;

/// When a sustained fault starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// At a moment.
    At(Instant),
    /// Right after what happens at this site was handled: a fault that waits for an event. An event that never happens,
    /// because its message is lost, starts nothing.
    After(InjectionPoint),
}

/// One fault of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// At a named point of the run.
    At {
        /// The point.
        site: InjectionPoint,
        /// What happens to the delivery there.
        point_fault: PointFault,
    },
    /// For a time.
    During {
        /// When it starts.
        when: When,
        /// For how long; [`Micros`] of `u64::MAX` lasts until the world is healed.
        lasting: Micros,
        /// What happens to the world.
        sustained: SustainedFault,
    },
}

impl Fault {
    /// The family under which it is counted.
    pub fn family(&self) -> &'static str {
        match self {
            Fault::At { point_fault, .. } => point_fault.family(),
            Fault::During { sustained, .. } => sustained.family(),
        }
    }

    /// Whether one of the two finds nothing left to strike, this one coming first in its plan: they are the same, or
    /// one takes from the other the message that it waits for.
    pub fn contradicts(&self, later: &Fault) -> bool {
        match (self, later) {
            (Fault::At { site, point_fault }, Fault::At { site: there, point_fault: other }) => {
                site == there && point_fault.contradicts(other)
            }
            (Fault::At { .. } | Fault::During { .. }, Fault::At { .. } | Fault::During { .. }) => {
                self == later
            }
        }
    }
}
