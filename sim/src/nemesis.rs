//! The armed faults of a plan, and which of them fired.
//!
//! **Invariant:** occurrences are counted only for names that a fault of the plan waits for. What is part of the world's
//! fingerprint is not how many there were but how many are still to come.

use std::hash::{Hash, Hasher};

use crate::fault::{Fault, PointFault, When};
use crate::service::Moment;
use crate::site::{Identity, InjectionPoint, Role};

/// A fault that struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fired {
    /// Which, by position in the plan.
    pub fault: u16,
    /// When.
    pub moment: Moment,
    /// Whether it struck inside a critical window.
    pub exposed: bool,
}

/// What an armed fault does where it waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Trap {
    /// It strikes there.
    Springs(PointFault),
    /// It begins when what happens there was handled.
    Begins,
}

#[derive(Clone, Debug)]
struct Armed {
    name: u64,
    occurrence: u8,
    seen: u8,
    fault: u16,
    trap: Trap,
}

/// Faults waiting for their site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nemesis {
    armed: Vec<Armed>,
    pub fired: Vec<Fired>,
}

impl Nemesis {
    /// Arms the faults that wait for a site.
    pub fn new(faults: &[Fault]) -> Self {
        let waits = |site: &InjectionPoint, fault: usize, trap: Trap| Armed {
            name: site.identity.packed(site.role),
            occurrence: site.occurrence,
            seen: 0,
            fault: fault as u16,
            trap,
        };
        let armed = (faults.iter().enumerate()).filter_map(|(index, fault)| match fault {
            Fault::At { site, point_fault } => Some(waits(site, index, Trap::Springs(*point_fault))),
            Fault::During { when: When::After(site), .. } => Some(waits(site, index, Trap::Begins)),
            Fault::During { when: When::At(_), .. } => None,
        });
        Nemesis { armed: armed.collect(), fired: Vec::new() }
    }

    /// Whether anything waits for its site.
    #[inline]
    pub fn waits(&self) -> bool {
        !self.armed.is_empty()
    }

    /// The faults that wait for this arrival, in the order of the plan; they are spent.
    pub fn inject(&mut self, role: Role, identity: Identity) -> Vec<(u16, Trap)> {
        let name = identity.packed(role);
        let sprung = |armed: &mut Armed| {
            let here = armed.name == name;
            armed.seen = armed.seen.saturating_add(u8::from(here));
            here && armed.seen == armed.occurrence
        };
        self.armed.extract_if(.., sprung).map(|armed| (armed.fault, armed.trap)).collect()
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

/// Which fault begins somewhere is told by its place in the plan; what springs is told by what it does.
impl Hash for Nemesis {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let waiting = |armed: &&Armed| armed.seen < armed.occurrence;
        hasher.write_usize(self.armed.iter().filter(waiting).count());
        let to_come = |armed: &Armed| {
            let begins = (armed.trap == Trap::Begins).then_some(armed.fault);
            (armed.name, armed.occurrence - armed.seen, armed.trap, begins)
        };
        self.armed.iter().filter(waiting).for_each(|armed| to_come(armed).hash(hasher));
    }
}
