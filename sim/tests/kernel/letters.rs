//! A writer sends a letter every ten milliseconds to two readers: a world so regular that a fault is seen at a glance.
//!
//! Letter `n` is on its way for a millisecond, read by the reader it falls to (odd ones by the first), filed after one
//! millisecond of service and one of disk, and acknowledged. Fifty milliseconds later two timers remember it: one by
//! the time of day, one by how long it was.

use std::sync::Arc;

use stormcart_sim::draw::Draws;
use stormcart_sim::fault::{Fault, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::property::Violation;
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Node, Operation, Role, Vocabulary};
use stormcart_sim::trace::{Happening, Loss, Trace};
use stormcart_sim::{Context, DenseMap, Instant, Message, Micros, Service, Timer, To, Truth, World};

pub const LETTERS: u32 = 20;
pub const WRITER: Node = Node(0);
pub const FIRST: Node = Node(1);
pub const SECOND: Node = Node(2);
const READERS: Role = Role(1);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Letter {
    pub number: u32,
    pub kind: MessageKind,
    pub refused: bool,
}

impl Message for Letter {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(0), kind: self.kind, subject: self.number, attempt: 1 }
    }
    fn refused(&self) -> Option<Self> {
        (self.kind == MessageKind::Ask).then(|| Letter {
            kind: MessageKind::Answer,
            refused: true,
            ..self.clone()
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// The writer's turn.
    Write(u32),
    /// By the time of day.
    Due(u32),
    /// By how long it was.
    Waited(u32),
}

impl Timer for Alarm {
    fn identity(&self) -> Identity {
        let (operation, subject) = match *self {
            Alarm::Write(number) => (1, number),
            Alarm::Due(number) => (2, number),
            Alarm::Waited(number) => (3, number),
        };
        Identity { operation: Operation(operation), kind: MessageKind::Timer, subject, attempt: 1 }
    }
    fn wall(&self) -> bool {
        matches!(self, Alarm::Due(_))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    Woken,
    Opened(u32),
    /// With how many the reader had read by then, as its memory has it.
    Filed(u32, u32),
    Reminded(u32),
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Desk {
    woken: u32,
    pub opened: DenseMap<()>,
    pub filed: DenseMap<u32>,
    reminded: DenseMap<()>,
}

#[derive(Clone, Debug, Hash)]
pub struct Clerk {
    /// How many letters there will be, for the writer.
    letters: u32,
    read: u32,
}

impl Clerk {
    /// A clerk that writes so many letters, or reads them.
    pub fn with(letters: u32) -> Self {
        Clerk { letters, read: 0 }
    }
}

impl Service for Clerk {
    type Store = Desk;
    type Record = Record;
    type Message = Letter;
    type Timer = Alarm;
    type Fact = ();
    type Truth = Replays;

    const VOCABULARY: &'static Vocabulary =
        &Vocabulary { roles: &["writer", "readers"], operations: &[], misbehaviors: &[], subject: "letter" };

    fn apply(desk: &mut Desk, record: &Record) {
        match *record {
            Record::Woken => desk.woken += 1,
            Record::Opened(number) => drop(desk.opened.insert(number, ())),
            Record::Filed(number, read) => drop(desk.filed.insert(number, read)),
            Record::Reminded(number) => drop(desk.reminded.insert(number, ())),
        }
    }
    fn fact(_: Role, _: &Record) -> Option<()> {
        None
    }
    fn on_message(&mut self, cx: &mut Context<'_, Self>, from: Node, letter: Letter) {
        let number = letter.number;
        if letter.kind == MessageKind::Answer {
            return;
        }
        self.read += 1;
        cx.commit([Record::Opened(number), Record::Filed(number, self.read)]);
        cx.send(To::Node(from), Letter { kind: MessageKind::Answer, ..letter });
        cx.arm(Alarm::Due(number), Micros::millis(50), Micros::ZERO);
        cx.arm(Alarm::Waited(number), Micros::millis(50), Micros::ZERO);
    }
    fn on_timer(&mut self, cx: &mut Context<'_, Self>, alarm: Alarm) {
        match alarm {
            Alarm::Write(number) => {
                cx.send(To::Role(READERS), Letter { number, kind: MessageKind::Ask, refused: false });
            }
            Alarm::Due(number) => cx.commit([Record::Reminded(number)]),
            Alarm::Waited(_) => {}
        }
    }
    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        if cx.node() == WRITER {
            (1..=self.letters)
                .for_each(|n| cx.arm(Alarm::Write(n), Micros::millis(10 * u64::from(n)), Micros::ZERO));
        } else {
            cx.commit([Record::Woken]);
        }
    }
    fn on_abort(&mut self, cx: &mut Context<'_, Self>, from: Node, letter: Letter) {
        cx.send(To::Node(from), Letter { kind: MessageKind::Answer, refused: true, ..letter });
    }
    fn wiped(&self) -> Self {
        Clerk { read: 0, ..self.clone() }
    }
}

/// How many stores were not what their logs said.
#[derive(Clone, Default, Hash)]
pub struct Replays(Vec<Violation>);

impl Truth for Replays {
    type Fact = ();
    fn observe(&mut self, _: Moment, (): ()) {}
    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        let explanation = format!("the log of role {} does not add up", role.0);
        self.0.extend((!equal).then_some(Violation {
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
        &self.0
    }
}

/// The constants: nothing is drawn, what a cut catches comes later, and others are missed after twenty milliseconds.
pub fn physics() -> Physics {
    let role = |instances| RoleSpec {
        instances,
        outside: false,
        failover: None,
        service: Spread::constant(Micros::millis(1)),
        isolation: Isolation::Serializable,
    };
    let mut physics = Physics::new(Draws::new(7), vec![role(1), role(2)]);
    physics.link = Spread::constant(Micros::millis(1));
    physics.sync = Spread::constant(Micros::millis(1));
    physics.takeover = Micros::millis(20);
    physics.lost_per_mille = 0;
    physics
}

/// Recoveries do not look for the mark of a commit.
pub fn careless() -> Physics {
    let mut physics = physics();
    physics.marks = false;
    physics
}

/// The readers are one replicated group.
pub fn replicated() -> Physics {
    let mut physics = physics();
    physics.roles[1].failover = Some(Micros::millis(20));
    physics
}

pub fn world_in(physics: Physics, plan: &[Fault]) -> World<Clerk> {
    world_with(physics, LETTERS, plan)
}

pub fn world_with(physics: Physics, letters: u32, plan: &[Fault]) -> World<Clerk> {
    let fresh = |_, _| Clerk::with(letters);
    World::new(Arc::new(physics), Replays::default(), fresh, |_| Desk::default(), plan.into(), Trace::on())
}

/// Runs to the end.
pub fn run_in(physics: Physics, plan: &[Fault]) -> World<Clerk> {
    let mut world = world_in(physics, plan);
    while world.step() {
        assert!(world.events() < 10_000, "it comes to rest");
    }
    world.check_all_replays();
    assert_eq!(world.truth().violations(), [], "every store is the fold of its log");
    world
}

pub fn run(plan: &[Fault]) -> World<Clerk> {
    run_in(physics(), plan)
}

/// Where a letter arrives.
pub fn letter(number: u32) -> InjectionPoint {
    let identity = Identity { operation: Operation(0), kind: MessageKind::Ask, subject: number, attempt: 1 };
    InjectionPoint { role: READERS, identity, occurrence: 1 }
}

pub fn at(number: u32, point_fault: PointFault) -> Fault {
    Fault::At { site: letter(number), point_fault }
}

/// A sustained fault from this millisecond on, for so many.
pub fn during(from_ms: u64, lasting_ms: u64, sustained: SustainedFault) -> Fault {
    let lasting = if lasting_ms == u64::MAX { Micros(u64::MAX) } else { Micros::millis(lasting_ms) };
    Fault::During { when: When::At(Instant(from_ms * 1_000)), lasting, sustained }
}

pub fn readers() -> Nodes {
    Nodes::one(FIRST).and(Nodes::one(SECOND))
}

/// The milliseconds at which something like this happened.
pub fn when(world: &World<Clerk>, what: impl Fn(&Happening<Clerk>) -> bool) -> Vec<u64> {
    world
        .trace()
        .entries()
        .iter()
        .filter(|entry| what(&entry.what))
        .map(|entry| entry.at.as_millis())
        .collect()
}

/// Which letters arrived at readers, and at which millisecond, in order.
pub fn read(world: &World<Clerk>) -> Vec<(u32, u64)> {
    let letters = world.trace().entries().iter().filter_map(|entry| match &entry.what {
        Happening::Delivered { message: Letter { number, kind: MessageKind::Ask, .. }, .. } => {
            Some((*number, entry.at.as_millis()))
        }
        _ => None,
    });
    letters.collect()
}

/// When an alarm went off.
pub fn rang(world: &World<Clerk>, alarm: Alarm) -> Vec<u64> {
    when(world, |what| matches!(what, Happening::Timer { timer, .. } if *timer == alarm))
}

/// Which letters did not arrive, and why.
pub fn lost(world: &World<Clerk>) -> Vec<(u32, Loss)> {
    let lost = world.trace().entries().iter().filter_map(|entry| match &entry.what {
        Happening::Lost { message: Letter { number, kind: MessageKind::Ask, .. }, why, .. } => {
            Some((*number, *why))
        }
        _ => None,
    });
    lost.collect()
}
