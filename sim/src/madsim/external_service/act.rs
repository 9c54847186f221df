//! What an external service does to the world, and where failures strike it.

use std::task::Waker;

use crate::adversary::{Backend, PendingFailure, PendingFailures, outage, pending, struck};
use crate::fault::CrashPoint;
use crate::service::{Effect, Service, To};
use crate::site::{Identity, Node};
use crate::task::Task;
use crate::time::Micros;
use crate::trace::{Cause, Happening};

use super::super::place::{Input, Place};
use super::super::shared::State;
use super::super::tracker::UnderWay;

/// What became of a transaction.
pub(super) enum Transacted<T> {
    /// There was nothing to write.
    Nothing(T),
    /// It is over when the disk is done.
    Waits(T, Micros),
    Aborted,
    Killed,
}

impl<S: Service> State<S> {
    fn place(&mut self, node: Node) -> Option<&mut Place<S>> {
        self.machine(node).external.as_mut()
    }

    /// An external service starts, unless it is not to survive that.
    pub fn start_external(&mut self, node: Node, pending: Option<Box<PendingFailures<S>>>, cause: Cause) {
        self.expect(node, pending, (Identity::RECOVERY, cause));
        if self.crashes_external(node, CrashPoint::DuringRecovery) {
            return;
        }
        let machine = self.machine(node);
        if let Some(process) = machine.external.as_ref().and_then(|place| (place.start)(node)) {
            machine.process.spawn(process);
        }
    }

    /// An external service is told something.
    pub fn tell(
        &mut self,
        node: Node,
        input: Input<S>,
        pending: Option<Box<PendingFailures<S>>>,
        about: (Identity, Cause),
    ) {
        self.expect(node, pending, about);
        let under_way = UnderWay::new(&self.tracker);
        let Some(place) = self.place(node) else { return };
        place.inbox.push_back((input, under_way));
        if let Some(waker) = place.waker.take() {
            waker.wake();
        }
    }

    /// The next thing it is told, or nothing yet: then the waker is woken when there is one.
    pub(super) fn next_input(&mut self, node: Node, waker: &Waker) -> Option<Input<S>> {
        let place = self.place(node)?;
        let next = place.inbox.pop_front();
        if next.is_none() {
            place.waker = Some(waker.clone());
        }
        next.map(|(input, _)| input)
    }

    /// Notes what is to go wrong. What waited for the message starts now: when it is handled cannot be seen.
    fn expect(&mut self, node: Node, pending: Option<Box<PendingFailures<S>>>, about: (Identity, Cause)) {
        if let Some(pending) = &pending {
            pending::start_waiting(self, pending);
        }
        let Some(place) = self.place(node) else { return };
        place.about = about;
        let failures = pending.into_iter().flat_map(|pending| pending.failures);
        place.pending.extend(failures.filter(|failure| !matches!(failure, PendingFailure::Start(_))));
    }

    fn about(&self, node: Node) -> (Identity, Cause) {
        let place = self.processes.machines[node.0 as usize].external.as_ref();
        place.map_or((Identity::RECOVERY, 0), |place| place.about)
    }

    /// Takes the first failure that strikes here.
    fn take_failure(
        &mut self,
        node: Node,
        strikes: impl Fn(&PendingFailure) -> bool,
    ) -> Option<PendingFailure> {
        let pending = &mut self.place(node)?.pending;
        let at = pending.iter().position(strikes)?;
        Some(pending.remove(at))
    }

    /// Kills an external service if a pending failure says so at this point.
    pub(super) fn crashes_external(&mut self, node: Node, here: CrashPoint) -> bool {
        if self.adversary.is_down(node) {
            return true;
        }
        let strikes = |failure: &PendingFailure| matches!(failure, PendingFailure::Crash(_, point, _) if *point == here);
        let Some(PendingFailure::Crash(fault, _, down)) = self.take_failure(node, strikes) else {
            return false;
        };
        let (identity, cause) = self.about(node);
        let cause = struck(self, fault, Some(identity.subject), cause);
        outage::crash(self, node, down, cause);
        true
    }

    /// Sends a message, unless the process was killed and has only not noticed yet.
    pub(super) fn send_external(&mut self, node: Node, to: To, message: S::Message) {
        if !self.adversary.is_down(node) && self.tick() {
            let cause = self.about(node).1;
            self.send_message(node, to, message, cause);
            self.crashes_external(node, CrashPoint::AfterSend);
        }
    }

    pub(super) fn transact_external<T>(
        &mut self,
        node: Node,
        decide: impl FnOnce(&S::Store) -> (Vec<S::Record>, T),
    ) -> Transacted<T> {
        if self.adversary.is_down(node) || !self.tick() {
            return Transacted::Killed;
        }
        let role = self.physics.role(node);
        let (records, decided) = decide(self.disk.open().of(role).state());
        if records.is_empty() {
            return Transacted::Nothing(decided);
        }
        let (identity, cause) = self.about(node);
        self.journal.mark(u64::from(node.0), 48);
        if self.adversary.full(node, self.now()).is_some() {
            self.journal.record(cause, || Happening::Aborted(node));
            return Transacted::Aborted;
        }
        // A transaction as a handler would want it done.
        let mut effects = vec![Effect::Sync];
        effects.extend(records.into_iter().rev().map(Effect::Write));
        let mut task = Task::without_worker((node, role), identity, effects, None, cause);
        match self.take_failure(node, |failure| failure.strikes_commit(false)) {
            Some(failure @ PendingFailure::Crash(..)) => {
                task.pending = PendingFailures::some(vec![failure]);
                self.execute(task);
                return Transacted::Killed;
            }
            Some(PendingFailure::FailWrite(fault)) => {
                let cause = struck(self, fault, Some(identity.subject), cause);
                self.journal.record(cause, || Happening::Aborted(node));
                return Transacted::Aborted;
            }
            Some(PendingFailure::FullDisk | PendingFailure::Start(_)) | None => {}
        }
        let sync = self.execute(task).map_or(Micros::ZERO, |suspended| suspended.until - self.now());
        Transacted::Waits(decided, sync)
    }
}
