//! The payment provider: its ledger is the truth about money.
//!
//! What it promises is a policy ([`crate::checkout::setup::ProviderCapabilities`]): whether a key replays errors that
//! came after the effect, whether sales can be looked up, whether captures are announced. How it misbehaves is in
//! [`crate::checkout::misbehaviors`].

use std::sync::Arc;

use serde::{Serialize, Serializer};
use smallvec::SmallVec;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::{DenseMap, Micros, To};

use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Command, Message, Order, Timer};
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{Misbehavior, Op, Outcome, Party, misbehaviors, ops};

/// What the provider knows of one merchant reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Account {
    /// What was answered under which key to which operation.
    answered: SmallVec<[AnsweredRequest; 2]>,
    /// A sale that will succeed later.
    late: Option<LateSale>,
    /// A sale took money.
    captured: bool,
    /// A refund gave it back.
    reversed: bool,
    /// The shop has heard of it.
    webhook: Option<u8>,
}

/// A request that is settled: repeated under the same key, it gets the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct AnsweredRequest {
    op: Op,
    key: u8,
    outcome: Outcome,
}

/// `sale done`, or `sale (key 1) done`.
impl Serialize for AnsweredRequest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{} {}", self.op.with_key(self.key), self.outcome))
    }
}

/// A sale that will succeed after its caller has stopped waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
struct LateSale {
    amount_cents: u64,
    key: u8,
}

/// Every account of the provider, by merchant reference, which is the number of the order.
pub type Accounts = DenseMap<Account>;

/// A posting to an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Posting {
    /// Money was taken.
    Captured(Order, u64),
    /// Money went back.
    Reversed(Order, u64),
    /// The answer under a key is settled.
    Answered(Order, Op, u8, Outcome),
    /// A sale will succeed later, under this key.
    Late(Order, u64, u8),
    /// The webhook was sent so often; 0 when it was acknowledged.
    Webhook(Order, u8),
}

/// Applies a change.
pub fn apply(accounts: &mut Accounts, posting: &Posting) {
    match posting {
        Posting::Captured(order, _) => {
            let account = accounts.entry(*order);
            account.captured = true;
            account.late = None;
        }
        Posting::Reversed(order, _) => accounts.entry(*order).reversed = true,
        Posting::Answered(order, op, key, outcome) => {
            accounts.entry(*order).answered.push(AnsweredRequest { op: *op, key: *key, outcome: *outcome });
        }
        Posting::Late(order, cents, key) => {
            accounts.entry(*order).late = Some(LateSale { amount_cents: *cents, key: *key })
        }
        Posting::Webhook(order, tries) => {
            accounts.entry(*order).webhook = Some(*tries).filter(|tries| *tries > 0)
        }
    }
}

/// The truth in a change.
pub fn fact(posting: &Posting) -> Option<Fact> {
    match posting {
        Posting::Captured(order, cents) => Some(Fact::Captured(*order, *cents)),
        Posting::Reversed(order, cents) => Some(Fact::Reversed(*order, *cents)),
        Posting::Answered(..) | Posting::Late(..) | Posting::Webhook(..) => None,
    }
}

/// The provider.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Psp {
    #[serde(skip)]
    setup: Arc<Setup>,
    /// Callers whose answers come only after the webhook was acknowledged.
    withheld: DenseMap<Withheld>,
}

/// A caller who waits, and the attempt that is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
struct Withheld {
    from: Node,
    attempt: u8,
}

impl Psp {
    /// A provider that has not been asked for anything.
    pub fn new(setup: Arc<Setup>) -> Self {
        Psp { setup, withheld: DenseMap::default() }
    }

