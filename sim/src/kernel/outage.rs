//! Crashes, restarts, partitions, pauses, and their ends.
//!
//! **Invariant:** every outage has an inverse, and healing is an event in the trace.

use std::sync::atomic::Ordering;

use crate::cut::Cut;
use crate::fault::{Fault, Nodes, PointFault, SustainedFault};
use crate::nemesis::Trap;
use crate::service::{Effect, Service, Truth};
use crate::site::{Identity, Node, Role};
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening};

use super::World;
use super::event::{Beat, Event, Task, order};

impl<S: Service> World<S> {
    /// A fault with a time strikes.
    pub(super) fn strike_during(&mut self, fault: u16) {
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
                self.beat(Beat { fault, sustained, left: lasting }, cause);
            }
            SustainedFault::SlowLink { .. }
            | SustainedFault::LossyLink { .. }
            | SustainedFault::Slow(..)
            | SustainedFault::SlowDisk(..)
            | SustainedFault::FullDisk(_)
            | SustainedFault::Clock(..)
            | SustainedFault::Drift(..) => self.ail(sustained, lasting, fault, cause),
        }
    }

    /// What comes and goes is there for its time, and comes again after as long, unless it is over by then. Whoever is
    /// healed is spared.
    pub(super) fn beat(&mut self, Beat { fault, sustained, left }: Beat, cause: Cause) {
        self.digest.word(self.now.0 ^ u64::from(fault) << 48);
        let spared = self.healed;
        let each = match sustained {
            SustainedFault::Flap { a, b, each } => {
                self.cuts.retain(|cut| cut.until > self.now);
                let carries = self.now + each.min(left);
                let cause = self.record(cause, || Happening::Flapped { fault, carries });
                self.partition(a, b, false, each.min(left), cause);
                self.cuts = (self.cuts.drain(..)).flat_map(|cut| cut.outside(spared)).collect();
                each
            }
            SustainedFault::CrashLoop(nodes, each) => {
                self.crash_all(Nodes(nodes.0 & !spared.0), each.min(left), cause);
                each
            }
            _ => return,
        };
        let period = each.max(Micros(1)).times(2);
        if period < left {
            let left = if left.0 == u64::MAX { left } else { Micros(left.0 - period.0) };
            self.queue.push(
                self.now + period,
                order::inject(fault),
                Event::Beat(Beat { fault, sustained, left }),
            );
        }
    }

    fn crash_all(&mut self, nodes: Nodes, down: Micros, cause: Cause) {
        let there = self.hosts.len();
        for node in nodes.iter().take_while(|node| (node.0 as usize) < there) {
            self.crash(node, down, cause);
        }
    }

    pub(super) fn partition(&mut self, a: Nodes, b: Nodes, one_way: bool, lasting: Micros, cause: Cause) {
        let until = self.now + lasting;
        self.cuts.push(Cut { from: a, to: b, until });
        self.silence(a, b, cause);
        if !one_way {
            self.cuts.push(Cut { from: b, to: a, until });
            self.silence(b, a, cause);
        }
    }

    pub(super) fn isolate(&mut self, node: Node, lasting: Micros, fault: u16, cause: Cause) {
        let alone = Nodes::one(node);
        self.partition(alone, alone.others(), false, lasting, cause);
        self.mend_at(self.now + lasting, fault);
    }

    pub(super) fn pause(&mut self, node: Node, lasting: Micros, fault: u16, cause: Cause) {
        let until = self.now + lasting;
        self.pauses.push((node, until));
        self.mend_at(until, fault);
        self.notice(node, until, cause);
    }

    pub(super) fn mend_at(&mut self, until: Instant, fault: u16) {
        if until != Instant::NEVER {
            self.queue.push(until, order::MEND, Event::Mend { fault });
        }
    }

    pub(super) fn mended(&mut self, fault: u16) {
        self.cuts.retain(|cut| cut.until > self.now);
        self.pauses.retain(|(_, until)| *until > self.now);
        let now = self.now;
        self.digest.word(now.0);
        self.record(0, || Happening::Mended { fault });
        if !self.ailments.is_empty() {
            self.recover(|ailment| ailment.until <= now);
        }
    }

    /// Until when messages from one node to the other are stopped, if they are.
    #[inline]
    pub(super) fn cut(&self, from: Node, to: Node) -> Option<Instant> {
        self.cuts.iter().filter(|cut| cut.stops(from, to, self.now)).map(|cut| cut.until).max()
    }

    /// Until when a node is stopped, if it is.
    #[inline]
    pub(super) fn paused(&self, node: Node) -> Option<Instant> {
        if self.pauses.is_empty() {
            return None;
        }
        self.pauses
            .iter()
            .filter(|(who, until)| *who == node && *until > self.now)
            .map(|(_, until)| *until)
            .max()
    }

    /// Memory, queue, timers and unfinished handlers are gone; the disk keeps what was synced.
    #[cold]
    pub(super) fn crash(&mut self, node: Node, down: Micros, cause: Cause) {
        if self.down.has(node) || self.physics.spec(node).outside {
            return;
        }
        self.down = self.down.and(Nodes::one(node));
        self.pauses.retain(|(who, _)| *who != node);
        let host = self.hosts[node.0 as usize].change();
        host.service = host.service.wiped();
        host.waiting.clear();
        self.busy[node.0 as usize] = 0;
        self.queue.remove(
            |event| match event {
                Event::Timer { node: owner, .. } => *owner == node,
                Event::Resume(task) => task.node == node,
                _ => false,
            },
            |event| match event {
                Event::Timer { node, timer, .. } => Some((*node, *timer)),
                _ => None,
            },
        );
        let role = self.physics.role(node);
        let database = &mut self.databases[role.0 as usize];
        if database.shared.value.has_tail(node) {
            database.change().lose_tail(node);
        }
        self.digest.word(self.now.0 ^ u64::from(node.0) << 32);
        let cause = self.record(cause, || Happening::Crashed(node));
        let back = self.now + self.away(node, down);
        if back != Instant::NEVER {
            self.queue.push(back, order::restart(node), Event::Restart { node, cause });
        }
        self.notice(node, back, cause);
    }

    /// A crashed node comes back: its store is what the log says, its memory is fresh.
    pub(super) fn restart(&mut self, node: Node, cause: Cause, point_fault: Option<(u16, PointFault)>) {
        if !self.down.has(node) {
            return;
        }
        self.down = Nodes(self.down.0 & !Nodes::one(node).0);
        self.digest.word(self.now.0 ^ u64::from(node.0) << 40);
        let cause = self.record(cause, || Happening::Restarted(node));
        let role = self.physics.role(node);
        self.cut_tail(role, cause);
        self.check_replay(role);
        let traps = self.traps(point_fault, role, Identity::RECOVERY);
        self.boot(node, cause, &traps);
        if !self.down.has(node) {
            self.look_around(node, cause);
        }
    }

    /// S18: folding the durable log gives the durable state, byte for byte.
    pub(super) fn check_replay(&mut self, role: Role) {
        let shared = &self.databases[role.0 as usize].shared;
        let equal = shared.replayed.load(Ordering::Relaxed) || shared.value.replay() == *shared.value.state();
        shared.replayed.store(equal, Ordering::Relaxed);
        let moment = self.moment();
        self.truth.change().replayed(moment, role, equal);
    }

    /// The first thing a node does, at the start of the run and after a crash. Where its disk has no room for what it
    /// writes then, it does not come up before there is.
    pub(super) fn boot(&mut self, node: Node, cause: Cause, traps: &[(u16, Trap)]) {
        let doom = self.doom(traps, node, 0, cause);
        let role = self.physics.role(node);
        let effects = self.handle(node, role, None, |service, cx| service.on_restart(cx));
        if let Some(until) = self.full(node)
            && effects.iter().any(|effect| matches!(effect, Effect::Write(_)))
        {
            let cause = self.record(cause, || Happening::Aborted(node));
            let room = if until == Instant::NEVER { Micros(u64::MAX) } else { until - self.now };
            return self.crash(node, room, cause);
        }
        let doom = self.sealed(doom, &effects);
        self.execute(Task::unserved(node, role, Identity::RECOVERY, effects, doom, cause));
    }

    /// Ends the safety phase: no fault strikes any more, and links and nodes within `core` work again. What lies
    /// outside stays as it is, and whoever the core cannot rely on is left out of it, so that a core that suffices has
    /// to do without it.
    pub fn heal(&mut self, core: Nodes) {
        self.nemesis.disarm();
        let all = core == Nodes::ALL;
        self.healed = self.healed.and(core);
        let strikes = |event: &Event<S>| {
            matches!(event, Event::SustainedFault(_)) || all && matches!(event, Event::Beat(_))
        };
        self.queue.remove(strikes, |_| None);
        self.record(0, || Happening::Healed { all });
        self.cuts = (self.cuts.drain(..)).flat_map(|cut| cut.outside(core)).collect();
        let pauses: Vec<(Node, Instant)> = self.pauses.extract_if(.., |(node, _)| core.has(*node)).collect();
        for (node, until) in pauses {
            self.queue.bring_forward(until, self.now, |event| event.waits_for(node));
        }
        if !self.ailments.is_empty() {
            self.cure(core);
        }
        if !all {
            self.leave_out(core);
        }
        for node in self.down.iter().filter(|node| core.has(*node)) {
            self.queue
                .remove(|event| matches!(event, Event::Restart { node: who, .. } if *who == node), |_| None);
            self.restart(node, 0, None);
        }
    }

    /// Replays the logs of which a crash ever took something back. All others are the fold of their logs by the way
    /// records are written; a run looks at them nevertheless, and an exploration, which ends a million times, does not.
    pub fn check_rewound_replays(&mut self) {
        for role in (0..self.physics.roles.len() as u8).map(Role) {
            if self.database(role).rewound() {
                self.check_replay(role);
            }
        }
    }

    /// Replays every log once more, at rest.
    pub fn check_all_replays(&mut self) {
        (0..self.physics.roles.len() as u8).for_each(|role| self.check_replay(Role(role)));
    }
}
