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

use super::event::{Event, Task, order};
use super::{Cut, World};

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

    /// A node that comes back finds out which others are still away.
    pub(super) fn look_around(&mut self, node: Node, cause: Cause) {
        let noticed = self.now + self.physics.takeover;
        for lost in self.physics.instances(self.physics.role(node)).filter(|other| *other != node) {
            if self.down.has(lost) {
                self.queue.push(noticed, order::take_over(node, lost), Event::Takeover { node, lost, cause });
            }
        }
    }

    /// Until when a node is stopped or cut off from everybody, if it is.
    fn outage(&self, node: Node) -> Option<Instant> {
        let others = Nodes::one(node).others().0;
        let alone = |cut: &&Cut| cut.until > self.now && cut.from.has(node) && cut.to.0 & others == others;
        let cut_off = self.cuts.iter().filter(alone).map(|cut| cut.until).max();
        self.paused(node).max(cut_off)
    }

    /// An instance does what a lost one would do when it came back: the store is shared, so all it needs is there.
    pub(super) fn take_over(&mut self, node: Node, lost: Node, cause: Cause) {
        if self.down.has(node) || !self.down.has(lost) && self.outage(lost).is_none() {
            return;
        }
        if let Some(until) = self.outage(node) {
            // Who is away itself notices when it is back.
            if until != Instant::NEVER {
                self.queue.push(until, order::take_over(node, lost), Event::Takeover { node, lost, cause });
            }
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
