//! A world in the middle of a run, as an observer sees it: what is pending, which nodes are paused, what is cut.
//!
//! **Invariant:** looking changes nothing; what is seen is in the order in which it will happen
//! (`what_is_pending_first_happens_next`).

use crate::adversary::{Cut, Repetition, Scheduled};
use crate::fault::SustainedFault;
use crate::service::{Effect, Service};
use crate::site::{Identity, Node, Role};
use crate::time::Instant;

use super::event::{Envelope, Event};
use super::world::World;

/// Something that has not happened yet.
#[derive(Clone, Debug)]
pub enum Pending<'a, S: Service> {
    /// A message is on its way.
    Message {
        /// The sender.
        from: Node,
        /// The receiver.
        to: Node,
        /// The message.
        message: &'a S::Message,
    },
    /// A timer is armed.
    Timer {
        /// The node that armed it.
        node: Node,
        /// Its name.
        timer: S::Timer,
    },
    /// A handler is half done: it waits for its service time or for the disk.
    Handler {
        /// The node it runs on.
        node: Node,
        /// What it handles.
        identity: Identity,
        /// What is left to do, first first.
        effects: Vec<&'a Effect<S>>,
    },
    /// A crashed node comes back.
    Restart(Node),
    /// An instance finds out that another one is gone.
    Takeover {
        /// The instance that finds out.
        node: Node,
        /// The one that is gone.
        lost: Node,
    },
    /// A sustained fault starts, or comes again, by position in the plan.
    SustainedFault(u16),
    /// An outage ends that this fault of the plan began.
    End(u16),
}

impl<S: Service> Pending<'_, S> {
    /// The node to which it happens; nothing for sustained faults and their ends.
    pub fn node(&self) -> Option<Node> {
        match self {
            Pending::Message { to: node, .. }
            | Pending::Timer { node, .. }
            | Pending::Handler { node, .. }
            | Pending::Restart(node)
            | Pending::Takeover { node, .. } => Some(*node),
            Pending::SustainedFault(_) | Pending::End(_) => None,
        }
    }
}

impl<S: Service> World<S> {
    /// Everything that will happen unless something changes it, and when.
    pub fn pending(&self) -> impl Iterator<Item = (Instant, Pending<'_, S>)> {
        self.queue.in_order().into_iter().map(|(at, event)| (at, seen(event)))
    }

    /// Commands that wait for a worker of this node, first first, and their senders.
    pub fn waiting(&self, node: Node) -> impl Iterator<Item = (Node, &S::Message)> {
        self.hosts.waiting(node).iter().map(|job| (job.from, &job.message))
    }

    /// How many workers of this node are at work.
    pub fn working(&self, node: Node) -> u8 {
        self.hosts.busy(node)
    }

    /// Whether this node is down.
    pub fn is_down(&self, node: Node) -> bool {
        self.adversary.is_down(node)
    }

    /// Until when this node is paused, if it is.
    pub fn paused_until(&self, node: Node) -> Option<Instant> {
        self.adversary.paused(node, self.now())
    }

    /// What else lasts: slow and lossy links, slow nodes and disks, clocks that are off; and until when.
    pub fn degradations(&self) -> impl Iterator<Item = (SustainedFault, Instant)> {
        self.adversary.felt(self.now())
    }

    /// Links that carry nothing now.
    pub fn cuts(&self) -> impl Iterator<Item = Cut> {
        self.adversary.cuts(self.now()).copied()
    }

    /// The leader of a role whose instances are one replicated group.
    pub fn leader(&self, role: Role) -> Option<Node> {
        self.adversary.leader(role)
    }

    /// Faults of the plan that may still strike, by position: at a place, at a time, or inside a handler that has
    /// begun.
    pub fn armed(&self) -> Vec<u16> {
        let (mut armed, mut pending) = (self.adversary.faults.armed().collect::<Vec<_>>(), Vec::new());
        for (_, event) in self.queue.in_order() {
            match event {
                Event::Scheduled(Scheduled::Start(fault)) => armed.push(*fault),
                Event::Resume(task) => pending.extend(task.pending.as_deref()),
                Event::Redeliver { job, .. } => pending.extend(job.pending.as_deref()),
                Event::Deliver(_) | Event::Timer { .. } | Event::Scheduled(_) => {}
            }
        }
        pending.extend(self.hosts.all_waiting().filter_map(|job| job.pending.as_deref()));
        let failures = pending.into_iter().flat_map(|pending| &pending.failures);
        armed.extend(failures.filter_map(|failure| failure.fault()));
        armed.sort_unstable();
        armed.dedup();
        armed
    }
}

fn seen<S: Service>(event: &Event<S>) -> Pending<'_, S> {
    match event {
        Event::Deliver(Envelope { from, to, message, .. }) => {
            Pending::Message { from: *from, to: *to, message }
        }
        Event::Redeliver { to, job, .. } => {
            Pending::Message { from: job.from, to: *to, message: &job.message }
        }
        Event::Timer { node, timer, .. } => Pending::Timer { node: *node, timer: *timer },
        Event::Resume(task) => Pending::Handler {
            node: task.node,
            identity: task.identity,
            effects: task.effects.iter().rev().collect(),
        },
        Event::Scheduled(what) => match *what {
            Scheduled::Restart { node, .. } => Pending::Restart(node),
            Scheduled::Takeover { node, lost, .. } => Pending::Takeover { node, lost },
            Scheduled::Start(fault) | Scheduled::Repeat(Repetition { fault, .. }) => {
                Pending::SustainedFault(fault)
            }
            Scheduled::End { fault } => Pending::End(fault),
        },
    }
}
