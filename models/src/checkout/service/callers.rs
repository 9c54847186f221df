//! Callers who wait for the end of an operation, and how they are answered.

use stormcart_sim::To;
use stormcart_sim::site::MessageKind;

use crate::checkout::message::{Body, Message, Order};
use crate::checkout::vocabulary::{Op, Outcome, Party};

use super::Context;
use super::participant::Participant;
use super::pending::{Trigger, Waiting};

impl Participant {
    pub(super) fn wait(&mut self, order: Order, trigger: &Trigger<'_>) {
        let Some(from) = trigger.from else { return };
        let waiting = self.waiting.entry(order);
        waiting.retain(|other| (other.op, other.key) != (trigger.op, trigger.command.key));
        waiting.push(Waiting { op: trigger.op, key: trigger.command.key, from, attempt: trigger.attempt });
    }

    /// Answers every caller who waits for the end of an operation.
    pub(super) fn answer(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        op: Op,
        key: u8,
        outcome: Outcome,
        trigger: Option<&Trigger<'_>>,
    ) {
        if let Some(trigger) = trigger.filter(|trigger| trigger.op == op)
            && let Some(from) = trigger.from
        {
            cx.send(To::Node(from), Message::answer(op, order, trigger.attempt, outcome));
        }
        let Some(waiting) = self.waiting.get_mut(order) else { return };
        waiting.retain(|who| {
            let answered = who.op == op && who.key == key;
            if answered {
                cx.send(To::Node(who.from), Message::answer(op, order, who.attempt, outcome));
            }
            !answered
        });
        if waiting.is_empty() {
            self.waiting.remove(order);
        }
    }

    /// Answers a repeated command.
    pub(super) fn reply(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        trigger: &Trigger<'_>,
        outcome: Outcome,
    ) {
        if let Some(from) = trigger.from {
            cx.send(To::Node(from), Message::answer(trigger.op, order, trigger.attempt, outcome));
        }
        self.acknowledge(cx, order, trigger);
    }

    /// Acknowledges a delivery from the log.
    pub(super) fn acknowledge(&self, cx: &mut Context<'_>, order: Order, trigger: &Trigger<'_>) {
        if let Some((event, slot)) = trigger.command.via {
            let Trigger { op, attempt, .. } = *trigger;
            let body = Body::Ack(event, slot);
            cx.send(
                To::Role(Party::Broker.role()),
                Message { op, kind: MessageKind::Ack, order, attempt, body },
            );
        }
    }
}
