//! Tokens go round three roles: a small service that uses everything a kernel offers.

use std::sync::Arc;

use stormcart_sim::draw::{Draws, Purpose};
use stormcart_sim::fault::{CrashPoint, Fault, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::property::Violation;
use stormcart_sim::service::Moment;
use stormcart_sim::site::{
    Identity, InjectionPoint, MessageKind, MisbehaviorId, Node, Operation, Role, Vocabulary,
};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Context, DenseMap, Instant, Message, Micros, Service, Timer, To, Truth, World};

pub const TOKENS: u32 = 6;
pub const LEGS: u8 = 12;

/// Where [`plan`] lets nodes crash.
const POINTS: [CrashPoint; 5] = [
    CrashPoint::BeforeCommit,
    CrashPoint::DuringSync,
    CrashPoint::AfterCommit,
    CrashPoint::AfterSend,
    CrashPoint::DuringRecovery,
];

/// A token on its `leg`-th leg, or the word that no node took it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    number: u32,
    kind: u8,
    attempt: u8,
    refused: bool,
}

impl Message for Token {
    fn identity(&self) -> Identity {
        let kind = if self.refused { MessageKind::Answer } else { MessageKind::Ask };
        Identity { operation: Operation(self.kind), kind, subject: self.number, attempt: self.attempt }
    }
    fn refused(&self) -> Option<Self> {
        (!self.refused).then(|| Token { refused: true, ..self.clone() })
    }
}

/// Sends a token again until it is seen further on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Again(u32);

impl Timer for Again {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(99), kind: MessageKind::Timer, subject: self.0, attempt: 1 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    Reached { number: u32, kind: u8 },
    Tried { number: u32, attempt: u8 },
    Glimpsed,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Book {
    reached: DenseMap<u8>,
    tried: DenseMap<u8>,
    glimpsed: u32,
}

/// `handled` is memory: it is gone after a crash.
#[derive(Clone, Default, Hash)]
pub struct Runner {
    handled: u32,
}

impl Runner {
    fn pass(cx: &mut Context<'_, Self>, number: u32, kind: u8, attempt: u8) {
        cx.send(To::Role(Role(kind % 3)), Token { number, kind, attempt, refused: false });
        cx.arm(Again(number), Micros::millis(20), Micros::millis(5));
    }
}

impl Service for Runner {
    type Store = Book;
    type Record = Record;
    type Message = Token;
    type Timer = Again;
    type Fact = (u32, u8);
    type Truth = Seen;

    const VOCABULARY: &'static Vocabulary = &Vocabulary {
        roles: &["red", "green", "blue"],
        operations: &[],
        misbehaviors: &[],
        subject: "token",
    };

    /// The third may stand outside; how it misbehaves makes no difference to it.
    fn admits(role: Role, _: MisbehaviorId, identity: Identity) -> bool {
        role == Role(2) && identity.kind != MessageKind::Timer
    }

    fn apply(book: &mut Book, record: &Record) {
        match *record {
            Record::Reached { number, kind } => *book.reached.entry(number) = kind,
            Record::Tried { number, attempt } => *book.tried.entry(number) = attempt,
            Record::Glimpsed => book.glimpsed += 1,
        }
    }

    fn fact(_: Role, record: &Record) -> Option<(u32, u8)> {
        match *record {
            Record::Reached { number, kind } => Some((number, kind)),
            _ => None,
        }
    }

    fn on_message(&mut self, cx: &mut Context<'_, Self>, _: Node, token: Token) {
        self.handled += 1;
        let known = cx.store().reached.get(token.number).copied().unwrap_or_default();
        if token.refused || token.kind <= known {
            cx.append(Record::Glimpsed);
            return;
        }
        let Token { number, kind, attempt, .. } = token;
        cx.commit([Record::Reached { number, kind }, Record::Tried { number, attempt }]);
        if kind < LEGS {
            Runner::pass(cx, number, kind + 1, 1);
        }
        if self.handled.is_multiple_of(5) {
            cx.append(Record::Glimpsed);
            cx.disarm(Again(number + 1));
        }
    }

