//! The kernel: a discrete-event loop over `(time, addressed priority)`.
//!
//! The whole world is one value. It can be cloned in the middle of a run (nodes and databases are copied when they
//! change), compared by fingerprint, and continued; a run is nothing but `while world.step() {}`.
//!
//! **Invariant:** a step is a function of the world alone.

mod ailment;
mod befall;
mod deliver;
mod event;
mod execute;
mod fingerprint;
mod mask;
mod outage;
mod takeover;
mod view;

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use crate::cut::Cut;
use crate::digest::Digest;
use crate::draw::{Lane, Purpose};
use crate::fault::{Fault, Nodes, PointFault, When};
use crate::nemesis::{Fired, Nemesis};
use crate::physics::{Isolation, Physics, Spread};
use crate::queue::Queue;
use crate::script::{Ended, Limit};
use crate::service::{Effect, Message, Moment, Service, Timer, To, Truth};
use crate::site::{Identity, MessageKind, Node, Role};
use crate::store::Database;
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening, Trace};

use ailment::Ailment;
use event::{Delivery, Event, Job, order};
pub use mask::FingerprintMask;

pub use view::{Closed, Pending};

/// A simulated world in the middle of a run.
#[derive(Clone)]
pub struct World<S: Service> {
    physics: Arc<Physics>,
    now: Instant,
    events: u64,
    queue: Queue<Event<S>, (Node, S::Timer)>,
    hosts: Vec<Cached<Host<S>>>,
    /// Workers at work, by node; apart from the hosts, so that the end of a handler changes none.
    busy: Vec<u8>,
    databases: Vec<Cached<Database<S>>>,
    truth: Cached<S::Truth>,
    cuts: Vec<Cut>,
    pauses: Vec<(Node, Instant)>,
    /// What else lasts, in the order in which it began.
    ailments: Vec<Ailment>,
    /// What crashes in the middle of a write left behind the logs of roles: records without the mark of their commit.
    torn: Vec<(Role, Vec<S::Record>)>,
    /// Links on which messages are held back, one entry for each of them in the queue.
    held: Vec<(Node, Node)>,
    /// Who has been healed: no strike befalls them any more.
    healed: Nodes,
    down: Nodes,
    /// Who leads, by role; meaningful for replicated ones.
    leaders: Vec<Node>,
    /// Nodes of outside parties, as the physics has it.
    outside: Nodes,
    nemesis: Nemesis,
    plan: Arc<[Fault]>,
    digest: Digest,
    trace: Trace<S>,
    counts: Counts,
    /// Emptied effect lists, kept for the next handler.
    spare: Vec<Vec<Effect<S>>>,
    /// What services noted to have reached; no part of the state.
    probes: u64,
    /// A handler was doomed to crash or to abort in this step or before; for [`World::step_with`].
    doomed: bool,
}

/// A value shared between forks until it changes, with a place to remember its hash.
#[derive(Debug)]
struct Cached<T> {
    shared: Arc<Hashed<T>>,
}

impl<T> Clone for Cached<T> {
    fn clone(&self) -> Self {
        Cached { shared: Arc::clone(&self.shared) }
    }
}

/// A value and what is known of it.
#[derive(Debug)]
struct Hashed<T> {
    value: T,
    /// 0 while it is not known.
    hash: AtomicU64,
    /// A database was found to be the fold of its log.
    replayed: AtomicBool,
}

/// One instance: its memory, and what waits for it.
#[derive(Clone)]
struct Host<S: Service> {
    service: S,
    waiting: VecDeque<Job<S>>,
}

impl<S: Service> Hash for Host<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.service.hash(hasher);
        self.waiting.iter().for_each(|job| job.hash(hasher));
    }
}

/// Exact counts of what a run cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages sent from one node inside to another.
    pub internal_messages: u64,
    /// Messages to or from an outside party.
    pub outside_messages: u64,
    /// Forced writes, by role.
    pub syncs: Vec<u64>,
    /// Commands refused because the queue was full or nobody listened.
    pub refused: u64,
}

