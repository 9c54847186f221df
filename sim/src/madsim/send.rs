//! From one process to another: latencies, links that carry nothing, messages that are lost.
//!
//! A datagram takes what madsim's network draws for it, and two milliseconds that it takes for every send and receive.
//! What a link takes longer than that, because it leads outside or is slow, a message waits before it is sent.
//!
//! A cut acts when a datagram is sent: what is on the network by then crosses it. That is madsim's nature, and differs
//! from the kernel, where a cut falls on what is in flight.
//!
//! **Invariant:** every message is counted when it is sent, wherever it ends
//! (`without_faults_a_run_costs_what_it_costs_in_the_kernel`).

use crate::adversary::{Backend, Job, lose};
use crate::draw::{Lane, Purpose};
use crate::service::{Message, Service, To};
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Loss};

use super::network::{OVERHEAD, TAG};
use super::schedule::Entry;
use super::shared::State;
use super::sleep;
use super::tracker::{Arrival, TrackedMessage};

impl<S: Service> State<S> {
    /// Sends a message on its way.
    pub fn send_message(&mut self, from: Node, to: To, message: S::Message, cause: Cause) {
        let identity = message.identity();
        let to = self.adversary.resolve(to, identity.subject, identity.attempt);
        let bits = self.physics.bits(Purpose::Message, self.physics.role(to), identity);
        let job = Job { from, message, bits, pending: None, misbehavior: None, cause };
        if from == to {
            return self.hand_over(to, job, Arrival::Direct);
        }
        let outside = self.adversary.is_outside(from) || self.adversary.is_outside(to);
        let (link, count) = match outside {
            true => (self.physics.outside_link, &mut self.journal.counts.outside_messages),
            false => (self.physics.link, &mut self.journal.counts.internal_messages),
        };
        *count += 1;
        let time = link.draw(bits, Lane::Link).times(self.adversary.link_slowed(from, to, self.now()));
        let carried = match outside {
            true => OVERHEAD.max(self.physics.link.base),
            false => self.physics.link.draw(bits, Lane::Link),
        };
        let at = self.now() + Micros(time.0.saturating_sub(carried.0));
        let (message, address) = (TrackedMessage::new(&self.tracker, to, job), self.machine(to).address);
        let (Some(endpoint), Some(shared)) = (self.machine(from).endpoint.clone(), self.shared.upgrade())
        else {
            return;
        };
        self.network.carrier.spawn(async move {
            if at > sleep::now(&shared.clock) {
                sleep::until(&shared.clock, at).await;
            }
            // A message that is lost says so itself.
            drop(endpoint.send_to_raw(address, TAG, Box::new(message)).await);
        });
    }

    /// Hands a message to a process without a network between: its own, or one that was put off on the way.
    pub fn hand_over(&mut self, to: Node, job: Job<S>, arrival: Arrival) {
        let Some(shared) = self.shared.upgrade() else { return };
        let message = TrackedMessage::new(&self.tracker, to, job);
        self.machine(to).process.spawn(async move {
            if let Some(job) = message.open() {
                shared.enter().arrive(to, job, arrival);
            }
        });
    }

    /// A cut falls on a message: it is lost, or arrives when the cut is over.
    pub fn caught(&mut self, to: Node, job: Job<S>, until: Instant) {
        if self.adversary.cut_loses(&job, to, until) {
            return lose(self, &job, to, Loss::Cut, job.cause);
        }
        self.push_entry(until, Entry::Arrive { to, job, held: false });
    }

    /// Writes into the schedule, and wakes the driver that keeps it.
    pub fn push_entry(&mut self, at: Instant, entry: Entry<S>) {
        let first = at < self.schedule.next_at();
        self.schedule.push(at, entry);
        if first {
            self.tracker.wake();
        }
    }
}
