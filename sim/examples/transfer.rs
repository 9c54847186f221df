//! A saga of your own: money moves from one bank to another, whatever breaks.
//!
//! A coordinator asks one bank for a debit, the other for a credit, and for a refund if the credit is refused. Copy this
//! file, put your services and your rule in their place, keep the rest: `cargo run --example transfer -p stormcart-sim`.
//!
//! **Invariant:** at rest no money is created or lost, and nobody has paid for a transfer that did not complete.

use std::collections::BTreeMap;
use std::sync::Arc;

use stormcart_sim::draw::Draws;
use stormcart_sim::explore::{Explored, FaultSet};
use stormcart_sim::physics::{Physics, RoleSpec, Spread};
use stormcart_sim::property::Violation;
use stormcart_sim::script::Script;
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, MessageKind, Node, Operation, Role, Vocabulary};
use stormcart_sim::sweep::{Sweep, Swept};
use stormcart_sim::{Context, FactCounter, Instant, Message, Micros, Service, To};

const COORDINATOR: Role = Role(0);
const GIVER: Role = Role(1);
const TAKER: Role = Role(2);
const DEBIT: Operation = Operation(0);
const CREDIT: Operation = Operation(1);
const REFUND: Operation = Operation(2);

/// For which transfer what is done: the idempotency key. Of three transfers one completes.
type Key = (u32, Operation);
const TRANSFERS: u32 = 3;
const REFUSED: [Key; 2] = [(1, CREDIT), (2, DEBIT)];

/// What survives a crash: the answers that a bank gave, the answers that the coordinator got.
type Answers = BTreeMap<Key, bool>;

#[derive(Clone, Debug, Hash)]
struct Letter(Identity, bool); // A question, or the answer to it.

impl Message for Letter {
    fn identity(&self) -> Identity {
        self.0
    }
}

/// What the coordinator takes silence for. A refusal is the mistake: nobody knows what became of what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Silence {
    Unknown,
    Refusal,
}

#[derive(Clone, Hash)]
struct Party(Silence); // The coordinator or a bank. Nobody has memory to lose.

impl Party {
    /// The saga: what is to be asked for next; nothing when it has ended.
    fn next(log: &Answers, transfer: u32) -> Option<Operation> {
        match [DEBIT, CREDIT, REFUND].map(|operation| log.get(&(transfer, operation))) {
            [None, ..] => Some(DEBIT),
            [Some(true), None, _] => Some(CREDIT),
            [Some(true), Some(false), None] => Some(REFUND),
            _ => None,
        }
    }

    fn ask(cx: &mut Context<'_, Self>, log: &Answers, subject: u32, attempt: u8) {
        let Some(operation) = Party::next(log, subject) else { return };
        let about = Identity { operation, kind: MessageKind::Ask, subject, attempt };
        cx.send(To::Role(if operation == CREDIT { TAKER } else { GIVER }), Letter(about, true));
        cx.arm(Identity { kind: MessageKind::Timer, ..about }, Micros::millis(100), Micros::ZERO);
    }

    /// The coordinator writes an answer that it waits for down before it acts on it.
    fn hear(cx: &mut Context<'_, Self>, about: Identity, done: bool) {
        if Party::next(cx.store(), about.subject) == Some(about.operation) {
            let record = ((about.subject, about.operation), done);
            let mut log = cx.store().clone();
            Party::apply(&mut log, &record);
            cx.commit([record]);
            Party::ask(cx, &log, about.subject, 1);
        }
    }

    /// A bank decides once, and says so as often as it is asked.
    fn book(cx: &mut Context<'_, Self>, from: Node, about: Identity) {
        let key = (about.subject, about.operation);
        let known = cx.store().get(&key).copied();
        let done = known.unwrap_or(!REFUSED.contains(&key));
        if known.is_none() {
            cx.commit([(key, done)]);
        }
        cx.send(To::Node(from), Letter(Identity { kind: MessageKind::Answer, ..about }, done));
    }
}

impl Service for Party {
    type Store = Answers;
    type Record = (Key, bool);
    type Message = Letter;
    type Timer = Identity;
    type Fact = (Role, Key);
    type Truth = FactCounter<(Role, Key)>;

