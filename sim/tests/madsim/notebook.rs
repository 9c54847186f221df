//! A clerk that takes notes for which nothing waits, and counts at every start those that are left.

use std::sync::Arc;

use stormcart_sim::draw::Draws;
use stormcart_sim::fault::{Fault, Nodes, SustainedFault, When};
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::property::Violation;
use stormcart_sim::script::Script;
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, MessageKind, Node, Operation, Role, Vocabulary};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Context, Instant, Message, Micros, Service, Timer, Truth, madsim};

#[derive(Clone, Debug, Hash)]
struct Nothing;

impl Message for Nothing {
    fn identity(&self) -> Identity {
        Identity::RECOVERY
    }
    fn refused(&self) -> Option<Self> {
        None
    }
}

/// Time for the next note, of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Note(u32);

impl Timer for Note {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(0), kind: MessageKind::Timer, subject: self.0, attempt: 1 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Record {
    Noted,
    Counted(u32),
}

#[derive(Clone, Hash)]
struct Clerk;

impl Service for Clerk {
    type Store = u32;
    type Record = Record;
    type Message = Nothing;
    type Timer = Note;
    type Fact = u32;
    type Truth = Counted;
    const VOCABULARY: &'static Vocabulary =
        &Vocabulary { roles: &["clerk"], operations: &["note"], misbehaviors: &[], subject: "note" };

    fn apply(notes: &mut u32, record: &Record) {
        *notes += u32::from(*record == Record::Noted);
    }
    fn fact(_: Role, record: &Record) -> Option<u32> {
        match record {
            Record::Counted(notes) => Some(*notes),
            Record::Noted => None,
        }
    }
    fn on_message(&mut self, _: &mut Context<'_, Self>, _: Node, _: Nothing) {}
    /// Every third note is followed by a count, whose sync takes the notes before it along.
    fn on_timer(&mut self, cx: &mut Context<'_, Self>, Note(number): Note) {
        cx.append(Record::Noted);
        if number.is_multiple_of(3) {
            cx.commit([Record::Counted(*cx.store())]);
        }
    }
    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        let notes = *cx.store();
        cx.commit([Record::Counted(notes)]);
        if notes == 0 {
            (1..=8).for_each(|n| cx.arm(Note(n), Micros::millis(10 * u64::from(n)), Micros::ZERO));
        }
    }
    fn wiped(&self) -> Self {
        Clerk
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Counted(Vec<u32>);

impl Truth for Counted {
    type Fact = u32;
    fn observe(&mut self, _: Moment, notes: u32) {
        self.0.push(notes);
    }
    fn replayed(&mut self, _: Moment, _: Role, equal: bool) {
        assert!(equal, "the store is the fold of its log");
    }
    fn exposed(&self, _: Option<u32>) -> bool {
        false
    }
    fn violations(&self) -> &[Violation] {
        &[]
    }
}

/// What was counted when the clerk died at this millisecond, on both backends.
#[track_caller]
fn check(crash_ms: u64, expected: &[u32]) {
    let role = RoleSpec {
        instances: 1,
        outside: false,
        failover: None,
        service: Spread::default(),
        isolation: Isolation::Serializable,
    };
    let sustained = SustainedFault::Crash(Nodes::one(Node(0)));
    let when = When::At(Instant(crash_ms * 1_000));
    let script: Script<Clerk> = Script {
        physics: Arc::new(Physics::new(Draws::new(1), vec![role])),
        truth: Counted::default(),
        services: Arc::new(|_, _| Clerk),
        genesis: Arc::new(|_| 0),
        faults: [Fault::During { when, lasting: Micros::millis(50), sustained }].into(),
        healing: Vec::new(),
        until: Instant(1_000_000),
        events: 1_000,
        rest: |_, _| {},
    };
    for ended in [madsim::play(&script, 1, Trace::off()), script.play(Trace::off())] {
        assert_eq!(ended.truth.0, expected, "dead at {crash_ms} ms");
    }
}

#[test]
fn a_kill_takes_the_unsynced_tail_along_and_nothing_else() {
    check(35, &[0, 2, 3]);
    check(45, &[0, 2, 3]);
    check(58, &[0, 2, 3]);
    check(65, &[0, 2, 5, 6]);
    check(88, &[0, 2, 5, 6]);
}
