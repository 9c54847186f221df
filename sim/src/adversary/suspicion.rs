//! Which instances the others of their role believe to be lost, which one leads, and which one could follow.
//!
//! No instance can tell a crash from a pause, a cut link or a disk on which nothing can be written any more, so all of them
//! are detected the same way and after the same time.

use crate::fault::{Nodes, SustainedFault};
use crate::service::To;
use crate::site::{Node, Role};
use crate::time::{Instant, Micros};

use super::state::Adversary;

impl Adversary {
    #[inline]
    pub fn role(&self, node: Node) -> Role {
        self.physics.role(node)
    }

    #[inline]
    fn is_replicated(&self, role: Role) -> bool {
        self.physics.roles[role.0 as usize].failover.is_some()
    }

    /// The node an address means: of a replicated role the leader, of others any instance.
    #[inline]
    pub fn resolve(&self, to: To, subject: u32, attempt: u8) -> Node {
        match to {
            To::Role(role) if self.is_replicated(role) => self.leaders[role.0 as usize],
            to => self.physics.resolve(to, subject, attempt),
        }
    }

    /// The leader of a role whose instances are one replicated group.
    pub fn leader(&self, role: Role) -> Option<Node> {
        let led = self.is_replicated(role) && self.physics.roles[role.0 as usize].instances > 0;
        led.then(|| self.leaders[role.0 as usize])
    }

    /// Makes a node the leader after another one; false if that one did not lead its role.
    pub fn succeeds(&mut self, node: Node, lost: Node) -> bool {
        let role = self.role(node);
        if self.is_replicated(role) {
            if self.leaders[role.0 as usize] != lost {
                return false;
            }
            self.leaders[role.0 as usize] = node;
        }
        true
    }

    /// How long a crashed node is away: a replicated role with a single node stands for its whole group, and comes back
    /// when the failover gap is over.
    pub fn away(&self, node: Node, down: Micros) -> Micros {
        let spec = self.physics.spec(node);
        spec.failover.filter(|_| spec.instances == 1).unwrap_or(down)
    }

    /// When an instance finds out that another one of its role is gone, by its own clock.
    pub fn detects_at(&self, node: Node, now: Instant) -> Instant {
        now + self.measured(node, self.physics.takeover, now)
    }

    /// The time after which an instance that was not heard is believed to be lost.
    pub fn patience(&self) -> Micros {
        self.physics.takeover
    }

    /// The other instances of the role of a node.
    pub fn siblings(&self, node: Node) -> impl Iterator<Item = Node> + use<> {
        self.physics.instances(self.role(node)).filter(move |other| *other != node)
    }

    /// Until when the core cannot rely on a node, if that is so.
    pub fn unreliable(&self, node: Node, core: Nodes, now: Instant) -> Option<Instant> {
        let parted = self.cuts(now).filter(|cut| cut.parts(node, core)).map(|cut| cut.until);
        let between = |sustained: SustainedFault| sustained.disrupts(node, core);
        let degraded = self.felt(now).filter(|(sustained, _)| between(*sustained));
        parted.chain(degraded.map(|(_, until)| until)).max()
    }

    /// Until when no other instance of its role hears a node, of those that hear any node; if none does.
    pub fn unheard(&self, node: Node, now: Instant) -> Option<Instant> {
        let listening = self.siblings(node).filter(|other| self.isolated(*other, now).is_none());
        self.reaches_none(node, listening, now)
    }

    /// Until when a node is stopped or cut off from every other one, if it is.
    pub fn unavailable(&self, node: Node, now: Instant) -> Option<Instant> {
        self.paused(node, now).max(self.isolated(node, now))
    }

    /// Until when a node seems to be lost to the others of its role, if it does.
    pub fn suspected(&self, node: Node, now: Instant) -> Option<Instant> {
        if self.down.has(node) {
            return Some(Instant::NEVER);
        }
        self.unavailable(node, now).max(self.unheard(node, now)).max(self.full(node, now))
    }

    /// Whether a node can take over from another.
    pub fn can_take_over(&self, node: Node, now: Instant) -> bool {
        let away = self.down.has(node) || self.outside.has(node);
        !away && self.unavailable(node, now).is_none() && self.full(node, now).is_none()
    }

    /// The next instance of its role that could take over from a node that is alive, where that makes a difference.
    pub fn successor(&self, lost: Node, now: Instant) -> Option<Node> {
        let role = self.role(lost);
        let follows = self.is_replicated(role) && self.leaders[role.0 as usize] != lost;
        if follows || self.down.has(lost) {
            return None;
        }
        let after = self.siblings(lost).filter(|node| *node > lost);
        let before = self.siblings(lost).filter(|node| *node < lost);
        after.chain(before).find(|node| self.can_take_over(*node, now))
    }
}
