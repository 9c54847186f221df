//! What a participant is: inputs, memory, a store, and an ordered list of effects.
//!
//! A service performs no I/O. It does not know whether it is called over RPC, from a log or inside one process, nor
//! which backend runs it. Its handlers look at memory and at a snapshot of the store and say what is to be done;
//! the backend does it, one effect at a time, and may crash the node between any two.
//!
//! **Invariant:** only records change a store, and only [`Service::apply`] knows how; the type system sees to it,
//! because a handler holds `&Store`.
//! **Invariant:** no service reads a clock, draws a random number, spawns, or iterates an unordered map: a handler
//! gets none of these, and `clippy.toml` forbids the ones of the standard library.

use std::fmt::Debug;
use std::hash::Hash;

use crate::property::Violation;
use crate::site::{Identity, MisbehaviorId, Node, Role, Vocabulary};
use crate::time::Micros;

pub use crate::time::Moment;

/// A message between participants.
pub trait Message: Clone + Hash + Debug + Send + Sync + 'static {
    /// What it is about, in business words.
    fn identity(&self) -> Identity;
    /// What the caller hears if this was certainly not executed (no process listens, the queue is full); `None` if
    /// the caller would not be told.
    fn refused(&self) -> Option<Self> {
        None
    }
}

/// The name of a timer: `(node, timer)` exists at most once.
pub trait Timer: Copy + Eq + Hash + Debug + Send + Sync + 'static {
    /// What it is about, in business words.
    fn identity(&self) -> Identity;
    /// Whether it is judged by the time of day its node believes in, as deadlines are; what measures how long a call
    /// takes is not, and a clock that leaps does not move it.
    fn wall(&self) -> bool {
        false
    }
}

/// A timer may be nothing but what it is about.
impl Timer for Identity {
    fn identity(&self) -> Identity {
        *self
    }
}

