//! From the socket to the handler: what may befall a message, and who gets a worker.

use std::hash::Hash;

use crate::draw::DrawBits;
use crate::fault::{Nodes, PointFault};
use crate::nemesis::Trap;
use crate::physics::Isolation;
use crate::service::{Context, Effect, Message, Service, Timer};
use crate::site::{Identity, MisbehaviorId, Node, Role};
use crate::time::Micros;
use crate::trace::{Cause, Happening, Loss};

use super::agenda::Entry;
use super::fate::{Fate, Handled, Mishap, Undo};
use super::guest::Input;
use super::hub::State;
use super::letter::Job;
use super::perform::{Course, Rest};
use super::trouble::Way;

/// How a message comes to where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// Over the network, or from the process itself.
    Safely,
    /// It was put off on the way, so a partition may have fallen on it meanwhile.
    Late,
    /// Not at all: the network dropped it, or the process died with it.
    Fallen,
}

impl<S: Service> State<S> {
    /// A message arrives: faults first, then the link, then the receiver.
    pub fn arrive(&mut self, to: Node, mut job: Job<S>, came: Came) {
        if !self.tick() {
            return;
        }
        let from = job.from;
        let way = if self.nemesis.waits() { self.befall(&mut job, to) } else { Way::Goes };
        if way == Way::Ends {
            return;
        }
        let through = way == Way::GoesThrough;
        if (came != Came::Safely || way == Way::MeetsCuts)
            && !through
            && let Some(until) = self.cut(from, to)
        {
            return self.caught(to, job, until);
        }
        if !through && self.loses(&job, to) {
            return self.lost(&job, to, Loss::Lost, job.cause);
        }
        if self.down.has(to) || came == Came::Fallen {
            return self.refuse(&job, to, Loss::Down);
        }
        let (workers, inbox) = (self.physics.workers, self.physics.inbox as usize);
        let machine = self.machine(to);
        if machine.busy < workers {
            let rest = self.begin(to, job);
            self.leave(to, rest);
        } else if through || machine.waiting.len() < inbox {
            machine.waiting.push_back(job);
        } else {
            return self.refuse(&job, to, Loss::Full);
        }
        self.release((from, to));
    }

    /// What was held back on a link comes right after what was delivered there.
    fn release(&mut self, link: (Node, Node)) {
        if self.agenda.is_empty() {
            return;
        }
        for (_, entry) in self.agenda.extract(|entry| entry.held_on(link)) {
            if let Entry::Arrive { to, job, .. } = entry {
                self.hand_over(to, job, Came::Late);
            }
        }
    }

    /// A worker takes a command up: the handler decides on the store as it is now.
    pub fn begin(&mut self, node: Node, job: Job<S>) -> Option<Rest<S>> {
        let identity = job.message.identity();
        let role = self.physics.role(node);
        self.digest.word(self.now.0);
        self.digest.word(identity.packed(role) ^ u64::from(node.0));
        job.message.hash(&mut self.digest);
        let Job { from, message, bits, fate, misbehavior, cause } = job;
        let fate = self.forgiven(fate);
        let cause = self.record(cause, || Happening::Delivered { from, to: node, message: message.clone() });
        if self.is_guest(node) {
            self.tell(node, Input::Message(from, message), fate, (identity, cause));
            return None;
        }
        self.machine(node).busy += 1;
        let fate = self.brace(node, fate, || Handled::Message(from, message.clone()));
        let effects =
            self.handle(node, role, misbehavior, |service, cx| service.on_message(cx, from, message));
        let fate = self.seal(fate, &effects);
        let late = self.physics.roles[role.0 as usize].isolation == Isolation::ReadCommitted;
        let waits = late && !effects.is_empty();
        let effects = effects.into_iter();
        let course = Course {
            node,
            role,
            identity,
            effects,
            bits,
            fate,
            worker: true,
            served: false,
            committed: false,
            cause,
        };
        if waits { self.serve(course) } else { self.go_on(course) }
    }

    /// The timers of a process that are due go off.
    pub fn ring(&mut self, node: Node) {
        let now = self.now;
        while !self.over
            && let Some((timer, cause)) = self.machine(node).alarms.due(now)
        {
            self.fire(node, timer, cause);
        }
    }

