//! When an instance is gone for long, another one of its role takes over.
//!
//! A crash, a pause, a cut link and a disk without room are noticed the same way and after the same time; what comes back
//! from a pause finds a successor at work, and does not know it yet.
//!
//! **Invariant:** a replicated role has one leader in the eyes of the others, whatever the old one believes.

use crate::fault::Nodes;
use crate::service::{Service, To};
use crate::site::{Identity, Node, Role};
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening};

use super::agenda::Entry;
use super::guest::Input;
use super::hub::State;
use super::perform::Course;

impl<S: Service> State<S> {
    fn siblings(&self, node: Node) -> impl Iterator<Item = Node> + use<S> {
        self.physics.instances(self.physics.role(node)).filter(move |other| *other != node)
    }

    fn is_replicated(&self, role: Role) -> bool {
        self.physics.roles[role.0 as usize].failover.is_some()
    }

    /// The node an address means: of a replicated role the leader, of others any instance.
    pub fn resolve(&self, to: To, subject: u32, attempt: u8) -> Node {
        match to {
            To::Role(role) if self.is_replicated(role) => self.leaders[role.0 as usize],
            to => self.physics.resolve(to, subject, attempt),
        }
    }

    /// How long a crashed node is away: one that stands for a whole replicated group is back when the gap is over.
    pub fn away(&self, node: Node, down: Micros) -> Micros {
        let spec = self.physics.spec(node);
        if spec.instances == 1 { spec.failover.unwrap_or(down) } else { down }
    }

    /// The other instances of a role notice that one is gone until `back`, each by its own clock, if that is long enough.
    pub fn notice(&mut self, lost: Node, back: Instant, cause: Cause) {
        if self.outside.has(lost) {
            return;
        }
        for node in self.siblings(lost) {
            let noticed = self.now + self.measured(node, self.physics.takeover);
            if noticed < back {
                self.agenda_push(noticed, Entry::Takeover { node, lost, cause });
            }
        }
    }

    /// A node that comes back finds out which others are still away.
    pub fn look_around(&mut self, node: Node, cause: Cause) {
        let noticed = self.now + self.measured(node, self.physics.takeover);
        for lost in self.siblings(node) {
            if self.lost_until(lost).is_some() {
                self.agenda_push(noticed, Entry::Takeover { node, lost, cause });
            }
        }
    }

    /// Links from one group to the other were cut: whoever in it is heard by no other instance now is noticed.
    pub fn silence(&mut self, from: Nodes, to: Nodes, cause: Cause) {
        for node in self.among_us(from) {
            if self.siblings(node).any(|other| to.has(other))
                && let Some(until) = self.unheard(node)
            {
                self.notice(node, until, cause);
            }
        }
    }

    /// Parts from everybody whoever is outside the core and reaches it only in part, or comes and goes: nobody would take
    /// over from it while it is heard.
    pub fn leave_out(&mut self, core: Nodes) {
        for node in self.among_us(core.others()) {
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
        let troubled = self.ailments.iter().filter(|ailment| ailment.sustained.comes_between(node, core));
        parted.chain(troubled.map(|ailment| ailment.until)).filter(|until| *until > self.now).max()
    }

    /// Until when no other instance of its role hears a node, of those who hear anybody; if none does.
    fn unheard(&self, node: Node) -> Option<Instant> {
        self.reaches_none(node, self.siblings(node).filter(|other| self.alone(*other).is_none()))
    }

    /// Until when a node is cut off from everybody, if it is.
    fn alone(&self, node: Node) -> Option<Instant> {
        let others = self.among_us(Nodes::one(node).others());
        self.reaches_none(node, others)
    }

    /// Until when messages of a node reach none of these; nothing if there are none or one is reached.
    fn reaches_none(&self, node: Node, others: impl Iterator<Item = Node>) -> Option<Instant> {
        let mut until = None;
        for other in others {
            let cut = self.cut(node, other)?;
            until = Some(until.map_or(cut, |known: Instant| known.min(cut)));
        }
        until
    }

    /// Until when a node is stopped or cut off from everybody, if it is.
    fn outage(&self, node: Node) -> Option<Instant> {
        self.paused(node).max(self.alone(node))
    }

    /// Until when a node seems to be lost to the others of its role, if it does.
    pub fn lost_until(&self, node: Node) -> Option<Instant> {
        if self.down.has(node) {
            return Some(Instant::NEVER);
        }
        self.outage(node).max(self.unheard(node)).max(self.full(node))
    }

    /// Whether a node can take over from another.
    pub fn able(&self, node: Node) -> bool {
        let away = self.down.has(node) || self.outside.has(node);
        !away && self.outage(node).is_none() && self.full(node).is_none()
    }

    /// The next instance of its role that could take over from a node that is alive, where that makes a difference.
    pub fn heir(&self, lost: Node) -> Option<Node> {
        let role = self.physics.role(lost);
        if self.down.has(lost) || self.is_replicated(role) && self.leaders[role.0 as usize] != lost {
            return None;
        }
        let (before, after): (Vec<Node>, Vec<Node>) = self.siblings(lost).partition(|node| *node < lost);
        after.into_iter().chain(before).find(|node| self.able(*node))
    }

    /// An instance notices that another is gone, if that is still so. Who is away itself, or cannot write, takes over
    /// when that is over.
    pub fn take_over(&mut self, node: Node, lost: Node, cause: Cause) {
        if self.down.has(node) || self.lost_until(lost).is_none() {
            return;
        }
        match self.outage(node).or(self.full(node)) {
            Some(Instant::NEVER) if self.outage(node).is_some() => {}
            Some(until) => self.agenda_push(until, Entry::Takeover { node, lost, cause }),
            None => self.succeed(node, lost, cause),
        }
    }

    /// An instance does what another one would do when it came back: the store is shared, so all it needs is there. The
    /// other one may be alive, and is not asked.
    pub fn succeed(&mut self, node: Node, lost: Node, cause: Cause) {
        let role = self.physics.role(node);
        if self.is_replicated(role) {
            if self.leaders[role.0 as usize] != lost {
                return;
            }
            self.leaders[role.0 as usize] = node;
        }
        self.digest.word(self.now.0 ^ u64::from(node.0) << 16);
        let cause = self.record(cause, || Happening::TookOver { node, lost });
        if self.is_guest(node) {
            return self.tell(node, Input::TakeOver, None, (Identity::RECOVERY, cause));
        }
        let effects = self.handle(node, role, None, |service, cx| service.on_takeover(cx));
        self.start(Course::unserved(node, role, Identity::RECOVERY, effects, None, cause));
    }
}
