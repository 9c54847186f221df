//! Nodes that start and come back, and logs that are replayed.

use crate::adversary::inject::{self, Due};
use crate::adversary::{outage, takeover};
use crate::fault::Nodes;
use crate::service::{Effect, Service, Truth};
use crate::site::{Identity, Node, Role};
use crate::trace::{Cause, Happening};

use super::World;
use super::event::Task;

impl<S: Service> World<S> {
    /// A crashed node comes back: its store is what the log says, its memory is fresh.
    pub(super) fn come_back(&mut self, node: Node, cause: Cause) {
        if !self.adversary.is_down(node) {
            return;
        }
        self.adversary.comes_up(node);
        self.journal.mark(u64::from(node.0), 40);
        let cause = self.journal.record(cause, || Happening::Restarted(node));
        let role = self.physics.role(node);
        self.cut_tail(role, cause);
        self.check_replay(role);
        let due = self.due(role, Identity::RECOVERY);
        self.boot(node, cause, &due);
        if !self.adversary.is_down(node) {
            takeover::detect_failed_siblings(self, node, cause);
        }
    }

    /// The first thing a node does, at the start of the run and after a crash. Where its disk has no room for what it
    /// writes then, it does not come up before there is.
    pub(super) fn boot(&mut self, node: Node, cause: Cause, due: &Due) {
        let pending = inject::handler(self, due, node, 0, cause);
        let role = self.physics.role(node);
        let effects = self.handle(node, role, None, |service, cx| service.on_restart(cx));
        if let Some(until) = self.adversary.full(node, self.now())
            && effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
        {
            let cause = self.journal.record(cause, || Happening::Aborted(node));
            return outage::crash(self, node, until.away_from(self.now()), cause);
        }
        let pending = self.decided(pending, &effects);
        self.execute(Task::without_worker(node, role, Identity::RECOVERY, effects, pending, cause));
    }

    /// Ends the safety phase: no fault strikes any more, and links and nodes within `core` work again. What lies
    /// outside stays as it is, and a node on which the core cannot rely is evicted, so that a core that suffices has to
    /// do without it.
    pub fn heal(&mut self, core: Nodes) {
        outage::heal(self, core);
    }

    /// S18: folding the durable log gives the durable state, byte for byte.
    fn check_replay(&mut self, role: Role) {
        let equal = self.disks.replays(role);
        self.truth.change().replayed(self.journal.moment(), role, equal);
    }

    /// Replays the logs of which a crash ever took something back. All others are the fold of their logs by the way
    /// records are written; a run looks at them nevertheless, and an exploration, which ends a million times, does not.
    pub fn check_rewound_replays(&mut self) {
        for role in (0..self.physics.roles.len() as u8).map(Role) {
            if self.disks.of(role).rewound() {
                self.check_replay(role);
            }
        }
    }

    /// Replays every log once more, at rest.
    pub fn check_all_replays(&mut self) {
        (0..self.physics.roles.len() as u8).for_each(|role| self.check_replay(Role(role)));
    }
}
