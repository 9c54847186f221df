//! Carries out what a business rule decided: one transaction, then the world outside it.

use smallvec::SmallVec;
use stormcart_sim::Micros;

use crate::checkout::domain::{Basket, Status};
use crate::checkout::message::{Order, Timer};
use crate::checkout::platform::idempotency::{IdempotencyRecord, IdempotencyStore};
use crate::checkout::platform::outbox::QueuedEvent;
use crate::checkout::policy::Fence;
use crate::checkout::vocabulary::{CoverageGoal, Op, Outcome, ops, outcomes};

use super::decision::Decision;
use super::outside_calls::About;
use super::participant::Participant;
use super::pending::Trigger;
use super::rules;
use super::{Context, Record};

impl Participant {
    /// Carries a decision out: one transaction, then the world outside it.
    pub(super) fn enact(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        trigger: Option<&Trigger<'_>>,
        decision: Decision<rules::Change>,
    ) {
        let (idempotency, _) = Self::store(cx);
        let basket = trigger.map(|trigger| &trigger.command.basket);
        let basket = basket.or(idempotency.entry(order).and_then(|entry| entry.basket.as_ref())).cloned();
        let basket = basket
            .unwrap_or_else(|| unreachable!("nothing is decided about an order before its basket is known"));
        let mut records: SmallVec<[Record; 6]> = decision.entries.into_iter().map(Record::State).collect();
        let ends = ends(idempotency, order, trigger, &decision.answers);
        if let Some(trigger) = trigger {
            self.remember(idempotency, order, trigger, &ends, &mut records);
        }
        let announced = self.end(cx, order, &ends, trigger, &basket, &mut records);
        self.announce(cx, order, &basket, records, announced);
        if let Some(outside) = decision.ask {
            let status = trigger.map_or(Status::Pending, |trigger| trigger.command.status);
            self.ask(cx, outside, order, 1, About { basket, status });
        }
        self.watch(cx, order, &ends);
        for (op, key, outcome) in ends {
            self.answer(cx, order, op, key, outcome, trigger);
        }
        if let Some(trigger) = trigger {
            self.acknowledge(cx, order, trigger);
        }
    }

    /// Writes down how operations ended; what is to be announced about it.
    fn end(
        &self,
        cx: &mut Context<'_>,
        order: Order,
        ends: &[End],
        trigger: Option<&Trigger<'_>>,
        basket: &Basket,
        records: &mut SmallVec<[Record; 6]>,
    ) -> SmallVec<[QueuedEvent; 2]> {
        let mut announced = SmallVec::new();
        for (op, key, outcome) in ends {
            cover(cx, *op, *outcome);
            let event = self.setup.architecture.announced(*op, *outcome);
            let answered = IdempotencyRecord::Answered(order, *op, *key, *outcome, event, basket.clone());
            records.push(Record::Idempotency(answered));
            if let Some(event) = event {
                let closed = trigger.filter(|_| *op == Op::Close).map(|trigger| trigger.command.status);
                announced.push(QueuedEvent { event, status: closed.unwrap_or(event.verdict()) });
            }
        }
        announced
    }

    /// What is remembered beside the rule's own entries.
    fn remember(
        &mut self,
        idempotency: &IdempotencyStore,
        order: Order,
        trigger: &Trigger<'_>,
        ends: &[End],
        records: &mut SmallVec<[Record; 6]>,
    ) {
        let Trigger { op, command, .. } = trigger;
        if ends.iter().all(|(ended, ..)| ended != op) {
            records.push(Record::Idempotency(IdempotencyRecord::Begun(
                order,
                *op,
                command.key,
                command.basket.clone(),
            )));
            self.wait(order, trigger);
        }
        if let Some(late) = op.undoes()
            && self.setup.policies.fence == Fence::Tombstone
            && !idempotency.seen(order, late)
        {
            records.push(Record::Idempotency(IdempotencyRecord::Fenced(order, late)));
        }
    }

    /// Arms and disarms what the end of an operation starts and stops.
    fn watch(&mut self, cx: &mut Context<'_>, order: Order, ends: &[End]) {
        let timeouts = &self.setup.timeouts;
        for (op, _, outcome) in ends {
            match op {
                Op::Reserve if *outcome == Outcome::Done => {
                    cx.arm(Timer::of(Op::Expiry, order), timeouts.hold_ttl, Micros::ZERO);
                }
                Op::Confirm | Op::Release => cx.disarm(Timer::of(Op::Expiry, order)),
                Op::Place if *outcome == Outcome::Accepted && self.keeps_deadlines() => {
                    cx.arm(Timer::of(Op::Deadline, order), timeouts.deadline, Micros::ZERO);
                }
                Op::Close if self.keeps_deadlines() => cx.disarm(Timer::of(Op::Deadline, order)),
                Op::Reserve | Op::Expiry | ops!(of orders) | ops!(of payments) | ops!(of shipping) => {}
                ops!(of notifications) | ops!(not of a service) => {}
            }
        }
    }
}

/// An operation, the key it was asked for with, and how it ended.
type End = (Op, u8, Outcome);

/// Whose operations end: the one that was just asked for, or whichever were taken on before.
fn ends(
    idempotency: &IdempotencyStore,
    order: Order,
    trigger: Option<&Trigger<'_>>,
    answers: &[(Op, Outcome)],
) -> SmallVec<[End; 2]> {
    let mut ends = SmallVec::new();
    for (op, outcome) in answers {
        match trigger.filter(|trigger| trigger.op == *op) {
            Some(trigger) => ends.push((*op, trigger.command.key, *outcome)),
            None => ends.extend(idempotency.begun(order, *op).map(|key| (*op, key, *outcome))),
        }
    }
    ends
}

/// Notes that a coverage goal was reached, where the end of an operation is one.
fn cover(cx: &mut Context<'_>, op: Op, outcome: Outcome) {
    let goal = match outcome {
        Outcome::Fenced if op == Op::Charge => CoverageGoal::LateSuccess,
        Outcome::OutOfStock => CoverageGoal::OutOfStock,
        Outcome::HoldLost => CoverageGoal::HoldLost,
        Outcome::Declined => CoverageGoal::Declined,
        Outcome::Done if op == Op::Release => CoverageGoal::Compensated,
        Outcome::Refunded => CoverageGoal::Compensated,
        Outcome::Done | Outcome::Refused | Outcome::Fenced | Outcome::Withdrawn | Outcome::TooLate => return,
        outcomes!(told to customers) | outcomes!(unknown) => return,
    };
    cx.probe(goal as u8);
}
