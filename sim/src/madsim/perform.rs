//! Effects, one after the other: where a process waits for its worker and its disk, and where a crash can fall.
//!
//! **Invariant:** a send is a barrier: what follows a commit is not done before the commit's sync is over.
//! **Invariant:** a handler and its first transaction are one instant; service time and sync are spent after it.

use std::vec::IntoIter;

use crate::draw::{DrawBits, Lane, Purpose};
use crate::fault::CrashPoint;
use crate::service::{Effect, Service, Timer, Truth};
use crate::site::{Identity, Node, Role};
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening};

use super::fate::{Fate, Handled, Mishap, Undo};
use super::hub::State;

/// A handler whose effects are being done.
pub(super) struct Course<S: Service> {
    pub node: Node,
    pub role: Role,
    /// What is being handled.
    pub identity: Identity,
    /// What is left to do.
    pub effects: IntoIter<Effect<S>>,
    pub bits: DrawBits,
    pub fate: Option<Box<Fate<S>>>,
    /// Occupies a worker.
    pub worker: bool,
    /// Its service time has been spent.
    pub served: bool,
    pub committed: bool,
    pub cause: Cause,
}

/// A handler that goes on then.
pub(super) struct Rest<S: Service> {
    pub until: Instant,
    pub course: Course<S>,
}

/// What became of a handler at its transaction.
enum Transaction {
    /// It may take so long.
    Takes(Micros),
    /// The node died of it.
    Killed,
}

impl<S: Service> Course<S> {
    /// Whether a transaction is still to come.
    fn will_write(&self) -> bool {
        self.effects.as_slice().iter().any(|effect| matches!(effect, Effect::Write(_)))
    }

    /// Takes the records up to the end of the transaction off, the first of which was taken already.
    fn transaction(&mut self, first: S::Record) -> Vec<S::Record> {
        let mut records = vec![first];
        while let Some(Effect::Write(record)) = self.effects.next() {
            records.push(record);
        }
        records
    }
}

impl<S: Service> State<S> {
    /// A handler's time on the worker or on the disk is over.
    pub fn resume(&mut self, mut course: Course<S>) -> Option<Rest<S>> {
        if !self.tick() {
            return None;
        }
        course.fate = self.forgiven(course.fate);
        self.digest.word(self.now.0 ^ u64::from(course.node.0) << 48);
        self.go_on(course)
    }

    /// Does what a handler wants done until it has to wait, or the node dies, or nothing is left.
    pub fn go_on(&mut self, mut course: Course<S>) -> Option<Rest<S>> {
        loop {
            // A handler that sends spends its time first; one that writes, after its transaction.
            let due = match course.effects.as_slice().first() {
                None => break,
                Some(Effect::Write(_) | Effect::Append(_) | Effect::Disarm(_)) => false,
                Some(_) => !course.served && !course.will_write(),
            };
            if due {
                return self.serve(course);
            }
            let Some(effect) = course.effects.next() else { break };
            match effect {
                Effect::Write(first) => match self.transact(&mut course, first) {
                    Transaction::Takes(Micros::ZERO) => {}
                    Transaction::Takes(time) => return self.rest(course, time),
                    Transaction::Killed => return None,
                },
                Effect::Append(record) => self.append(&course, record),
                // A timer is memory: it is gone with the decision.
                Effect::Disarm(timer) => {
                    self.machine(course.node).alarms.disarm(timer);
                    if !course.served && !course.will_write() {
                        return self.serve(course);
                    }
                }
                effect => {
                    if course.committed && self.dies(&course, CrashPoint::AfterCommit) {
                        return None;
                    }
                    let sends = matches!(effect, Effect::Send(..));
                    self.perform(&course, effect);
                    if sends && self.dies(&course, CrashPoint::AfterSend) {
                        return None;
                    }
                }
            }
        }
        if course.committed && self.dies(&course, CrashPoint::AfterCommit)
            || self.dies(&course, CrashPoint::DuringRecovery)
        {
            return None;
        }
        self.finish(&course)
    }