    /// A timer goes off: not a command, so it needs no worker and no service time.
    fn fire(&mut self, node: Node, timer: S::Timer, cause: Cause) {
        if !self.tick() {
            return;
        }
        let identity = timer.identity();
        let role = self.physics.role(node);
        let traps = self.nemesis.inject(role, identity);
        if let Some((fault, _)) = traps.iter().find(|(_, trap)| *trap == Trap::Springs(PointFault::LoseTie)) {
            let cause = self.struck(*fault, Some(identity.subject), cause);
            let next = self.now + INSTANT;
            return self.machine(node).alarms.arm(timer, next, cause);
        }
        let (misbehavior, cause) = self.misbehaves(&traps, role, identity, cause);
        self.digest.word(self.now.0);
        self.digest.word(identity.packed(role) ^ u64::from(node.0));
        let cause = self.record(cause, || Happening::Timer { node, timer });
        let fate = self.fate(&traps, node, identity.subject, cause);
        let fate = self.brace(node, fate, || Handled::Timer(timer));
        let effects = self.handle(node, role, misbehavior, |service, cx| service.on_timer(cx, timer));
        let fate = self.seal(fate, &effects);
        self.start(Course::unserved(node, role, identity, effects, fate, cause));
    }

    /// Runs a handler on its memory and on the store; returns what it wants done.
    pub fn handle(
        &mut self,
        node: Node,
        role: Role,
        misbehavior: Option<MisbehaviorId>,
        handler: impl FnOnce(&mut S, &mut Context<'_, S>),
    ) -> Vec<Effect<S>> {
        let mut effects = Vec::new();
        let mut shelves = self.disk.open();
        let store = shelves.of(role).state();
        let mut cx = Context { node, misbehavior, store, effects: &mut effects, probes: &mut self.probes };
        handler(&mut self.machines[node.0 as usize].memory, &mut cx);
        effects
    }

    /// No fault strikes any more when the healing has begun, be it one that came to its place before: on a message that is
    /// late, in a handler that stood still.
    pub fn forgiven(&self, fate: Option<Box<Fate<S>>>) -> Option<Box<Fate<S>>> {
        let mut fate = fate?;
        if self.healed != Nodes::default() {
            fate.mishaps.retain(|mishap| *mishap == Mishap::FullDisk);
        }
        Some(fate)
    }

    /// Keeps what an abort will take back, if there may be one: because of a fault, or because the disk is full.
    fn brace(
        &self,
        node: Node,
        fate: Option<Box<Fate<S>>>,
        handled: impl FnOnce() -> Handled<S>,
    ) -> Option<Box<Fate<S>>> {
        let full = self.full(node).is_some();
        let mut fate = fate;
        if full {
            fate.get_or_insert_default().mishaps.push(Mishap::FullDisk);
        }
        if let Some(fate) = fate.as_mut().filter(|fate| fate.aborts()) {
            let memory = Some(self.machines[node.0 as usize].memory.clone());
            fate.undo = Some(Undo { handled: handled(), memory });
        }
        fate
    }

    /// The decision is made: what waited for it begins, and what finds nothing to strike in these effects is nothing.
    pub fn seal(&mut self, fate: Option<Box<Fate<S>>>, effects: &[Effect<S>]) -> Option<Box<Fate<S>>> {
        self.begin_after(fate.as_deref());
        let mut fate = fate?;
        fate.mishaps.retain(|mishap| mishap.is_met(effects));
        (!fate.mishaps.is_empty()).then_some(fate)
    }

    /// What waited for this begins.
    pub fn begin_after(&mut self, fate: Option<&Fate<S>>) {
        for mishap in fate.map(|fate| fate.mishaps.as_slice()).unwrap_or_default() {
            if let Mishap::Begins(fault) = *mishap {
                self.agenda_push(self.now, Entry::SustainedFault(fault));
            }
        }
    }
}

/// The least time there is: who lets the others of an instant go first comes in the next one.
pub(super) const INSTANT: Micros = Micros(1);

impl<S: Service> Course<S> {
    /// A handler that needs no worker.
    pub fn unserved(
        node: Node,
        role: Role,
        identity: Identity,
        effects: Vec<Effect<S>>,
        fate: Option<Box<Fate<S>>>,
        cause: Cause,
    ) -> Self {
        let (bits, effects) = (DrawBits(identity.packed(Role(node.0))), effects.into_iter());
        Course {
            node,
            role,
            identity,
            effects,
            bits,
            fate,
            worker: false,
            served: true,
            committed: false,
            cause,
        }
    }
}
