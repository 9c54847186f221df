//! Effects, one after the other: where the disk is waited for and where a crash can fall.
//!
//! **Invariant:** a send is a barrier: what follows a commit is not done before the commit's sync is over.

use crate::draw::{Lane, Purpose};
use crate::fault::CrashPoint;
use crate::service::{Effect, Service, Truth};
use crate::site::{Identity, Role};
use crate::time::Micros;
use crate::trace::{Cause, Happening};

use super::World;
use super::event::{Event, Handled, Mishap, Task, Undo};

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
                // A timer is memory: it is gone with the decision, and does not wait until somebody may have armed it anew.
                Effect::Disarm(timer) => {
                    self.queue.withdraw((task.node, timer));
                    if !task.served && !task.writes() {
                        return self.serve(task);
                    }
                }
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
    pub(super) fn resume(&mut self, mut task: Task<S>, priority: u64) {
        if let Some(until) = self.paused(task.node) {
            self.queue.push(until, priority, Event::Resume(task));
            return;
        }
        if let Some(doom) = &mut task.doom {
            self.forgive(doom);
        }
        self.digest.word(self.now.0 ^ u64::from(task.node.0) << 48);
        self.execute(task);
    }

    /// Spends the service time of a command.
    pub(super) fn serve(&mut self, mut task: Task<S>) {
        task.served = true;
        let mut time = self.service_time(&task);
        if !self.ailments.is_empty() {
            time = time.times(self.slowed(task.node));
        }
        match time {
            Micros::ZERO => self.execute(task),
            time => self.suspend(task, time),
        }
    }

    #[inline]
    fn service_time(&self, task: &Task<S>) -> Micros {
        self.physics.roles[task.role.0 as usize].service.draw(task.bits, Lane::Service)
    }

    fn suspend(&mut self, mut task: Task<S>, time: Micros) {
        if let Some(doom) = &mut task.doom {
            doom.lets_go();
        }
        self.queue.push(self.now + time, task.bits.priority(), Event::Resume(task));
    }

    /// One transaction, whose first record was taken off the list already.
    fn transact(&mut self, task: &mut Task<S>, first: S::Record) -> Outcome {
        if task.doom.is_some()
            && let Some(mishap) = self.mishap(task)
        {
            return self.fail(task, first, mishap);
        }
        self.write(task, first);
        let mut sync = self.physics.sync.draw(task.bits, Lane::Sync);
        let mut service = if task.served { Micros::ZERO } else { self.service_time(task) };
        if !self.ailments.is_empty() {
            sync = sync.times(self.disk_slowed(task.node));
            service = service.times(self.slowed(task.node));
        }
        task.served = true;
        let wait = if self.physics.barrier { sync + service } else { service };
        if wait == Micros::ZERO { Outcome::Goes } else { Outcome::Waits(wait) }
    }

    /// The first thing in a doom that strikes at a commit, before it is durable.
    #[cold]
    fn mishap(&self, task: &Task<S>) -> Option<Mishap> {
        let here = |mishap: &&Mishap| match mishap {
            Mishap::Crash(_, point, _) => {
                matches!(point, CrashPoint::BeforeCommit | CrashPoint::DuringSync | CrashPoint::MidWrite)
            }
            Mishap::FailWrite(_) => true,
            Mishap::FullDisk => self.full(task.node).is_some(),
            Mishap::Begins(_) => false,
        };
        task.doom.as_deref()?.mishaps.iter().find(here).copied()
    }

    #[cold]
    fn fail(&mut self, task: &mut Task<S>, first: S::Record, mishap: Mishap) -> Outcome {
        match mishap {
            Mishap::Crash(_, point, _) => {
                match point {
                    CrashPoint::DuringSync => self.tear(task, first),
                    CrashPoint::MidWrite => self.tear_in_half(task, first),
                    _ => {}
                }
                self.crashes(task, point);
                Outcome::Dies
            }
            mishap => {
                self.abort(task, mishap);
                if task.identity != Identity::RECOVERY {
                    return Outcome::Goes;
                }
                // A process that cannot write what it recovers ends, and is started again.
                self.crash(task.node, Micros::ZERO, task.cause);
                Outcome::Dies
            }
        }
    }

    /// Applies the records up to the end of the transaction.
    #[inline]
    fn write(&mut self, task: &mut Task<S>, first: S::Record) {
        let (role, moment) = (task.role, self.moment());
        if !self.torn.is_empty() {
            self.cut_tail(role, task.cause);
        }
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
        let bits = self.physics.draws.bits(Purpose::Torn, name >> 32, u64::from(task.identity.subject));
        if bits.0 & 1 == 0 {
            self.write(task, first);
        } else {
            transaction(task, first);
        }
        self.outrun(task);
    }

    /// A crash falls in the middle of the forced write: the first half of the records is on the disk, and half of a single
    /// one is none.
    #[cold]
    fn tear_in_half(&mut self, task: &mut Task<S>, first: S::Record) {
        let mut records = transaction(task, first);
        records.truncate(records.len() / 2);
        self.cut_tail(task.role, task.cause);
        self.torn.push((task.role, records));
        self.outrun(task);
    }

    /// The mutant that does not wait has sent everything by the time the disk fails.
    fn outrun(&mut self, task: &mut Task<S>) {
        while !self.physics.barrier
            && let Some(effect) = task.effects.pop()
        {
            self.perform(task, effect);
        }
    }

    /// A log that ends in half a transaction is cut back to its last commit, before it is read or written. The mutant
    /// that does not look for the mark of a commit takes the half for real.
    #[cold]
    pub(super) fn cut_tail(&mut self, role: Role, cause: Cause) {
        let Some(at) = self.torn.iter().position(|(torn, _)| *torn == role) else { return };
        let (_, half) = self.torn.remove(at);
        if self.physics.marks {
            self.record(cause, || Happening::Torn(role));
            return;
        }
        let moment = self.moment();
        for record in half {
            if let Some(fact) = S::fact(role, &record) {
                self.truth.change().observe(moment, fact);
            }
            self.databases[role.0 as usize].change().write(record);
        }
    }

    /// The database aborts the transaction: nothing of the handler happens, and the service is told. Where the disk is
    /// full and nobody would ask again, the kernel does when there is room.
    #[cold]
    fn abort(&mut self, task: &mut Task<S>, mishap: Mishap) {
        let Some(doom) = task.doom.as_deref_mut() else { return };
        let undo = doom.undo.take();
        match mishap {
            Mishap::FailWrite(fault) => {
                doom.mishaps.retain(|known| *known != mishap);
                task.cause = self.struck(fault, Some(task.identity.subject), task.cause);
            }
            _ => self.digest.word(self.now.0 ^ u64::from(task.node.0) << 24),
        }
        self.record(task.cause, || Happening::Aborted(task.node));
        task.effects.clear();
        let Some(Undo { handled, memory }) = undo else { return };
        if let Some(memory) = memory {
            self.hosts[task.node.0 as usize].change().service = memory;
        }
        let (node, cause) = (task.node, task.cause);
        match (handled, self.full(node)) {
            (Handled::Message(from, message), _) => {
                task.effects =
                    self.handle(node, task.role, None, |service, cx| service.on_abort(cx, from, message));
            }
            (Handled::Timer(timer, priority), Some(until)) if mishap == Mishap::FullDisk => {
                let again = Event::Timer { node, timer, cause };
                self.queue.push_named((node, timer), until, priority, again);
            }
            (Handled::Timer(timer, _), _) => {
                task.effects =
                    self.handle(node, task.role, None, |service, cx| service.on_abort_timer(cx, timer));
            }
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
        if !self.torn.is_empty() {
            self.cut_tail(task.role, task.cause);
        }
        self.record(task.cause, || Happening::Written { node: task.node, record: record.clone() });
        self.databases[task.role.0 as usize].change().append(task.node, record);
    }

    /// Crashes the node if its doom is at this point.
    #[inline]
    fn crashes(&mut self, task: &Task<S>, here: CrashPoint) -> bool {
        let Some(doom) = task.doom.as_deref() else { return false };
        let strikes = doom.mishaps.iter().find_map(|mishap| match *mishap {
            Mishap::Crash(fault, point, down) if point == here => Some((fault, down)),
            _ => None,
        });
        let Some((fault, down)) = strikes else { return false };
        let cause = self.struck(fault, Some(task.identity.subject), task.cause);
        self.crash(task.node, down, cause);
        true
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

/// Takes the records of a transaction off the list, the first of which was taken already.
fn transaction<S: Service>(task: &mut Task<S>, first: S::Record) -> Vec<S::Record> {
    let mut records = vec![first];
    while let Some(Effect::Write(record)) = task.effects.pop() {
        records.push(record);
    }
    records
}