    /// Spends the service time of a command.
    pub fn serve(&mut self, mut course: Course<S>) -> Option<Rest<S>> {
        course.served = true;
        match self.service_time(&course) {
            Micros::ZERO => self.go_on(course),
            time => self.rest(course, time),
        }
    }

    fn service_time(&self, course: &Course<S>) -> Micros {
        let time = self.physics.roles[course.role.0 as usize].service.draw(course.bits, Lane::Service);
        time.times(self.slowed(course.node))
    }

    fn rest(&self, mut course: Course<S>, time: Micros) -> Option<Rest<S>> {
        if let Some(fate) = &mut course.fate {
            fate.lets_go();
        }
        Some(Rest { until: self.now + time, course })
    }

    /// A handler is done: the next waiting command gets its worker.
    fn finish(&mut self, course: &Course<S>) -> Option<Rest<S>> {
        if !course.worker {
            return None;
        }
        let machine = self.machine(course.node);
        machine.busy -= 1;
        let next = machine.waiting.pop_front()?;
        self.begin(course.node, next)
    }

    /// One transaction, whose first record was taken off already.
    fn transact(&mut self, course: &mut Course<S>, first: S::Record) -> Transaction {
        let mishaps = course.fate.as_deref().map(|fate| fate.mishaps.as_slice()).unwrap_or_default();
        let strikes = |mishap: &Mishap| {
            mishap.before_durable() && (*mishap != Mishap::FullDisk || self.full(course.node).is_some())
        };
        match mishaps.iter().copied().find(strikes) {
            Some(Mishap::Crash(_, point, _)) => {
                self.interrupt(course, first, point);
                return Transaction::Killed;
            }
            Some(mishap) => {
                self.abort(course, mishap);
                if course.identity != Identity::RECOVERY {
                    return Transaction::Takes(Micros::ZERO);
                }
                // A process that cannot write what it recovers ends, and is started again.
                self.crash(course.node, Micros::ZERO, course.cause);
                return Transaction::Killed;
            }
            None => {}
        }
        let records = course.transaction(first);
        self.commit(course, records);
        let sync = self.physics.sync.draw(course.bits, Lane::Sync).times(self.disk_slowed(course.node));
        let service = if course.served { Micros::ZERO } else { self.service_time(course) };
        course.served = true;
        Transaction::Takes(if self.physics.barrier { sync + service } else { service })
    }

    /// A transaction is on the disk, and what it says has happened.
    fn commit(&mut self, course: &mut Course<S>, records: Vec<S::Record>) {
        let (node, role, moment) = (course.node, course.role, self.moment());
        self.cut_tail(role, course.cause);
        for record in records {
            self.record(course.cause, || Happening::Written { node, record: record.clone() });
            if let Some(fact) = S::fact(role, &record) {
                self.truth.observe(moment, fact);
            }
            self.disk.open().of(role).write(record);
        }
        self.disk.open().of(role).synced(node);
        self.counts.syncs[role.0 as usize] += 1;
        course.committed = true;
    }

    /// The node dies before its transaction is durable, or while nobody knows whether it is.
    fn interrupt(&mut self, course: &mut Course<S>, first: S::Record, point: CrashPoint) {
        match point {
            CrashPoint::DuringSync => {
                let name = course.identity.packed(course.role) >> 32;
                let bits = self.physics.draws.bits(Purpose::Torn, name, u64::from(course.identity.subject));
                let records = course.transaction(first);
                if bits.0 & 1 == 0 {
                    self.commit(course, records);
                }
                self.outrun(course);
            }
            CrashPoint::MidWrite => {
                let mut records = course.transaction(first);
                records.truncate(records.len() / 2);
                self.cut_tail(course.role, course.cause);
                self.disk.open().tear(course.role, records);
                self.outrun(course);
            }
            _ => {}
        }
        self.dies(course, point);
    }

    /// The mutant that does not wait has sent everything by the time the disk fails.
    fn outrun(&mut self, course: &mut Course<S>) {
        while !self.physics.barrier
            && let Some(effect) = course.effects.next()
        {
            self.perform(course, effect);
        }
    }