    fn accounts<'a>(cx: &Context<'a>) -> &'a Accounts {
        match cx.store() {
            Store::Psp(accounts) => accounts,
            other => unreachable!("the provider over {other:?}"),
        }
    }

    /// A request, or the acknowledgement of a webhook.
    pub fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        let Message { op, kind, order, attempt, body } = message;
        match body {
            Body::Command(command) => {
                let captured = Self::accounts(cx).get(order).is_some_and(|account| account.captured);
                let Some(outcome) = self.asked(cx, op, order, &command) else { return };
                if !captured && outcome == Outcome::Done && self.calls_first(cx) {
                    self.withheld.insert(order, Withheld { from, attempt });
                } else {
                    cx.send(To::Node(from), Message::answer(op, order, attempt, outcome));
                }
            }
            Body::Outcome(_) | Body::Publish(..) | Body::Ack(..) | Body::Damaged(..)
                if kind == MessageKind::Ack =>
            {
                cx.commit([Record::Psp(Posting::Webhook(order, 0))]);
                cx.disarm(Timer::of(Op::Webhook, order));
                if let Some(Withheld { from, attempt }) = self.withheld.remove(order) {
                    cx.send(To::Node(from), Message::answer(Op::Sale, order, attempt, Outcome::Done));
                }
            }
            Body::Outcome(_) | Body::Publish(..) | Body::Ack(..) | Body::Damaged(..) => {}
        }
    }

    /// Does what is asked; the answer, if there is one now.
    fn asked(&mut self, cx: &mut Context<'_>, op: Op, order: Order, command: &Command) -> Option<Outcome> {
        let account = Self::accounts(cx).get(order);
        if let Some(about) = op.looked_up() {
            return Some(looked_up(account, about));
        }
        let settled = |request: &&AnsweredRequest| request.op == op && request.key == command.key;
        if let Some(settled) = account.and_then(|account| account.answered.iter().find(settled)) {
            return Some(settled.outcome);
        }
        if op == Op::Sale && account.is_some_and(|account| account.late.is_some()) {
            return Some(Outcome::InFlight);
        }
        let cents = command.basket.total_cents();
        let answered = |outcome| Record::Psp(Posting::Answered(order, op, command.key, outcome));
        let effect =
            if op == Op::Sale { Posting::Captured(order, cents) } else { Posting::Reversed(order, cents) };
        match cx.misbehavior().and_then(Misbehavior::of) {
            Some(Misbehavior::ErrorBefore) => Some(Outcome::Error),
            Some(Misbehavior::LateSuccess) if op == Op::Sale => {
                cx.commit([Record::Psp(Posting::Late(order, cents, command.key))]);
                cx.arm(Timer::of(Op::Sale, order), self.setup.timeouts.late_success, Micros::ZERO);
                None
            }
            Some(Misbehavior::Decline) if op == Op::Sale => {
                cx.commit([answered(Outcome::Declined)]);
                Some(Outcome::Declined)
            }
            _ if op == Op::Sale
                && self.setup.intents.get(order as usize).is_some_and(|intent| intent.declines) =>
            {
                cx.commit([answered(Outcome::Declined)]);
                Some(Outcome::Declined)
            }
            Some(Misbehavior::ErrorAfter) => {
                // A provider that replays errors keeps the true outcome under the key and tells it at the next try.
                let settled = self.setup.capabilities.replays_errors.then(|| answered(Outcome::Done));
                cx.commit([Record::Psp(effect)].into_iter().chain(settled));
                self.announce(cx, op, order);
                Some(Outcome::Error)
            }
            None
            | Some(Misbehavior::LateSuccess | Misbehavior::Decline)
            | Some(Misbehavior::WebhookTwice | Misbehavior::WebhookFirst)
            | Some(misbehaviors!(of customers) | misbehaviors!(of the log)) => {
                cx.commit([Record::Psp(effect), answered(Outcome::Done)]);
                self.announce(cx, op, order);
                Some(Outcome::Done)
            }
        }
    }

    fn calls_first(&self, cx: &Context<'_>) -> bool {
        self.setup.capabilities.webhooks
            && cx.misbehavior().and_then(Misbehavior::of) == Some(Misbehavior::WebhookFirst)
    }

    /// Tells the shop of a capture, if that is in the contract.
    fn announce(&self, cx: &mut Context<'_>, op: Op, order: Order) {
        if !self.setup.capabilities.webhooks || op != Op::Sale {
            return;
        }
        self.call(cx, order, 1);
        if cx.misbehavior().and_then(Misbehavior::of) == Some(Misbehavior::WebhookTwice) {
            self.call(cx, order, 2);
        }
    }

    /// Another try reaches another instance.
    fn call(&self, cx: &mut Context<'_>, order: Order, attempt: u8) {
        let body = Body::Outcome(Outcome::Done);
        let message = Message { op: Op::Webhook, kind: MessageKind::Ask, order, attempt, body };
        cx.commit([Record::Psp(Posting::Webhook(order, attempt))]);
        cx.send(To::Role(Party::Payments.role()), message);
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(Timer::of(Op::Webhook, order), after, jitter);
    }

    /// A late success, or a webhook that was not acknowledged.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        let order = timer.order;
        let Some(account) = Self::accounts(cx).get(order) else { return };
        match timer.op {
            Op::Sale => {
                if let Some(LateSale { amount_cents, key }) = account.late {
                    let settled = Posting::Answered(order, Op::Sale, key, Outcome::Done);
                    cx.commit([Record::Psp(Posting::Captured(order, amount_cents)), Record::Psp(settled)]);
                    self.announce(cx, Op::Sale, order);
                }
            }
            Op::Webhook => {
                if let Some(tries) = account.webhook.filter(|tries| *tries < self.setup.timeouts.park_after) {
                    self.call(cx, order, tries + 1);
                }
            }
            op @ (Op::Charge | Op::Withdraw | Op::Refund | Op::Reverse | Op::LookUp | Op::LookUpRefund)
            | op @ (ops!(of orders) | ops!(of inventory) | ops!(of shipping) | ops!(of notifications))
            | op @ (ops!(of carrier) | ops!(of mailer) | ops!(of customers) | ops!(of broker)) => {
                unreachable!("{op} is no timer of the provider")
            }
        }
    }
}

/// What became of a sale or a refund, as the provider answers a look-up.
fn looked_up(account: Option<&Account>, about: Op) -> Outcome {
    let declined =
        |account: &&Account| account.answered.iter().any(|request| request.outcome == Outcome::Declined);
    match account {
        Some(account) if about == Op::Reverse && account.reversed => Outcome::Done,
        Some(_) if about == Op::Reverse => Outcome::NotFound,
        Some(account) if account.captured => Outcome::Done,
        Some(account) if account.late.is_some() => Outcome::InFlight,
        Some(account) if declined(&account) => Outcome::Declined,
        _ => Outcome::NotFound,
    }
}
