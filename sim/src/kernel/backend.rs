//! What the adversary decided, done in the kernel.

use crate::adversary::{Adversary, Backend, Job, Redelivery, Scheduled};
use crate::fault::Leap;
use crate::journal::Journal;
use crate::service::{Context, Effect, Service, To};
use crate::site::{MisbehaviorId, Node, Role};
use crate::task::Task;
use crate::time::Instant;
use crate::trace::Cause;

use super::event::{Event, order};
use super::world::World;

impl<S: Service> Backend<S> for World<S> {
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
        self.truth.get()
    }

    fn now(&self) -> Instant {
        self.journal.now
    }

    fn memory(&self, node: Node) -> &S {
        self.hosts.memory(node)
    }

    fn put_back(&mut self, node: Node, memory: S) {
        self.hosts.put_back(node, memory);
    }

    #[inline]
    fn handle(
        &mut self,
        node: Node,
        misbehavior: Option<MisbehaviorId>,
        handler: impl FnOnce(&mut S, &mut Context<'_, S>),
    ) -> Vec<Effect<S>> {
        let store = self.disks.of(self.physics.role(node)).state();
        self.hosts.handle(node, misbehavior, store, &mut self.journal.probes, handler)
    }

    fn run(&mut self, task: Task<S>) {
        self.execute(task);
    }

    fn rearm(&mut self, node: Node, timer: S::Timer, at: Instant, priority: u64, cause: Cause) {
        self.queue.push_named((node, timer), at, priority, Event::Timer { node, timer, cause });
    }

    /// The kernel runs nothing but services.
    fn is_external(&self, _: Node) -> bool {
        false
    }

    fn tell_takeover(&mut self, _: Node, _: Cause) {}

    fn schedule(&mut self, at: Instant, what: Scheduled) {
        self.queue.push(at, order::scheduled(&what), Event::Scheduled(what));
    }

    fn cancel(&mut self, meant: impl Fn(&Scheduled) -> bool) {
        self.queue.remove(|event| matches!(event, Event::Scheduled(what) if meant(what)), |_| None);
    }

    fn redeliver(&mut self, to: Node, job: Job<S>, when: Redelivery) {
        let priority = job.bits.priority();
        match when {
            Redelivery::At(at) | Redelivery::AfterPause(at) => self.push_job(at, priority, to, job),
            Redelivery::LastAt(at) => self.push_job(at, order::last(priority), to, job),
            Redelivery::Held(at) => {
                self.network.hold((job.from, to));
                self.queue.push(at, priority, Event::Redeliver { to, job, held: true });
            }
        }
    }

    fn next_arrival(&self, role: Role) -> Option<Instant> {
        let arrives = |event: &Event<S>| event.arrives_at().is_some_and(|to| self.physics.role(to) == role);
        self.queue.first_of(arrives)
    }

    fn send(&mut self, from: Node, to: To, message: S::Message, cause: Cause) {
        self.send_message(from, to, message, cause);
    }

    fn kill(&mut self, node: Node) {
        self.hosts.wipe(node);
        self.queue.remove(|event| event.dies_with(node), Event::name);
        self.disks.lose_tail(self.physics.role(node), node);
    }

    fn restart(&mut self, node: Node, cause: Cause) {
        self.come_back(node, cause);
    }

    /// Cuts are looked up when a message arrives.
    fn links_changed(&mut self) {}

    fn links_carry_at(&mut self, _: Instant) {}

    /// Pauses are looked up when something happens to a node.
    fn stop(&mut self, _: Node) {}

    fn resume(&mut self, _: Node) {}

    fn bring_forward(&mut self, node: Node, until: Instant) {
        self.queue.bring_forward(until, self.journal.now, |event| event.waits_for(node));
    }

    fn make_room(&mut self, node: Node, until: Instant) {
        self.bring_forward(node, until);
    }

    fn leap(&mut self, node: Node, leap: Leap) {
        let now = self.journal.now;
        self.queue.retime(|at| leap.moved(at, now), |event| event.by_the_clock_of(node));
    }
}
