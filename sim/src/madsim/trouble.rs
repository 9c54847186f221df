//! What faults at a place do: to a message that arrives, to a handler that is about to begin.
//!
//! **Invariant:** several faults at one place strike in the order of the plan; what finds nothing left to strike does not
//! strike.

use crate::fault::{PointFault, SustainedFault};
use crate::nemesis::Trap;
use crate::service::{Message, Service};
use crate::site::{Identity, MisbehaviorId, Node, Role};
use crate::time::Instant;
use crate::trace::{Cause, Loss};

use super::agenda::Entry;
use super::arrive::{Came, INSTANT};
use super::fate::{Fate, Mishap};
use super::hub::State;
use super::letter::Job;

/// What faults did to the way of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It arrives.
    Goes,
    /// It arrives although what comes after it will be cut off.
    GoesThrough,
    /// It arrives if the link still carries.
    MeetsCuts,
    /// It does not arrive now.
    Ends,
}

impl<S: Service> State<S> {
    /// Everything that waits for this message befalls it, until it is on its way no longer.
    pub fn befall(&mut self, job: &mut Job<S>, to: Node) -> Way {
        let mut way = Way::Goes;
        for (fault, trap) in self.nemesis.inject(self.physics.role(to), job.message.identity()) {
            let point_fault = match trap {
                Trap::Springs(point_fault) => point_fault,
                Trap::Begins => {
                    job.fate.get_or_insert_default().mishaps.push(Mishap::Begins(fault));
                    continue;
                }
            };
            match self.inject(job, to, fault, point_fault) {
                Way::Goes => {}
                Way::Ends => return Way::Ends,
                other => way = other,
            }
        }
        way
    }

    /// Applies a fault to an arriving message.
    fn inject(&mut self, job: &mut Job<S>, to: Node, fault: u16, point_fault: PointFault) -> Way {
        let identity = job.message.identity();
        let heir = self.heir(to);
        if let Some(mishap) = Mishap::of(fault, point_fault) {
            if !(matches!(point_fault, PointFault::Crash(..)) && self.outside.has(to)) {
                job.fate.get_or_insert_default().mishaps.push(mishap);
            }
            return Way::Goes;
        }
        match point_fault {
            PointFault::Misbehave(misbehavior)
                if self.is_guest(to) || !S::admits(self.physics.role(to), misbehavior, identity) =>
            {
                return Way::Goes;
            }
            PointFault::SplitBrain if heir.is_none() => return Way::Goes,
            _ => {}
        }
        let before = job.cause;
        let cause = self.struck(fault, Some(identity.subject), before);
        job.cause = cause;
        match point_fault {
            PointFault::Drop => {
                self.lost(job, to, Loss::Dropped, cause);
                return Way::Ends;
            }
            PointFault::Corrupt => {
                self.refuse(job, to, Loss::Damaged);
                return Way::Ends;
            }
            PointFault::Duplicate(after) => {
                let job = Job { fate: None, misbehavior: None, ..job.clone() };
                self.put_off(to, job, self.now + after);
            }
            PointFault::Delay(by) => {
                self.put_off(to, job.clone(), self.now + by);
                return Way::Ends;
            }
            PointFault::LoseTie => {
                self.put_off(to, job.clone(), self.now + INSTANT);
                return Way::Ends;
            }
            PointFault::Reorder(wait) => {
                let entry = Entry::Arrive { to, job: job.clone(), held: true };
                self.agenda_push(self.now + wait, entry);
                return Way::Ends;
            }
            PointFault::IsolateSender(time) => {
                self.isolate(job.from, time, fault, cause);
                return Way::MeetsCuts;
            }
            PointFault::IsolateReceiver(time) => {
                // The message itself gets through: what is cut is everything after it.
                self.isolate(to, time, fault, cause);
                return if self.down.has(to) { Way::Goes } else { Way::GoesThrough };
            }
            PointFault::Pause(time) => {
                self.pause(to, time, fault, cause);
                self.hand_over(to, job.clone(), Came::Late);
                return Way::Ends;
            }
            PointFault::Leap(leap, time) => self.ail(SustainedFault::Clock(to, leap), time, fault, cause),
            PointFault::SplitBrain => heir.into_iter().for_each(|heir| self.succeed(heir, to, cause)),
            PointFault::Misbehave(misbehavior) => job.misbehavior = Some(misbehavior),
            PointFault::Crash(..) | PointFault::FailWrite | PointFault::ReorderInbox => {}
        }
        Way::Goes
    }

    /// A message arrives at another time, with everything that is on it.
    fn put_off(&mut self, to: Node, job: Job<S>, at: Instant) {
        self.agenda_push(at, Entry::Arrive { to, job, held: false });
    }

    /// How somebody misbehaves at a timer of theirs, and what it comes of.
    pub fn misbehaves(
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

    /// What faults mean where there is no message: crashes strike inside, outages strike the node.
    pub fn fate(
        &mut self,
        traps: &[(u16, Trap)],
        node: Node,
        subject: u32,
        cause: Cause,
    ) -> Option<Box<Fate<S>>> {
        let mut mishaps = Vec::new();
        for (fault, trap) in traps.iter().copied() {
            let point_fault = match trap {
                Trap::Springs(point_fault) => point_fault,
                Trap::Begins => {
                    mishaps.push(Mishap::Begins(fault));
                    continue;
                }
            };
            match point_fault {
                PointFault::Crash(..) if self.outside.has(node) => {}
                PointFault::Crash(..) | PointFault::FailWrite => {
                    mishaps.extend(Mishap::of(fault, point_fault))
                }
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
                // These strike links, and a timer has none.
                _ => {}
            }
        }
        (!mishaps.is_empty()).then(|| Box::new(Fate { mishaps, undo: None }))
    }
}
