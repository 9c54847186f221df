//! From the link to the receiver: faults first, then the link, then a worker.

use crate::adversary::inject::{self, Delivery};
use crate::adversary::{Job, lose, refuse};
use crate::service::Service;
use crate::site::Node;
use crate::time::Instant;
use crate::trace::Loss;

use super::event::{Envelope, Event};
use super::world::World;

impl<S: Service> World<S> {
    /// A message arrives.
    #[inline]
    pub(super) fn deliver(&mut self, envelope: Envelope<S>, priority: u64) {
        let to = envelope.to;
        if let Some(until) = self.adversary.paused(to, self.now()) {
            self.queue.push(until, priority, Event::Deliver(envelope));
            return;
        }
        let Envelope { from, message, bits, cause, .. } = envelope;
        self.arrive(to, Job { from, message, bits, pending: None, misbehavior: None, cause });
    }

    /// A message that something was decided about, or that was held back, arrives like any other.
    #[cold]
    pub(super) fn redelivered(&mut self, to: Node, job: Job<S>, held: bool, priority: u64) {
        if held {
            self.network.let_one_go((job.from, to));
        }
        match self.adversary.paused(to, self.now()) {
            Some(until) => {
                self.queue.push(until, priority, Event::Redeliver { to, job, held: false });
            }
            None => self.arrive(to, job),
        }
    }

    #[inline(always)]
    fn arrive(&mut self, to: Node, mut job: Job<S>) {
        let from = job.from;
        let mut through = false;
        if self.adversary.faults.waiting() {
            match inject::message(self, &mut job, to) {
                Delivery::Proceeds | Delivery::MeetsCuts => {}
                Delivery::BypassesCuts => through = true,
                Delivery::Stopped => return,
            }
        }
        if self.adversary.has_cuts()
            && !through
            && let Some(until) = self.adversary.cut(from, to, self.now())
        {
            return self.caught(job, to, until);
        }
        if self.adversary.is_degraded() && !through && self.adversary.loses(&job, to, self.now()) {
            return lose(self, &job, to, Loss::Lost, job.cause);
        }
        if self.adversary.is_down(to) {
            return refuse(self, &job, to, Loss::Down);
        }
        if self.hosts.is_free(to, self.physics.workers) {
            self.begin(to, job);
        } else if through || self.hosts.waiting(to).len() < self.physics.inbox as usize {
            self.adversary.faults.decided |= job.pending.is_some();
            self.hosts.wait(to, job);
        } else {
            return refuse(self, &job, to, Loss::Full);
        }
        if self.network.holds_any() {
            self.release((from, to));
        }
    }

    /// A cut falls on a message: it is lost, or arrives when the cut is over.
    fn caught(&mut self, job: Job<S>, to: Node, until: Instant) {
        if self.adversary.cut_loses(&job, to, until) {
            return lose(self, &job, to, Loss::Cut, job.cause);
        }
        self.adversary.faults.decided |= job.pending.is_some();
        self.push_job(until, job.bits.priority(), to, job);
    }
}