    const VOCABULARY: &'static Vocabulary = &Vocabulary {
        roles: &["coordinator", "giver", "taker"],
        operations: &["debit", "credit", "refund"],
        misbehaviors: &[],
        subject: "transfer",
    };

    fn apply(store: &mut Answers, (key, done): &(Key, bool)) {
        store.insert(*key, *done);
    }
    fn fact(role: Role, (key, done): &(Key, bool)) -> Option<(Role, Key)> {
        done.then_some((role, *key))
    }
    fn on_message(&mut self, cx: &mut Context<'_, Self>, from: Node, Letter(about, done): Letter) {
        match about.kind {
            MessageKind::Ask => Party::book(cx, from, about),
            MessageKind::Answer | MessageKind::Ack | MessageKind::Timer | MessageKind::Restart => {
                Party::hear(cx, about, done);
            }
        }
    }
    fn on_timer(&mut self, cx: &mut Context<'_, Self>, about: Identity) {
        if self.0 == Silence::Refusal {
            Party::hear(cx, about, false);
        } else if Party::next(cx.store(), about.subject) == Some(about.operation) {
            Party::ask(cx, cx.store(), about.subject, about.attempt.saturating_add(1));
        }
    }
    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        let transfers = if cx.node() == Node(COORDINATOR.0) { 0..TRANSFERS } else { 0..0 };
        transfers.for_each(|transfer| Party::ask(cx, cx.store(), transfer, 1));
    }
    fn wiped(&self) -> Self {
        self.clone()
    }
}

/// The invariant, over what really happened; no party sees that.
fn conserved(truth: &mut FactCounter<(Role, Key)>, moment: Moment) {
    for transfer in 0..TRANSFERS {
        let times = |role, operation| truth.times(&(role, (transfer, operation)));
        let (completed, credits) = (times(COORDINATOR, CREDIT), times(TAKER, CREDIT));
        let (debits, refunds) = (times(GIVER, DEBIT), times(GIVER, REFUND));
        if (credits, debits) != (completed, completed + refunds) {
            let explanation = format!("{debits} debits, {credits} credits, {refunds} refunds");
            let subject = Some(transfer);
            truth.violated(Violation { property: "conserved", moment, subject, explanation });
        }
    }
}

fn script(silence: Silence, seed: u64) -> Script<Party> {
    let mut physics = Physics::new(Draws::new(seed), vec![RoleSpec::ONE; 3]);
    physics.link = Spread { base: Micros::millis(1), spread: Micros::millis(4) };
    physics.sync = Spread::constant(Micros::millis(1));
    Script {
        physics: Arc::new(physics),
        truth: FactCounter::default(),
        services: Arc::new(move |_, _| Party(silence)),
        genesis: Arc::new(|_| Answers::new()),
        faults: Arc::new([]),
        healing: Vec::new(),
        until: Instant(60_000_000),
        events: 10_000,
        rest: conserved,
    }
}

/// Sweeps, explores, and shrinks the first failure of the sweep to what is left of it, in words.
fn hunt(silence: Silence) -> (Swept, Explored<&'static str>, Vec<String>) {
    // Short outages are over before anybody asks again, long ones are not.
    let fault_set = FaultSet::usual(Micros::millis(20), Micros::millis(500));
    let swept = Sweep { fault_set: &fault_set, faults_max: 3 }.run(0..500, |seed| script(silence, seed));
    let first = swept.broken.first().cloned().unwrap_or_default();
    let script = script(silence, first.seed);
    let explored = script.explore(&fault_set, 2, 1_000_000);
    let small = script.shrink(&first.faults).unwrap_or_default();
    let words = |fault| Party::VOCABULARY.fault(&script.physics, fault);
    (swept, explored, small.iter().map(words).collect())
}

fn main() {
    for silence in [Silence::Unknown, Silence::Refusal] {
        let (swept, explored, small) = hunt(silence);
        println!("{silence:?}\n  swept     {swept}\n  explored  {explored}\n  shrunk to {small:?}");
    }
}

#[test]
fn a_saga_that_asks_again_survives_everything() {
    let (swept, explored, _) = hunt(Silence::Unknown);
    assert!(swept.broken.is_empty() && swept.inconclusive.is_empty(), "{swept}");
    assert!(explored.complete() && explored.broken.is_empty(), "{explored}");
}

#[test]
fn one_that_gives_up_is_found_out_by_one_fault() {
    let (_, explored, small) = hunt(Silence::Refusal);
    assert_eq!((explored.faults, explored.broken.len()), (1, 1), "{explored}");
    assert_eq!(small, ["giver refund transfer 1 attempt 1, ask: drop"]);
}
