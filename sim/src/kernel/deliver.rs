//! From the link to the handler: what may befall a message, and who gets a worker.

use std::hash::Hash;

use crate::draw::{Luck, Part, Purpose};
use crate::fault::Verb;
use crate::physics::Isolation;
use crate::service::{Context, Effect, Message, Service, Timer, To};
use crate::site::{Identity, Manner, Node, Role};
use crate::time::Instant;
use crate::trace::{Cause, Happening, Loss};

use super::World;
use super::event::{Delivery, Doom, Event, Job, Mishap, Task, Undo, order};

impl<S: Service> World<S> {
    /// A message arrives: faults first, then the link, then the receiver.
    #[inline]
    pub(super) fn deliver(&mut self, delivery: Delivery<S>, priority: u64, verb: Option<(u16, Verb)>) {
        let to = delivery.to;
        if let Some(until) = self.paused(to) {
            self.queue.push(until, priority, Event::Deliver(delivery));
            return;
        }
        let identity = delivery.message.identity();
        let verb = verb.or_else(|| self.nemesis.strike(self.physics.role(to), identity));
        let mut job = Job {
            from: delivery.from,
            message: delivery.message,
            luck: delivery.luck,
            doom: None,
            manner: None,
            cause: delivery.cause,
        };
        if let Some((fault, verb)) = verb
            && !self.strike(&mut job, to, fault, verb)
        {
            return;
        }
        if !self.cuts.is_empty()
            && let Some(until) = self.cut(job.from, to)
        {
            return self.caught(job, to, until);
        }
        if self.down.has(to) {
            return self.refuse(job, to, Loss::Down);
        }
        if self.busy[to.0 as usize] < self.physics.workers {
            self.begin(to, job);
        } else if self.hosts[to.0 as usize].shared.value.waiting.len() < self.physics.inbox as usize {
            self.doomed |= job.doom.is_some();
            self.hosts[to.0 as usize].change().waiting.push_back(job);
        } else {
            self.refuse(job, to, Loss::Full);
        }
    }

    /// Applies a fault to an arriving message; false if it does not arrive now.
    fn strike(&mut self, job: &mut Job<S>, to: Node, fault: u16, verb: Verb) -> bool {
        let subject = Some(job.message.identity().subject);
        let outside = self.outside.has(to);
        match verb {
            Verb::Crash(..) if outside => return true,
            Verb::Crash(point, down) => {
                job.doom = Some(Box::new(Doom { fault, what: Mishap::Crash(point, down) }));
                return true;
            }
            Verb::FailWrite => {
                let undo = Undo { message: Some((job.from, job.message.clone())), ..Undo::default() };
                job.doom = Some(Box::new(Doom { fault, what: Mishap::FailWrite(undo) }));
                return true;
            }
            Verb::Manner(manner) if !S::admits(self.physics.role(to), manner, job.message.identity()) => {
                return true;
            }
            _ => {}
        }
        let cause = self.struck(fault, subject, job.cause);
        let again = |at: Instant, priority: u64, world: &mut Self| {
            let Job { from, message, luck, .. } = job.clone();
            world.queue.push(at, priority, Event::Deliver(Delivery { from, to, message, luck, cause }));
        };
        match verb {
            Verb::Drop => {
                self.lost(job, to, Loss::Dropped, cause);
                return false;
            }
            Verb::Duplicate(after) => again(self.now + after, job.luck.priority(), self),
            Verb::Delay(by) => {
                again(self.now + by, job.luck.priority(), self);
                return false;
            }
            Verb::Yield => {
                again(self.now, order::yielded(job.luck.priority()), self);
                return false;
            }
            Verb::IsolateSender(time) => self.isolate(job.from, time, fault, cause),
            Verb::IsolateReceiver(time) => {
                // The message itself gets through: what is cut is everything after it.
                job.cause = cause;
                self.isolate(to, time, fault, cause);
                if !self.down.has(to) {
                    self.arrive(to, job.clone());
                    return false;
                }
            }
            Verb::Pause(time) => {
                self.pause(to, time, fault, cause);
                again(self.now + time, job.luck.priority(), self);
                return false;
            }
            Verb::Manner(manner) => job.manner = Some(manner),
            Verb::Reorder(_) | Verb::Corrupt | Verb::Supersede => {}
            Verb::Crash(..) | Verb::FailWrite => {}
        }
        job.cause = cause;
        true
    }

    /// Hands a message to a node that is up, whatever its links.
    fn arrive(&mut self, to: Node, job: Job<S>) {
        if self.busy[to.0 as usize] < self.physics.workers {
            self.begin(to, job);
        } else {
            self.hosts[to.0 as usize].change().waiting.push_back(job);
        }
    }

    /// A partition falls on a message: it is lost, or arrives when the partition is over. Both happen; drawn.
    fn caught(&mut self, job: Job<S>, to: Node, until: Instant) {
        let identity = job.message.identity();
        let role = self.physics.role(to);
        let luck = self.physics.draws.luck(
            Purpose::Caught,
            identity.packed(role) >> 32,
            u64::from(identity.subject),
        );
        if luck.within(Part::Link, 999) < u64::from(self.physics.lost_per_mille) || until == Instant::NEVER {
            return self.lost(&job, to, Loss::Cut, job.cause);
        }
        let Job { from, message, luck, cause, .. } = job;
        self.queue.push(until, luck.priority(), Event::Deliver(Delivery { from, to, message, luck, cause }));
    }

