//! Processes that come up, and what is on the schedule.

use std::sync::Arc;

use madsim::net::Endpoint;

use crate::adversary::inject;
use crate::adversary::{Backend, outage, takeover};
use crate::service::{Effect, Service};
use crate::site::{Identity, Node};
use crate::trace::{Cause, Happening};

use super::deliver::Arrival;
use super::execute::Task;
use super::schedule::Entry;
use super::shared::State;

impl<S: Service> State<S> {
    /// Something that was scheduled happens.
    pub fn happen(&mut self, entry: Entry<S>) {
        match entry {
            // What arrives counts when it does.
            Entry::Arrive { to, job, .. } => self.hand_over(to, job, Arrival::Delayed),
            Entry::Scheduled(what) => {
                if self.tick() {
                    outage::happen(self, what);
                }
            }
            Entry::LinksCarry => {
                if self.tick() {
                    outage::expire(self);
                }
            }
        }
    }

    /// The first thing a process does, at the start of the run and after a crash. Where its disk has no room for what it
    /// writes then, it does not come up before there is.
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
            let due = self.adversary.faults.due(role, Identity::RECOVERY);
            pending = inject::handler(self, &due, node, 0, cause);
        }
        if self.is_external(node) {
            self.start_external(node, pending, cause);
            return self.comes_up(node, first, cause);
        }
        let effects = self.handle(node, role, None, |service, cx| service.on_restart(cx));
        if let Some(until) = self.adversary.full(node, self.now())
            && effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
        {
            let cause = self.journal.record(cause, || Happening::Aborted(node));
            return outage::crash(self, node, until.away_from(self.now()), cause);
        }
        let pending = inject::decided(self, pending, &effects);
        self.start(Task::without_worker(node, role, Identity::RECOVERY, effects, pending, cause));
        self.comes_up(node, first, cause);
    }

    /// A process is up.
    fn comes_up(&mut self, node: Node, first: bool, cause: Cause) {
        if !first && !self.adversary.is_down(node) {
            takeover::detect_failed_siblings(self, node, cause);
        }
        self.stop(node);
    }
}
