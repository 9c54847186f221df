//! The armed faults of a plan, and which of them fired.
//!
//! **Invariant:** occurrences are counted only for names that a fault of the plan waits for. What is part of the world's
//! fingerprint is not how many there were but how many are still to come.

use std::hash::{Hash, Hasher};

use crate::fault::{Fault, Verb};
use crate::service::Moment;
use crate::site::{Identity, Role};

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

#[derive(Clone, Debug)]
struct Armed {
    name: u64,
    occurrence: u8,
    seen: u8,
    fault: u16,
    verb: Verb,
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
        let armed = (faults.iter().enumerate()).filter_map(|(index, fault)| match fault {
            Fault::At { site, verb } => Some(Armed {
                name: site.identity.packed(site.role),
                occurrence: site.occurrence,
                seen: 0,
                fault: index as u16,
                verb: *verb,
            }),
            Fault::During { .. } => None,
        });
        Nemesis { armed: armed.collect(), fired: Vec::new() }
    }

    /// The fault that waits for this arrival, if there is one; it is spent.
    #[inline]
    pub fn strike(&mut self, role: Role, identity: Identity) -> Option<(u16, Verb)> {
        if self.armed.is_empty() {
            return None;
        }
        let name = identity.packed(role);
        let mut struck = None;
        for (index, armed) in self.armed.iter_mut().enumerate() {
            if armed.name == name {
                armed.seen = armed.seen.saturating_add(1);
                if armed.seen == armed.occurrence && struck.is_none() {
                    struck = Some(index);
                }
            }
        }
        let armed = self.armed.remove(struck?);
        Some((armed.fault, armed.verb))
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

impl Hash for Nemesis {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let waiting = |armed: &&Armed| armed.seen < armed.occurrence;
        hasher.write_usize(self.armed.iter().filter(waiting).count());
        let to_come = |armed: &Armed| (armed.name, armed.occurrence - armed.seen, armed.verb);
        self.armed.iter().filter(waiting).for_each(|armed| to_come(armed).hash(hasher));
    }
}
