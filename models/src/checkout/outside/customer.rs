//! Customers: each has one purchase intent, and the patience of a person.
//!
//! The key comes from the page, not from the click: an intent has one key, however often it is submitted, until its
//! customer loads the page again.

use std::sync::Arc;

use serde::Serialize;
use stormcart_sim::{DenseMap, Micros, To};

use crate::checkout::domain::Status;
use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Command, Message, Order, Timer};
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::setup::Setup;
use crate::checkout::story::present;
use crate::checkout::vocabulary::{Misbehavior, Op, Outcome, Party, misbehaviors, ops};

/// The last answer of the shop, by purchase intent.
pub type Answers = DenseMap<Outcome>;

/// What customers do and hear.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum CustomerRecord {
    /// The shop answered.
    Told(Order, Outcome),
    /// The customer cancelled.
    Regretted(Order),
}

/// Applies a change.
pub fn apply(answers: &mut Answers, record: &CustomerRecord) {
    if let CustomerRecord::Told(order, outcome) = record {
        answers.insert(*order, *outcome);
    }
}

/// The truth in a change.
pub fn fact(record: &CustomerRecord) -> Fact {
    match record {
        CustomerRecord::Told(order, outcome) => Fact::Told(*order, *outcome),
        CustomerRecord::Regretted(order) => Fact::Regretted(*order),
    }
}

/// All customers together.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Customers {
    #[serde(skip)]
    setup: Arc<Setup>,
    /// How often each waiting intent was submitted.
    tries: DenseMap<u8>,
    /// How often the page of an intent was loaded again; each time it has a new key.
    reloads: DenseMap<u8>,
    /// Intents whose customers have gone away.
    #[serde(serialize_with = "present")]
    gone: DenseMap<()>,
}

impl Customers {
    /// The memory of customers of whom none has come yet.
    pub fn new(setup: Arc<Setup>) -> Self {
        Customers {
            setup,
            tries: DenseMap::default(),
            reloads: DenseMap::default(),
            gone: DenseMap::default(),
        }
    }

    fn submit(&mut self, cx: &mut Context<'_>, op: Op, order: Order, attempt: u8) {
        let basket = self.setup.intents[order as usize].basket.clone();
        let key = self.reloads.get(order).copied().unwrap_or(0);
        let command = Command { key, basket, status: Status::Pending, via: None };
        cx.send(To::Role(Party::Orders.role()), Message::ask(op, order, attempt, command));
        if op == Op::Place {
            self.tries.insert(order, attempt);
            cx.arm(Timer::of(Op::Patience, order), self.setup.timeouts.patience, Micros::ZERO);
        }
    }

    /// The shop answered.
    pub fn on_message(&mut self, cx: &mut Context<'_>, message: Message) {
        let Message { op: Op::Place, order, body: Body::Outcome(outcome), .. } = message else { return };
        let misbehavior = cx.misbehavior().and_then(Misbehavior::of);
        if outcome == Outcome::NotExecuted || self.gone.get(order).is_some() {
            return;
        }
        if misbehavior == Some(Misbehavior::Abandon) {
            return self.goes_away(cx, order);
        }
        let known = match cx.store() {
            Store::Customers(answers) => answers.get(order),
            other => unreachable!("customers over {other:?}"),
        };
        if known != Some(&outcome) {
            cx.commit([Record::Customers(CustomerRecord::Told(order, outcome))]);
        }
        cx.disarm(Timer::of(Op::Patience, order));
        let tries = self.tries.remove(order);
        if misbehavior == Some(Misbehavior::Reload) {
            self.reloads(cx, order, tries.unwrap_or(1).saturating_add(1));
        }
    }

    /// A customer comes, loses patience, or cancels.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        let order = timer.order;
        let misbehavior = cx.misbehavior().and_then(Misbehavior::of);
        match timer.op {
            Op::Arrive => self.comes(cx, order, misbehavior),
            Op::Cancel => {
                if self.gone.get(order).is_none() {
                    self.cancels(cx, order);
                }
            }
            Op::Patience => self.waited(cx, order, misbehavior),
            op @ (Op::Place | Op::Close | Op::Deadline)
            | op @ (ops!(of inventory) | ops!(of payments) | ops!(of shipping) | ops!(of notifications))
            | op @ (ops!(of psp) | ops!(of carrier) | ops!(of mailer) | ops!(of broker)) => {
                unreachable!("{op} is no timer of customers")
            }
        }
    }

    fn comes(&mut self, cx: &mut Context<'_>, order: Order, misbehavior: Option<Misbehavior>) {
        let intent = &self.setup.intents[order as usize];
        if let Some(after) = intent.cancels_after {
            cx.arm(Timer::of(Op::Cancel, order), after, Micros::ZERO);
        }
        if let Some((number, next)) = self.setup.customers(order + 1).next() {
            cx.arm(Timer::of(Op::Arrive, number), Micros(next.at.0 - intent.at.0), Micros::ZERO);
        }
        self.submit(cx, Op::Place, order, 1);
        match misbehavior {
            Some(Misbehavior::SubmitTwice) => self.submit(cx, Op::Place, order, 2),
            Some(Misbehavior::Reload) => self.reloads(cx, order, 2),
            Some(Misbehavior::CancelAtOnce) => self.cancels(cx, order),
            Some(Misbehavior::Abandon) => self.goes_away(cx, order),
            None | Some(misbehaviors!(of providers) | misbehaviors!(of the log)) => {}
        }
    }

    /// The page is loaded again: the same purchase, under a new key.
    fn reloads(&mut self, cx: &mut Context<'_>, order: Order, attempt: u8) {
        let reloads = self.reloads.entry(order);
        *reloads = reloads.saturating_add(1);
        self.submit(cx, Op::Place, order, attempt);
    }

    fn cancels(&mut self, cx: &mut Context<'_>, order: Order) {
        cx.commit([Record::Customers(CustomerRecord::Regretted(order))]);
        self.submit(cx, Op::Cancel, order, 1);
    }

    /// The customer neither asks again nor listens any more.
    fn goes_away(&mut self, cx: &mut Context<'_>, order: Order) {
        self.gone.insert(order, ());
        self.tries.remove(order);
        cx.disarm(Timer::of(Op::Patience, order));
    }

    /// The shop has not answered for too long.
    fn waited(&mut self, cx: &mut Context<'_>, order: Order, misbehavior: Option<Misbehavior>) {
        let tries = self.tries.get(order).copied().unwrap_or(1);
        match misbehavior {
            Some(Misbehavior::Abandon) => self.goes_away(cx, order),
            _ if tries > self.setup.timeouts.resubmissions => {
                self.tries.remove(order);
            }
            Some(Misbehavior::Reload) => self.reloads(cx, order, tries + 1),
            None
            | Some(Misbehavior::SubmitTwice | Misbehavior::CancelAtOnce)
            | Some(misbehaviors!(of providers) | misbehaviors!(of the log)) => {
                self.submit(cx, Op::Place, order, tries + 1)
            }
        }
    }

    /// The shop opens: the first customer is on the way.
    pub fn on_start(&mut self, cx: &mut Context<'_>) {
        if let Some((number, first)) = self.setup.customers(0).next() {
            cx.arm(Timer::of(Op::Arrive, number), first.at, Micros::ZERO);
        }
    }
}
