//! The saga: a coordinator asks one bank for a debit, another for a credit, and for a refund if the credit is refused.
//!
//! **Invariant:** an answer is durable before anybody acts on it: a bank decides once, the coordinator never goes back.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use stormcart::sim::site::{Identity, MessageKind, Node, Operation, Role, Vocabulary};
use stormcart::sim::{Context, Message, Micros, Service, To};

use crate::setup::{Setup, Silence};
use crate::truth::Books;

pub const COORDINATOR: Role = Role(0);
pub const GIVER: Role = Role(1);
pub const TAKER: Role = Role(2);

/// How roles, operations and subjects are called, by number.
static VOCABULARY: Vocabulary = Vocabulary {
    roles: &["coordinator", "giver", "taker"],
    operations: &["debit", "credit", "refund"],
    misbehaviors: &[],
    subject: "transfer",
};

/// What a sweep must have seen, by the number of the probe.
pub const GOALS: &[&str] = &["a bank was asked again", "a debit was refunded"];

/// One operation of a bank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Step {
    Debit,
    Credit,
    Refund,
}

/// What a bank says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Answer {
    Done,
    Refused,
}

/// How far the coordinator is with a transfer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum State {
    #[default]
    Debiting,
    Crediting,
    Refunding,
    Completed,
    Refused,
    Refunded,
}

/// What survives a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Store {
    /// The log of the coordinator, which begins with the transfers that are to be made.
    pub transfers: BTreeMap<u32, State>,
    /// The answers that a bank gave: step and transfer are the idempotency key.
    pub answers: BTreeMap<Step, BTreeMap<u32, Answer>>,
}

/// One durable change, which is also what is true from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Record {
    /// The coordinator has come to this.
    Moved { transfer: u32, state: State },
    /// A bank has answered this.
    Booked { transfer: u32, step: Step, answer: Answer },
}

/// A question, or the answer to it.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Letter {
    #[serde(skip)]
    pub about: Identity,
    pub answer: Option<Answer>,
}

impl Message for Letter {
    fn identity(&self) -> Identity {
        self.about
    }
}

/// The coordinator or a bank. Its memory is configuration: nobody has anything to lose in a crash.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Party {
    #[serde(skip)]
    pub role: Role,
    #[serde(skip)]
    pub setup: Arc<Setup>,
}

impl Step {
    pub const ALL: [Step; 3] = [Step::Debit, Step::Credit, Step::Refund];

    /// Its number in the vocabulary.
    pub fn operation(self) -> Operation {
        Operation(self as u8)
    }

    fn of(operation: Operation) -> Step {
        Step::ALL[usize::from(operation.0)]
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        VOCABULARY.operation(self.operation())
    }

    /// Who is asked for it.
    pub fn bank(self) -> Role {
        if self == Step::Credit { TAKER } else { GIVER }
    }
}

impl State {
    /// What is to be asked for; nothing when the transfer has ended.
    pub fn step(self) -> Option<Step> {
        match self {
            State::Debiting => Some(Step::Debit),
            State::Crediting => Some(Step::Credit),
            State::Refunding => Some(Step::Refund),
            State::Completed | State::Refused | State::Refunded => None,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        ["debiting", "crediting", "refunding", "completed", "refused", "refunded"][self as usize]
    }

    /// What an answer leads to.
    fn after(self, answer: Answer) -> State {
        match (self, answer) {
            (State::Debiting, Answer::Done) => State::Crediting,
            (State::Debiting, Answer::Refused) => State::Refused,
            (State::Crediting, Answer::Done) => State::Completed,
            (State::Crediting, Answer::Refused) => State::Refunding,
            (State::Refunding, _) => State::Refunded,
            (ended, _) => ended,
        }
    }
}

impl Answer {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Answer::Done => "done",
            Answer::Refused => "refused",
        }
    }
}

impl Party {
    /// The coordinator asks, and will be reminded: later with each attempt.
    fn ask(&self, cx: &mut Context<'_, Self>, transfer: u32, state: State, attempt: u8) {
        let Some(step) = state.step() else { return };
        let (operation, kind) = (step.operation(), MessageKind::Ask);
        let about = Identity { operation, kind, subject: transfer, attempt };
        cx.send(To::Role(step.bank()), Letter { about, answer: None });
        let longer = attempt.clamp(1, 6) - 1;
        let timeout = Micros(self.setup.call_timeout.0 << longer);
        cx.arm(Identity { kind: MessageKind::Timer, ..about }, timeout, Micros::ZERO);
    }

    /// How far the transfer is, if the coordinator still waits for what this is about.
    fn waits(cx: &Context<'_, Self>, about: Identity) -> Option<State> {
        let state = *cx.store().transfers.get(&about.subject)?;
        (state.step()?.operation() == about.operation).then_some(state)
    }

    /// The coordinator writes down what it hears, and asks for what is next.
    fn hear(&self, cx: &mut Context<'_, Self>, about: Identity, answer: Answer) {
        let Some(state) = Party::waits(cx, about).map(|state| state.after(answer)) else { return };
        cx.commit([Record::Moved { transfer: about.subject, state }]);
        self.ask(cx, about.subject, state, 1);
    }

    /// A bank decides once, and says so as often as it is asked.
    fn book(&self, cx: &mut Context<'_, Self>, from: Node, about: Identity) {
        let (transfer, step) = (about.subject, Step::of(about.operation));
        let known = cx.store().answers.get(&step).and_then(|answers| answers.get(&transfer));
        let answer = known.copied().unwrap_or(self.setup.answer(transfer, step));
        match known {
            Some(_) => cx.probe(0),
            None => cx.commit([Record::Booked { transfer, step, answer }]),
        }
        if step == Step::Refund {
            cx.probe(1);
        }
        let about = Identity { kind: MessageKind::Answer, ..about };
        cx.send(To::Node(from), Letter { about, answer: Some(answer) });
    }
}

impl Service for Party {
    type Store = Store;
    type Record = Record;
    type Message = Letter;
    type Timer = Identity;
    type Fact = Record;
    type Truth = Books;

    const VOCABULARY: &'static Vocabulary = &VOCABULARY;

    fn apply(store: &mut Store, record: &Record) {
        match *record {
            Record::Moved { transfer, state } => {
                store.transfers.insert(transfer, state);
            }
            Record::Booked { transfer, step, answer } => {
                store.answers.entry(step).or_default().insert(transfer, answer);
            }
        }
    }

    fn fact(_: Role, record: &Record) -> Option<Record> {
        Some(*record)
    }

    fn on_message(&mut self, cx: &mut Context<'_, Self>, from: Node, letter: Letter) {
        match letter.answer {
            None => self.book(cx, from, letter.about),
            Some(answer) => self.hear(cx, letter.about, answer),
        }
    }

    fn on_timer(&mut self, cx: &mut Context<'_, Self>, about: Identity) {
        let Some(state) = Party::waits(cx, about) else { return };
        match self.setup.silence {
            // Which instance is asked follows from the attempt: one that stops counting would ask a dead one forever.
            Silence::Unknown => self.ask(cx, about.subject, state, about.attempt.checked_add(1).unwrap_or(1)),
            Silence::Refusal => self.hear(cx, about, Answer::Refused),
            Silence::Nothing => {}
        }
    }

    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        for (transfer, state) in &cx.store().transfers {
            self.ask(cx, *transfer, *state, 1);
        }
    }

    fn wiped(&self) -> Self {
        self.clone()
    }
}
