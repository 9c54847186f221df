//! A world in the middle of a run, as an onlooker sees it: what is pending, who stands still, what is cut.
//!
//! **Invariant:** looking changes nothing; what is seen is in the order in which it will happen.

use crate::fault::{Nodes, SustainedFault};
use crate::service::{Effect, Service};
use crate::site::{Identity, Node, Role};
use crate::time::Instant;

use super::World;
use super::event::Event;

/// Something that has not happened yet.
#[derive(Clone, Debug)]
pub enum Pending<'a, S: Service> {
    /// A message is on its way.
    Message {
        /// From where.
        from: Node,
        /// To where.
        to: Node,
        /// What.
        message: &'a S::Message,
    },
    /// A timer is armed.
    Timer {
        /// Whose.
        node: Node,
        /// Which.
        timer: S::Timer,
    },
    /// A handler is half done: it waits for its service time or for the disk.
    Handler {
        /// Where.
        node: Node,
        /// What it handles.
        identity: Identity,
        /// What is left to do, first first.
        effects: Vec<&'a Effect<S>>,
    },
    /// A crashed node comes back.
    Restart(Node),
    /// An instance notices that another one is gone.
    Takeover {
        /// Who notices.
        node: Node,
        /// Who is gone.
        lost: Node,
    },
    /// A fault of the plan strikes, or strikes again, by position.
    SustainedFault(u16),
    /// An outage ends that this fault of the plan began.
    Mend(u16),
}

/// Messages between two groups do not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// From any of these.
    pub from: Nodes,
    /// To any of these.
    pub to: Nodes,
    /// Until then.
    pub until: Instant,
}

impl<S: Service> Pending<'_, S> {
    /// The node to which it happens; of strikes and their ends nobody's.
    pub fn node(&self) -> Option<Node> {
        match self {
            Pending::Message { to: node, .. }
            | Pending::Timer { node, .. }
            | Pending::Handler { node, .. }
            | Pending::Restart(node)
            | Pending::Takeover { node, .. } => Some(*node),
            Pending::SustainedFault(_) | Pending::Mend(_) => None,
        }
    }
}

impl<S: Service> World<S> {
    /// Everything that will happen as things stand, and when.
    pub fn pending(&self) -> impl Iterator<Item = (Instant, Pending<'_, S>)> {
        self.queue.in_order().into_iter().map(|(at, event)| (at, seen(event)))
    }

    /// Commands that wait for a worker of this node, first first, and who sent them.
    pub fn waiting(&self, node: Node) -> impl Iterator<Item = (Node, &S::Message)> {
        self.hosts[node.0 as usize].shared.value.waiting.iter().map(|job| (job.from, &job.message))
    }

    /// How many workers of this node are at work.
    pub fn working(&self, node: Node) -> u8 {
        self.busy[node.0 as usize]
    }

    /// Whether this node is down.
    pub fn is_down(&self, node: Node) -> bool {
        self.down.has(node)
    }

    /// Until when this node stands still, if it does.
    pub fn stands_still(&self, node: Node) -> Option<Instant> {
        self.paused(node)
    }

    /// What else lasts: slow and lossy links, slow nodes and disks, clocks that are off; and until when.
    pub fn ailing(&self) -> impl Iterator<Item = (SustainedFault, Instant)> {
        let now = self.now;
        let ails = move |until: Instant| until > now;
        let felt = self.ailments.iter().filter(move |ailment| ails(ailment.until));
        felt.map(|ailment| (ailment.sustained, ailment.until))
    }

    /// Links that carry nothing now.
    pub fn closed(&self) -> impl Iterator<Item = Closed> {
        let now = self.now;
        let open = move |until: Instant| until <= now;
        let closed = self.cuts.iter().filter(move |cut| !open(cut.until));
        closed.map(|cut| Closed { from: cut.from, to: cut.to, until: cut.until })
    }

    /// Who leads, of a role whose instances are one replicated group.
    pub fn leader(&self, role: Role) -> Option<Node> {
        let spec = &self.physics.roles[role.0 as usize];
        (spec.failover.is_some() && spec.instances > 0).then(|| self.leaders[role.0 as usize])
    }

    /// Faults of the plan that may still strike, by position: at a place, at a time, or inside a handler that has begun.
    pub fn armed(&self) -> Vec<u16> {
        let events = self.queue.in_order();
        let timed = events.iter().filter_map(|(_, event)| match event {
            Event::SustainedFault(fault) => Some(*fault),
            _ => None,
        });
        let begun = events.iter().filter_map(|(_, event)| match event {
            Event::Resume(task) => task.doom.as_deref(),
            Event::Arrive { job, .. } => job.doom.as_deref(),
            _ => None,
        });
        let hosts = self.hosts.iter().flat_map(|host| &host.shared.value.waiting);
        let waiting = hosts.filter_map(|job| job.doom.as_deref());
        let doomed = begun.chain(waiting).flat_map(|doom| &doom.mishaps).filter_map(|mishap| mishap.fault());
        let mut armed: Vec<u16> = self.nemesis.armed().chain(timed).chain(doomed).collect();
        armed.sort_unstable();
        armed.dedup();
        armed
    }
}

fn seen<S: Service>(event: &Event<S>) -> Pending<'_, S> {
    match event {
        Event::Deliver(delivery) => {
            Pending::Message { from: delivery.from, to: delivery.to, message: &delivery.message }
        }
        Event::Timer { node, timer, .. } => Pending::Timer { node: *node, timer: *timer },
        Event::Resume(task) => Pending::Handler {
            node: task.node,
            identity: task.identity,
            effects: task.effects.iter().rev().collect(),
        },
        Event::Restart { node, .. } => Pending::Restart(*node),
        Event::Takeover { node, lost, .. } => Pending::Takeover { node: *node, lost: *lost },
        Event::Arrive { to, job, .. } => Pending::Message { from: job.from, to: *to, message: &job.message },
        Event::SustainedFault(fault) => Pending::SustainedFault(*fault),
        Event::Beat(beat) => Pending::SustainedFault(beat.fault),
        Event::Mend { fault } => Pending::Mend(*fault),
    }
}
