//! The armed faults of a plan, and which of them fired.
//!
//! **Invariant:** occurrences are counted only for names that a fault of the plan waits for. What is part of the
//! world's fingerprint is not how many there were but how many are still to come
//! (`the_fingerprint_sees_what_is_to_come`).

use std::hash::{Hash, Hasher};

use crate::fault::{Fault, PointFault, When};
use crate::site::{Identity, InjectionPoint, Role};
use crate::time::Moment;

/// A fault that struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Its position in the plan.
    pub fault: u16,
    /// When it struck.
    pub moment: Moment,
    /// Whether it struck inside a critical window of the ground truth.
    pub exposed: bool,
}

/// What an armed fault does where it waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ArmedFault {
    /// It strikes there.
    Inject(PointFault),
    /// It starts when what happens there was handled.
    Start,
}

#[derive(Clone, Debug)]
struct Armed {
    name: u64,
    occurrence: u8,
    seen: u8,
    fault: u16,
    does: ArmedFault,
}

/// Faults waiting for their place.
#[derive(Clone, Debug, Default)]
pub(crate) struct ArmedFaults {
    armed: Vec<Armed>,
    /// A fault of no plan, asked for at whatever is delivered next; there is none between two steps.
    requested: Option<PointFault>,
    /// A fault that has still to strike inside a handler was decided since the last request.
    pub decided: bool,
    pub fired: Vec<Fired>,
}

impl ArmedFaults {
    /// The position of a fault that is in no plan.
    const REQUESTED: u16 = u16::MAX;

    /// Arms the faults that wait for a place.
    pub fn new(plan: &[Fault]) -> Self {
        let waits = |site: &InjectionPoint, fault: usize, does: ArmedFault| Armed {
            name: site.identity.packed(site.role),
            occurrence: site.occurrence,
            seen: 0,
            fault: fault as u16,
            does,
        };
        let armed = plan.iter().enumerate().filter_map(|(index, fault)| match fault {
            Fault::At { site, point_fault } => Some(waits(site, index, ArmedFault::Inject(*point_fault))),
            Fault::During { when: When::After(site), .. } => Some(waits(site, index, ArmedFault::Start)),
            Fault::During { when: When::At(_), .. } => None,
        });
        ArmedFaults { armed: armed.collect(), requested: None, decided: false, fired: Vec::new() }
    }

    /// Whether any fault waits for its place.
    #[inline]
    pub fn waiting(&self) -> bool {
        !self.armed.is_empty() || self.requested.is_some()
    }

    /// Asks for a fault at the delivery of this step, or for none any more.
    pub fn request(&mut self, point_fault: Option<PointFault>) {
        self.requested = point_fault;
        self.decided &= point_fault.is_none();
    }

    /// The faults that wait for this delivery, in the order of the plan; they are spent.
    pub(super) fn due(&mut self, role: Role, identity: Identity) -> Vec<(u16, ArmedFault)> {
        if let Some(point_fault) = self.requested.take() {
            return vec![(Self::REQUESTED, ArmedFault::Inject(point_fault))];
        }
        let name = identity.packed(role);
        let due = |armed: &mut Armed| {
            let here = armed.name == name;
            armed.seen = armed.seen.saturating_add(u8::from(here));
            here && armed.seen == armed.occurrence
        };
        self.armed.extract_if(.., due).map(|armed| (armed.fault, armed.does)).collect()
    }

    /// Those that may still strike.
    pub fn armed(&self) -> impl Iterator<Item = u16> {
        self.armed.iter().filter(|armed| armed.seen < armed.occurrence).map(|armed| armed.fault)
    }

    /// Disarms everything that has not fired.
    pub fn disarm(&mut self) {
        self.armed.clear();
    }
}

/// A fault that starts somewhere is told by its position in the plan, one that strikes there by what it does.
impl Hash for ArmedFaults {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let waiting = |armed: &&Armed| armed.seen < armed.occurrence;
        hasher.write_usize(self.armed.iter().filter(waiting).count());
        let to_come = |armed: &Armed| {
            let starts = (armed.does == ArmedFault::Start).then_some(armed.fault);
            (armed.name, armed.occurrence - armed.seen, armed.does, starts)
        };
        self.armed.iter().filter(waiting).for_each(|armed| to_come(armed).hash(hasher));
    }
}
