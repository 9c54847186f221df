//! Transactions: what is on the disk when, and what a kill or an abort makes of them.

use crate::adversary::{Backend, Handled, PendingFailure, Snapshot, outage, struck};
use crate::draw::{Lane, Purpose};
use crate::fault::CrashPoint;
use crate::service::{Service, Truth};
use crate::site::{Identity, Role};
use crate::time::Micros;
use crate::trace::{Cause, Happening};

use super::execute::Task;
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
                self.abort(task, failure);
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

    /// The node dies before its transaction is durable, or while nobody knows whether it is.
    fn interrupt(&mut self, task: &mut Task<S>, first: S::Record, point: CrashPoint) {
        match point {
            CrashPoint::DuringSync => {
                let name = task.identity.packed(task.role) >> 32;
                let bits = self.physics.draws.bits(Purpose::Torn, name, u64::from(task.identity.subject));
                let records = task.transaction(first);
                if bits.0 & 1 == 0 {
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
        self.crashes(task, point);
    }

    /// The mutant that does not wait has sent everything by the time the disk fails.
    fn outrun(&mut self, task: &mut Task<S>) {
        while !self.physics.barrier
            && let Some(effect) = task.effects.next()
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

    /// The database aborts the transaction: nothing of the handler happens, and the service is told. Where the disk is
    /// full and nobody would ask again, the timer does when there is room.
    fn abort(&mut self, task: &mut Task<S>, failure: PendingFailure) {
        let Some(pending) = task.pending.as_deref_mut() else { return };
        let snapshot = pending.snapshot.take();
        match failure {
            PendingFailure::FailWrite(fault) => {
                pending.failures.retain(|known| *known != failure);
                task.cause = struck(self, fault, Some(task.identity.subject), task.cause);
            }
            PendingFailure::FullDisk | PendingFailure::Crash(..) | PendingFailure::Start(_) => {
                self.journal.mark(u64::from(task.node.0), 24);
            }
        }
        let (node, role, cause) = (task.node, task.role, task.cause);
        self.journal.record(cause, || Happening::Aborted(node));
        task.effects = Vec::new().into_iter();
        let Some(Snapshot { handled, memory }) = snapshot else { return };
        if let Some(memory) = memory {
            self.machine(node).memory = memory;
        }
        let effects = match (handled, self.adversary.full(node, self.now())) {
            (Handled::Message(from, message), _) => {
                self.handle(node, role, None, |service, cx| service.on_abort(cx, from, message))
            }
            (Handled::Timer(timer, _), Some(room)) if failure == PendingFailure::FullDisk => {
                return self.machine(node).timers.arm(timer, room, cause);
            }
            (Handled::Timer(timer, _), _) => {
                self.handle(node, role, None, |service, cx| service.on_abort_timer(cx, timer))
            }
        };
        task.effects = effects.into_iter();
    }

    /// A write nobody waits for.
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
