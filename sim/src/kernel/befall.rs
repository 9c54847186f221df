//! What faults at a place do: to a message on its way, to a handler that is about to begin.
//!
//! **Invariant:** several faults at one place strike in the order of the plan; what finds nothing left to strike does not
//! strike.

use crate::fault::{Nodes, PointFault, SustainedFault};
use crate::nemesis::Trap;
use crate::service::{Message, Service};
use crate::site::{Identity, MisbehaviorId, Node, Role};
use crate::time::Instant;
use crate::trace::{Cause, Loss};

use super::World;
use super::event::{Delivery, Doom, Event, Handled, Job, Mishap, Undo, order};

/// What a fault did to the way of a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It arrives.
    Goes,
    /// It arrives although what comes after it will be cut off.
    GoesThrough,
    /// It does not arrive now.
    Ends,
}

impl<S: Service> World<S> {
    /// Everything that waits for this message befalls it, until it is on its way no longer.
    #[cold]
    pub(super) fn befall(
        &mut self,
        job: &mut Job<S>,
        to: Node,
        point_fault: Option<(u16, PointFault)>,
    ) -> Way {
        let mut way = Way::Goes;
        for (fault, trap) in self.traps(point_fault, self.physics.role(to), job.message.identity()) {
            way = match trap {
                Trap::Begins => {
                    job.doom.get_or_insert_default().mishaps.push(Mishap::Begins(fault));
                    continue;
                }
                Trap::Springs(point_fault) => match self.inject(job, to, fault, point_fault) {
                    Way::Goes => continue,
                    way => way,
                },
            };
            if way == Way::Ends {
                break;
            }
        }
        way
    }

    /// Applies a fault to an arriving message.
    fn inject(&mut self, job: &mut Job<S>, to: Node, fault: u16, point_fault: PointFault) -> Way {
        let identity = job.message.identity();
        let outside = self.outside.has(to);
        let heir = self.heir(to);
        match point_fault {
            PointFault::Crash(..) if outside => return Way::Goes,
            PointFault::Crash(point, down) => {
                job.doom.get_or_insert_default().mishaps.push(Mishap::Crash(fault, point, down));
                return Way::Goes;
            }
            PointFault::FailWrite => {
                job.doom.get_or_insert_default().mishaps.push(Mishap::FailWrite(fault));
                return Way::Goes;
            }
            PointFault::Misbehave(misbehavior)
                if !S::admits(self.physics.role(to), misbehavior, identity) =>
            {
                return Way::Goes;
            }
            PointFault::SplitBrain if heir.is_none() => return Way::Goes,
            PointFault::ReorderInbox if self.rival(to).is_none() => return Way::Goes,
            _ => {}
        }
        let cause = self.struck(fault, Some(identity.subject), job.cause);
        let priority = job.bits.priority();
        match point_fault {
            PointFault::Drop => {
                self.lost(job, to, Loss::Dropped, cause);
                return Way::Ends;
            }
            PointFault::Corrupt => {
                job.cause = cause;
                self.refuse(job.clone(), to, Loss::Damaged);
                return Way::Ends;
            }
            PointFault::Duplicate(after) => {
                let Job { from, message, bits, .. } = job.clone();
                let copy = Delivery { from, to, message, bits, cause };
                self.queue.push(self.now + after, priority, Event::Deliver(copy));
            }
            PointFault::Delay(by) => return self.put_off(job, to, self.now + by, priority, cause),
            PointFault::LoseTie => return self.put_off(job, to, self.now, order::yielded(priority), cause),
            PointFault::ReorderInbox => {
                let behind = self.rival(to).unwrap_or(self.now);
                return self.put_off(job, to, behind, order::yielded(priority), cause);
            }
            PointFault::Reorder(wait) => {
                self.held.push((job.from, to));
                let job = Job { cause, ..job.clone() };
                self.queue.push(self.now + wait, priority, Event::Arrive { to, job, held: true });
                return Way::Ends;
            }
            PointFault::IsolateSender(time) => self.isolate(job.from, time, fault, cause),
            PointFault::IsolateReceiver(time) => {
                // The message itself gets through: what is cut is everything after it.
                job.cause = cause;
                self.isolate(to, time, fault, cause);
                return if self.down.has(to) { Way::Goes } else { Way::GoesThrough };
            }
            PointFault::Pause(time) => {
                self.pause(to, time, fault, cause);
                return self.put_off(job, to, self.now + time, priority, cause);
            }
            PointFault::Leap(leap, time) => self.ail(SustainedFault::Clock(to, leap), time, fault, cause),
            PointFault::SplitBrain => heir.into_iter().for_each(|heir| self.succeed(heir, to, cause)),
            PointFault::Misbehave(misbehavior) => job.misbehavior = Some(misbehavior),
            PointFault::Crash(..) | PointFault::FailWrite => {}
        }
        job.cause = cause;
        Way::Goes
    }

    /// When the next message arrives at somebody of the same role, of those that are on their way.
    fn rival(&self, to: Node) -> Option<Instant> {
        let role = self.physics.role(to);
        self.queue.first_of(|event| event.arrives_at().is_some_and(|node| self.physics.role(node) == role))
    }

