//! What will be done to the world from outside: strikes and their ends, nodes that come back, messages put off.
//!
//! Messages on the network and timers of processes are not here: those are the runtime's.

use std::collections::BTreeMap;

use crate::fault::{Fault, SustainedFault, When};
use crate::service::Service;
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::Cause;

use super::letter::Job;

/// One thing to be done, in the order in which several happen at one instant.
#[derive(Clone)]
pub(super) enum Entry<S: Service> {
    /// What this fault began is over.
    Mend { fault: u16 },
    /// A crashed node is started again.
    Restart { node: Node },
    /// An instance notices that another one of its role is gone.
    Takeover { node: Node, lost: Node, cause: Cause },
    /// A fault with a time strikes.
    SustainedFault(u16),
    /// What comes and goes comes again, and goes on for so long.
    Beat { fault: u16, sustained: SustainedFault, left: Micros },
    /// A message that was put off arrives; `held` waits for another one on its link.
    Arrive { to: Node, job: Job<S>, held: bool },
}

impl<S: Service> Entry<S> {
    fn rank(&self) -> u8 {
        match self {
            Entry::Mend { .. } => 0,
            Entry::Restart { .. } => 1,
            Entry::Takeover { .. } => 2,
            Entry::SustainedFault(_) | Entry::Beat { .. } => 3,
            Entry::Arrive { .. } => 4,
        }
    }

    /// Whether this is a message held back on a link.
    pub fn held_on(&self, link: (Node, Node)) -> bool {
        matches!(self, Entry::Arrive { to, job, held: true } if (job.from, *to) == link)
    }

    /// Whether this is up to a node, and judged by its clock.
    pub fn noticed_by(&self, node: Node) -> bool {
        matches!(self, Entry::Takeover { node: who, .. } if *who == node)
    }
}

/// Entries in the order of their time.
pub(super) struct Agenda<S: Service> {
    entries: BTreeMap<(Instant, u8, u64), Entry<S>>,
    written: u64,
}

impl<S: Service> Agenda<S> {
    /// The agenda of a plan, before anything has happened.
    pub fn new(plan: &[Fault]) -> Self {
        let mut agenda = Agenda { entries: BTreeMap::new(), written: 0 };
        for (index, fault) in plan.iter().enumerate() {
            if let Fault::During { when: When::At(from), .. } = fault {
                agenda.push(*from, Entry::SustainedFault(index as u16));
            }
        }
        agenda
    }

    pub fn push(&mut self, at: Instant, entry: Entry<S>) {
        self.written += 1;
        self.entries.insert((at, entry.rank(), self.written), entry);
    }

    /// When the first of them is due.
    pub fn next_at(&self) -> Instant {
        self.entries.first_key_value().map_or(Instant::NEVER, |((at, ..), _)| *at)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Takes the first one off that is due by now.
    pub fn due(&mut self, now: Instant) -> Option<Entry<S>> {
        let first = self.entries.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// Takes all of these off, in order.
    pub fn extract(&mut self, these: impl Fn(&Entry<S>) -> bool) -> Vec<(Instant, Entry<S>)> {
        let found = self.entries.extract_if(.., |_, entry| these(entry));
        found.map(|((at, ..), entry)| (at, entry)).collect()
    }

    /// Moves these to other times.
    pub fn retime(&mut self, these: impl Fn(&Entry<S>) -> bool, moved: impl Fn(Instant) -> Instant) {
        for (at, entry) in self.extract(these) {
            self.push(moved(at), entry);
        }
    }
}
