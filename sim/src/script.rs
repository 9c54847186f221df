//! What a backend is given, and what it gives back.
//!
//! A backend runs a script to its end: all instances start, faults strike, the world is healed in steps, and at rest
//! the truth is judged. The kernel is one backend; the other one runs the same services on a runtime of its own.
//!
//! **Invariant:** what a backend gives back is a function of the script and, on madsim, of a seed (`golden` in the
//! kernel's tests, `equal_seeds_give_equal_digests_on_every_thread`).

use std::fmt;
use std::sync::Arc;

use crate::adversary::Fired;
use crate::fault::{Fault, Nodes};
use crate::journal::Counts;
use crate::physics::Physics;
use crate::service::Service;
use crate::site::Role;
use crate::time::{Instant, Moment};
use crate::trace::Trace;

/// A judge of the truth: what it finds wrong, the truth keeps.
pub type Judge<T> = fn(&mut T, Moment);

/// Makes the memory of an instance that was never up.
pub type Services<S> = Arc<dyn Fn(Role, u8) -> S + Send + Sync>;

/// Makes the first store of a role.
pub type Genesis<S> = Arc<dyn Fn(Role) -> <S as Service>::Store + Send + Sync>;

/// Everything a run needs.
#[derive(Clone)]
pub struct Script<S: Service> {
    /// Where each role runs, and how long things take.
    pub physics: Arc<Physics>,
    /// Ground truth before anything has happened.
    pub truth: S::Truth,
    /// The services that start.
    pub services: Services<S>,
    /// The stores on which they start.
    pub genesis: Genesis<S>,
    /// What goes wrong.
    pub faults: Arc<[Fault]>,
    /// What is done while it runs, in order of time.
    pub healing: Vec<HealingStep<S::Truth>>,
    /// When it must have come to rest.
    pub until: Instant,
    /// Most events.
    pub events: u64,
    /// Judges it at rest.
    pub rest: Judge<S::Truth>,
}

/// Something that is done to the world at a moment.
#[derive(Clone, Copy, Debug)]
pub struct HealingStep<T> {
    /// When it is done.
    pub at: Instant,
    /// A judge that looks first.
    pub judge: Option<Judge<T>>,
    /// The nodes that are healed then.
    pub heals: Nodes,
}

/// Why a run ended before it came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// More events than allowed.
    Events,
    /// Not at rest in time.
    Time,
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Ended<S: Service> {
    /// Ground truth.
    pub truth: S::Truth,
    /// The digest of everything that happened.
    pub digest: u64,
    /// How many events there were.
    pub events: u64,
    /// When the last of them happened, or the world was healed.
    pub at: Instant,
    /// The limit that ended it, if one did.
    pub limit: Option<Limit>,
    /// The faults that struck.
    pub fired: Vec<Fired>,
    /// What it cost.
    pub counts: Counts,
    /// What services noted to have reached, as bits.
    pub probes: u64,
    /// What was recorded.
    pub trace: Trace<S>,
}

impl<S: Service> Script<S> {
    /// The same with other faults.
    pub fn with_faults(&self, faults: &[Fault]) -> Self {
        Script { faults: faults.into(), ..self.clone() }
    }
}

impl<S: Service> fmt::Debug for Script<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("faults", &self.faults).finish_non_exhaustive()
    }
}
