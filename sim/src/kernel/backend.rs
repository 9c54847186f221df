//! What the adversary decided, done in the kernel.

use crate::adversary::{Adversary, Backend, Job, Redelivery, Scheduled};
use crate::fault::Leap;
use crate::journal::Journal;
use crate::service::{Service, To};
use crate::site::{Identity, Node, Role};
use crate::time::Instant;
use crate::trace::Cause;

use super::World;
use super::event::{Event, Task, order};

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

    /// The kernel runs nothing but services.
    fn is_external(&self, _: Node) -> bool {
        false
    }

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

    fn run_takeover(&mut self, node: Node, cause: Cause) {
        let role = self.physics.role(node);
        let effects = self.handle(node, role, None, |service, cx| service.on_takeover(cx));
        self.execute(Task::without_worker(node, role, Identity::RECOVERY, effects, None, cause));
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
