//! From the socket to the handler: what is injected into a message, and which command gets a worker.

use std::hash::Hash;

use crate::adversary::inject::{self, Delivery};
use crate::adversary::{Backend, Handled, Job, lose, pending, refuse};
use crate::physics::Isolation;
use crate::service::{Message, Service, Timer};
use crate::site::Node;
use crate::task::Task;
use crate::trace::{Cause, Happening, Loss};

use super::execute::Suspended;
use super::place::Input;
use super::schedule::{Entry, INSTANT};
use super::shared::State;
use super::tracker::Arrival;

impl<S: Service> State<S> {
    /// A message arrives: faults first, then the link, then the receiver.
    pub fn arrive(&mut self, to: Node, mut job: Job<S>, arrival: Arrival) {
        if !self.tick() {
            return;
        }
        let (from, now) = (job.from, self.now());
        let mut delivery = Delivery::Proceeds;
        if self.adversary.faults.waiting() {
            delivery = inject::message(self, &mut job, to);
        }
        let (through, meets_cuts) = match delivery {
            Delivery::Proceeds => (false, arrival != Arrival::Direct),
            Delivery::MeetsCuts => (false, true),
            Delivery::BypassesCuts => (true, false),
            Delivery::Stopped => return,
        };
        if meets_cuts && let Some(until) = self.adversary.cut(from, to, now) {
            return self.caught(to, job, until);
        }
        if !through && self.adversary.loses(&job, to, now) {
            return lose(self, &job, to, Loss::Lost, job.cause);
        }
        if self.adversary.is_down(to) || arrival == Arrival::Dropped {
            return refuse(self, &job, to, Loss::Down);
        }
        let (workers, inbox) = (self.physics.workers, self.physics.inbox as usize);
        let machine = self.machine(to);
        if machine.busy < workers {
            let suspended = self.begin(to, job);
            self.continue_later(to, suspended);
        } else if through || machine.waiting.len() < inbox {
            machine.waiting.push_back(job);
        } else {
            return refuse(self, &job, to, Loss::Full);
        }
        self.release((from, to));
    }

    /// What was held back on a link comes right after what was delivered there.
    fn release(&mut self, link: (Node, Node)) {
        if self.schedule.is_empty() {
            return;
        }
        for entry in self.schedule.extract(|entry| entry.held_on(link)) {
            if let (_, Entry::Arrive { to, job, .. }) = entry {
                self.hand_over(to, job, Arrival::Delayed);
            }
        }
    }

    /// A worker takes a command up: the handler decides on the store as it is now.
    pub fn begin(&mut self, node: Node, job: Job<S>) -> Option<Suspended<S>> {
        let identity = job.message.identity();
        let role = self.physics.role(node);
        self.mark_handled(identity.packed(role) ^ u64::from(node.0));
        job.message.hash(&mut self.journal.digest);
        let Job { from, message, bits, mut pending, misbehavior, cause } = job;
        if let Some(pending) = &mut pending {
            self.adversary.drop_after_heal(pending);
        }
        let delivered = || Happening::Delivered { from, to: node, message: message.clone() };
        let cause = self.journal.record(cause, delivered);
        if self.is_external(node) {
            self.tell(node, Input::Message(from, message), pending, (identity, cause));
            return None;
        }
        self.machine(node).busy += 1;
        let pending = pending::snapshot(self, node, pending, || Handled::Message(from, message.clone()));
        let effects = self.handle(node, misbehavior, |service, cx| service.on_message(cx, from, message));
        let pending = pending::decided(self, pending, &effects);
        let late = self.physics.roles[role.0 as usize].isolation == Isolation::ReadCommitted;
        let waits = late && !effects.is_empty();
        let (worker, served, committed) = (true, false, false);
        let task = Task { node, role, identity, effects, bits, pending, worker, served, committed, cause };
        if waits { self.serve(task) } else { self.execute(task) }
    }

    fn mark_handled(&mut self, name: u64) {
        let journal = &mut self.journal;
        journal.digest.word(journal.now.0);
        journal.digest.word(name);
    }

    /// Fires the timers of a process that are due.
    pub fn fire_due(&mut self, node: Node) {
        let now = self.now();
        while !self.progress.over
            && let Some((timer, cause)) = self.machine(node).timers.due(now)
        {
            self.fire(node, timer, cause);
        }
    }

    /// A timer fires: not a command, so it needs no worker and no service time.
    fn fire(&mut self, node: Node, timer: S::Timer, cause: Cause) {
        if !self.tick() {
            return;
        }
        let identity = timer.identity();
        let role = self.physics.role(node);
        let due = inject::due(self, role, identity);
        if let Some(cause) = inject::loses_tie(self, &due, identity.subject, cause) {
            let next = self.now() + INSTANT;
            return self.machine(node).timers.arm(timer, next, cause);
        }
        let (misbehavior, cause) = inject::misbehavior(self, &due, node, identity, cause);
        self.mark_handled(identity.packed(role) ^ u64::from(node.0));
        let cause = self.journal.record(cause, || Happening::Timer { node, timer });
        let pending = inject::handler(self, &due, node, identity.subject, cause);
        let pending = pending::snapshot(self, node, pending, || Handled::Timer(timer, 0));
        let effects = self.handle(node, misbehavior, |service, cx| service.on_timer(cx, timer));
        let pending = pending::decided(self, pending, &effects);
        self.run(Task::without_worker((node, role), identity, effects, pending, cause));
    }
}
