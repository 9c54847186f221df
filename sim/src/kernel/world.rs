//! The world as one value.

use std::sync::Arc;

use crate::adversary::{Adversary, Fired, Scheduled, pending, sustained};
use crate::fault::{Fault, PointFault};
use crate::journal::{Counts, Journal};
use crate::physics::{Isolation, Physics};
use crate::queue::Queue;
use crate::service::Service;
use crate::site::{Identity, MessageKind, Node, Role};
use crate::store::Database;
use crate::time::{Instant, Moment};
use crate::trace::Trace;

use super::cached::Cached;
use super::disks::Disks;
use super::event::{Event, order};
use super::hosts::Hosts;
use super::network::Network;

/// A simulated world in the middle of a run.
#[derive(Clone)]
pub struct World<S: Service> {
    pub(super) physics: Arc<Physics>,
    pub(super) journal: Journal<S>,
    pub(super) queue: Queue<Event<S>, (Node, S::Timer)>,
    pub(super) hosts: Hosts<S>,
    pub(super) disks: Disks<S>,
    pub(super) network: Network,
    pub(super) truth: Cached<S::Truth>,
    pub(super) adversary: Adversary,
}

/// What the next event is, for deciding where a fault goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// The node to which it happens.
    pub node: Node,
    /// The role of that node.
    pub role: Role,
    /// What it is about.
    pub identity: Identity,
    /// The sender, if it is a message.
    pub from: Option<Node>,
    /// Whether it happens to an outside party.
    pub outside: bool,
    /// Whether the node is paused, so that this happens later and no fault strikes it now.
    pub paused: bool,
    /// Whether something else happens at the same instant.
    pub tied: bool,
    /// Whether it is handled at once, with a transaction at that instant if it commits at all: nothing waits for a
    /// worker, and nothing reads first and commits later.
    pub prompt: bool,
}

impl<S: Service> World<S> {
    /// A world at time zero: every node has just started, faults are armed, nothing has happened.
    ///
    /// `services` makes the memory of an instance, `genesis` the initial store of a role.
    pub fn new(
        physics: Arc<Physics>,
        truth: S::Truth,
        services: impl Fn(Role, u8) -> S,
        genesis: impl Fn(Role) -> S::Store,
        plan: Arc<[Fault]>,
        trace: Trace<S>,
    ) -> Self {
        let nodes = (0..physics.nodes() as u8).map(Node);
        let roles = (0..physics.roles.len() as u8).map(Role);
        let service = |node| services(physics.role(node), physics.instance(node));
        let mut world = World {
            journal: Journal::new(roles.len(), trace),
            queue: Queue::new(),
            hosts: Hosts::new(nodes.clone().map(service)),
            disks: Disks::new(roles.map(genesis)),
            network: Network::default(),
            truth: Cached::new(truth),
            adversary: Adversary::new(Arc::clone(&physics), plan),
            physics,
        };
        for (from, fault) in world.adversary.timed() {
            let what = Scheduled::Start(fault);
            world.queue.push(from, order::scheduled(&what), Event::Scheduled(what));
        }
        nodes.for_each(|node| pending::boot(&mut world, node, None, 0));
        world
    }

    /// Executes the next event; false when nothing will ever happen again.
    #[inline]
    pub fn step(&mut self) -> bool {
        let Some((at, priority, event)) = self.queue.pop() else { return false };
        debug_assert!(at >= self.journal.now, "time runs forward");
        self.journal.now = at;
        self.journal.events += 1;
        match event {
            Event::Deliver(envelope) => self.deliver(envelope, priority),
            Event::Timer { node, timer, cause } => self.fire(node, timer, cause, priority),
            Event::Resume(task) => self.resume_task(task, priority),
            Event::Redeliver { to, job, held } => self.redelivered(to, job, held, priority),
            Event::Scheduled(what) => sustained::happen(self, what),
        }
        true
    }

    /// Executes the next event with this fault striking it; true if it struck, or will when the handler gets to where
    /// it crashes. If not, the world is what [`World::step`] would have made of it.
    pub fn step_with(&mut self, point_fault: PointFault) -> bool {
        let before = self.fired().len();
        self.adversary.faults.request(Some(point_fault));
        self.step();
        self.adversary.faults.request(None);
        self.adversary.faults.decided || self.fired().len() > before
    }

    /// Executes everything that happens before `until`, at most `limit` events; false if the limit was hit.
    pub fn run_until(&mut self, until: Instant, limit: u64) -> bool {
        while self.queue.next_at().is_some_and(|at| at < until) {
            if self.events() >= limit {
                return false;
            }
            self.step();
        }
        true
    }

    /// Lets time pass to a moment before which nothing happens any more.
    pub fn wait_until(&mut self, until: Instant) {
        debug_assert!(self.queue.next_at().is_none_or(|at| at >= until), "something happens before {until}");
        self.journal.now = self.now().max(until);
    }

    /// What happens next, if it is something a fault can strike.
    pub fn next_site(&mut self) -> Option<Next> {
        let (node, identity, from) = self.queue.peek()?.1.site()?;
        let role = self.physics.role(node);
        let restart = identity.kind == MessageKind::Restart;
        Some(Next {
            node,
            role,
            identity,
            from,
            outside: self.adversary.is_outside(node),
            paused: !restart && self.adversary.paused(node, self.now()).is_some(),
            tied: !restart && self.queue.tied(),
            prompt: !self.adversary.is_degraded()
                && self.hosts.is_free(node, self.physics.workers)
                && self.physics.roles[role.0 as usize].isolation == Isolation::Serializable,
        })
    }

    /// Virtual time.
    pub fn now(&self) -> Instant {
        self.journal.now
    }

    /// When the next event happens.
    pub fn next_at(&mut self) -> Option<Instant> {
        self.queue.next_at()
    }

    /// How many events happened.
    pub fn events(&self) -> u64 {
        self.journal.events
    }

    /// Ground truth so far.
    pub fn truth(&self) -> &S::Truth {
        self.truth.get()
    }

    /// Lets the truth be judged at this moment of the run.
    pub fn judge(&mut self, judge: impl FnOnce(&mut S::Truth, Moment)) {
        judge(self.truth.change(), self.journal.moment());
    }

    /// The database of a role.
    pub fn database(&self, role: Role) -> &Database<S> {
        self.disks.of(role)
    }

    /// The memory of an instance.
    pub fn memory(&self, node: Node) -> &S {
        self.hosts.memory(node)
    }

    /// The constants of this world.
    pub fn physics(&self) -> &Physics {
        &self.physics
    }

    /// What the run cost so far.
    pub fn counts(&self) -> &Counts {
        &self.journal.counts
    }

    /// How many transactions were committed so far.
    pub(crate) fn commits(&self) -> u64 {
        self.journal.counts.syncs.iter().sum()
    }

    /// The faults that struck so far.
    pub fn fired(&self) -> &[Fired] {
        &self.adversary.faults.fired
    }

    /// What services noted to have reached, as bits.
    pub fn probes(&self) -> u64 {
        self.journal.probes
    }

    /// What was recorded.
    pub fn trace(&self) -> &Trace<S> {
        &self.journal.trace
    }
}