/// A participant, or (as an enum) any of several. `self` is memory: a crash wipes it.
pub trait Service: Clone + Hash + Send + Sync + 'static {
    /// Durable state, shared by the instances of a role.
    type Store: Clone + Eq + Hash + Debug + Send + Sync;
    /// One durable change.
    type Record: Clone + Hash + Debug + Send + Sync;
    /// What is sent between participants.
    type Message: Message;
    /// The names of timers.
    type Timer: Timer;
    /// What a record says about the world, whatever a service believes.
    type Fact: Debug;
    /// The ground truth, which watches the facts.
    type Truth: Truth<Fact = Self::Fact>;

    /// How things are called.
    const VOCABULARY: &'static Vocabulary;

    /// The only way durable state changes.
    fn apply(store: &mut Self::Store, record: &Self::Record);
    /// The ground truth in a record, observed when the commit executes.
    fn fact(role: Role, record: &Self::Record) -> Option<Self::Fact>;
    /// A message arrived.
    fn on_message(&mut self, cx: &mut Context<'_, Self>, from: Node, message: Self::Message);
    /// A timer fired.
    fn on_timer(&mut self, cx: &mut Context<'_, Self>, timer: Self::Timer);
    /// The node starts, for the first time or after a crash: memory is fresh, the store is as it was.
    fn on_restart(&mut self, cx: &mut Context<'_, Self>);
    /// Another instance of the role is lost: what it had under way is resumed from the store. Memory is as it was.
    fn on_takeover(&mut self, cx: &mut Context<'_, Self>) {
        self.on_restart(cx);
    }
    /// The database aborted the transaction of the handler of this message; nothing of it happened, and memory is as
    /// it was before, unless others used it meanwhile.
    fn on_abort(&mut self, _cx: &mut Context<'_, Self>, _from: Node, _message: Self::Message) {}
    /// The database aborted the transaction of the handler of this timer; nothing of it happened. A scheduler runs a
    /// failed job again, at once unless something else is said here.
    fn on_abort_timer(&mut self, cx: &mut Context<'_, Self>, timer: Self::Timer) {
        cx.arm(timer, Micros::ZERO, Micros::ZERO);
    }
    /// Whether a participant of this role may misbehave so where this arrives; if not, no fault can make it.
    fn admits(_role: Role, _misbehavior: MisbehaviorId, _identity: Identity) -> bool {
        false
    }
    /// What is left of memory after a crash: configuration.
    fn wiped(&self) -> Self;
}

/// Ground truth: a fold over facts that no service can see.
pub trait Truth: Clone + Hash + Send + Sync + 'static {
    /// What is observed.
    type Fact;
    /// A fact became durable.
    fn observe(&mut self, moment: Moment, fact: Self::Fact);
    /// A store was rebuilt from its log; was it what it had been?
    fn replayed(&mut self, moment: Moment, role: Role, equal: bool);
    /// Whether a fault that strikes now (this subject's delivery, or the world) strikes inside a critical window: for
    /// runs that count that.
    fn exposed(&self, _subject: Option<u32>) -> bool {
        false
    }
    /// What was found to be violated, in the order in which it was detected.
    fn violations(&self) -> &[Violation];
}

/// Where a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum To {
    /// This very instance.
    Node(Node),
    /// Any instance of a role: which one is a function of subject and attempt, so a retry reaches another.
    Role(Role),
}

/// One thing to be done, in order.
#[derive(Clone, Debug, Hash)]
pub enum Effect<S: Service> {
    /// Part of a transaction.
    Write(S::Record),
    /// The end of a transaction: what follows waits for the disk.
    Sync,
    /// A write that nothing waits for: lost with the tail at a crash.
    Append(S::Record),
    /// A message.
    Send(To, S::Message),
    /// A timer, replacing one of the same name; fires after the duration plus a drawn part of the jitter.
    Arm(S::Timer, Micros, Micros),
    /// A timer that is no longer wanted.
    Disarm(S::Timer),
}

/// What a handler sees and what it wants done.
pub struct Context<'a, S: Service> {
    pub(crate) node: Node,
    pub(crate) misbehavior: Option<MisbehaviorId>,
    pub(crate) store: &'a S::Store,
    pub(crate) effects: &'a mut Vec<Effect<S>>,
    pub(crate) probes: &'a mut u64,
}

impl<'a, S: Service> Context<'a, S> {
    /// The node this instance runs on.
    pub fn node(&self) -> Node {
        self.node
    }

    /// How this participant is to misbehave this time.
    pub fn misbehavior(&self) -> Option<MisbehaviorId> {
        self.misbehavior
    }

    /// Notes that something rare was reached, by the number of a probe below 64: what a sweep must have seen. (The idea
    /// is FoundationDB's TEST macro.) A probe is no part of the world's state.
    pub fn probe(&mut self, probe: u8) {
        *self.probes |= 1 << probe;
    }

    /// The store as it was when the handler started; the handler's own commits are not in it.
    pub fn store(&self) -> &'a S::Store {
        self.store
    }

    /// One atomic forced transaction; nothing if there are no records. Effects after it wait for its sync.
    pub fn commit(&mut self, records: impl IntoIterator<Item = S::Record>) {
        let before = self.effects.len();
        self.effects.extend(records.into_iter().map(Effect::Write));
        if self.effects.len() > before {
            self.effects.push(Effect::Sync);
        }
    }

    /// A lazy write: durable with this instance's next commit, lost if it crashes before.
    pub fn append(&mut self, record: S::Record) {
        self.effects.push(Effect::Append(record));
    }

    /// Sends to a node or to any instance of a role.
    pub fn send(&mut self, to: To, message: S::Message) {
        self.effects.push(Effect::Send(to, message));
    }

    /// Arms a timer for `after`, plus up to `jitter`.
    pub fn arm(&mut self, timer: S::Timer, after: Micros, jitter: Micros) {
        self.effects.push(Effect::Arm(timer, after, jitter));
    }

    /// Disarms a timer, if it is armed.
    pub fn disarm(&mut self, timer: S::Timer) {
        self.effects.push(Effect::Disarm(timer));
    }
}