    fn on_timer(&mut self, cx: &mut Context<'_, Self>, Again(number): Again) {
        let reached = cx.store().reached.get(number).copied().unwrap_or_default();
        let tried = cx.store().tried.get(number).copied().unwrap_or_default();
        if reached < LEGS && tried < 4 {
            cx.commit([Record::Tried { number, attempt: tried + 1 }]);
            Runner::pass(cx, number, reached + 1, tried + 1);
        }
    }

    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        cx.commit([Record::Glimpsed]);
        let number = u32::from(cx.node().0);
        let reached = cx.store().reached.get(number).copied().unwrap_or_default();
        if reached < LEGS {
            Runner::pass(cx, number, reached + 1, 5);
        }
    }

    fn on_abort(&mut self, cx: &mut Context<'_, Self>, from: Node, token: Token) {
        cx.append(Record::Glimpsed);
        cx.send(To::Node(from), Token { refused: true, ..token });
    }

    fn wiped(&self) -> Self {
        Runner::default()
    }
}

/// Everything that became durable, and whether every replay told the same.
#[derive(Clone, Default, Hash)]
pub struct Seen {
    pub facts: Vec<(u32, u8)>,
    untrue: Vec<Violation>,
}

impl Truth for Seen {
    type Fact = (u32, u8);
    fn observe(&mut self, _: Moment, fact: (u32, u8)) {
        self.facts.push(fact);
    }
    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        let explanation = format!("the log of role {} does not add up", role.0);
        self.untrue.extend((!equal).then_some(Violation {
            property: "replay",
            moment,
            subject: None,
            explanation,
        }));
    }
    fn exposed(&self, _: Option<u32>) -> bool {
        false
    }
    fn violations(&self) -> &[Violation] {
        &self.untrue
    }
}

/// Two of each role; the third is outside if the seed is even.
pub fn physics(seed: u64) -> Physics {
    let draws = Draws::new(seed);
    let spread = |base, spread| Spread { base: Micros(base), spread: Micros(spread) };
    let role = |isolation, failover, outside| RoleSpec {
        instances: 2,
        outside,
        failover,
        service: spread(100, 900),
        isolation,
    };
    let mut physics = Physics::new(
        draws,
        vec![
            role(Isolation::Serializable, None, false),
            role(Isolation::ReadCommitted, Some(Micros::millis(3)), false),
            role(Isolation::Serializable, None, seed.is_multiple_of(2)),
        ],
    );
    physics.link = spread(200, 600);
    physics.outside_link = spread(1_000, 9_000);
    physics.sync = spread(300, 2_000);
    physics.workers = 1 + (seed % 2) as u8;
    physics.inbox = 5;
    physics.lost_per_mille = 500;
    physics
}

pub fn world(seed: u64, plan: Arc<[Fault]>) -> World<Runner> {
    World::new(
        Arc::new(physics(seed)),
        Seen::default(),
        |_, _| Runner::default(),
        |_| Book::default(),
        plan,
        Trace::off(),
    )
}

/// Faults of every kind, drawn from the seed.
pub fn plan(seed: u64, faults: usize) -> Arc<[Fault]> {
    let mut dice = Draws::new(seed).stream(Purpose::Plan, 0, 0);
    let fault = |_| {
        let time = Micros(1 + dice.below(30_000));
        let node = Node(dice.below(6) as u8);
        if dice.chance(0.3) {
            let sustained = match dice.below(3) {
                0 => SustainedFault::Partition {
                    a: Nodes::one(node),
                    b: Nodes::one(node).others(),
                    one_way: dice.chance(0.5),
                },
                1 => SustainedFault::Pause(node),
                _ => SustainedFault::Crash(Nodes::one(node)),
            };
            return Fault::During { when: When::At(Instant(dice.below(60_000))), lasting: time, sustained };
        }
        let point = POINTS[dice.below(POINTS.len() as u64) as usize];
        let point_fault = match dice.below(12) {
            0 => PointFault::Drop,
            1 => PointFault::Duplicate(time),
            2 => PointFault::Delay(time),
            3 => PointFault::LoseTie,
            4 => PointFault::FailWrite,
            5 => PointFault::IsolateSender(time),
            6 => PointFault::IsolateReceiver(time),
            7 => PointFault::Pause(time),
            8 => PointFault::Misbehave(MisbehaviorId(0)),
            _ => PointFault::Crash(point, time),
        };
        let operation = 1 + dice.below(u64::from(LEGS)) as u8;
        let subject = dice.below(u64::from(TOKENS)) as u32;
        let identity =
            Identity { operation: Operation(operation), kind: MessageKind::Ask, subject, attempt: 1 };
        Fault::At { site: InjectionPoint { role: Role(operation % 3), identity, occurrence: 1 }, point_fault }
    };
    (0..faults).map(fault).collect()
}
