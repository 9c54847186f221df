//! A teller asks a vault to pay out, twice, and asks again until it is answered: exploration as its users see it.
//!
//! The careful vault remembers what it has paid; the careless one does not.

use std::collections::BTreeSet;
use std::sync::Arc;

use stormcart_sim::draw::Draws;
use stormcart_sim::explore::{Alphabet, Explored, Explorer, Limits, Placed, Stop};
use stormcart_sim::fault::{CrashPoint, Verb};
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, Leg, Node, Operation, Role, Vocabulary};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Context, Instant, Message, Micros, Service, Table, Timer, To, Truth, World};

const VAULT: Role = Role(1);
const PAYMENTS: u32 = 2;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pay {
    number: u32,
    leg: Leg,
    attempt: u8,
}

impl Message for Pay {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(0), leg: self.leg, subject: self.number, attempt: self.attempt }
    }
    fn refused(&self) -> Option<Self> {
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Again(u32);

impl Timer for Again {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(1), leg: Leg::Timer, subject: self.0, attempt: 1 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum How {
    Careful,
    Careless,
    /// Asks again although it was answered.
    Restless,
}

/// The numbers that are done with: paid by the vault, or known to be paid by the teller.
type Done = Table<()>;

#[derive(Clone, Debug, Hash)]
struct Teller {
    how: How,
    tries: Table<u8>,
}

impl Teller {
    fn ask(&mut self, cx: &mut Context<'_, Self>, number: u32) {
        let tries = self.tries.entry(number);
        *tries = (*tries + 1).min(if self.how == How::Restless { 1 } else { 3 });
        cx.send(To::Role(VAULT), Pay { number, leg: Leg::Ask, attempt: *tries });
        cx.arm(Again(number), Micros::millis(10), Micros::ZERO);
    }
}

impl Service for Teller {
    type Store = Done;
    type Record = u32;
    type Message = Pay;
    type Timer = Again;
    type Fact = u32;
    type Truth = Paid;

    const VOCABULARY: &'static Vocabulary = &Vocabulary {
        roles: &["teller", "vault"],
        operations: &["pay", "again"],
        manners: &[],
        subject: "payment",
    };

    fn apply(done: &mut Done, number: &u32) {
        done.insert(*number, ());
    }

    fn fact(role: Role, number: &u32) -> Option<u32> {
        (role == VAULT).then_some(*number)
    }

    fn on_message(&mut self, cx: &mut Context<'_, Self>, from: Node, Pay { number, leg, attempt }: Pay) {
        let known = cx.store().get(number).is_some();
        if leg == Leg::Answer {
            if !known {
                cx.commit([number]);
            }
            if self.how != How::Restless {
                cx.disarm(Again(number));
            }
            return;
        }
        if !known || self.how == How::Careless {
            cx.commit([number]);
        }
        cx.send(To::Node(from), Pay { number, leg: Leg::Answer, attempt });
    }

    fn on_timer(&mut self, cx: &mut Context<'_, Self>, Again(number): Again) {
        self.ask(cx, number);
    }

    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        if cx.node() == Node(0) {
            let open: Vec<u32> = (0..PAYMENTS).filter(|number| cx.store().get(*number).is_none()).collect();
            open.into_iter().for_each(|number| self.ask(cx, number));
        }
    }

    fn wiped(&self) -> Self {
        Teller { how: self.how, tries: Table::default() }
    }
}

/// How often each was paid.
#[derive(Clone, Default, Hash)]
struct Paid {
    times: [u8; PAYMENTS as usize],
}

impl Truth for Paid {
    type Fact = u32;
    fn observe(&mut self, _: Moment, number: u32) {
        self.times[number as usize] += 1;
    }
    fn replayed(&mut self, _: Moment, _: Role, equal: bool) {
        assert!(equal, "a store is the fold of its log");
    }
    fn exposed(&self, _: Option<u32>) -> bool {
        false
    }
    fn violations(&self) -> usize {
        self.times.iter().filter(|times| **times > 1).count()
    }
}

fn world(how: How) -> World<Teller> {
    let role = RoleSpec {
        instances: 1,
        outside: false,
        failover: None,
        service: Spread::default(),
        isolation: Isolation::Serializable,
    };
    let mut physics = Physics::new(Draws::new(0), vec![role; 2]);
    physics.link = Spread::constant(Micros::millis(1));
    physics.sync = Spread::constant(Micros::millis(1));
    World::new(
        Arc::new(physics),
        Paid::default(),
        |_, _| Teller { how, tries: Table::default() },
        |_| Done::default(),
        Arc::new([]),
        Trace::off(),
    )
}

