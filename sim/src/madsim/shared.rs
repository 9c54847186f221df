//! What all processes of a run share: the physics, the adversary, the truth, and which process runs where.
//!
//! Handlers of all nodes run on one thread, so the lock is never waited for; it is what lets the runtime's tasks share.
//!
//! **Invariant:** no task awaits anything while it holds the state: its guard cannot be sent between threads, as
//! tasks must.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use madsim::time::TimeHandle;

use crate::adversary::Adversary;
use crate::fault::Nodes;
use crate::journal::Journal;
use crate::physics::Physics;
use crate::service::{Service, Truth};
use crate::site::{Node, Role};
use crate::time::Instant;

use super::disk::Disk;
use super::machines::{Machine, Processes};
use super::network::Network;
use super::schedule::Schedule;
use super::sleep;
use super::tracker::Tracker;

/// The runtime forgets tasks that are done only when it is asked how many there are; asked after so many events.
const FORGET_TASKS_EVERY: u64 = 4_096;

/// The state, and what must not wait for it.
pub(super) struct Shared<S: Service> {
    pub clock: TimeHandle,
    pub tracker: Arc<Tracker<S>>,
    state: Mutex<State<S>>,
}

/// Everything that happens to the world happens here.
pub(super) struct State<S: Service> {
    pub shared: Weak<Shared<S>>,
    pub tracker: Arc<Tracker<S>>,
    pub physics: Arc<Physics>,
    pub journal: Journal<S>,
    pub progress: Progress,
    pub processes: Processes<S>,
    pub network: Network,
    pub disk: Arc<Disk<S>>,
    pub schedule: Schedule<S>,
    pub truth: S::Truth,
    pub adversary: Adversary,
}

/// How far the run is.
pub(super) struct Progress {
    /// When the last thing happened.
    pub last: Instant,
    /// Most events.
    pub budget: u64,
    /// The budget is used up: nothing happens any more.
    pub over: bool,
}

impl<S: Service> Shared<S> {
    pub fn new(
        clock: TimeHandle,
        tracker: Arc<Tracker<S>>,
        state: impl FnOnce(Weak<Self>) -> State<S>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|shared| Shared { clock, tracker, state: Mutex::new(state(Weak::clone(shared))) })
    }

    /// The state, at the moment it is.
    pub fn enter(&self) -> MutexGuard<'_, State<S>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.journal.now = sleep::now(&self.clock);
        state
    }
}

impl<S: Service> State<S> {
    /// Something happens; false if it may not, because the budget is used up.
    pub fn tick(&mut self) -> bool {
        if self.journal.events >= self.progress.budget {
            self.progress.over = true;
            self.tracker.wake();
            return false;
        }
        self.journal.events += 1;
        self.progress.last = self.journal.now;
        if self.journal.events.is_multiple_of(FORGET_TASKS_EVERY) {
            self.processes.forget_done();
        }
        true
    }

    pub fn machine(&mut self, node: Node) -> &mut Machine<S> {
        self.processes.machine(node)
    }

    /// S18: folding the durable log gives the durable state, byte for byte.
    pub fn check_replay(&mut self, role: Role) {
        let equal = {
            let mut shelves = self.disk.open();
            let database = shelves.of(role);
            database.replay() == *database.state()
        };
        self.truth.replayed(self.journal.moment(), role, equal);
    }

    /// Replays every log once more, at rest.
    pub fn check_all_replays(&mut self) {
        (0..self.physics.roles.len() as u8).for_each(|role| self.check_replay(Role(role)));
    }

    /// Whether anything is still to happen.
    pub fn pending(&self) -> bool {
        !self.processes.all_started()
            || self.tracker.under_way() > 0
            || !self.schedule.is_empty()
            || self.processes.booting != Nodes::default()
            || self.processes.any_timer()
    }
}
