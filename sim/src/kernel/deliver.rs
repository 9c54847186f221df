//! From the link to the handler: what may befall a message, and who gets a worker.

use std::hash::Hash;

use crate::draw::{DrawBits, Lane, Purpose};
use crate::fault::PointFault;
use crate::nemesis::Trap;
use crate::physics::Isolation;
use crate::service::{Context, Effect, Message, Service, Timer, To};
use crate::site::{Identity, MisbehaviorId, Node, Role};
use crate::time::Instant;
use crate::trace::{Cause, Happening, Loss};

use super::World;
use super::befall::Way;
use super::event::{Delivery, Doom, Event, Handled, Job, Mishap, Task, order};

impl<S: Service> World<S> {
    /// A message arrives: faults first, then the link, then the receiver.
    #[inline]
    pub(super) fn deliver(
        &mut self,
        delivery: Delivery<S>,
        priority: u64,
        point_fault: Option<(u16, PointFault)>,
    ) {
        let to = delivery.to;
        if let Some(until) = self.paused(to) {
            self.queue.push(until, priority, Event::Deliver(delivery));
            return;
        }
        let job = Job {
            from: delivery.from,
            message: delivery.message,
            bits: delivery.bits,
            doom: None,
            misbehavior: None,
            cause: delivery.cause,
        };
        self.arrive(to, job, point_fault);
    }

    /// A message that brings its fate along, or was held back, arrives like any other.
    #[cold]
    pub(super) fn deliver_late(
        &mut self,
        to: Node,
        job: Job<S>,
        held: bool,
        priority: u64,
        point_fault: Option<(u16, PointFault)>,
    ) {
        if held && let Some(place) = self.held.iter().position(|link| *link == (job.from, to)) {
            self.held.remove(place);
        }
        match self.paused(to) {
            Some(until) => {
                self.queue.push(until, priority, Event::Arrive { to, job, held: false });
            }
            None => self.arrive(to, job, point_fault),
        }
    }

    #[inline(always)]
    fn arrive(&mut self, to: Node, mut job: Job<S>, point_fault: Option<(u16, PointFault)>) {
        let from = job.from;
        let mut through = false;
        if point_fault.is_some() || self.nemesis.waits() {
            match self.befall(&mut job, to, point_fault) {
                Way::Goes => {}
                Way::GoesThrough => through = true,
                Way::Ends => return,
            }
        }
        if !self.cuts.is_empty()
            && !through
            && let Some(until) = self.cut(from, to)
        {
            return self.caught(job, to, until);
        }
        if !self.ailments.is_empty() && !through && self.loses(&job, to) {
            return self.lost(&job, to, Loss::Lost, job.cause);
        }
        if self.down.has(to) {
            return self.refuse(job, to, Loss::Down);
        }
        if self.busy[to.0 as usize] < self.physics.workers {
            self.begin(to, job);
        } else if through
            || self.hosts[to.0 as usize].shared.value.waiting.len() < self.physics.inbox as usize
        {
            self.doomed |= job.doom.is_some();
            self.hosts[to.0 as usize].change().waiting.push_back(job);
        } else {
            return self.refuse(job, to, Loss::Full);
        }
        if !self.held.is_empty() {
            self.release((from, to));
        }
    }

    /// What waits for this: the verb that was asked for, or the faults that are armed here.
    pub(super) fn traps(
        &mut self,
        point_fault: Option<(u16, PointFault)>,
        role: Role,
        identity: Identity,
    ) -> Vec<(u16, Trap)> {
        match point_fault {
            None => self.nemesis.inject(role, identity),
            Some((fault, point_fault)) => vec![(fault, Trap::Springs(point_fault))],
        }
    }

    /// A partition falls on a message: it is lost, or arrives when the partition is over. Both happen; drawn.
    fn caught(&mut self, job: Job<S>, to: Node, until: Instant) {
        let identity = job.message.identity();
        let role = self.physics.role(to);
        let bits = self.physics.draws.bits(
            Purpose::Caught,
            identity.packed(role) >> 32,
            u64::from(identity.subject),
        );
        if bits.within(Lane::Link, 999) < u64::from(self.physics.lost_per_mille) || until == Instant::NEVER {
            return self.lost(&job, to, Loss::Cut, job.cause);
        }
        self.doomed |= job.doom.is_some();
        self.push_job(until, job.bits.priority(), to, job);
    }

    pub(super) fn lost(&mut self, job: &Job<S>, to: Node, why: Loss, cause: Cause) {
        self.digest.word(self.now.0 ^ u64::from(to.0) << 56);
        self.record(cause, || Happening::Lost { from: job.from, to, message: job.message.clone(), why });
    }

    /// Certainly not executed, and the caller hears so.
    pub(super) fn refuse(&mut self, job: Job<S>, to: Node, why: Loss) {
        self.counts.refused += 1;
        self.lost(&job, to, why, job.cause);
        if let Some(refusal) = job.message.refused() {
            self.send(to, To::Node(job.from), refusal, job.cause);
        }
    }

