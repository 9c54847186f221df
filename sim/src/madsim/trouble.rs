//! What faults at a place do: to a message that arrives, to a handler that is about to begin.
//!
//! **Invariant:** several faults at one place strike in the order of the plan; what finds nothing left to strike does not
//! strike.

use crate::fault::{Strike, Verb};
use crate::nemesis::Trap;
use crate::service::{Message, Service};
use crate::site::{Identity, Manner, Node, Role};
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
        for (fault, trap) in self.nemesis.strike(self.physics.role(to), job.message.identity()) {
            let verb = match trap {
                Trap::Springs(verb) => verb,
                Trap::Begins => {
                    job.fate.get_or_insert_default().mishaps.push(Mishap::Begins(fault));
                    continue;
                }
            };
            match self.strike(job, to, fault, verb) {
                Way::Goes => {}
                Way::Ends => return Way::Ends,
                other => way = other,
            }
        }
        way
    }

    /// Applies a fault to an arriving message.
    fn strike(&mut self, job: &mut Job<S>, to: Node, fault: u16, verb: Verb) -> Way {
        let identity = job.message.identity();
        let heir = self.heir(to);
        if let Some(mishap) = Mishap::of(fault, verb) {
            if !(matches!(verb, Verb::Crash(..)) && self.outside.has(to)) {
                job.fate.get_or_insert_default().mishaps.push(mishap);
            }
            return Way::Goes;
        }
        match verb {
            Verb::Manner(manner)
                if self.is_guest(to) || !S::admits(self.physics.role(to), manner, identity) =>
            {
                return Way::Goes;
            }
            Verb::Supersede if heir.is_none() => return Way::Goes,
            _ => {}
        }
        let before = job.cause;
        let cause = self.struck(fault, Some(identity.subject), before);
        job.cause = cause;
        match verb {
            Verb::Drop => {
                self.lost(job, to, Loss::Dropped, cause);
                return Way::Ends;
            }
            Verb::Corrupt => {
                self.refuse(job, to, Loss::Damaged);
                return Way::Ends;
            }
            Verb::Duplicate(after) => {
                let job = Job { fate: None, manner: None, ..job.clone() };
                self.put_off(to, job, self.now + after);
            }
            Verb::Delay(by) => {
                self.put_off(to, job.clone(), self.now + by);
                return Way::Ends;
            }
            Verb::Yield => {
                self.put_off(to, job.clone(), self.now + INSTANT);
                return Way::Ends;
            }
            Verb::Reorder(wait) => {
                let entry = Entry::Arrive { to, job: job.clone(), held: true };
                self.agenda_push(self.now + wait, entry);
                return Way::Ends;
            }
            Verb::IsolateSender(time) => {
                self.isolate(job.from, time, fault, cause);
                return Way::MeetsCuts;
            }
            Verb::IsolateReceiver(time) => {
                // The message itself gets through: what is cut is everything after it.
                self.isolate(to, time, fault, cause);
                return if self.down.has(to) { Way::Goes } else { Way::GoesThrough };
            }
            Verb::Pause(time) => {
                self.pause(to, time, fault, cause);
                self.hand_over(to, job.clone(), Came::Late);
                return Way::Ends;
            }
            Verb::Leap(leap, time) => self.ail(Strike::Clock(to, leap), time, fault, cause),
            Verb::Supersede => heir.into_iter().for_each(|heir| self.succeed(heir, to, cause)),
            Verb::Manner(manner) => job.manner = Some(manner),
            Verb::Crash(..) | Verb::FailWrite | Verb::Overtaken => {}
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
    ) -> (Option<Manner>, Cause) {
        let manner = traps.iter().find_map(|(fault, trap)| match trap {
            Trap::Springs(Verb::Manner(manner)) if S::admits(role, *manner, identity) => {
                Some((*fault, *manner))
            }
            _ => None,
        });
        match manner {
            None => (None, cause),
            Some((fault, manner)) => (Some(manner), self.struck(fault, Some(identity.subject), cause)),
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
            let verb = match trap {
                Trap::Springs(verb) => verb,
                Trap::Begins => {
                    mishaps.push(Mishap::Begins(fault));
                    continue;
                }
            };
            match verb {
                Verb::Crash(..) if self.outside.has(node) => {}
                Verb::Crash(..) | Verb::FailWrite => mishaps.extend(Mishap::of(fault, verb)),
                Verb::IsolateReceiver(time) => {
                    self.struck(fault, Some(subject), cause);
                    self.isolate(node, time, fault, cause);
                }
                Verb::Supersede => {
                    if let Some(heir) = self.heir(node) {
                        let cause = self.struck(fault, Some(subject), cause);
                        self.succeed(heir, node, cause);
                    }
                }
                Verb::Leap(leap, time) => {
                    let cause = self.struck(fault, Some(subject), cause);
                    self.ail(Strike::Clock(node, leap), time, fault, cause);
                }
                // These strike links, and a timer has none.
                _ => {}
            }
        }
        (!mishaps.is_empty()).then(|| Box::new(Fate { mishaps, undo: None }))
    }
}
