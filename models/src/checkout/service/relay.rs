//! How events leave a business service: written down or kept in memory, then handed on until they are acknowledged.

use smallvec::SmallVec;
use stormcart_sim::To;
use stormcart_sim::site::MessageKind;

use crate::checkout::domain::Basket;
use crate::checkout::message::{Body, Message, Order, Timer};
use crate::checkout::platform::idempotency::IdempotencyRecord;
use crate::checkout::platform::outbox::QueuedEvent;
use crate::checkout::policy::{Publish, Relay};
use crate::checkout::vocabulary::{Event, Op};

use super::outside_calls::About;
use super::participant::Participant;
use super::{Context, Record};

impl Participant {
    /// Writes a transaction and lets its events leave, in the order the policy says.
    pub(super) fn announce(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        basket: &Basket,
        mut records: SmallVec<[Record; 6]>,
        events: SmallVec<[QueuedEvent; 2]>,
    ) {
        let (idempotency, _) = Self::store(cx);
        match self.setup.policies.publish {
            Publish::Outbox => {
                let queued = |queued: &QueuedEvent| {
                    Record::Idempotency(IdempotencyRecord::Queued(order, queued.event, queued.status))
                };
                records.extend(events.iter().map(queued));
                cx.commit(records);
                if let Some(first) = events.first()
                    && idempotency.entry(order).is_none_or(|entry| entry.outbox.is_empty())
                {
                    self.hand_on(cx, order, *first, basket.clone(), 1);
                }
            }
            policy @ (Publish::CommitThenPublish | Publish::PublishThenCommit) => {
                let first = policy == Publish::PublishThenCommit;
                if !first {
                    cx.commit(records.drain(..));
                }
                for event in events {
                    let idle = self.unsent.get(order).is_none_or(|unsent| unsent.is_empty());
                    self.unsent.entry(order).push(event);
                    if idle {
                        self.hand_on(cx, order, event, basket.clone(), 1);
                    }
                }
                if first {
                    cx.commit(records);
                }
            }
        }
    }

    /// Hands an event to the log or to the engine, and waits for its acknowledgement.
    fn hand_on(
        &mut self,
        cx: &mut Context<'_>,
        order: Order,
        queued: QueuedEvent,
        basket: Basket,
        attempt: u8,
    ) {
        let QueuedEvent { event, status } = queued;
        self.relays.insert(order, attempt);
        let message = Message {
            op: self.setup.architecture.announcing(event, self.party),
            kind: MessageKind::Answer,
            order,
            attempt,
            body: Body::Publish(event, basket, status),
        };
        let relay = To::Role(self.setup.architecture.relay().role());
        if self.setup.policies.relay == Relay::Twice {
            cx.send(relay, message.clone());
        }
        cx.send(relay, message);
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(Timer { op: Op::Relay, order, group: self.party }, after, jitter);
    }

    /// The oldest event that has not been acknowledged.
    fn oldest(&self, cx: &Context<'_>, order: Order) -> Option<QueuedEvent> {
        let (idempotency, _) = Self::store(cx);
        let queued = idempotency.entry(order).and_then(|entry| entry.outbox.oldest());
        queued.or_else(|| self.unsent.get(order)?.first().copied())
    }

    pub(super) fn hand_on_oldest(&mut self, cx: &mut Context<'_>, order: Order, attempt: u8) {
        let Some(oldest) = self.oldest(cx, order) else { return };
        if let Some(About { basket, .. }) = Self::about(cx, order) {
            self.hand_on(cx, order, oldest, basket, attempt);
        }
    }

    /// The log or the engine has an event: the next one of this order may go.
    pub(super) fn relayed(&mut self, cx: &mut Context<'_>, order: Order, event: Event) {
        if self.oldest(cx, order).is_none_or(|oldest| oldest.event != event) {
            return;
        }
        let (idempotency, _) = Self::store(cx);
        let next = match idempotency.entry(order).filter(|entry| !entry.outbox.is_empty()) {
            Some(entry) => {
                cx.append(Record::Idempotency(IdempotencyRecord::Relayed(order)));
                entry.outbox.second()
            }
            None => {
                let unsent = self.unsent.entry(order);
                unsent.remove(0);
                unsent.first().copied()
            }
        };
        self.relays.remove(order);
        match (next, Self::about(cx, order)) {
            (Some(next), Some(about)) => self.hand_on(cx, order, next, about.basket, 1),
            _ => {
                self.unsent.remove(order);
                cx.disarm(Timer { op: Op::Relay, order, group: self.party });
            }
        }
    }
}
