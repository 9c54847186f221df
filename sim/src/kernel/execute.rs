//! Effects, one after the other: where a handler waits, and where a crash can fall.
//!
//! **Invariant:** a send is a barrier: what follows a commit is not done before the commit's sync is over
//! (`without_the_barrier_an_answer_comes_before_its_cause_is_durable`).

use crate::adversary::pending::crashes;
use crate::draw::Lane;
use crate::fault::CrashPoint;
use crate::service::{Effect, Service};
use crate::task::Task;
use crate::time::Micros;

use super::event::Event;
use super::transact::Transaction;
use super::world::World;

impl<S: Service> World<S> {
    /// Does what is left of a handler, until it has to wait, dies, or is done.
    ///
    /// Everything up to the first transaction happens at the instant of the decision, so that a transaction commits on
    /// what its handler read; the service time is spent after it. A handler that only sends spends its time first.
    pub(super) fn execute(&mut self, mut task: Task<S>) {
        while let Some(effect) = task.effects.pop() {
            match effect {
                Effect::Write(record) => match self.transact(&mut task, record) {
                    Transaction::Takes(Micros::ZERO) => {}
                    Transaction::Takes(time) => return self.suspend(task, time),
                    Transaction::Killed => return,
                },
                Effect::Append(record) => self.append(&task, record),
                // A timer is memory: it is gone with the decision, and does not wait until it may have been armed anew.
                Effect::Disarm(timer) => {
                    self.queue.withdraw((task.node, timer));
                    if !task.served && !task.writes() {
                        return self.serve(task);
                    }
                }
                effect @ (Effect::Sync | Effect::Send(..) | Effect::Arm(..)) => {
                    if !task.served && !task.writes() {
                        task.effects.push(effect);
                        return self.serve(task);
                    }
                    if task.committed && crashes(self, &task, CrashPoint::AfterCommit) {
                        return;
                    }
                    let sends = matches!(effect, Effect::Send(..));
                    self.perform(&task, effect);
                    if sends && crashes(self, &task, CrashPoint::AfterSend) {
                        return;
                    }
                }
            }
        }
        let crashed = task.committed && crashes(self, &task, CrashPoint::AfterCommit);
        if !crashed && !crashes(self, &task, CrashPoint::DuringRecovery) {
            self.finish(task);
        }
    }

    /// A handler's time on the worker or on the disk is over.
    pub(super) fn resume_task(&mut self, mut task: Task<S>, priority: u64) {
        if let Some(until) = self.adversary.paused(task.node, self.now()) {
            self.queue.push(until, priority, Event::Resume(task));
            return;
        }
        if let Some(pending) = &mut task.pending {
            self.adversary.drop_after_heal(pending);
        }
        self.journal.mark(u64::from(task.node.0), 48);
        self.execute(task);
    }

    /// Spends the service time of a command.
    pub(super) fn serve(&mut self, mut task: Task<S>) {
        task.served = true;
        let mut time = self.service_time(&task);
        if self.adversary.is_degraded() {
            time = time.times(self.adversary.slowed(task.node, self.now()));
        }
        match time {
            Micros::ZERO => self.execute(task),
            time => self.suspend(task, time),
        }
    }

    #[inline]
    pub(super) fn service_time(&self, task: &Task<S>) -> Micros {
        self.physics.roles[task.role.0 as usize].service.draw(task.bits, Lane::Service)
    }

    fn suspend(&mut self, mut task: Task<S>, time: Micros) {
        if let Some(pending) = &mut task.pending {
            pending.discard();
        }
        self.queue.push(self.now() + time, task.bits.priority(), Event::Resume(task));
    }

    pub(super) fn perform(&mut self, task: &Task<S>, effect: Effect<S>) {
        match effect {
            Effect::Send(to, message) => self.send_message(task.node, to, message, task.cause),
            Effect::Arm(timer, after, jitter) => self.arm(task.node, timer, after, jitter, task.cause),
            Effect::Disarm(timer) => self.queue.withdraw((task.node, timer)),
            Effect::Append(record) | Effect::Write(record) => self.append(task, record),
            Effect::Sync => {}
        }
    }

    /// A handler is done: the next waiting command gets its worker.
    fn finish(&mut self, task: Task<S>) {
        self.hosts.keep(task.effects);
        if task.worker
            && let Some(job) = self.hosts.release(task.node)
        {
            self.begin(task.node, job);
        }
    }
}
