//! When an instance is gone for long, another one of its role takes over.
//!
//! Nobody can tell a crash from a pause or from a cut link, so all three are noticed the same way and after the same
//! time; what comes back from a pause finds a successor at work, and does not know it yet.
//!
//! **Invariant:** a replicated role has one leader in the eyes of the others, whatever the old one believes.

use crate::fault::Nodes;
use crate::service::{Service, To};
use crate::site::{Identity, Node, Role};
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening};

use super::World;
use super::event::{Event, Task, order};

impl<S: Service> World<S> {
    /// How long a crashed node is away: a replicated role with a single node stands for its whole group, and a
    /// follower takes over when the failover gap is over.
    pub(super) fn away(&self, node: Node, down: Micros) -> Micros {
        let spec = self.physics.spec(node);
        spec.failover.filter(|_| spec.instances == 1).unwrap_or(down)
    }

    /// The other instances of a role notice that one is gone, if it is gone for longer than that takes.
    pub(super) fn notice(&mut self, lost: Node, back: Instant, cause: Cause) {
        let noticed = self.now + self.physics.takeover;
        if noticed >= back || self.outside.has(lost) {
            return;
        }
        for node in self.physics.instances(self.physics.role(lost)).filter(|node| *node != lost) {
            self.queue.push(noticed, order::take_over(node, lost), Event::Takeover { node, lost, cause });
        }
    }

    /// Down, stopped, or cut off from everybody.
    fn gone(&self, node: Node) -> bool {
        let alone = Nodes::one(node);
        let cut_off = self.cuts.iter().any(|cut| {
            cut.until > self.now && cut.from == alone && cut.to.0 & alone.others().0 == alone.others().0
        });
        self.down.has(node) || self.paused(node).is_some() || cut_off
    }

    /// An instance does what a lost one would do when it came back: the store is shared, so all it needs is there.
    pub(super) fn take_over(&mut self, node: Node, lost: Node, cause: Cause) {
        if self.gone(node) || !self.gone(lost) {
            return;
        }
        let role = self.physics.role(node);
        if self.physics.roles[role.0 as usize].failover.is_some() {
            if self.leaders[role.0 as usize] != lost {
                return;
            }
            self.leaders[role.0 as usize] = node;
        }
        self.digest.word(self.now.0 ^ u64::from(node.0) << 16);
        let cause = self.record(cause, || Happening::TookOver { node, lost });
        let effects = self.handle(node, role, None, |service, cx| service.on_takeover(cx));
        self.execute(Task::unserved(node, role, Identity::RECOVERY, effects, None, cause));
    }

    /// The node an address means: of a replicated role the leader, of others any instance.
    #[inline]
    pub(super) fn resolve(&self, to: To, subject: u32, attempt: u8) -> Node {
        match to {
            To::Role(Role(role)) if self.physics.roles[role as usize].failover.is_some() => {
                self.leaders[role as usize]
            }
            to => self.physics.resolve(to, subject, attempt),
        }
    }
}
