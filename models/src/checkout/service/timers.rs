//! What a business service does on its own account: when a timer fires, and when it is back after a crash.

use stormcart_sim::Micros;

use crate::checkout::domain::Status;
use crate::checkout::message::{Command, Order, Timer};
use crate::checkout::vocabulary::{CoverageGoal, Op, ops};

use super::orders::OrderRow;
use super::participant::Participant;
use super::pending::Trigger;
use super::rules::State;
use super::{Context, Record};

impl Participant {
    /// A timer fired.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        let order = timer.order;
        match timer.op {
            Op::Relay => {
                let attempt = self.relays.get(order).map_or(1, |attempt| attempt.saturating_add(1));
                self.hand_on_oldest(cx, order, attempt);
            }
            Op::Deadline => self.asks_itself(cx, Op::Cancel, order),
            Op::Expiry => self.expires(cx, order),
            ops!(of psp) | ops!(of carrier) | ops!(of mailer) => self.unanswered(cx, order),
            op @ (Op::Place | Op::Cancel | Op::Close | Op::Reserve | Op::Release | Op::Confirm)
            | op @ (ops!(of payments) | ops!(of shipping) | ops!(of notifications)) => {
                if self.chain.calls(order, op) {
                    self.chain_unanswered(cx, order);
                }
            }
            op @ (ops!(of customers) | Op::Redeliver) => unreachable!("{op} is no timer of a service"),
        }
    }

    /// The hold has been held long enough: a command of the service to itself, which no other party repeats.
    fn expires(&mut self, cx: &mut Context<'_>, order: Order) {
        let (idempotency, state) = Self::store(cx);
        let Some(basket) = idempotency.entry(order).and_then(|entry| entry.basket.clone()) else { return };
        let command = Command { key: 0, basket, status: Status::Pending, via: None };
        let decision = state.decide(Op::Expiry, order, &command, &self.setup.policies);
        if !decision.entries.is_empty() {
            cx.commit(decision.entries.into_iter().map(Record::State));
        }
    }

    fn asks_itself(&mut self, cx: &mut Context<'_>, op: Op, order: Order) {
        let (idempotency, _) = Self::store(cx);
        let Some(basket) = idempotency.entry(order).and_then(|entry| entry.basket.clone()) else { return };
        let command = Command { key: 0, basket, status: Status::Pending, via: None };
        self.command(cx, order, Trigger { op, attempt: 1, from: None, command: &command });
    }

    /// A fresh memory over an old store: what was under way goes on.
    pub fn on_restart(&mut self, cx: &mut Context<'_>) {
        let (idempotency, state) = Self::store(cx);
        for (order, entry) in idempotency.entries() {
            if let Some(outstanding) = state.outstanding(order).filter(|_| !entry.dead_lettered) {
                cx.probe(CoverageGoal::Resumed as u8);
                self.ask_again(cx, self.question(outstanding).unwrap_or(outstanding), order, 1);
            }
            self.hand_on_oldest(cx, order, 1);
        }
        let timeouts = &self.setup.timeouts;
        match state {
            State::Inventory(state) => {
                for (order, _) in state.holds.iter().filter(|(_, hold)| hold.end.is_none()) {
                    cx.arm(Timer::of(Op::Expiry, order), timeouts.hold_ttl, Micros::ZERO);
                }
            }
            State::Orders(state) if self.keeps_deadlines() => {
                let pending = |row: &OrderRow| row.status == Status::Pending && !row.cancel_asked;
                for (order, _) in state.iter().filter(|(_, row)| pending(row)) {
                    cx.arm(Timer::of(Op::Deadline, order), timeouts.deadline, Micros::ZERO);
                }
            }
            State::Orders(_) | State::Payments(_) | State::Shipping(_) | State::Notifications(_) => {}
        }
    }
}
