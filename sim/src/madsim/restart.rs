//! Processes that come up, and what is on the schedule.

use std::sync::Arc;

use madsim::net::Endpoint;

use crate::adversary::{Backend, detect_failed_siblings, inject, pending, sustained};
use crate::service::Service;
use crate::site::{Identity, Node};
use crate::trace::{Cause, Happening};

use super::schedule::Entry;
use super::shared::State;
use super::tracker::Arrival;

impl<S: Service> State<S> {
    /// Something that was scheduled happens.
    pub fn happen(&mut self, entry: Entry<S>) {
        match entry {
            // What arrives counts when it does.
            Entry::Arrive { to, job, .. } => self.hand_over(to, job, Arrival::Delayed),
            Entry::Scheduled(what) => {
                if self.tick() {
                    sustained::happen(self, what);
                }
            }
            Entry::LinksCarry => {
                if self.tick() {
                    sustained::expire(self);
                }
            }
        }
    }

    /// The first thing a process does, at the start of the run and after a crash.
    pub fn boot(&mut self, node: Node, endpoint: Arc<Endpoint>) {
        if !self.tick() {
            return;
        }
        let first = self.processes.bound(node, endpoint);
        let (mut cause, mut pending) = (0, None);
        let role = self.physics.role(node);
        if !first {
            self.adversary.comes_up(node);
            self.journal.mark(u64::from(node.0), 40);
            cause = self.journal.record(cause, || Happening::Restarted(node));
            self.cut_tail(role, cause);
            self.check_replay(role);
            let due = inject::due(self, role, Identity::RECOVERY);
            pending = inject::handler(self, &due, node, 0, cause);
        }
        if self.is_external(node) {
            self.start_external(node, pending, cause);
            return self.comes_up(node, first, cause);
        }
        pending::boot(self, node, pending, cause);
        self.comes_up(node, first, cause);
    }

    /// A process is up.
    fn comes_up(&mut self, node: Node, first: bool, cause: Cause) {
        if !first && !self.adversary.is_down(node) {
            detect_failed_siblings(self, node, cause);
        }
        self.stop(node);
    }
}
