//! Handlers: a worker takes a command up, a timer fires.

use std::hash::Hash;

use crate::adversary::{Backend, Handled, Job, inject, pending};
use crate::physics::Isolation;
use crate::service::{Message, Service, Timer};
use crate::site::Node;
use crate::task::Task;
use crate::time::Micros;
use crate::trace::{Cause, Happening};

use super::event::{Event, order};
use super::world::World;

impl<S: Service> World<S> {
    /// A worker takes a command up: the handler decides on the store as it is now.
    #[inline]
    pub(super) fn begin(&mut self, node: Node, job: Job<S>) {
        let identity = job.message.identity();
        let role = self.physics.role(node);
        let cause = self.handled(node, identity.packed(role), job.cause, &job);
        let Job { from, message, bits, mut pending, misbehavior, .. } = job;
        self.hosts.occupy(node);
        if pending.is_some() || self.adversary.is_degraded() {
            pending = pending::snapshot(self, node, pending, || Handled::Message(from, message.clone()));
        }
        let effects = self.handle(node, misbehavior, |service, cx| service.on_message(cx, from, message));
        if pending.is_some() {
            pending = pending::decided(self, pending, &effects);
        }
        let (worker, served, committed) = (true, false, false);
        let task = Task { node, role, identity, effects, bits, pending, worker, served, committed, cause };
        let late = self.physics.roles[role.0 as usize].isolation == Isolation::ReadCommitted;
        if late && !task.effects.is_empty() { self.serve(task) } else { self.execute(task) }
    }

    #[inline]
    fn handled(&mut self, node: Node, name: u64, cause: Cause, job: &Job<S>) -> Cause {
        let journal = &mut self.journal;
        journal.digest.word(journal.now.0);
        journal.digest.word(name ^ u64::from(node.0));
        job.message.hash(&mut journal.digest);
        let (from, to) = (job.from, node);
        journal.record(cause, || Happening::Delivered { from, to, message: job.message.clone() })
    }

    /// A timer fires: not a command, so it needs no worker and no service time.
    pub(super) fn fire(&mut self, node: Node, timer: S::Timer, cause: Cause, priority: u64) {
        self.queue.fired((node, timer));
        if let Some(until) = self.adversary.paused(node, self.now()) {
            self.queue.push_named((node, timer), until, priority, Event::Timer { node, timer, cause });
            return;
        }
        let identity = timer.identity();
        let role = self.physics.role(node);
        let due = inject::due(self, role, identity);
        if let Some(cause) = inject::loses_tie(self, &due, identity.subject, cause) {
            let event = Event::Timer { node, timer, cause };
            return self.queue.push_named((node, timer), self.now(), order::last(priority), event);
        }
        let (misbehavior, cause) = inject::misbehavior(self, &due, node, identity, cause);
        let journal = &mut self.journal;
        journal.digest.word(journal.now.0);
        journal.digest.word(identity.packed(role) ^ u64::from(node.0));
        let cause = journal.record(cause, || Happening::Timer { node, timer });
        let mut pending = inject::handler(self, &due, node, identity.subject, cause);
        if pending.is_some() || self.adversary.is_degraded() {
            pending = pending::snapshot(self, node, pending, || Handled::Timer(timer, priority));
        }
        let effects = self.handle(node, misbehavior, |service, cx| service.on_timer(cx, timer));
        if pending.is_some() {
            pending = pending::decided(self, pending, &effects);
        }
        self.execute(Task::without_worker((node, role), identity, effects, pending, cause));
    }

    /// Arms a timer of a node.
    #[inline]
    pub(super) fn arm(&mut self, node: Node, timer: S::Timer, after: Micros, jitter: Micros, cause: Cause) {
        let (time, bits) = self.physics.timer(node, timer.identity(), after, jitter);
        let at = self.now() + self.adversary.measured(node, time, self.now());
        self.queue.push_named((node, timer), at, bits.priority(), Event::Timer { node, timer, cause });
    }
}