    /// How somebody misbehaves at a timer of theirs, and what it comes of.
    pub(super) fn misbehaves(
        &mut self,
        traps: &[(u16, Trap)],
        role: Role,
        identity: Identity,
        cause: Cause,
    ) -> (Option<MisbehaviorId>, Cause) {
        let misbehavior = traps.iter().find_map(|(fault, trap)| match trap {
            Trap::Springs(PointFault::Misbehave(misbehavior)) if S::admits(role, *misbehavior, identity) => {
                Some((*fault, *misbehavior))
            }
            _ => None,
        });
        match misbehavior {
            None => (None, cause),
            Some((fault, misbehavior)) => {
                (Some(misbehavior), self.struck(fault, Some(identity.subject), cause))
            }
        }
    }

    /// A message arrives at another time, with everything that is on it.
    fn put_off(&mut self, job: &mut Job<S>, to: Node, at: Instant, priority: u64, cause: Cause) -> Way {
        let job = Job { cause, ..job.clone() };
        self.push_job(at, priority, to, job);
        Way::Ends
    }

    pub(super) fn push_job(&mut self, at: Instant, priority: u64, to: Node, job: Job<S>) {
        let plain = job.doom.is_none() && job.misbehavior.is_none();
        let event = match job {
            Job { from, message, bits, cause, .. } if plain => {
                Event::Deliver(Delivery { from, to, message, bits, cause })
            }
            job => Event::Arrive { to, job, held: false },
        };
        self.queue.push(at, priority, event);
    }

    /// What was held back on a link comes right after what was delivered there.
    #[cold]
    pub(super) fn release(&mut self, link: (Node, Node)) {
        if !self.held.contains(&link) {
            return;
        }
        self.held.retain(|held| *held != link);
        for event in self.queue.extract(|event| event.held_on(link)) {
            if let Event::Arrive { to, job, .. } = event {
                self.push_job(self.now, order::RIGHT_AFTER, to, job);
            }
        }
    }

    /// What faults mean where there is no message: crashes strike inside, outages strike the node.
    pub(super) fn doom(
        &mut self,
        traps: &[(u16, Trap)],
        node: Node,
        subject: u32,
        cause: Cause,
    ) -> Option<Box<Doom<S>>> {
        let mut mishaps = Vec::new();
        for (fault, trap) in traps.iter().copied() {
            let point_fault = match trap {
                Trap::Begins => {
                    mishaps.push(Mishap::Begins(fault));
                    continue;
                }
                Trap::Springs(point_fault) => point_fault,
            };
            match point_fault {
                PointFault::Crash(..) if self.outside.has(node) => {}
                PointFault::Crash(point, down) => mishaps.push(Mishap::Crash(fault, point, down)),
                PointFault::FailWrite => mishaps.push(Mishap::FailWrite(fault)),
                PointFault::IsolateReceiver(time) => {
                    self.struck(fault, Some(subject), cause);
                    self.isolate(node, time, fault, cause);
                }
                PointFault::SplitBrain => {
                    if let Some(heir) = self.heir(node) {
                        let cause = self.struck(fault, Some(subject), cause);
                        self.succeed(heir, node, cause);
                    }
                }
                PointFault::Leap(leap, time) => {
                    let cause = self.struck(fault, Some(subject), cause);
                    self.ail(SustainedFault::Clock(node, leap), time, fault, cause);
                }
                PointFault::Drop
                | PointFault::ReorderInbox
                | PointFault::Duplicate(_)
                | PointFault::Delay(_)
                | PointFault::Reorder(_)
                | PointFault::Corrupt
                | PointFault::LoseTie
                | PointFault::IsolateSender(_)
                | PointFault::Pause(_)
                | PointFault::Misbehave(_) => {}
            }
        }
        (!mishaps.is_empty()).then(|| Box::new(Doom { mishaps, undo: None }))
    }

    /// Keeps what an abort will take back, if there may be one: because of a fault, or because the disk is full.
    #[cold]
    pub(super) fn brace(
        &self,
        node: Node,
        doom: Option<Box<Doom<S>>>,
        handled: impl FnOnce() -> Handled<S>,
    ) -> Option<Box<Doom<S>>> {
        let full = self.full(node).is_some();
        let mut doom = if full { Some(doom.unwrap_or_default()) } else { doom };
        if let Some(doom) = &mut doom {
            self.forgive(doom);
            if full {
                doom.mishaps.push(Mishap::FullDisk);
            }
            if doom.aborts() {
                let memory = self.hosts[node.0 as usize].shared.value.service.clone();
                doom.undo = Some(Undo { handled: handled(), memory: Some(memory) });
            }
        }
        doom
    }

    /// No fault strikes any more when the healing has begun, be it one that came to its place before: on a message that is
    /// late, in a handler that stood still.
    #[cold]
    pub(super) fn forgive(&self, doom: &mut Doom<S>) {
        if self.healed != Nodes::default() {
            doom.mishaps.retain(|mishap| mishap.fault().is_none());
        }
    }
}
