//! What the adversary decided, done with the runtime's means.

use crate::adversary::{Adversary, Backend, Job, Redelivery, Scheduled};
use crate::fault::Leap;
use crate::journal::Journal;
use crate::service::{Context, Effect, Service, Timer, To};
use crate::site::{Identity, MisbehaviorId, Node, Role};
use crate::task::Task;
use crate::time::{Instant, Micros};
use crate::trace::Cause;

use super::place::Input;
use super::schedule::{Entry, INSTANT};
use super::shared::State;
use super::tracker::Arrival;

/// A process that binds its address is up after that long; it is part of an outage.
const START: Micros = Micros::millis(1);

impl<S: Service> Backend<S> for State<S> {
    fn adversary(&self) -> &Adversary {
        &self.adversary
    }

    fn adversary_mut(&mut self) -> &mut Adversary {
        &mut self.adversary
    }

    fn journal(&mut self) -> &mut Journal<S> {
        &mut self.journal
    }

    fn truth(&self) -> &S::Truth {
        &self.truth
    }

    fn now(&self) -> Instant {
        self.journal.now
    }

    fn memory(&self, node: Node) -> &S {
        &self.processes.machines[node.0 as usize].memory
    }

    fn put_back(&mut self, node: Node, memory: S) {
        self.machine(node).memory = memory;
    }

    fn handle(
        &mut self,
        node: Node,
        misbehavior: Option<MisbehaviorId>,
        handler: impl FnOnce(&mut S, &mut Context<'_, S>),
    ) -> Vec<Effect<S>> {
        let mut effects = Vec::new();
        let mut shelves = self.disk.open();
        let store = shelves.of(self.physics.role(node)).state();
        let probes = &mut self.journal.probes;
        let mut cx = Context { node, misbehavior, store, effects: &mut effects, probes };
        handler(&mut self.processes.machine(node).memory, &mut cx);
        effects.reverse();
        effects
    }

    fn run(&mut self, task: Task<S>) {
        let node = task.node;
        let suspended = self.execute(task);
        self.continue_later(node, suspended);
    }

    fn rearm(&mut self, node: Node, timer: S::Timer, at: Instant, _: u64, cause: Cause) {
        self.machine(node).timers.arm(timer, at, cause);
    }

    fn is_external(&self, node: Node) -> bool {
        self.processes.machines[node.0 as usize].external.is_some()
    }

    fn tell_takeover(&mut self, node: Node, cause: Cause) {
        self.tell(node, Input::TakeOver, None, (Identity::RECOVERY, cause));
    }

    fn schedule(&mut self, at: Instant, what: Scheduled) {
        let at = match what {
            Scheduled::Restart { .. } => Instant(at.0.saturating_sub(START.0)).max(self.now()),
            Scheduled::End { .. }
            | Scheduled::Takeover { .. }
            | Scheduled::Start(_)
            | Scheduled::Repeat(_) => at,
        };
        self.push_entry(at, Entry::Scheduled(what));
    }

    fn cancel(&mut self, meant: impl Fn(&Scheduled) -> bool) {
        self.schedule.extract(|entry| matches!(entry, Entry::Scheduled(what) if meant(what)));
    }

    fn redeliver(&mut self, to: Node, job: Job<S>, when: Redelivery) {
        match when {
            Redelivery::At(at) => self.push_entry(at, Entry::Arrive { to, job, held: false }),
            Redelivery::LastAt(at) => {
                self.push_entry(at + INSTANT, Entry::Arrive { to, job, held: false });
            }
            Redelivery::Held(at) => self.push_entry(at, Entry::Arrive { to, job, held: true }),
            Redelivery::AfterPause(_) => self.hand_over(to, job, Arrival::Delayed),
        }
    }

    /// The network does not tell what is on its way.
    fn next_arrival(&self, _: Role) -> Option<Instant> {
        None
    }

    fn send(&mut self, from: Node, to: To, message: S::Message, cause: Cause) {
        self.send_message(from, to, message, cause);
    }

    fn kill(&mut self, node: Node) {
        self.processes.kill(node);
    }

    fn restart(&mut self, node: Node, _: Cause) {
        if self.adversary.is_down(node) {
            self.processes.restart(node);
        }
    }

    fn links_changed(&mut self) {
        self.network.block(&self.adversary, self.journal.now, &self.processes.machines);
    }

    /// Nothing ends between two repetitions, so the network has to be told.
    fn links_carry_at(&mut self, at: Instant) {
        self.push_entry(at, Entry::LinksCarry);
    }

    fn stop(&mut self, node: Node) {
        if self.adversary.paused(node, self.now()).is_some() && !self.adversary.is_down(node) {
            self.processes.stop(node);
        }
    }

    fn resume(&mut self, node: Node) {
        if self.adversary.paused(node, self.now()).is_none() && !self.adversary.is_down(node) {
            self.processes.resume(node);
        }
    }

    /// What a process waits for is the runtime's; what it would have detected is in the schedule.
    fn bring_forward(&mut self, node: Node, until: Instant) {
        let now = self.now();
        self.schedule.retime(|entry| entry.detected_by(node), |at| if at == until { now } else { at });
    }

    fn make_room(&mut self, node: Node, until: Instant) {
        let now = self.now();
        self.machine(node).timers.retime(|_, at| at == until, |_| now);
        self.bring_forward(node, until);
    }

    fn leap(&mut self, node: Node, leap: Leap) {
        let now = self.now();
        self.machine(node).timers.retime(|timer, _| timer.wall(), |at| leap.moved(at, now));
        self.schedule.retime(|entry| entry.detected_by(node), |at| leap.moved(at, now));
        self.tracker.wake();
    }
}
