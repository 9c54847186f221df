//! Effects, one after the other: where the disk is waited for and where a crash can fall.
//!
//! **Invariant:** a send is a barrier: what follows a commit is not done before the commit's sync is over.

use crate::draw::{Part, Purpose};
use crate::fault::CrashPoint;
use crate::service::{Effect, Service, Truth};
use crate::time::Micros;
use crate::trace::Happening;

use super::World;
use super::event::{Doom, Event, Mishap, Task};

/// What became of a handler at its commit.
enum Outcome {
    Goes,
    Waits(Micros),
    Dies,
}

impl<S: Service> World<S> {
    /// Does what is left of a handler, until it has to wait, dies, or is done.
    ///
    /// Everything up to the first transaction happens at the instant of the decision, so that a transaction commits on
    /// what its handler read; the service time is spent after it. A handler that only sends spends its time first.
    pub(super) fn execute(&mut self, mut task: Task<S>) {
        while let Some(effect) = task.effects.pop() {
            match effect {
                Effect::Write(record) => match self.transact(&mut task, record) {
                    Outcome::Goes => {}
                    Outcome::Waits(time) => return self.suspend(task, time),
                    Outcome::Dies => return,
                },
                Effect::Append(record) => self.append(&task, record),
                effect if !task.served && !task.writes() => {
                    task.effects.push(effect);
                    return self.serve(task);
                }
                effect => {
                    if task.committed && self.crashes(&task, CrashPoint::AfterCommit) {
                        return;
                    }
                    let sends = matches!(effect, Effect::Send(..));
                    self.perform(&task, effect);
                    if sends && self.crashes(&task, CrashPoint::AfterSend) {
                        return;
                    }
                }
            }
        }
        let crashed = task.committed && self.crashes(&task, CrashPoint::AfterCommit);
        if !crashed && !self.crashes(&task, CrashPoint::DuringRecovery) {
            self.finish(task);
        }
    }

    /// A handler's time on the worker or on the disk is over.
    pub(super) fn resume(&mut self, task: Task<S>, priority: u64) {
        if let Some(until) = self.paused(task.node) {
            self.queue.push(until, priority, Event::Resume(task));
            return;
        }
        self.digest.word(self.now.0 ^ u64::from(task.node.0) << 48);
        self.execute(task);
    }

    /// Spends the service time of a command.
    pub(super) fn serve(&mut self, mut task: Task<S>) {
        task.served = true;
        match self.physics.roles[task.role.0 as usize].service.draw(task.luck, Part::Service) {
            Micros::ZERO => self.execute(task),
            time => self.suspend(task, time),
        }
    }

    fn suspend(&mut self, task: Task<S>, time: Micros) {
        self.queue.push(self.now + time, task.luck.priority(), Event::Resume(task));
    }

    /// One transaction, whose first record was taken off the list already.
    fn transact(&mut self, task: &mut Task<S>, first: S::Record) -> Outcome {
        if self.crashes(task, CrashPoint::BeforeCommit) {
            return Outcome::Dies;
        }
        match task.doom.as_deref() {
            Some(Doom { what: Mishap::FailWrite(_), .. }) => {
                self.abort(task);
                return Outcome::Goes;
            }
            Some(Doom { what: Mishap::Crash(CrashPoint::DuringSync, _), .. }) => {
                self.tear(task, first);
                return Outcome::Dies;
            }
            _ => {}
        }
        self.write(task, first);
        let sync = self.physics.sync.draw(task.luck, Part::Sync);
        let service = match task.served {
            true => Micros::ZERO,
            false => self.physics.roles[task.role.0 as usize].service.draw(task.luck, Part::Service),
        };
        task.served = true;
        let wait = if self.physics.barrier { sync + service } else { service };
        if wait == Micros::ZERO { Outcome::Goes } else { Outcome::Waits(wait) }
    }