    /// A worker takes a command up: the handler decides on the store as it is now.
    #[inline]
    pub(super) fn begin(&mut self, node: Node, job: Job<S>) {
        let identity = job.message.identity();
        let role = self.physics.role(node);
        let cause = self.handled(node, identity.packed(role), job.cause, &job);
        let Job { from, message, bits, mut doom, misbehavior, .. } = job;
        self.busy[node.0 as usize] += 1;
        if doom.is_some() || !self.ailments.is_empty() {
            doom = self.brace(node, doom, || Handled::Message(from, message.clone()));
        }
        let effects =
            self.handle(node, role, misbehavior, |service, cx| service.on_message(cx, from, message));
        if doom.is_some() {
            doom = self.sealed(doom, &effects);
        }
        let task = Task {
            node,
            role,
            identity,
            effects,
            bits,
            doom,
            worker: true,
            served: false,
            committed: false,
            cause,
        };
        let late = self.physics.roles[role.0 as usize].isolation == Isolation::ReadCommitted;
        if late && !task.effects.is_empty() { self.serve(task) } else { self.execute(task) }
    }

    #[inline]
    fn handled(&mut self, node: Node, name: u64, cause: Cause, job: &Job<S>) -> Cause {
        self.digest.word(self.now.0);
        self.digest.word(name ^ u64::from(node.0));
        job.message.hash(&mut self.digest);
        self.record(cause, || Happening::Delivered { from: job.from, to: node, message: job.message.clone() })
    }

    /// A timer fires: not a command, so it needs no worker and no service time.
    pub(super) fn fire(
        &mut self,
        node: Node,
        timer: S::Timer,
        cause: Cause,
        priority: u64,
        point_fault: Option<(u16, PointFault)>,
    ) {
        self.queue.fired((node, timer));
        if let Some(until) = self.paused(node) {
            self.queue.push_named((node, timer), until, priority, Event::Timer { node, timer, cause });
            return;
        }
        let identity = timer.identity();
        let role = self.physics.role(node);
        let name = identity.packed(role);
        let traps = self.traps(point_fault, role, identity);
        if let Some((fault, _)) = traps.iter().find(|(_, trap)| *trap == Trap::Springs(PointFault::LoseTie)) {
            let cause = self.struck(*fault, Some(identity.subject), cause);
            let last = order::yielded(priority);
            self.queue.push_named((node, timer), self.now, last, Event::Timer { node, timer, cause });
            return;
        }
        let (misbehavior, cause) = self.misbehaves(&traps, role, identity, cause);
        self.digest.word(self.now.0);
        self.digest.word(name ^ u64::from(node.0));
        let cause = self.record(cause, || Happening::Timer { node, timer });
        let mut doom = self.doom(&traps, node, identity.subject, cause);
        if doom.is_some() || !self.ailments.is_empty() {
            doom = self.brace(node, doom, || Handled::Timer(timer, priority));
        }
        let effects = self.handle(node, role, misbehavior, |service, cx| service.on_timer(cx, timer));
        if doom.is_some() {
            doom = self.sealed(doom, &effects);
        }
        self.execute(Task::unserved(node, role, identity, effects, doom, cause));
    }

    /// A doom that finds in these effects what it waits for; one that never would is none. The decision is made, so what
    /// waited for it begins.
    #[cold]
    pub(super) fn sealed(
        &mut self,
        doom: Option<Box<Doom<S>>>,
        effects: &[Effect<S>],
    ) -> Option<Box<Doom<S>>> {
        let mut doom = doom?;
        for mishap in &doom.mishaps {
            if let Mishap::Begins(fault) = *mishap {
                self.queue.push(self.now, order::inject(fault), Event::SustainedFault(fault));
            }
        }
        doom.mishaps.retain(|mishap| mishap.strikes(effects));
        let doom = (!doom.mishaps.is_empty()).then_some(doom)?;
        self.doomed |= doom.mishaps.iter().any(|mishap| *mishap != Mishap::FullDisk);
        Some(doom)
    }

    /// Runs a handler on its memory and on the store; returns what it wants done, last first.
    #[inline]
    pub(super) fn handle(
        &mut self,
        node: Node,
        role: Role,
        misbehavior: Option<MisbehaviorId>,
        handler: impl FnOnce(&mut S, &mut Context<'_, S>),
    ) -> Vec<Effect<S>> {
        let mut effects = self.spare.pop().unwrap_or_default();
        let store = self.databases[role.0 as usize].shared.value.state();
        let mut cx = Context { node, misbehavior, store, effects: &mut effects, probes: &mut self.probes };
        handler(&mut self.hosts[node.0 as usize].change().service, &mut cx);
        effects.reverse();
        effects
    }
}

impl<S: Service> Task<S> {
    /// A handler that needs no worker.
    pub(super) fn unserved(
        node: Node,
        role: Role,
        identity: Identity,
        effects: Vec<Effect<S>>,
        doom: Option<Box<Doom<S>>>,
        cause: Cause,
    ) -> Self {
        let bits = DrawBits(identity.packed(Role(node.0)));
        Task {
            node,
            role,
            identity,
            effects,
            bits,
            doom,
            worker: false,
            served: true,
            committed: false,
            cause,
        }
    }
}
