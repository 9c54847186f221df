//! Transactions: what is on the disk when, and what a kill or an abort makes of them.

use crate::adversary::{Backend, PendingFailure, outage, pending};
use crate::draw::{Lane, Purpose};
use crate::fault::CrashPoint;
use crate::service::{Service, Truth};
use crate::site::{Identity, Role};
use crate::task::Task;
use crate::time::Micros;
use crate::trace::{Cause, Happening};

use super::shared::State;

/// What became of a handler at its transaction.
pub(super) enum Transaction {
    /// It goes on after so long.
    Takes(Micros),
    /// The node died.
    Killed,
}

impl<S: Service> State<S> {
    /// One transaction, whose first record was taken off already.
    pub fn transact(&mut self, task: &mut Task<S>, first: S::Record) -> Transaction {
        let full = self.adversary.full(task.node, self.now()).is_some();
        match task.pending.as_deref().and_then(|pending| pending.at_commit(full)) {
            None => {}
            Some(PendingFailure::Crash(_, point, _)) => {
                self.interrupt(task, first, point);
                return Transaction::Killed;
            }
            Some(failure) => {
                pending::abort(self, task, failure);
                if task.identity != Identity::RECOVERY {
                    return Transaction::Takes(Micros::ZERO);
                }
                // A process that cannot write what it recovers ends, and is started again.
                outage::crash(self, task.node, Micros::ZERO, task.cause);
                return Transaction::Killed;
            }
        }
        let records = task.transaction(first);
        self.commit(task, records);
        let slowed = self.adversary.disk_slowed(task.node, self.now());
        let sync = self.physics.sync.draw(task.bits, Lane::Sync).times(slowed);
        let service = if task.served { Micros::ZERO } else { self.service_time(task) };
        task.served = true;
        Transaction::Takes(if self.physics.barrier { sync + service } else { service })
    }

    /// A transaction is on the disk, and what it says has happened.
    fn commit(&mut self, task: &mut Task<S>, records: Vec<S::Record>) {
        let (node, role, moment) = (task.node, task.role, self.journal.moment());
        self.cut_tail(role, task.cause);
        for record in records {
            self.journal.record(task.cause, || Happening::Written { node, record: record.clone() });
            if let Some(fact) = S::fact(role, &record) {
                self.truth.observe(moment, fact);
            }
            self.disk.open().of(role).write(record);
        }
        self.disk.open().of(role).synced(node);
        self.journal.counts.syncs[role.0 as usize] += 1;
        task.committed = true;
    }

    /// The node dies before its transaction is durable, or while it is open whether it is.
    fn interrupt(&mut self, task: &mut Task<S>, first: S::Record, point: CrashPoint) {
        match point {
            CrashPoint::DuringSync => {
                let records = task.transaction(first);
                if self.physics.bits(Purpose::Torn, task.role, task.identity).0 & 1 == 0 {
                    self.commit(task, records);
                }
                self.outrun(task);
            }
            CrashPoint::MidWrite => {
                let mut records = task.transaction(first);
                records.truncate(records.len() / 2);
                self.cut_tail(task.role, task.cause);
                self.disk.open().tear(task.role, records);
                self.outrun(task);
            }
            CrashPoint::BeforeCommit
            | CrashPoint::AfterCommit
            | CrashPoint::AfterSend
            | CrashPoint::DuringRecovery => {}
        }
        pending::crashes(self, task, point);
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
    pub fn cut_tail(&mut self, role: Role, cause: Cause) {
        let Some(half) = self.disk.open().take_torn(role) else { return };
        if self.physics.marks {
            self.journal.record(cause, || Happening::Torn(role));
            return;
        }
        let moment = self.journal.moment();
        for record in half {
            if let Some(fact) = S::fact(role, &record) {
                self.truth.observe(moment, fact);
            }
            self.disk.open().of(role).write(record);
        }
    }

    /// A write that nothing waits for.
    pub fn append(&mut self, task: &Task<S>, record: S::Record) {
        debug_assert!(
            S::fact(task.role, &record).is_none(),
            "what may be lost is no ground truth: {record:?}"
        );
        self.cut_tail(task.role, task.cause);
        let written = || Happening::Written { node: task.node, record: record.clone() };
        self.journal.record(task.cause, written);
        self.disk.open().of(task.role).append(task.node, record);
    }
}
