//! Kills and restarts, partitions, pauses, and their ends.
//!
//! **Invariant:** every outage has an inverse, and healing is an event in the trace.

use std::sync::Arc;

use madsim::net::Endpoint;

use crate::cut::Cut;
use crate::fault::{Fault, Nodes, SustainedFault};
use crate::service::{Effect, Service};
use crate::site::{Identity, Node, Role};
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening};

use super::agenda::Entry;
use super::arrive::Came;
use super::guest::Place;
use super::hub::State;
use super::perform::Course;

/// A process that binds its address is up after that long; it is part of an outage.
const START: Micros = Micros::millis(1);

impl<S: Service> State<S> {
    /// Something of the agenda happens.
    pub fn happen(&mut self, entry: Entry<S>) {
        // What arrives counts when it does.
        if let Entry::Arrive { to, job, .. } = entry {
            return self.hand_over(to, job, Came::Late);
        }
        if !self.tick() {
            return;
        }
        match entry {
            Entry::Mend { fault } => self.mended(fault),
            Entry::Restart { node } => self.restart(node),
            Entry::Takeover { node, lost, cause } => self.take_over(node, lost, cause),
            Entry::SustainedFault(fault) => self.strike_during(fault),
            Entry::Beat { fault, sustained, left } => self.beat(fault, sustained, left, 0),
            Entry::Arrive { .. } => {}
        }
    }

    /// A fault with a time strikes.
    fn strike_during(&mut self, fault: u16) {
        let Some(Fault::During { lasting, sustained, .. }) = self.plan.get(fault as usize).copied() else {
            return;
        };
        let cause = self.struck(fault, None, 0);
        match sustained {
            SustainedFault::Partition { a, b, one_way } => {
                self.partition(a, b, one_way, lasting, cause);
                self.mend_at(self.now + lasting, fault);
            }
            SustainedFault::Pause(node) => self.pause(node, lasting, fault, cause),
            SustainedFault::Crash(nodes) => self.crash_all(nodes, lasting, cause),
            SustainedFault::Flap { .. } | SustainedFault::CrashLoop(..) => {
                self.ail(sustained, lasting, fault, cause);
                self.beat(fault, sustained, lasting, cause);
            }
            sustained => self.ail(sustained, lasting, fault, cause),
        }
    }

    /// What comes and goes is there for its time, and comes again after as long, unless it is over by then. Whoever is
    /// healed is spared.
    fn beat(&mut self, fault: u16, sustained: SustainedFault, left: Micros, cause: Cause) {
        self.digest.word(self.now.0 ^ u64::from(fault) << 48);
        let each = match sustained {
            SustainedFault::Flap { a, b, each } => {
                let known = self.cuts.len();
                let carries = self.now + each.min(left);
                let cause = self.record(cause, || Happening::Flapped { fault, carries });
                self.partition(a, b, false, each.min(left), cause);
                let new = self.cuts.split_off(known.min(self.cuts.len()));
                let spared = self.healed;
                self.cuts.extend(new.into_iter().flat_map(|cut| cut.outside(spared)));
                self.clog();
                // Nobody mends between two beats, so the end of each is written down.
                self.agenda_push(self.now + each.min(left), Entry::Mend { fault: Self::QUIETLY });
                each
            }
            SustainedFault::CrashLoop(nodes, each) => {
                self.crash_all(Nodes(nodes.0 & !self.healed.0), each.min(left), cause);
                each
            }
            _ => return,
        };
        let period = each.max(Micros(1)).times(2);
        if period < left {
            let left = if left.0 == u64::MAX { left } else { Micros(left.0 - period.0) };
            self.agenda_push(self.now + period, Entry::Beat { fault, sustained, left });
        }
    }

    fn crash_all(&mut self, nodes: Nodes, down: Micros, cause: Cause) {
        self.among_us(nodes).for_each(|node| self.crash(node, down, cause));
    }

    pub fn partition(&mut self, a: Nodes, b: Nodes, one_way: bool, lasting: Micros, cause: Cause) {
        let until = self.now + lasting;
        self.cuts.push(Cut { from: a, to: b, until });
        self.silence(a, b, cause);
        if !one_way {
            self.cuts.push(Cut { from: b, to: a, until });
            self.silence(b, a, cause);
        }
        self.clog();
    }

    pub fn isolate(&mut self, node: Node, lasting: Micros, fault: u16, cause: Cause) {
        let alone = Nodes::one(node);
        self.partition(alone, alone.others(), false, lasting, cause);
        self.mend_at(self.now + lasting, fault);
    }

    /// Somebody stops, and continues as if nothing had happened.
    pub fn pause(&mut self, node: Node, lasting: Micros, fault: u16, cause: Cause) {
        let until = self.now + lasting;
        self.pauses.push((node, until));
        self.stop_if_paused(node);
        self.mend_at(until, fault);
        self.notice(node, until, cause);
    }

    pub fn mend_at(&mut self, until: Instant, fault: u16) {
        if until != Instant::NEVER {
            self.agenda_push(until, Entry::Mend { fault });
        }
    }

    /// The end of one beat of something that goes on.
    const QUIETLY: u16 = u16::MAX;

    fn mended(&mut self, fault: u16) {
        let now = self.now;
        self.cuts.retain(|cut| cut.until > now);
        self.clog();
        let over: Vec<Node> =
            self.pauses.extract_if(.., |(_, until)| *until <= now).map(|(node, _)| node).collect();
        over.into_iter().for_each(|node| self.go_on_if_free(node));
        if fault != Self::QUIETLY {
            self.digest.word(now.0);
            self.record(0, || Happening::Mended { fault });
        }
        self.recover(|ailment| ailment.until <= now);
    }