fn alphabet() -> Alphabet {
    let (short, long) = (Micros::millis(2), Micros::millis(25));
    let crashes = CrashPoint::ALL.map(|(point, _)| Verb::Crash(point, short));
    Alphabet {
        delivery: vec![
            Verb::Drop,
            Verb::Duplicate(short),
            Verb::Delay(long),
            Verb::IsolateReceiver(short),
            Verb::IsolateSender(long),
        ],
        handler: crashes[..5].iter().copied().chain([Verb::FailWrite]).collect(),
        recovery: crashes[5..].to_vec(),
        manners: Vec::new(),
        tie: vec![Verb::Yield],
    }
}

const LIMITS: Limits =
    Limits { executions: u64::MAX, states: u64::MAX, events: 1_000, horizon: Instant::NEVER };

/// Explores, and collects the fingerprints of all ends.
fn explore(how: How, faults: u8, memo: bool, limits: Limits) -> (Explored<&'static str>, BTreeSet<u64>) {
    let alphabet = alphabet();
    let explorer = Explorer { alphabet: &alphabet, limits, memo, quiet: Micros::millis(5) };
    let mut ends = BTreeSet::new();
    let explored = explorer.explore(&world(how), faults, |world| {
        ends.insert(world.fingerprint());
        let times = world.truth().times;
        let twice = times.iter().any(|times| *times > 1).then_some("paid twice");
        let never = world.next_at().is_none() && times.contains(&0);
        twice.into_iter().chain(never.then_some("never paid")).collect()
    });
    (explored, ends)
}

#[test]
fn the_memo_is_honest() {
    for (how, faults) in [(How::Careful, 3), (How::Careless, 1)] {
        let (with, ends) = explore(how, faults, true, LIMITS);
        let (without, all_ends) = explore(how, faults, false, LIMITS);
        assert_eq!(ends, all_ends, "{how:?}: the memo skips no end and invents none");
        assert_eq!(with.broken, without.broken, "{how:?}");
        assert_eq!(with.placements, without.placements, "{how:?}");
        assert!(with.executions < without.executions, "{how:?}: it skips something");
    }
}

/// Exact counts are a guard: a change of the kernel that should change nothing keeps them.
#[test]
fn the_careful_vault_is_safe() {
    let (explored, ends) = explore(How::Careful, 3, true, LIMITS);
    assert!(explored.complete() && explored.broken.is_empty() && explored.faults == 3);
    assert_eq!((explored.placements, explored.naive_space()), (44, 14_235));
    assert_eq!(
        (explored.executions, explored.states, explored.pruned, ends.len()),
        (4_567, 9_852, 7_598, 16)
    );
}

#[test]
fn the_careless_vault_needs_one_fault() {
    let (explored, _) = explore(How::Careless, 3, true, LIMITS);
    assert_eq!(explored.faults, 1, "fewer faults come first");
    let [broken] = &explored.broken[..] else { panic!("one thing is broken: {:?}", explored.broken) };
    assert_eq!(broken.what, "paid twice");
    let [Placed { event, verb }] = broken.path[..] else { panic!("by one fault: {:?}", broken.path) };
    let mut again = world(How::Careless);
    (1..event).for_each(|_| assert!(again.step()));
    assert!(again.step_with(verb));
    while again.step() {}
    assert_eq!(again.truth().violations(), 1);
}

#[test]
fn limits_are_told() {
    let stopped = |limits| {
        let (explored, _) = explore(How::Careful, 2, true, limits);
        assert!(!explored.complete() && explored.faults < 2);
        explored.stopped
    };
    assert_eq!(stopped(Limits { executions: 20, ..LIMITS }), Some(Stop::Executions));
    assert_eq!(stopped(Limits { states: 20, ..LIMITS }), Some(Stop::States));
    assert_eq!(stopped(Limits { events: 10, ..LIMITS }), Some(Stop::Events));
    assert_eq!(stopped(Limits { horizon: Instant(20_000), ..LIMITS }), Some(Stop::Horizon));
}

#[test]
fn a_run_that_never_rests_is_not_taken_for_explored() {
    assert_eq!(explore(How::Restless, 1, true, LIMITS).0.stopped, Some(Stop::Endless));
    assert_eq!(explore(How::Restless, 0, false, LIMITS).0.stopped, Some(Stop::Events));
}
