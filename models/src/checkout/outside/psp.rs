//! The payment provider: its ledger is the truth about money.
//!
//! What it promises is a policy ([`crate::checkout::setup::ProviderCapabilities`]): whether a key replays errors that came after the effect,
//! whether sales can be looked up, whether captures are announced. Its bad manners are faults.

use std::sync::Arc;

use smallvec::SmallVec;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::{DenseMap, Micros, To};

use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Command, Message, Order, Timer};
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{Misbehavior, Op, Outcome, Party};

/// What the provider knows of one merchant reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Account {
    /// What was answered under which key to which operation.
    answered: SmallVec<[(Op, u8, Outcome); 2]>,
    /// A sale that will succeed later, in cents, and its key.
    late: Option<(u64, u8)>,
    /// A sale took money.
    captured: bool,
    /// A refund gave it back.
    reversed: bool,
    /// The shop has heard of it.
    webhook: Option<u8>,
}

/// The provider's ledger, by merchant reference.
pub type Ledger = DenseMap<Account>;

/// Changes to the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
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
pub fn apply(ledger: &mut Ledger, entry: &Entry) {
    match entry {
        Entry::Captured(order, _) => {
            let account = ledger.entry(*order);
            account.captured = true;
            account.late = None;
        }
        Entry::Reversed(order, _) => ledger.entry(*order).reversed = true,
        Entry::Answered(order, op, key, outcome) => {
            ledger.entry(*order).answered.push((*op, *key, *outcome));
        }
        Entry::Late(order, cents, key) => ledger.entry(*order).late = Some((*cents, *key)),
        Entry::Webhook(order, tries) => {
            ledger.entry(*order).webhook = Some(*tries).filter(|tries| *tries > 0)
        }
    }
}

/// The truth in a change.
pub fn fact(entry: &Entry) -> Option<Fact> {
    match entry {
        Entry::Captured(order, cents) => Some(Fact::Captured(*order, *cents)),
        Entry::Reversed(order, cents) => Some(Fact::Reversed(*order, *cents)),
        Entry::Answered(..) | Entry::Late(..) | Entry::Webhook(..) => None,
    }
}

/// The provider.
#[derive(Clone, Debug, Hash)]
pub struct Psp {
    setup: Arc<Setup>,
    /// Who waits for an answer that comes only after the webhook was acknowledged, and their try.
    withheld: DenseMap<(Node, u8)>,
}

impl Psp {
    /// A provider that has not been asked for anything.
    pub fn new(setup: Arc<Setup>) -> Self {
        Psp { setup, withheld: DenseMap::default() }
    }

    fn ledger<'a>(cx: &Context<'a>) -> &'a Ledger {
        match cx.store() {
            Store::Psp(ledger) => ledger,
            other => unreachable!("the provider over {other:?}"),
        }
    }

    /// A request, or the acknowledgement of a webhook.
    pub fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        let Message { op, kind, order, attempt, body } = message;
        match body {
            Body::Command(command) => {
                let captured = Self::ledger(cx).get(order).is_some_and(|account| account.captured);
                let Some(outcome) = self.asked(cx, op, order, &command) else { return };
                if !captured && outcome == Outcome::Done && self.calls_first(cx) {
                    self.withheld.insert(order, (from, attempt));
                } else {
                    cx.send(To::Node(from), Message::answer(op, order, attempt, outcome));
                }
            }
            _ if kind == MessageKind::Ack => {
                cx.commit([Record::Psp(Entry::Webhook(order, 0))]);
                cx.disarm(Timer::of(Op::Webhook, order));
                if let Some((from, attempt)) = self.withheld.remove(order) {
                    cx.send(To::Node(from), Message::answer(Op::Sale, order, attempt, Outcome::Done));
                }
            }
            _ => {}
        }
    }

    /// Does what is asked; the answer, if there is one now.
    fn asked(&mut self, cx: &mut Context<'_>, op: Op, order: Order, command: &Command) -> Option<Outcome> {
        let account = Self::ledger(cx).get(order);
        if let Some(about) = op.looked_up() {
            return Some(looked_up(account, about));
        }
        let settled = |entry: &&(Op, u8, Outcome)| entry.0 == op && entry.1 == command.key;
        if let Some((.., outcome)) = account.and_then(|account| account.answered.iter().find(settled)) {
            return Some(*outcome);
        }
        if op == Op::Sale && account.is_some_and(|account| account.late.is_some()) {
            return Some(Outcome::InFlight);
        }
        let cents = command.basket.total_cents();
        let answered = |outcome| Record::Psp(Entry::Answered(order, op, command.key, outcome));
        let effect =
            if op == Op::Sale { Entry::Captured(order, cents) } else { Entry::Reversed(order, cents) };
        match cx.misbehavior().and_then(Misbehavior::of) {
            Some(Misbehavior::ErrorBefore) => Some(Outcome::Error),
            Some(Misbehavior::LateSuccess) if op == Op::Sale => {
                cx.commit([Record::Psp(Entry::Late(order, cents, command.key))]);
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
            _ => {
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
        cx.commit([Record::Psp(Entry::Webhook(order, attempt))]);
        cx.send(To::Role(Party::Payments.role()), message);
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(Timer::of(Op::Webhook, order), after, jitter);
    }

    /// A late success, or a webhook nobody acknowledged.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        let order = timer.order;
        let Some(account) = Self::ledger(cx).get(order) else { return };
        match (timer.op, account.late, account.webhook) {
            (Op::Sale, Some((cents, key)), _) => {
                let settled = Entry::Answered(order, Op::Sale, key, Outcome::Done);
                cx.commit([Record::Psp(Entry::Captured(order, cents)), Record::Psp(settled)]);
                self.announce(cx, Op::Sale, order);
            }
            (Op::Webhook, _, Some(tries)) if tries < self.setup.timeouts.park_after => {
                self.call(cx, order, tries + 1)
            }
            _ => {}
        }
    }
}

/// What became of a sale or a refund, for a merchant who asks.
fn looked_up(account: Option<&Account>, about: Op) -> Outcome {
    let declined = |account: &&Account| account.answered.iter().any(|entry| entry.2 == Outcome::Declined);
    match account {
        Some(account) if about == Op::Reverse && account.reversed => Outcome::Done,
        Some(_) if about == Op::Reverse => Outcome::NotFound,
        Some(account) if account.captured => Outcome::Done,
        Some(account) if account.late.is_some() => Outcome::InFlight,
        Some(account) if declined(&account) => Outcome::Declined,
        _ => Outcome::NotFound,
    }
}
