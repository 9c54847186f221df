//! Nodes that start and come back, and logs that are replayed.

use crate::adversary::{detect_failed_siblings, inject, pending, sustained};
use crate::fault::Nodes;
use crate::service::{Service, Truth};
use crate::site::{Identity, Node, Role};
use crate::trace::{Cause, Happening};

use super::world::World;

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
        let due = inject::due(self, role, Identity::RECOVERY);
        let failures = inject::handler(self, &due, node, 0, cause);
        pending::boot(self, node, failures, cause);
        if !self.adversary.is_down(node) {
            detect_failed_siblings(self, node, cause);
        }
    }

    /// Ends the safety phase: no fault strikes any more, and links and nodes within `core` work again. What lies
    /// outside stays as it is, and a node on which the core cannot rely is evicted, so that a core that suffices has to
    /// do without it.
    pub fn heal(&mut self, core: Nodes) {
        sustained::heal(self, core);
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