    /// Applies the records up to the end of the transaction.
    #[inline]
    fn write(&mut self, task: &mut Task<S>, first: S::Record) {
        let (role, moment) = (task.role, self.moment());
        let database = self.databases[role.0 as usize].change();
        let mut record = first;
        loop {
            let written = || Happening::Written { node: task.node, record: record.clone() };
            self.trace.record(moment.event, moment.at, task.cause, written);
            if let Some(fact) = S::fact(role, &record) {
                self.truth.change().observe(moment, fact);
            }
            database.write(record);
            match task.effects.pop() {
                Some(Effect::Write(next)) => record = next,
                _ => break,
            }
        }
        database.synced(task.node);
        self.counts.syncs[role.0 as usize] += 1;
        task.committed = true;
    }

    /// A crash falls on the forced write: whether it reached the disk is drawn.
    #[cold]
    fn tear(&mut self, task: &mut Task<S>, first: S::Record) {
        let name = task.identity.packed(task.role);
        let luck = self.physics.draws.luck(Purpose::Torn, name >> 32, u64::from(task.identity.subject));
        if luck.0 & 1 == 0 {
            self.write(task, first);
        } else {
            while !matches!(task.effects.pop(), Some(Effect::Sync) | None) {}
        }
        if !self.physics.barrier {
            // The mutant that does not wait has sent everything by the time the disk fails.
            while let Some(effect) = task.effects.pop() {
                self.perform(task, effect);
            }
        }
        self.crashes(task, CrashPoint::DuringSync);
    }

    /// The database aborts the transaction: nothing of the handler happens, and the service is told.
    #[cold]
    fn abort(&mut self, task: &mut Task<S>) {
        let Some(doom) = task.doom.take() else { return };
        task.cause = self.struck(doom.fault, Some(task.identity.subject), task.cause);
        self.record(task.cause, || Happening::Aborted(task.node));
        task.effects.clear();
        let Mishap::FailWrite(undo) = doom.what else { return };
        if let Some(memory) = undo.memory {
            self.hosts[task.node.0 as usize].change().service = memory;
        }
        if let Some((from, message)) = undo.message {
            task.effects =
                self.handle(task.node, task.role, None, |service, cx| service.on_abort(cx, from, message));
        }
        if let Some(timer) = undo.timer {
            task.effects =
                self.handle(task.node, task.role, None, |service, cx| service.on_abort_timer(cx, timer));
        }
    }

    fn perform(&mut self, task: &Task<S>, effect: Effect<S>) {
        match effect {
            Effect::Send(to, message) => self.send(task.node, to, message, task.cause),
            Effect::Arm(timer, after, jitter) => self.arm(task.node, timer, after, jitter, task.cause),
            Effect::Disarm(timer) => self.queue.withdraw((task.node, timer)),
            Effect::Append(record) | Effect::Write(record) => self.append(task, record),
            Effect::Sync => {}
        }
    }

    /// A write nobody waits for.
    fn append(&mut self, task: &Task<S>, record: S::Record) {
        debug_assert!(
            S::fact(task.role, &record).is_none(),
            "what may be lost is no ground truth: {record:?}"
        );
        self.record(task.cause, || Happening::Written { node: task.node, record: record.clone() });
        self.databases[task.role.0 as usize].change().append(task.node, record);
    }

    /// Crashes the node if its doom is at this point.
    #[inline]
    fn crashes(&mut self, task: &Task<S>, here: CrashPoint) -> bool {
        match task.doom.as_deref() {
            Some(&Doom { fault, what: Mishap::Crash(point, down) }) if point == here => {
                let cause = self.struck(fault, Some(task.identity.subject), task.cause);
                self.crash(task.node, down, cause);
                true
            }
            _ => false,
        }
    }

    /// A handler is done: the next waiting command gets its worker.
    fn finish(&mut self, task: Task<S>) {
        debug_assert!(task.effects.is_empty());
        if self.spare.len() < 4 {
            self.spare.push(task.effects);
        }
        if task.worker {
            let node = task.node.0 as usize;
            self.busy[node] -= 1;
            if !self.hosts[node].shared.value.waiting.is_empty()
                && let Some(job) = self.hosts[node].change().waiting.pop_front()
            {
                self.begin(task.node, job);
            }
        }
    }
}