    fn lost(&mut self, job: &Job<S>, to: Node, why: Loss, cause: Cause) {
        self.digest.word(self.now.0 ^ u64::from(to.0) << 56);
        self.record(cause, || Happening::Lost { from: job.from, to, message: job.message.clone(), why });
    }

    /// Certainly not executed, and the caller hears so.
    fn refuse(&mut self, job: Job<S>, to: Node, why: Loss) {
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
        let Job { from, message, luck, mut doom, manner, .. } = job;
        self.busy[node.0 as usize] += 1;
        self.keep_memory(node, &mut doom);
        let effects = self.handle(node, role, manner, |service, cx| service.on_message(cx, from, message));
        let doom = self.sealed(doom, &effects);
        let task = Task {
            node,
            role,
            identity,
            effects,
            luck,
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
        verb: Option<(u16, Verb)>,
    ) {
        self.queue.fired((node, timer));
        if let Some(until) = self.paused(node) {
            self.queue.push_named((node, timer), until, priority, Event::Timer { node, timer, cause });
            return;
        }
        let identity = timer.identity();
        let role = self.physics.role(node);
        let name = identity.packed(role);
        let verb = verb.or_else(|| self.nemesis.strike(role, identity));
        if let Some((fault, Verb::Yield)) = verb {
            let cause = self.struck(fault, Some(identity.subject), cause);
            let last = order::yielded(priority);
            self.queue.push_named((node, timer), self.now, last, Event::Timer { node, timer, cause });
            return;
        }
        let (manner, cause) = match verb {
            Some((fault, Verb::Manner(manner))) if S::admits(role, manner, identity) => {
                (Some(manner), self.struck(fault, Some(identity.subject), cause))
            }
            _ => (None, cause),
        };
        self.digest.word(self.now.0);
        self.digest.word(name ^ u64::from(node.0));
        let cause = self.record(cause, || Happening::Timer { node, timer });
        let mut doom = self.doom(verb, node, identity.subject, cause);
        if let Some(Doom { what: Mishap::FailWrite(undo), .. }) = doom.as_deref_mut() {
            undo.timer = Some(timer);
        }
        self.keep_memory(node, &mut doom);
        let effects = self.handle(node, role, manner, |service, cx| service.on_timer(cx, timer));
        let doom = self.sealed(doom, &effects);
        self.execute(Task::unserved(node, role, identity, effects, doom, cause));
    }

    /// What a fault means where there is no message: crashes strike inside, outages strike the node.
    pub(super) fn doom(
        &mut self,
        verb: Option<(u16, Verb)>,
        node: Node,
        subject: u32,
        cause: Cause,
    ) -> Option<Box<Doom<S>>> {
        let (fault, verb) = verb?;
        let doomed = |what| Some(Box::new(Doom { fault, what }));
        match verb {
            Verb::Crash(..) if self.outside.has(node) => {}
            Verb::Crash(point, down) => return doomed(Mishap::Crash(point, down)),
            Verb::FailWrite => return doomed(Mishap::FailWrite(Undo::default())),
            Verb::IsolateReceiver(time) => {
                self.struck(fault, Some(subject), cause);
                self.isolate(node, time, fault, cause);
            }
            Verb::Drop
            | Verb::Duplicate(_)
            | Verb::Delay(_)
            | Verb::Reorder(_)
            | Verb::Corrupt
            | Verb::Yield
            | Verb::Supersede
            | Verb::IsolateSender(_)
            | Verb::Pause(_)
            | Verb::Manner(_) => {}
        }
        None
    }

    /// Keeps the memory that an abort will restore.
    #[inline]
    pub(super) fn keep_memory(&self, node: Node, doom: &mut Option<Box<Doom<S>>>) {
        if let Some(Doom { what: Mishap::FailWrite(undo), .. }) = doom.as_deref_mut() {
            undo.memory = Some(self.hosts[node.0 as usize].shared.value.service.clone());
        }
    }

    /// A doom that finds in these effects what it waits for; one that never would is none.
    #[inline]
    pub(super) fn sealed(
        &mut self,
        doom: Option<Box<Doom<S>>>,
        effects: &[Effect<S>],
    ) -> Option<Box<Doom<S>>> {
        let doom = doom.filter(|doom| doom.strikes(effects));
        self.doomed |= doom.is_some();
        doom
    }

    /// Runs a handler on its memory and on the store; returns what it wants done, last first.
    #[inline]
    pub(super) fn handle(
        &mut self,
        node: Node,
        role: Role,
        manner: Option<Manner>,
        handler: impl FnOnce(&mut S, &mut Context<'_, S>),
    ) -> Vec<Effect<S>> {
        let mut effects = self.spare.pop().unwrap_or_default();
        let store = self.databases[role.0 as usize].shared.value.state();
        let mut cx = Context { node, manner, store, effects: &mut effects, probes: &mut self.probes };
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
        let luck = Luck(identity.packed(Role(node.0)));
        Task {
            node,
            role,
            identity,
            effects,
            luck,
            doom,
            worker: false,
            served: true,
            committed: false,
            cause,
        }
    }
}
