//! When an instance is gone for long, another one of its role takes over.
//!
//! Nobody can tell a crash from a pause, a cut link or a disk on which nothing can be written any more, so all of them are
//! noticed the same way and after the same time; what comes back from a pause finds a successor at work, and does not know
//! it yet.
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

    /// The other instances of a role notice that one is gone, each by its own clock, if it is gone for longer than that
    /// takes.
    pub(super) fn notice(&mut self, lost: Node, back: Instant, cause: Cause) {
        if self.outside.has(lost) {
            return;
        }
        for node in self.physics.instances(self.physics.role(lost)).filter(|node| *node != lost) {
            let noticed = self.now + self.measured(node, self.physics.takeover);
            if noticed < back {
                self.queue.push(noticed, order::take_over(node, lost), Event::Takeover { node, lost, cause });
            }
        }
    }

    /// A node that comes back finds out which others are still away.
    pub(super) fn look_around(&mut self, node: Node, cause: Cause) {
        let noticed = self.now + self.measured(node, self.physics.takeover);
        for lost in self.physics.instances(self.physics.role(node)).filter(|other| *other != node) {
            if self.lost_until(lost).is_some() {
                self.queue.push(noticed, order::take_over(node, lost), Event::Takeover { node, lost, cause });
            }
        }
    }

    /// Links from one group to the other were cut: whoever in it is heard by no other instance now is noticed.
    pub(super) fn silence(&mut self, from: Nodes, to: Nodes, cause: Cause) {
        let there = self.hosts.len();
        for node in from.iter().take_while(|node| (node.0 as usize) < there) {
            let mut others = self.physics.instances(self.physics.role(node));
            if others.any(|other| other != node && to.has(other))
                && let Some(until) = self.unheard(node)
            {
                self.notice(node, until, cause);
            }
        }
    }

    /// Parts from everybody whoever is outside the core and reaches it only in part, or comes and goes. Such a node is
    /// heard, so nobody would take over from it, and what it leads or has under way would hang as long as it is there:
    /// membership that lets a core suffice votes out whom one of its members cannot rely on (Suresh et al., Rapid, 2018;
    /// Alquraan et al., 2018, for what partial partitions do to systems without it).
    pub(super) fn leave_out(&mut self, core: Nodes) {
        for node in (0..self.hosts.len() as u8).map(Node).filter(|node| !core.has(*node)) {
            if let Some(until) = self.unreliable(node, core) {
                let cause = self.record(0, || Happening::LeftOut(node));
                let alone = Nodes::one(node);
                self.partition(alone, alone.others(), false, until - self.now, cause);
            }
        }
    }

    /// Until when somebody cannot rely on a node, if that is so.
    fn unreliable(&self, node: Node, core: Nodes) -> Option<Instant> {
        let parted = self.cuts.iter().filter(|cut| cut.parts(node, core)).map(|cut| cut.until);
        let troubled = self.ailing().filter(|(sustained, _)| sustained.comes_between(node, core));
        parted.chain(troubled.map(|(_, until)| until)).filter(|until| *until > self.now).max()
    }

    /// Until when no other instance of its role hears a node, of those who hear anybody; if none does.
    fn unheard(&self, node: Node) -> Option<Instant> {
        let others = self.physics.instances(self.physics.role(node)).filter(|other| *other != node);
        let listening = others.filter(|other| self.alone(*other).is_none());
        self.cut_from_all(node, listening)
    }

    /// Until when a node is cut off from everybody, if it is.
    fn alone(&self, node: Node) -> Option<Instant> {
        let others = (0..self.hosts.len() as u8).map(Node).filter(|other| *other != node);
        self.cut_from_all(node, others)
    }

    /// Until when messages of a node reach none of these; nothing if there are none or one is reached.
    fn cut_from_all(&self, node: Node, mut others: impl Iterator<Item = Node>) -> Option<Instant> {
        let first = self.cut(node, others.next()?)?;
        others.try_fold(first, |until, other| Some(until.min(self.cut(node, other)?)))
    }

    /// Until when a node is stopped or cut off from everybody, if it is.
    fn outage(&self, node: Node) -> Option<Instant> {
        self.paused(node).max(self.alone(node))
    }

    /// Until when a node that is up seems to be lost to the others of its role, if it does.
    pub(super) fn lost_until(&self, node: Node) -> Option<Instant> {
        if self.down.has(node) {
            return Some(Instant::NEVER);
        }
        self.outage(node).max(self.unheard(node)).max(self.full(node))
    }

    /// Whether a node can take over from another.
    pub(super) fn able(&self, node: Node) -> bool {
        !self.down.has(node)
            && !self.outside.has(node)
            && self.outage(node).is_none()
            && self.full(node).is_none()
    }

    /// The next instance of its role that could take over from a node that is alive, where that makes a difference.
    pub(super) fn heir(&self, lost: Node) -> Option<Node> {
        let role = self.physics.role(lost);
        let follows = self.is_replicated(role) && self.leaders[role.0 as usize] != lost;
        if follows || self.down.has(lost) {
            return None;
        }
        let after = self.physics.instances(role).filter(|node| *node > lost);
        let before = self.physics.instances(role).filter(|node| *node < lost);
        after.chain(before).find(|node| self.able(*node))
    }

    /// An instance notices that another is gone, if that is still so.
    pub(super) fn take_over(&mut self, node: Node, lost: Node, cause: Cause) {
        if self.down.has(node) || self.lost_until(lost).is_none() {
            return;
        }
        if let Some(until) = self.outage(node) {
            // Who is away itself notices when it is back.
            if until != Instant::NEVER {
                self.queue.push(until, order::take_over(node, lost), Event::Takeover { node, lost, cause });
            }
            return;
        }
        if let Some(room) = self.full(node) {
            // Who cannot write takes nothing over, before there is room.
            self.queue.push(room, order::take_over(node, lost), Event::Takeover { node, lost, cause });
            return;
        }
        self.succeed(node, lost, cause);
    }

    /// An instance does what another one would do when it came back: the store is shared, so all it needs is there. The
    /// other one may be alive, and is not asked.
    pub(super) fn succeed(&mut self, node: Node, lost: Node, cause: Cause) {
        let role = self.physics.role(node);
        if self.is_replicated(role) {
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

    #[inline]
    fn is_replicated(&self, role: Role) -> bool {
        self.physics.roles[role.0 as usize].failover.is_some()
    }

    /// The node an address means: of a replicated role the leader, of others any instance.
    #[inline]
    pub(super) fn resolve(&self, to: To, subject: u32, attempt: u8) -> Node {
        match to {
            To::Role(role) if self.is_replicated(role) => self.leaders[role.0 as usize],
            to => self.physics.resolve(to, subject, attempt),
        }
    }
}
