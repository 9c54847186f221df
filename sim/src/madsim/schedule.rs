//! What will be done to the world from outside: faults and their ends, nodes that come back, messages put off.
//!
//! Messages on the network and timers of processes are not here: those are the runtime's.

use std::collections::BTreeMap;

use crate::adversary::{Adversary, Job, Scheduled};
use crate::service::Service;
use crate::site::Node;
use crate::time::{Instant, Micros};

/// The least time there is: what lets the others of an instant go first comes in the next one.
pub(super) const INSTANT: Micros = Micros(1);

/// One thing to be done.
#[derive(Clone)]
pub(super) enum Entry<S: Service> {
    Scheduled(Scheduled),
    /// Links carry again between two repetitions of what comes and goes.
    LinksCarry,
    /// A message that was put off arrives; `held` waits for another one on its link.
    Arrive {
        to: Node,
        job: Job<S>,
        held: bool,
    },
}

impl<S: Service> Entry<S> {
    /// The order in which several happen at one instant.
    fn rank(&self) -> u8 {
        match self {
            Entry::Scheduled(Scheduled::End { .. }) | Entry::LinksCarry => 0,
            Entry::Scheduled(Scheduled::Restart { .. }) => 1,
            Entry::Scheduled(Scheduled::Takeover { .. }) => 2,
            Entry::Scheduled(Scheduled::Start(_) | Scheduled::Repeat(_)) => 3,
            Entry::Arrive { .. } => 4,
        }
    }

    /// Whether this is a message held back on a link.
    pub fn held_on(&self, link: (Node, Node)) -> bool {
        matches!(self, Entry::Arrive { to, job, held: true } if (job.from, *to) == link)
    }

    /// Whether this is up to a node, and judged by its clock.
    pub fn detected_by(&self, node: Node) -> bool {
        matches!(self, Entry::Scheduled(what) if what.detected_by(node))
    }
}

/// Entries in the order of their time.
pub(super) struct Schedule<S: Service> {
    entries: BTreeMap<(Instant, u8, u64), Entry<S>>,
    written: u64,
}

impl<S: Service> Schedule<S> {
    /// The schedule of a run before anything has happened.
    pub fn new(adversary: &Adversary) -> Self {
        let mut schedule = Schedule { entries: BTreeMap::new(), written: 0 };
        for (from, fault) in adversary.timed() {
            schedule.push(from, Entry::Scheduled(Scheduled::Start(fault)));
        }
        schedule
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
