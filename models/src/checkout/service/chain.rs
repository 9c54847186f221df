//! The process in memory: the order service walks through the steps itself, while the customer waits.
//!
//! The steps and their logic are those of the durable engine ([`crate::checkout::platform::workflow`]); the difference
//! is that nothing here survives a crash.

use stormcart_sim::{Micros, To};

use crate::checkout::architecture::Process;
use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::{Command, Message, Order, Timer};
use crate::checkout::platform::idempotency::IdempotencyRecord;
use crate::checkout::platform::workflow::{Flow, Input, Step};
use crate::checkout::policy::TimeoutMeans;
use crate::checkout::vocabulary::{Op, Outcome, Party};

use super::decision::Decision;
use super::participant::{Participant, key_of};
use super::pending::{Call, Running, Trigger};
use super::{Context, Record, orders, rules};

impl Participant {
    fn steps(&self) -> &'static [Step] {
        match self.setup.architecture.process {
            Process::Memory(steps) | Process::Engine(steps) => steps,
            Process::Reactions(_) => &[],
        }
    }

    /// A new order: written down, then walked through. The customer is answered at the end.
    pub(super) fn start_chain(&mut self, cx: &mut Context<'_>, order: Order, trigger: Trigger<'_>) {
        let basket = trigger.command.basket.clone();
        let placed = rules::Change::Orders(orders::OrderChange::Placed(order, basket.clone()));
        self.enact(cx, order, Some(&trigger), Decision::pending().noting(placed));
        self.walk(cx, order, basket);
    }

    /// A resubmitted order whose process this instance does not have in memory starts again, with the same keys.
    pub(super) fn resume_chain(&mut self, cx: &mut Context<'_>, order: Order, trigger: &Trigger<'_>) {
        if self.in_memory() && trigger.op == Op::Place && self.chain.running.get(order).is_none() {
            self.walk(cx, order, trigger.command.basket.clone());
        }
    }

    fn walk(&mut self, cx: &mut Context<'_>, order: Order, basket: Basket) {
        self.chain
            .running
            .insert(order, Running { flow: Flow::START, basket, asked: Call { op: Op::Place, attempt: 0 } });
        cx.arm(Timer::of(Op::Deadline, order), self.setup.timeouts.deadline, Micros::ZERO);
        self.call(cx, order, 1);
    }

    /// Asks for what the process of this order wants now.
    fn call(&mut self, cx: &mut Context<'_>, order: Order, attempt: u8) {
        let steps = self.steps();
        let Some(running) = self.chain.running.get_mut(order) else { return };
        let Some((op, status)) = running.flow.wants(steps) else {
            self.chain.running.remove(order);
            return;
        };
        running.asked = Call { op, attempt };
        let basket = running.basket.clone();
        if op == Op::Close {
            return self.close_chain(cx, order, basket, status);
        }
        let command = Command { key: key_of(&self.setup, attempt), basket, status, via: None };
        cx.send(To::Role(op.owner().role()), Message::ask(op, order, attempt, command));
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(Timer { op, order, group: Party::Orders }, after, jitter);
    }

    /// The status is set at home, and the customer hears it.
    fn close_chain(&mut self, cx: &mut Context<'_>, order: Order, basket: Basket, status: Status) {
        let told = if status == Status::Completed { Outcome::Confirmed } else { Outcome::Rejected };
        let closed = rules::Change::Orders(orders::OrderChange::Closed(order, status));
        let decision = Decision::done(Op::Close, Outcome::Done).ending(Op::Place, told).noting(closed);
        let command = Command { key: 0, basket, status, via: None };
        let trigger = Trigger { op: Op::Close, attempt: 1, from: None, command: &command };
        self.enact(cx, order, Some(&trigger), decision);
        cx.disarm(Timer::of(Op::Deadline, order));
        self.chain_moves(cx, order, Input::Answer(Outcome::Done));
    }

    /// A service answered.
    pub(super) fn chain_answered(&mut self, cx: &mut Context<'_>, order: Order, outcome: Outcome) {
        let failed = self.setup.policies.timeout == TimeoutMeans::Failed;
        if outcome != Outcome::NotExecuted || failed {
            self.chain_moves(cx, order, Input::Answer(outcome));
        }
    }

    /// A service did not answer in time.
    pub(super) fn chain_unanswered(&mut self, cx: &mut Context<'_>, order: Order) {
        let Some(attempt) = self.chain.running.get(order).map(|running| running.asked.attempt) else {
            return;
        };
        if self.setup.policies.timeout == TimeoutMeans::Failed {
            self.chain_moves(cx, order, Input::Answer(Outcome::Unanswered));
        } else if attempt < self.setup.timeouts.park_after {
            self.call(cx, order, attempt.saturating_add(1));
        } else {
            cx.commit([Record::Idempotency(IdempotencyRecord::DeadLettered(order))]);
        }
    }

    /// The process of this order takes a turn.
    pub(super) fn chain_moves(&mut self, cx: &mut Context<'_>, order: Order, input: Input) {
        let steps = self.steps();
        let undo = self.setup.policies.undo;
        let Some(running) = self.chain.running.get_mut(order) else { return };
        let next = running.flow.after(input, steps, undo);
        if next != running.flow {
            running.flow = next;
            cx.disarm(Timer { op: running.asked.op, order, group: Party::Orders });
            self.call(cx, order, 1);
        }
    }
}
