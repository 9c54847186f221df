//! Transactions: what is durable when, and what a crash or an abort makes of them.

use crate::adversary::{PendingFailure, outage, pending};
use crate::draw::{Lane, Purpose};
use crate::fault::CrashPoint;
use crate::service::{Effect, Service, Truth};
use crate::site::{Identity, Role};
use crate::task::Task;
use crate::time::Micros;
use crate::trace::{Cause, Happening};

use super::world::World;

/// What became of a handler at its transaction.
pub(super) enum Transaction {
    /// It goes on after so long.
    Takes(Micros),
    /// The node died.
    Killed,
}

impl<S: Service> World<S> {
    /// One transaction, whose first record was taken off the list already.
    pub(super) fn transact(&mut self, task: &mut Task<S>, first: S::Record) -> Transaction {
        if let Some(failures) = task.pending.as_deref()
            && let Some(failure) = failures.at_commit(self.adversary.full(task.node, self.now()).is_some())
        {
            return self.fail(task, first, failure);
        }
        self.write(task, first);
        let mut sync = self.physics.sync.draw(task.bits, Lane::Sync);
        let mut service = if task.served { Micros::ZERO } else { self.service_time(task) };
        if self.adversary.is_degraded() {
            sync = sync.times(self.adversary.disk_slowed(task.node, self.now()));
            service = service.times(self.adversary.slowed(task.node, self.now()));
        }
        task.served = true;
        Transaction::Takes(if self.physics.barrier { sync + service } else { service })
    }

    #[cold]
    fn fail(&mut self, task: &mut Task<S>, first: S::Record, failure: PendingFailure) -> Transaction {
        match failure {
            PendingFailure::Crash(_, point, _) => {
                match point {
                    CrashPoint::DuringSync => self.tear(task, first),
                    CrashPoint::MidWrite => self.tear_in_half(task, first),
                    CrashPoint::BeforeCommit
                    | CrashPoint::AfterCommit
                    | CrashPoint::AfterSend
                    | CrashPoint::DuringRecovery => {}
                }
                pending::crashes(self, task, point);
                Transaction::Killed
            }
            PendingFailure::FailWrite(_) | PendingFailure::FullDisk | PendingFailure::Start(_) => {
                pending::abort(self, task, failure);
                if task.identity != Identity::RECOVERY {
                    return Transaction::Takes(Micros::ZERO);
                }
                // A process that cannot write what it recovers ends, and is started again.
                outage::crash(self, task.node, Micros::ZERO, task.cause);
                Transaction::Killed
            }
        }
    }

    /// Applies the records up to the end of the transaction.
    #[inline]
    fn write(&mut self, task: &mut Task<S>, first: S::Record) {
        let (role, moment) = (task.role, self.journal.moment());
        if self.disks.is_torn() {
            self.cut_tail(role, task.cause);
        }
        let database = self.disks.change(role);
        let mut record = first;
        loop {
            let written = || Happening::Written { node: task.node, record: record.clone() };
            self.journal.record(task.cause, written);
            if let Some(fact) = S::fact(role, &record) {
                self.truth.change().observe(moment, fact);
            }
            database.write(record);
            // What ends a transaction is its sync, which is taken off with it.
            let Some(Effect::Write(next)) = task.effects.pop() else { break };
            record = next;
        }
        database.synced(task.node);
        self.journal.counts.syncs[role.0 as usize] += 1;
        task.committed = true;
    }

    /// A crash falls on the forced write: whether it reached the disk is drawn.
    #[cold]
    fn tear(&mut self, task: &mut Task<S>, first: S::Record) {
        if self.physics.bits(Purpose::Torn, task.role, task.identity).0 & 1 == 0 {
            self.write(task, first);
        } else {
            task.transaction(first);
        }
        self.outrun(task);
    }

    /// A crash falls in the middle of the forced write: the first half of the records is on the disk, and half of a
    /// single one is none.
    #[cold]
    fn tear_in_half(&mut self, task: &mut Task<S>, first: S::Record) {
        let mut records = task.transaction(first);
        records.truncate(records.len() / 2);
        self.cut_tail(task.role, task.cause);
        self.disks.tear(task.role, records);
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
        let Some(half) = self.disks.take_torn(role) else { return };
        if self.physics.marks {
            self.journal.record(cause, || Happening::Torn(role));
            return;
        }
        let moment = self.journal.moment();
        for record in half {
            if let Some(fact) = S::fact(role, &record) {
                self.truth.change().observe(moment, fact);
            }
            self.disks.change(role).write(record);
        }
    }

    /// A write that nothing waits for.
    pub(super) fn append(&mut self, task: &Task<S>, record: S::Record) {
        debug_assert!(
            S::fact(task.role, &record).is_none(),
            "what may be lost is no ground truth: {record:?}"
        );
        if self.disks.is_torn() {
            self.cut_tail(task.role, task.cause);
        }
        let written = || Happening::Written { node: task.node, record: record.clone() };
        self.journal.record(task.cause, written);
        self.disks.change(task.role).append(task.node, record);
    }
}
