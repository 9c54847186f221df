//! What became of each fault of a plan, as the trace of its run shows.
//!
//! **Invariant:** a fault that did not strike says why: its delivery never came, or there is no such place, or there was
//! nothing to strike.

use std::fmt;

use stormcart_sim::fault::Fault;
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{Identity, MessageKind};
use stormcart_sim::trace::{Happening, Trace};
use stormcart_sim::{Instant, Message, Service, Timer};

use crate::determinism_check::DeterminismCheck;
use crate::model::Model;

/// What became of a fault of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultOutcome {
    /// It struck.
    Struck {
        /// When.
        at: Instant,
        /// Inside a critical window.
        exposed: bool,
    },
    /// Its delivery came, and there was nothing to strike: no write to tear, say.
    Harmless,
    /// Deliveries like its own happen in this run, but never that of its order and attempt.
    NeverCame,
    /// Nothing like it ever happens in this run.
    NoSuchSite,
}

impl FaultOutcome {
    /// The fates of a plan's faults, in order.
    pub fn all<M: Model>(checked: &DeterminismCheck<M>) -> Vec<FaultOutcome> {
        let DeterminismCheck { plan, run, ended, .. } = checked;
        let outcome = |(index, fault): (usize, &Fault)| match run
            .fired
            .iter()
            .find(|fired| usize::from(fired.fault) == index)
        {
            Some(fired) => FaultOutcome::Struck { at: fired.moment.at, exposed: fired.exposed },
            None => FaultOutcome::of_unfired(fault, &plan.physics, &ended.trace),
        };
        plan.faults.iter().enumerate().map(outcome).collect()
    }

    fn of_unfired<S: Service>(fault: &Fault, physics: &Physics, trace: &Trace<S>) -> FaultOutcome {
        let Fault::At { site, .. } = fault else { return FaultOutcome::NeverCame };
        let mut outcome = FaultOutcome::NoSuchSite;
        for entry in trace.entries() {
            let (node, identity) = match &entry.what {
                Happening::Delivered { to, message, .. } | Happening::Lost { to, message, .. } => {
                    (*to, message.identity())
                }
                Happening::Timer { node, timer } => (*node, timer.identity()),
                Happening::Restarted(node) => (*node, Identity::RECOVERY),
                Happening::Start
                | Happening::Written { .. }
                | Happening::Aborted(_)
                | Happening::Crashed(_)
                | Happening::TookOver { .. }
                | Happening::Fault { .. }
                | Happening::Ended { .. }
                | Happening::LinksDown { .. }
                | Happening::Evicted(_)
                | Happening::Torn(_)
                | Happening::Healed { .. } => continue,
            };
            let alike = |of: Identity| (of.operation, of.kind);
            if physics.role(node) != site.role || alike(identity) != alike(site.identity) {
                continue;
            }
            if identity == site.identity && (site.occurrence == 1 || identity.kind == MessageKind::Restart) {
                return FaultOutcome::Harmless;
            }
            outcome = FaultOutcome::NeverCame;
        }
        outcome
    }

    /// Whether it struck.
    pub fn struck(self) -> bool {
        matches!(self, FaultOutcome::Struck { .. })
    }
}

impl fmt::Display for FaultOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultOutcome::Struck { at, exposed: true } => {
                write!(f, "struck at {} ms, in a critical window", at.as_millis())
            }
            FaultOutcome::Struck { at, exposed: false } => write!(f, "struck at {} ms", at.as_millis()),
            FaultOutcome::Harmless => f.write_str("its delivery came, with nothing there to strike"),
            FaultOutcome::NeverCame => f.write_str("armed, and never came to its place"),
            FaultOutcome::NoSuchSite => f.write_str("no such place here"),
        }
    }
}
