//! From one node to another: how long a message takes.

use crate::adversary::Job;
use crate::draw::{Lane, Purpose};
use crate::physics::Spread;
use crate::service::{Message, Service, To};
use crate::site::Node;
use crate::time::Instant;
use crate::trace::Cause;

use super::event::{Envelope, Event, order};
use super::world::World;

impl<S: Service> World<S> {
    #[inline]
    pub(super) fn send_message(&mut self, from: Node, to: To, message: S::Message, cause: Cause) {
        let identity = message.identity();
        let to = self.adversary.resolve(to, identity.subject, identity.attempt);
        let bits = self.physics.bits(Purpose::Message, self.physics.role(to), identity);
        let outside = self.adversary.is_outside(from) || self.adversary.is_outside(to);
        let link = if from == to {
            Spread::default()
        } else if outside {
            self.journal.counts.outside_messages += 1;
            self.physics.outside_link
        } else {
            self.journal.counts.internal_messages += 1;
            self.physics.link
        };
        let mut time = link.draw(bits, Lane::Link);
        if self.adversary.is_degraded() {
            time = time.times(self.adversary.link_slowed(from, to, self.now()));
        }
        let at = self.now() + time;
        self.queue.push(at, bits.priority(), Event::Deliver(Envelope { from, to, message, bits, cause }));
    }

    /// Lets a message arrive at another time, with everything that was decided about it.
    pub(super) fn push_job(&mut self, at: Instant, priority: u64, to: Node, job: Job<S>) {
        let plain = job.pending.is_none() && job.misbehavior.is_none();
        let event = match job {
            Job { from, message, bits, cause, .. } if plain => {
                Event::Deliver(Envelope { from, to, message, bits, cause })
            }
            job => Event::Redeliver { to, job, held: false },
        };
        self.queue.push(at, priority, event);
    }

    /// What was held back on a link comes right after what was delivered there.
    #[cold]
    pub(super) fn release(&mut self, link: (Node, Node)) {
        if !self.network.let_go(link) {
            return;
        }
        for event in self.queue.extract(|event| event.held_on(link)) {
            if let Event::Redeliver { to, job, .. } = event {
                self.push_job(self.now(), order::RIGHT_AFTER, to, job);
            }
        }
    }
}