    /// The runtime runs no task of a node that is stopped.
    fn stop_if_paused(&mut self, node: Node) {
        if self.paused(node).is_some() && !self.down.has(node) {
            let id = self.machine(node).process.id();
            self.runtime.pause(id);
        }
    }

    /// Resumes a node that nothing stops any more.
    fn go_on_if_free(&mut self, node: Node) {
        if self.paused(node).is_none() && !self.down.has(node) {
            let id = self.machine(node).process.id();
            self.runtime.resume(id);
        }
    }

    /// Until when a node is stopped, if it is.
    pub fn paused(&self, node: Node) -> Option<Instant> {
        let stopped = |(who, until): &&(Node, Instant)| *who == node && *until > self.now;
        self.pauses.iter().filter(stopped).map(|(_, until)| *until).max()
    }

    /// The runtime kills the process and resets its disk: memory, queue, timers and unfinished handlers are gone.
    pub fn crash(&mut self, node: Node, down: Micros, cause: Cause) {
        if self.down.has(node) || self.outside.has(node) {
            return;
        }
        self.down = self.down.and(Nodes::one(node));
        self.started = self.started.and(Nodes::one(node));
        self.pauses.retain(|(who, _)| *who != node);
        let machine = self.machine(node);
        machine.memory = machine.memory.wiped();
        machine.waiting.clear();
        machine.busy = 0;
        machine.alarms.clear();
        machine.guest.iter_mut().for_each(Place::clear);
        let id = machine.process.id();
        self.runtime.kill(id);
        self.digest.word(self.now.0 ^ u64::from(node.0) << 32);
        let cause = self.record(cause, || Happening::Crashed(node));
        let away = self.away(node, down);
        let back = self.now + away;
        if back != Instant::NEVER {
            let start = self.now + Micros(away.0.saturating_sub(START.0));
            self.agenda_push(start, Entry::Restart { node });
        }
        self.notice(node, back, cause);
    }

    /// The runtime starts a new process on the node; it is up when it has bound its address.
    fn restart(&mut self, node: Node) {
        if !self.down.has(node) || self.booting.has(node) {
            return;
        }
        self.booting = self.booting.and(Nodes::one(node));
        let id = self.machine(node).process.id();
        self.runtime.restart(id);
        if let Some(process) = self.runtime.get_node(id) {
            self.machine(node).process = process;
        }
    }

    /// The first thing a process does, at the start of the run and after a crash. Where its disk has no room for what it
    /// writes then, it does not come up before there is.
    pub fn boot(&mut self, node: Node, endpoint: Arc<Endpoint>) {
        if !self.tick() {
            return;
        }
        let one = Nodes::one(node);
        self.machine(node).endpoint = Some(endpoint);
        self.booting = Nodes(self.booting.0 & !one.0);
        let first = !self.started.has(node);
        self.started = self.started.and(one);
        let (mut cause, mut fate) = (0, None);
        let role = self.physics.role(node);
        if !first {
            self.down = Nodes(self.down.0 & !one.0);
            self.digest.word(self.now.0 ^ u64::from(node.0) << 40);
            cause = self.record(cause, || Happening::Restarted(node));
            self.cut_tail(role, cause);
            self.check_replay(role);
            let traps = self.nemesis.inject(role, Identity::RECOVERY);
            fate = self.fate(&traps, node, 0, cause);
        }
        if self.is_guest(node) {
            self.start_guest(node, fate, cause);
            return self.comes_up(node, first, cause);
        }
        let effects = self.handle(node, role, None, |service, cx| service.on_restart(cx));
        if let Some(until) = self.full(node)
            && effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
        {
            let cause = self.record(cause, || Happening::Aborted(node));
            let room = if until == Instant::NEVER { Micros(u64::MAX) } else { until - self.now };
            return self.crash(node, room, cause);
        }
        let fate = self.seal(fate, &effects);
        self.start(Course::unserved(node, role, Identity::RECOVERY, effects, fate, cause));
        self.comes_up(node, first, cause);
    }

    /// A process is up.
    fn comes_up(&mut self, node: Node, first: bool, cause: Cause) {
        if !first && !self.down.has(node) {
            self.look_around(node, cause);
        }
        self.stop_if_paused(node);
    }

    /// Ends the safety phase: no fault strikes any more, and links and nodes within `core` work again. What lies
    /// outside stays as it is, and whoever the core cannot rely on is left out of it.
    pub fn heal(&mut self, core: Nodes) {
        self.nemesis.disarm();
        let all = core == Nodes::ALL;
        self.healed = self.healed.and(core);
        self.agenda.extract(|entry| {
            matches!(entry, Entry::SustainedFault(_)) || all && matches!(entry, Entry::Beat { .. })
        });
        self.record(0, || Happening::Healed { all });
        self.cuts = (self.cuts.drain(..)).flat_map(|cut| cut.outside(core)).collect();
        self.clog();
        let freed: Vec<(Node, Instant)> = self.pauses.extract_if(.., |(node, _)| core.has(*node)).collect();
        for (node, until) in freed {
            let now = self.now;
            let waits = |entry: &Entry<S>| entry.noticed_by(node);
            self.agenda.retime(waits, |at| if at == until { now } else { at });
            self.go_on_if_free(node);
        }
        self.cure(core);
        if !all {
            self.leave_out(core);
        }
        for node in self.down.iter().filter(|node| core.has(*node)) {
            self.agenda.extract(|entry| matches!(entry, Entry::Restart { node: who } if *who == node));
            self.restart(node);
        }
    }

    /// Replays every log once more, at rest.
    pub fn check_all_replays(&mut self) {
        (0..self.physics.roles.len() as u8).for_each(|role| self.check_replay(Role(role)));
    }
}
