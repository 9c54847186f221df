//! Effects, one after the other: where a process waits for its worker and its disk, and where a crash can fall.
//!
//! **Invariant:** a send is a barrier: what follows a commit is not done before the commit's sync is over
//! (`without_the_barrier_an_answer_comes_before_its_cause_is_durable`).
//! A handler and its first transaction are one instant; service time and sync are spent after it.

use crate::adversary::Backend;
use crate::adversary::pending::crashes;
use crate::draw::Lane;
use crate::fault::CrashPoint;
use crate::service::{Effect, Service, Timer};
use crate::site::Node;
use crate::task::Task;
use crate::time::{Instant, Micros};
use crate::trace::Cause;

use super::shared::State;
use super::transact::Transaction;

/// A handler that goes on then.
pub(super) struct Suspended<S: Service> {
    pub until: Instant,
    pub task: Task<S>,
}

impl<S: Service> State<S> {
    /// A handler's time on the worker or on the disk is over.
    pub fn resume_task(&mut self, mut task: Task<S>) -> Option<Suspended<S>> {
        if !self.tick() {
            return None;
        }
        if let Some(pending) = &mut task.pending {
            self.adversary.drop_after_heal(pending);
        }
        self.journal.mark(u64::from(task.node.0), 48);
        self.execute(task)
    }

    /// Does what a handler wants done until it has to wait, or the node dies, or nothing is left.
    pub fn execute(&mut self, mut task: Task<S>) -> Option<Suspended<S>> {
        loop {
            // A handler that sends spends its time first; one that writes, after its transaction.
            let due = match task.effects.last() {
                None => break,
                Some(Effect::Write(_) | Effect::Append(_) | Effect::Disarm(_)) => false,
                Some(Effect::Sync | Effect::Send(..) | Effect::Arm(..)) => !task.served && !task.writes(),
            };
            if due {
                return self.serve(task);
            }
            let Some(effect) = task.effects.pop() else { break };
            match effect {
                Effect::Write(first) => match self.transact(&mut task, first) {
                    Transaction::Takes(Micros::ZERO) => {}
                    Transaction::Takes(time) => return self.suspend(task, time),
                    Transaction::Killed => return None,
                },
                Effect::Append(record) => self.append(&task, record),
                // A timer is memory: it is gone with the decision.
                Effect::Disarm(timer) => {
                    self.machine(task.node).timers.disarm(timer);
                    if !task.served && !task.writes() {
                        return self.serve(task);
                    }
                }
                effect @ (Effect::Sync | Effect::Send(..) | Effect::Arm(..)) => {
                    if task.committed && crashes(self, &task, CrashPoint::AfterCommit) {
                        return None;
                    }
                    let sends = matches!(effect, Effect::Send(..));
                    self.perform(&task, effect);
                    if sends && crashes(self, &task, CrashPoint::AfterSend) {
                        return None;
                    }
                }
            }
        }
        if task.committed && crashes(self, &task, CrashPoint::AfterCommit)
            || crashes(self, &task, CrashPoint::DuringRecovery)
        {
            return None;
        }
        self.finish(&task)
    }

    /// Spends the service time of a command.
    pub fn serve(&mut self, mut task: Task<S>) -> Option<Suspended<S>> {
        task.served = true;
        match self.service_time(&task) {
            Micros::ZERO => self.execute(task),
            time => self.suspend(task, time),
        }
    }

    pub fn service_time(&self, task: &Task<S>) -> Micros {
        let time = self.physics.roles[task.role.0 as usize].service.draw(task.bits, Lane::Service);
        time.times(self.adversary.slowed(task.node, self.now()))
    }

    fn suspend(&self, mut task: Task<S>, time: Micros) -> Option<Suspended<S>> {
        if let Some(pending) = &mut task.pending {
            pending.discard();
        }
        Some(Suspended { until: self.now() + time, task })
    }

    /// A handler is done: the next waiting command gets its worker.
    fn finish(&mut self, task: &Task<S>) -> Option<Suspended<S>> {
        if !task.worker {
            return None;
        }
        let machine = self.machine(task.node);
        machine.busy -= 1;
        let next = machine.waiting.pop_front()?;
        self.begin(task.node, next)
    }

    pub fn perform(&mut self, task: &Task<S>, effect: Effect<S>) {
        match effect {
            Effect::Send(to, message) => self.send_message(task.node, to, message, task.cause),
            Effect::Arm(timer, after, jitter) => self.arm(task.node, timer, after, jitter, task.cause),
            Effect::Disarm(timer) => self.machine(task.node).timers.disarm(timer),
            Effect::Append(record) | Effect::Write(record) => self.append(task, record),
            Effect::Sync => {}
        }
    }

    fn arm(&mut self, node: Node, timer: S::Timer, after: Micros, jitter: Micros, cause: Cause) {
        let (time, _) = self.physics.timer(node, timer.identity(), after, jitter);
        let at = self.now() + self.adversary.measured(node, time, self.now());
        self.machine(node).timers.arm(timer, at, cause);
    }
}
