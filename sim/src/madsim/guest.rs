//! Somebody else's service in the storm: an ordinary async process in the place of a participant.
//!
//! A guest is a future. It is started on the node of each instance of its role when the run begins and after every
//! crash, may spawn tasks, sleep, select and time out as it likes, and is killed with all its tasks by the runtime. It
//! speaks to the others through its [`Seat`]: what it sends, writes and is told goes the way of everybody else's, past
//! the same adversary, and is judged by the same truth.
//!
//! Nobody can see inside it, so crash points are where it touches the world: before, during and after a transaction,
//! and after a message. A mishap that was to strike the handling of one message strikes the next such moment. Its clock
//! is the runtime's, which never leaps.
//!
//! **Invariant:** an input that [`Seat::next`] has not returned is not lost by dropping it.

use std::collections::VecDeque;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::fault::CrashPoint;
use crate::service::{Effect, Service, To};
use crate::site::{Identity, Node, Role};
use crate::time::Micros;
use crate::trace::{Cause, Happening};

use super::fate::{Fate, Mishap};
use super::hub::{Hub, State};
use super::letter::UnderWay;
use super::nap;
use super::perform::Course;

/// Makes the process of one instance.
pub type ExternalService<S> = Arc<dyn Fn(Seat<S>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Who sits in whose place.
#[derive(Clone)]
pub struct ExternalServices<S: Service> {
    seats: Vec<(Role, ExternalService<S>)>,
    /// Nobody sees what a guest waits for: all is at rest when nothing has happened for so long.
    pub(super) silence: Micros,
}

/// What a guest is told.
#[derive(Clone, Debug)]
pub enum Input<S: Service> {
    /// A message, and who sent it.
    Message(Node, S::Message),
    /// Another instance of its role is lost: what it had under way is for whoever is left.
    TakeOver,
}

/// The database gave a transaction up: nothing of it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

/// Where a guest sits: all it has to do with the world.
pub struct Seat<S: Service> {
    hub: Arc<Hub<S>>,
    node: Node,
}

/// What the world keeps for a guest.
pub(super) struct Place<S: Service> {
    process: ExternalService<S>,
    inbox: VecDeque<(Input<S>, UnderWay<S>)>,
    bell: Option<Waker>,
    /// What is to go wrong the next time it can.
    mishaps: Vec<Mishap>,
    /// What it was told last. What it does counts as a consequence of it.
    about: (Identity, Cause),
}

impl<S: Service> ExternalServices<S> {
    /// Nobody but the services of the script.
    pub fn none() -> Self {
        ExternalServices { seats: Vec::new(), silence: Micros::ZERO }
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// A guest in the place of the services of a role, which never sleeps for as long as `silence`.
    pub fn one<F>(role: Role, silence: Micros, process: impl Fn(Seat<S>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let guest: ExternalService<S> = Arc::new(move |seat| Box::pin(process(seat)));
        ExternalServices { seats: vec![(role, guest)], silence }
    }

    /// These and those.
    pub fn and(mut self, others: ExternalServices<S>) -> Self {
        self.seats.extend(others.seats);
        self.silence = self.silence.max(others.silence);
        self
    }

    pub(super) fn place(&self, role: Role) -> Option<Place<S>> {
        let (_, process) = self.seats.iter().find(|(seat, _)| *seat == role)?;
        let (inbox, mishaps) = (VecDeque::new(), Vec::new());
        let about = (Identity::RECOVERY, 0);
        Some(Place { process: Arc::clone(process), inbox, bell: None, mishaps, about })
    }
}

impl<S: Service> Seat<S> {
    /// The node this instance runs on.
    pub fn node(&self) -> Node {
        self.node
    }

    /// What the guest is told next. May be dropped at any await.
    pub async fn next(&self) -> Input<S> {
        poll_fn(|cx| {
            let mut state = self.hub.enter();
            let Some(place) = &mut state.machine(self.node).guest else { return Poll::Pending };
            match place.inbox.pop_front() {
                Some((input, _)) => Poll::Ready(input),
                None => {
                    place.bell = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Looks at the store of the role, which its instances share.
    pub fn read<T>(&self, look: impl FnOnce(&S::Store) -> T) -> T {
        let state = self.hub.enter();
        let role = state.physics.role(self.node);
        let mut shelves = state.disk.open();
        look(shelves.of(role).state())
    }

    /// Decides on the store and writes down what was decided, in one serializable transaction, and waits for the disk.
    /// Dropped while it waits, the transaction has happened nevertheless.
    ///
    /// # Errors
    /// If the database aborts.
    pub async fn transact<T>(
        &self,
        decide: impl FnOnce(&S::Store) -> (Vec<S::Record>, T),
    ) -> Result<T, Aborted> {
        let (decided, until) = {
            let mut state = self.hub.enter();
            match state.guest_transacts(self.node, decide) {
                Transacted::Nothing(decided) => return Ok(decided),
                Transacted::Waits(decided, sync) => (Some(decided), state.now + sync),
                Transacted::Aborted => return Err(Aborted),
                Transacted::Killed => (None, state.now),
            }
        };
        let Some(decided) = decided else { nap::stop().await };
        nap::until(&self.hub.clock, until).await;
        let killed = self.hub.enter().guest_dies(self.node, CrashPoint::AfterCommit);
        if killed { nap::stop().await } else { Ok(decided) }
    }

    /// Sends a message to a node or to any instance of a role.
    pub fn send(&self, to: To, message: S::Message) {
        let mut state = self.hub.enter();
        // The last words of a process that was killed are heard by nobody.
        if !state.down.has(self.node) && state.tick() {
            let cause = state.about(self.node).1;
            state.send(self.node, to, message, cause);
            state.guest_dies(self.node, CrashPoint::AfterSend);
        }
    }

    /// Notes that something rare was reached, by the number of a probe below 64.
    pub fn probe(&self, probe: u8) {
        self.hub.enter().probes |= 1 << probe;
    }
}

/// What became of a transaction of a guest.
enum Transacted<T> {
    /// There was nothing to write.
    Nothing(T),
    /// It is over when the disk is done.
    Waits(T, Micros),
    Aborted,
    Killed,
}

impl<S: Service> State<S> {
    /// Whether a guest sits there.
    pub fn is_guest(&self, node: Node) -> bool {
        self.machines[node.0 as usize].guest.is_some()
    }

    /// A guest starts, unless it is not to survive that.
    pub fn start_guest(&mut self, node: Node, fate: Option<Box<Fate<S>>>, cause: Cause) {
        let Some(hub) = self.hub.upgrade() else { return };
        self.tell_fate(node, fate, (Identity::RECOVERY, cause));
        if self.guest_dies(node, CrashPoint::DuringRecovery) {
            return;
        }
        let machine = self.machine(node);
        if let Some(place) = &machine.guest {
            machine.process.spawn((place.process)(Seat { hub, node }));
        }
    }

    /// A guest is told something.
    pub fn tell(
        &mut self,
        node: Node,
        input: Input<S>,
        fate: Option<Box<Fate<S>>>,
        about: (Identity, Cause),
    ) {
        self.tell_fate(node, fate, about);
        let way = UnderWay::new(&self.post);
        let Some(place) = &mut self.machine(node).guest else { return };
        place.inbox.push_back((input, way));
        if let Some(bell) = place.bell.take() {
            bell.wake();
        }
    }

    fn tell_fate(&mut self, node: Node, fate: Option<Box<Fate<S>>>, about: (Identity, Cause)) {
        // What waited for the message begins now: nobody knows when it is handled.
        self.begin_after(fate.as_deref());
        let Some(place) = &mut self.machine(node).guest else { return };
        place.about = about;
        let mishaps = fate.into_iter().flat_map(|fate| fate.mishaps);
        place.mishaps.extend(mishaps.filter(|mishap| !matches!(mishap, Mishap::Begins(_))));
    }

    fn about(&self, node: Node) -> (Identity, Cause) {
        let place = self.machines[node.0 as usize].guest.as_ref();
        place.map_or((Identity::RECOVERY, 0), |place| place.about)
    }

    /// The first thing in store for a guest that this finds.
    fn mishap(&mut self, node: Node, strikes: impl Fn(&Mishap) -> bool) -> Option<Mishap> {
        let mishaps = &mut self.machine(node).guest.as_mut()?.mishaps;
        let at = mishaps.iter().position(strikes)?;
        Some(mishaps.remove(at))
    }

    /// Kills a guest if that is in store for it here.
    fn guest_dies(&mut self, node: Node, here: CrashPoint) -> bool {
        if self.down.has(node) {
            return true;
        }
        let strikes = |mishap: &Mishap| matches!(mishap, Mishap::Crash(_, point, _) if *point == here);
        let Some(Mishap::Crash(fault, _, down)) = self.mishap(node, strikes) else { return false };
        let (identity, cause) = self.about(node);
        let cause = self.struck(fault, Some(identity.subject), cause);
        self.crash(node, down, cause);
        true
    }

    fn guest_transacts<T>(
        &mut self,
        node: Node,
        decide: impl FnOnce(&S::Store) -> (Vec<S::Record>, T),
    ) -> Transacted<T> {
        if self.down.has(node) || !self.tick() {
            return Transacted::Killed;
        }
        let role = self.physics.role(node);
        let (records, decided) = decide(self.disk.open().of(role).state());
        if records.is_empty() {
            return Transacted::Nothing(decided);
        }
        let (identity, cause) = self.about(node);
        self.digest.word(self.now.0 ^ u64::from(node.0) << 48);
        if self.full(node).is_some() {
            self.record(cause, || Happening::Aborted(node));
            return Transacted::Aborted;
        }
        let mut course = self.transaction_of(node, identity, records, cause);
        match self.mishap(node, |mishap| mishap.before_durable()) {
            None => {}
            Some(mishap @ Mishap::Crash(..)) => {
                course.fate = Some(Box::new(Fate { mishaps: vec![mishap], undo: None }));
                self.go_on(course);
                return Transacted::Killed;
            }
            Some(Mishap::FailWrite(fault)) => {
                let cause = self.struck(fault, Some(identity.subject), cause);
                self.record(cause, || Happening::Aborted(node));
                return Transacted::Aborted;
            }
            Some(_) => {}
        }
        let sync = self.go_on(course).map_or(Micros::ZERO, |rest| rest.until - self.now);
        Transacted::Waits(decided, sync)
    }

    /// A transaction as a handler would want it done.
    fn transaction_of(
        &self,
        node: Node,
        identity: Identity,
        records: Vec<S::Record>,
        cause: Cause,
    ) -> Course<S> {
        let mut effects: Vec<Effect<S>> = records.into_iter().map(Effect::Write).collect();
        effects.push(Effect::Sync);
        Course::unserved(node, self.physics.role(node), identity, effects, None, cause)
    }
}

impl<S: Service> Place<S> {
    /// The process is gone, and with it what it had not heard.
    pub fn clear(&mut self) {
        self.inbox.clear();
        self.mishaps.clear();
        self.bell = None;
    }
}

impl<S: Service> fmt::Debug for ExternalServices<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.seats.iter().map(|(role, _)| role)).finish()
    }
}

impl<S: Service> fmt::Debug for Seat<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Seat").field(&self.node).finish()
    }
}