/// What the next event is, for whoever decides where a fault goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Where it happens.
    pub node: Node,
    /// The role of that node.
    pub role: Role,
    /// What it is about.
    pub identity: Identity,
    /// Who sent it, if it is a message.
    pub from: Option<Node>,
    /// Whether it happens to an outside party.
    pub outside: bool,
    /// Whether the node stands still, so that this happens later and no fault strikes it now.
    pub put_off: bool,
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
        let host = |node| Host {
            service: services(physics.role(node), physics.instance(node)),
            waiting: VecDeque::new(),
        };
        let roles = 0..physics.roles.len();
        let mut world = World {
            now: Instant::ZERO,
            events: 0,
            queue: Queue::new(),
            busy: vec![0; physics.nodes()],
            hosts: nodes.clone().map(|node| Cached::new(host(node))).collect(),
            databases: roles
                .clone()
                .map(|role| Cached::new(Database::new(genesis(Role(role as u8)))))
                .collect(),
            truth: Cached::new(truth),
            cuts: Vec::new(),
            pauses: Vec::new(),
            ailments: Vec::new(),
            torn: Vec::new(),
            held: Vec::new(),
            healed: Nodes::default(),
            down: Nodes::default(),
            leaders: roles.clone().map(|role| physics.first(Role(role as u8))).collect(),
            outside: (nodes.clone().filter(|node| physics.spec(*node).outside))
                .fold(Nodes::default(), |all, node| all.and(Nodes::one(node))),
            nemesis: Nemesis::new(&plan),
            digest: Digest::default(),
            trace,
            counts: Counts { syncs: roles.map(|_| 0).collect(), ..Counts::default() },
            spare: Vec::new(),
            probes: 0,
            doomed: false,
            plan,
            physics,
        };
        for (index, fault) in world.plan.clone().iter().enumerate() {
            if let Fault::During { when: When::At(from), .. } = fault {
                let fault = index as u16;
                world.queue.push(*from, order::inject(fault), Event::SustainedFault(fault));
            }
        }
        nodes.for_each(|node| world.boot(node, 0, &[]));
        world
    }

    /// Executes the next event; false when nothing will ever happen again.
    #[inline]
    pub fn step(&mut self) -> bool {
        self.advance(None)
    }

    /// Executes the next event with this fault striking it; true if it struck, or will when the handler gets to where
    /// it crashes. If not, the world is what [`World::step`] would have made of it.
    pub fn step_with(&mut self, point_fault: PointFault) -> bool {
        let before = self.nemesis.fired.len();
        self.doomed = false;
        self.advance(Some((u16::MAX, point_fault)));
        self.doomed || self.nemesis.fired.len() > before
    }

    fn advance(&mut self, point_fault: Option<(u16, PointFault)>) -> bool {
        let Some((at, priority, event)) = self.queue.pop() else { return false };
        debug_assert!(at >= self.now, "time runs forward");
        self.now = at;
        self.events += 1;
        match event {
            Event::Deliver(delivery) => self.deliver(delivery, priority, point_fault),
            Event::Timer { node, timer, cause } => self.fire(node, timer, cause, priority, point_fault),
            Event::Resume(task) => self.resume(task, priority),
            Event::Restart { node, cause } => self.restart(node, cause, point_fault),
            Event::Takeover { node, lost, cause } => self.take_over(node, lost, cause),
            Event::SustainedFault(fault) => self.strike_during(fault),
            Event::Arrive { to, job, held } => self.deliver_late(to, job, held, priority, point_fault),
            Event::Beat(beat) => self.beat(beat, 0),
            Event::Mend { fault } => self.mended(fault),
        }
        true
    }

    /// Executes everything that happens before `until`, at most `limit` events; false if the limit was hit.
    pub fn run_until(&mut self, until: Instant, limit: u64) -> bool {
        while self.queue.next_at().is_some_and(|at| at < until) {
            if self.events >= limit {
                return false;
            }
            self.step();
        }
        true
    }

    /// Lets time pass to a moment before which nothing happens any more.
    pub fn wait_until(&mut self, until: Instant) {
        debug_assert!(self.queue.next_at().is_none_or(|at| at >= until), "something happens before {until}");
        self.now = self.now.max(until);
    }

    /// What happens next, if it is something a fault can strike.
    pub fn next_site(&mut self) -> Option<Next> {
        let (node, identity, from) = match self.queue.peek()?.1 {
            Event::Deliver(d) => (d.to, d.message.identity(), Some(d.from)),
            Event::Timer { node, timer, .. } => (*node, timer.identity(), None),
            Event::Restart { node, .. } => (*node, Identity::RECOVERY, None),
            Event::Arrive { to, job, .. } => (*to, job.message.identity(), Some(job.from)),
            Event::Resume(_)
            | Event::Takeover { .. }
            | Event::SustainedFault(_)
            | Event::Beat(_)
            | Event::Mend { .. } => return None,
        };
        let role = self.physics.role(node);
        let outside = self.outside.has(node);
        let put_off = identity.kind != MessageKind::Restart && self.paused(node).is_some();
        let tied = identity.kind != MessageKind::Restart && self.queue.tied();
        let prompt = self.ailments.is_empty()
            && self.busy[node.0 as usize] < self.physics.workers
            && self.physics.roles[role.0 as usize].isolation == Isolation::Serializable;
        Some(Next { node, role, identity, from, outside, put_off, tied, prompt })
    }

    /// Virtual time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// When the next event happens.
    pub fn next_at(&mut self) -> Option<Instant> {
        self.queue.next_at()
    }

    /// How many events happened.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// Ground truth so far.
    pub fn truth(&self) -> &S::Truth {
        &self.truth.shared.value
    }

    /// Lets the truth be judged where the run stands.
    pub fn judge(&mut self, judge: impl FnOnce(&mut S::Truth, Moment)) {
        let moment = self.moment();
        judge(self.truth.change(), moment);
    }

    /// The database of a role.
    pub fn database(&self, role: Role) -> &Database<S> {
        &self.databases[role.0 as usize].shared.value
    }

    /// The memory of an instance.
    pub fn memory(&self, node: Node) -> &S {
        &self.hosts[node.0 as usize].shared.value.service
    }

    /// The constants of this world.
    pub fn physics(&self) -> &Physics {
        &self.physics
    }

    /// What the run cost so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many transactions were committed so far.
    pub(crate) fn commits(&self) -> u64 {
        self.counts.syncs.iter().sum()
    }

    /// The faults that struck so far.
    pub fn fired(&self) -> &[Fired] {
        &self.nemesis.fired
    }

    /// What services noted to have reached, as bits.
    pub fn probes(&self) -> u64 {
        self.probes
    }

    /// What was recorded.
    pub fn trace(&self) -> &Trace<S> {
        &self.trace
    }

    /// What the run left behind; `limit` is what ended it, if it is not at rest.
    pub(crate) fn end(self, limit: Option<Limit>) -> Ended<S> {
        Ended {
            digest: self.digest(),
            truth: self.truth.shared.value.clone(),
            events: self.events,
            at: self.now,
            limit,
            fired: self.nemesis.fired,
            counts: self.counts,
            probes: self.probes,
            trace: self.trace,
        }
    }

    fn moment(&self) -> Moment {
        Moment { at: self.now, event: self.events }
    }

    fn record(&mut self, cause: Cause, what: impl FnOnce() -> Happening<S>) -> Cause {
        self.trace.record(self.events, self.now, cause, what)
    }

    /// Notes that a fault struck, before its consequences.
    #[cold]
    fn struck(&mut self, fault: u16, subject: Option<u32>, cause: Cause) -> Cause {
        let exposed = self.truth().exposed(subject);
        self.nemesis.fired.push(Fired { fault, moment: self.moment(), exposed });
        self.digest.word(u64::from(fault) << 1 | 1);
        self.record(cause, || Happening::Fault { fault })
    }

    #[inline]
    fn send(&mut self, from: Node, to: To, message: S::Message, cause: Cause) {
        let identity = message.identity();
        let to = self.resolve(to, identity.subject, identity.attempt);
        let role = self.physics.role(to);
        let bits = self.physics.draws.bits(
            Purpose::Message,
            identity.packed(role) >> 32,
            u64::from(identity.subject),
        );
        let outside = self.outside.has(from) || self.outside.has(to);
        let link = if from == to {
            Spread::default()
        } else if outside {
            self.counts.outside_messages += 1;
            self.physics.outside_link
        } else {
            self.counts.internal_messages += 1;
            self.physics.link
        };
        let mut time = link.draw(bits, Lane::Link);
        if !self.ailments.is_empty() {
            time = time.times(self.link_slowed(from, to));
        }
        let at = self.now + time;
        self.queue.push(at, bits.priority(), Event::Deliver(Delivery { from, to, message, bits, cause }));
    }

    fn arm(&mut self, node: Node, timer: S::Timer, after: Micros, jitter: Micros, cause: Cause) {
        let identity = timer.identity();
        let bits = self.physics.draws.bits(
            Purpose::Timer,
            identity.packed(self.physics.role(node)) >> 32 | u64::from(self.physics.instance(node)) << 32,
            u64::from(identity.subject),
        );
        let time = after + Micros(bits.within(Lane::Link, jitter.0));
        let at = self.now + self.measured(node, time);
        self.queue.push_named((node, timer), at, bits.priority(), Event::Timer { node, timer, cause });
    }
}