    /// A log that ends in half a transaction is cut back to its last commit, before it is read or written. The mutant
    /// that does not look for the mark of a commit takes the half for real.
    pub fn cut_tail(&mut self, role: Role, cause: Cause) {
        let Some(half) = self.disk.open().take_torn(role) else { return };
        if self.physics.marks {
            self.record(cause, || Happening::Torn(role));
            return;
        }
        let moment = self.moment();
        for record in half {
            if let Some(fact) = S::fact(role, &record) {
                self.truth.observe(moment, fact);
            }
            self.disk.open().of(role).write(record);
        }
    }

    /// The database aborts the transaction: nothing of the handler happens, and the service is told. Where the disk is
    /// full and nobody would ask again, the timer does when there is room.
    fn abort(&mut self, course: &mut Course<S>, mishap: Mishap) {
        let Some(fate) = course.fate.as_deref_mut() else { return };
        let undo = fate.undo.take();
        match mishap {
            Mishap::FailWrite(fault) => {
                fate.mishaps.retain(|known| *known != mishap);
                course.cause = self.struck(fault, Some(course.identity.subject), course.cause);
            }
            _ => self.digest.word(self.now.0 ^ u64::from(course.node.0) << 24),
        }
        let (node, role, cause) = (course.node, course.role, course.cause);
        self.record(cause, || Happening::Aborted(node));
        course.effects = Vec::new().into_iter();
        let Some(Undo { handled, memory }) = undo else { return };
        if let Some(memory) = memory {
            self.machine(node).memory = memory;
        }
        let effects = match (handled, self.full(node)) {
            (Handled::Message(from, message), _) => {
                self.handle(node, role, None, |service, cx| service.on_abort(cx, from, message))
            }
            (Handled::Timer(timer), Some(room)) if mishap == Mishap::FullDisk => {
                return self.machine(node).alarms.arm(timer, room, cause);
            }
            (Handled::Timer(timer), _) => {
                self.handle(node, role, None, |service, cx| service.on_abort_timer(cx, timer))
            }
        };
        course.effects = effects.into_iter();
    }

    fn perform(&mut self, course: &Course<S>, effect: Effect<S>) {
        match effect {
            Effect::Send(to, message) => self.send(course.node, to, message, course.cause),
            Effect::Arm(timer, after, jitter) => self.arm(course.node, timer, after, jitter, course.cause),
            Effect::Disarm(timer) => self.machine(course.node).alarms.disarm(timer),
            Effect::Append(record) | Effect::Write(record) => self.append(course, record),
            Effect::Sync => {}
        }
    }

    fn arm(&mut self, node: Node, timer: S::Timer, after: Micros, jitter: Micros, cause: Cause) {
        let identity = timer.identity();
        let name =
            identity.packed(self.physics.role(node)) >> 32 | u64::from(self.physics.instance(node)) << 32;
        let bits = self.physics.draws.bits(Purpose::Timer, name, u64::from(identity.subject));
        let time = after + Micros(bits.within(Lane::Link, jitter.0));
        let at = self.now + self.measured(node, time);
        self.machine(node).alarms.arm(timer, at, cause);
    }

    /// A write nobody waits for.
    fn append(&mut self, course: &Course<S>, record: S::Record) {
        debug_assert!(
            S::fact(course.role, &record).is_none(),
            "what may be lost is no ground truth: {record:?}"
        );
        self.cut_tail(course.role, course.cause);
        self.record(course.cause, || Happening::Written { node: course.node, record: record.clone() });
        self.disk.open().of(course.role).append(course.node, record);
    }

    /// Kills the node if it is fated to die here.
    fn dies(&mut self, course: &Course<S>, here: CrashPoint) -> bool {
        let Some(fate) = course.fate.as_deref() else { return false };
        let strikes = fate.mishaps.iter().find_map(|mishap| match *mishap {
            Mishap::Crash(fault, point, down) if point == here => Some((fault, down)),
            _ => None,
        });
        let Some((fault, down)) = strikes else { return false };
        let cause = self.struck(fault, Some(course.identity.subject), course.cause);
        self.crash(course.node, down, cause);
        true
    }
}
