//! A teller asks a vault to pay out, twice, and asks again until it is answered.
//!
//! The careful vault remembers what it has paid; the careless one does not.

use std::sync::Arc;

use stormcart_sim::draw::Draws;
use stormcart_sim::physics::{Physics, RoleSpec, Spread};
use stormcart_sim::property::Violation;
use stormcart_sim::script::Script;
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, MessageKind, Node, Operation, Role, Vocabulary};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Context, DenseMap, Instant, Message, Micros, Service, Timer, To, Truth, World};

pub const VAULT: Role = Role(1);
pub const PAYMENTS: u32 = 2;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Pay {
    number: u32,
    kind: MessageKind,
    attempt: u8,
}

impl Message for Pay {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(0), kind: self.kind, subject: self.number, attempt: self.attempt }
    }
    fn refused(&self) -> Option<Self> {
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Again(u32);

impl Timer for Again {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(1), kind: MessageKind::Timer, subject: self.0, attempt: 1 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum How {
    Careful,
    Careless,
    /// Asks again although it was answered.
    Restless,
    /// Careless, and knows how often it paid as long as it does not crash.
    Counting,
}

/// The numbers that are done with: paid by the vault, or known to be paid by the teller.
pub type Done = DenseMap<()>;

#[derive(Clone, Debug, Hash)]
pub struct Teller {
    how: How,
    tries: DenseMap<u8>,
}

impl Teller {
    fn ask(&mut self, cx: &mut Context<'_, Self>, number: u32) {
        let tries = self.tries.entry(number);
        *tries = (*tries + 1).min(if self.how == How::Restless { 1 } else { 3 });
        cx.send(To::Role(VAULT), Pay { number, kind: MessageKind::Ask, attempt: *tries });
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
        misbehaviors: &[],
        subject: "payment",
    };

    fn apply(done: &mut Done, number: &u32) {
        done.insert(*number, ());
    }

    fn fact(role: Role, number: &u32) -> Option<u32> {
        (role == VAULT).then_some(*number)
    }

    fn on_message(&mut self, cx: &mut Context<'_, Self>, from: Node, Pay { number, kind, attempt }: Pay) {
        let known = cx.store().get(number).is_some();
        if kind == MessageKind::Answer {
            if !known {
                cx.commit([number]);
            }
            if self.how != How::Restless {
                cx.disarm(Again(number));
            }
            return;
        }
        if !known || matches!(self.how, How::Careless | How::Counting) {
            cx.commit([number]);
        }
        if self.how == How::Counting {
            *self.tries.entry(number) += 1;
        }
        cx.send(To::Node(from), Pay { number, kind: MessageKind::Answer, attempt });
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
        Teller { how: self.how, tries: DenseMap::default() }
    }
}

/// What the truth takes note of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Watch {
    /// Every payment; a second one is a violation at once.
    Always,
    /// Every payment; it is judged at rest.
    AtRest,
    /// Nothing: what was paid can be seen in the stores alone.
    Nothing,
}

/// How often each was paid.
#[derive(Clone, Hash)]
pub struct Paid {
    watch: Watch,
    pub times: [u8; PAYMENTS as usize],
    twice: Vec<Violation>,
}

impl Truth for Paid {
    type Fact = u32;
    fn observe(&mut self, moment: Moment, number: u32) {
        let times = &mut self.times[number as usize];
        *times += u8::from(self.watch != Watch::Nothing);
        if *times == 2 && self.watch == Watch::Always {
            let explanation = "paid twice".into();
            self.twice.push(Violation { property: "once", moment, subject: Some(number), explanation });
        }
    }
    fn replayed(&mut self, _: Moment, _: Role, equal: bool) {
        assert!(equal, "a store is the fold of its log");
    }
    fn exposed(&self, _: Option<u32>) -> bool {
        false
    }
    fn violations(&self) -> &[Violation] {
        &self.twice
    }
}

/// Teller and vault; the vault may be an outside party.
pub fn script(how: How, watch: Watch, outside: bool, seed: u64) -> Script<Teller> {
    let mut physics =
        Physics::new(Draws::new(seed), vec![RoleSpec::ONE, RoleSpec { outside, ..RoleSpec::ONE }]);
    physics.outside_link = Spread::constant(Micros::millis(1));
    physics.link = Spread::constant(Micros::millis(1));
    physics.sync = Spread::constant(Micros::millis(1));
    Script {
        physics: Arc::new(physics),
        truth: Paid { watch, times: [0; PAYMENTS as usize], twice: Vec::new() },
        services: Arc::new(move |_, _| Teller { how, tries: DenseMap::default() }),
        genesis: Arc::new(|_| Done::default()),
        faults: Arc::new([]),
        healing: Vec::new(),
        until: Instant(60_000_000),
        events: 1_000,
        rest: |_, _| {},
    }
}

/// The same before the first payment.
pub fn world(how: How, watch: Watch, outside: bool) -> World<Teller> {
    script(how, watch, outside, 0).world(Trace::off())
}
