//! What all processes of a run share: the physics, the adversary, the truth, and who is where.
//!
//! Handlers of all nodes run on one thread, so the lock is never waited for; it is what lets the runtime's tasks share.
//!
//! **Invariant:** nobody awaits anything while they hold the state.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use madsim::net::{Endpoint, NetSim};
use madsim::runtime::{Handle, NodeHandle};
use madsim::time::TimeHandle;

use crate::cut::Cut;
use crate::digest::Digest;
use crate::fault::{Fault, Nodes};
use crate::kernel::Counts;
use crate::nemesis::{Fired, Nemesis};
use crate::physics::Physics;
use crate::service::{Moment, Service, Truth};
use crate::site::{Node, Role};
use crate::time::Instant;
use crate::trace::{Cause, Happening, Trace};

use super::agenda::Agenda;
use super::alarms::Alarms;
use super::disk::Disk;
use super::guest::Place;
use super::lasting::Ailment;
use super::letter::{Job, Post};
use super::nap;
use super::wire::Clogged;

/// The runtime forgets tasks that are done only when it is asked how many there are; asked after so many events.
const SPRING_CLEANING: u64 = 4_096;

/// The state, and what must not wait for it.
pub(super) struct Hub<S: Service> {
    pub clock: TimeHandle,
    pub post: Arc<Post<S>>,
    state: Mutex<State<S>>,
}

/// One instance: its process, its memory, and what waits for it.
pub(super) struct Machine<S: Service> {
    /// Of the process that runs there now.
    pub process: NodeHandle,
    pub address: SocketAddr,
    /// None before the first process has bound it. That of a dead process still says that nobody listens.
    pub endpoint: Option<Arc<Endpoint>>,
    pub memory: S,
    pub waiting: VecDeque<Job<S>>,
    /// Workers at work.
    pub busy: u8,
    pub alarms: Alarms<S::Timer>,
    /// Who sits there instead of a service.
    pub guest: Option<Place<S>>,
}

/// Everything that happens to the world happens here.
pub(super) struct State<S: Service> {
    pub hub: Weak<Hub<S>>,
    pub post: Arc<Post<S>>,
    pub physics: Arc<Physics>,
    pub plan: Arc<[Fault]>,
    pub now: Instant,
    /// When the last thing happened.
    pub last: Instant,
    /// How many handlers and outages there were.
    pub events: u64,
    /// Most events.
    pub budget: u64,
    /// The budget is used up: nothing happens any more.
    pub over: bool,
    pub machines: Vec<Machine<S>>,
    /// The node whose tasks carry messages: what was sent is on its way, whatever becomes of the sender.
    pub wire: NodeHandle,
    pub runtime: Handle,
    pub net: Arc<NetSim>,
    pub disk: Arc<Disk<S>>,
    pub agenda: Agenda<S>,
    pub truth: S::Truth,
    pub nemesis: Nemesis,
    pub cuts: Vec<Cut>,
    pub clogged: Clogged,
    pub pauses: Vec<(Node, Instant)>,
    pub ailments: Vec<Ailment>,
    /// Who has been healed: no strike befalls them any more.
    pub healed: Nodes,
    pub down: Nodes,
    /// Whose process ran before.
    pub started: Nodes,
    /// Down, and about to come up.
    pub booting: Nodes,
    /// Who leads, by role; meaningful for replicated ones.
    pub leaders: Vec<Node>,
    pub outside: Nodes,
    pub digest: Digest,
    pub trace: Trace<S>,
    pub counts: Counts,
    pub probes: u64,
}

impl<S: Service> Hub<S> {
    pub fn new(
        clock: TimeHandle,
        post: Arc<Post<S>>,
        state: impl FnOnce(Weak<Self>) -> State<S>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|hub| Hub { clock, post, state: Mutex::new(state(Weak::clone(hub))) })
    }

    /// The state, at the moment it is.
    pub fn enter(&self) -> MutexGuard<'_, State<S>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = nap::now(&self.clock);
        state
    }
}

impl<S: Service> State<S> {
    /// Something happens; false if it may not, because the budget is used up.
    pub fn tick(&mut self) -> bool {
        if self.events >= self.budget {
            self.over = true;
            self.post.ring();
            return false;
        }
        self.events += 1;
        self.last = self.now;
        if self.events.is_multiple_of(SPRING_CLEANING) {
            self.runtime.metrics().num_tasks();
        }
        true
    }

    pub fn machine(&mut self, node: Node) -> &mut Machine<S> {
        &mut self.machines[node.0 as usize]
    }

    /// All there are of these nodes.
    pub fn among_us(&self, nodes: Nodes) -> impl Iterator<Item = Node> + use<S> {
        let there = self.machines.len();
        nodes.iter().take_while(move |node| (node.0 as usize) < there)
    }

    pub fn moment(&self) -> Moment {
        Moment { at: self.now, event: self.events }
    }

    pub fn record(&mut self, cause: Cause, what: impl FnOnce() -> Happening<S>) -> Cause {
        self.trace.record(self.events, self.now, cause, what)
    }

    /// Notes that a fault struck, before its consequences.
    pub fn struck(&mut self, fault: u16, subject: Option<u32>, cause: Cause) -> Cause {
        let exposed = self.truth.exposed(subject);
        self.nemesis.fired.push(Fired { fault, moment: self.moment(), exposed });
        self.digest.word(u64::from(fault) << 1 | 1);
        self.record(cause, || Happening::Fault { fault })
    }

    /// S18: folding the durable log gives the durable state, byte for byte.
    pub fn check_replay(&mut self, role: Role) {
        let equal = {
            let mut shelves = self.disk.open();
            let database = shelves.of(role);
            database.replay() == *database.state()
        };
        let moment = self.moment();
        self.truth.replayed(moment, role, equal);
    }

    /// Whether anything is still to happen.
    pub fn pending(&self) -> bool {
        let armed = || self.machines.iter().any(|machine| !machine.alarms.is_empty());
        let starting = (self.started.0.count_ones() as usize) < self.machines.len();
        starting
            || self.post.under_way() > 0
            || !self.agenda.is_empty()
            || self.booting != Nodes::default()
            || armed()
    }
}
