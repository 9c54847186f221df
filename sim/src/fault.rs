//! Faults are data with names: what may go wrong, where, and for how long.
//!
//! **Invariant:** a fault is decided when the thing it strikes is about to happen, by [`crate::World`]'s one `strike`,
//! whether a plan, an explorer or a replay asked for it.

use std::fmt;

use crate::site::{InjectionPoint, MisbehaviorId, Node, Vocabulary};
use crate::time::{Instant, Micros};

/// A point inside the handling of one message, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashPoint {
    /// The handler decided; nothing is durable, nothing was sent.
    BeforeCommit,
    /// The forced write was on its way: whether it is durable is drawn, and unknown to everybody until recovery.
    DuringSync,
    /// Half of the transaction is on the disk: recovery finds a record without the mark of its commit, and cuts it off.
    MidWrite,
    /// Durable, but nothing of what follows was sent.
    AfterCommit,
    /// The first message after it is out, the rest (an acknowledgement, say) is not.
    AfterSend,
    /// While the node was coming back.
    DuringRecovery,
}

impl CrashPoint {
    /// All points with the words for them.
    pub const ALL: [(CrashPoint, &'static str); 6] = [
        (CrashPoint::BeforeCommit, "before commit"),
        (CrashPoint::DuringSync, "during sync"),
        (CrashPoint::MidWrite, "in the middle of a write"),
        (CrashPoint::AfterCommit, "after commit, before send"),
        (CrashPoint::AfterSend, "after send, before acknowledgement"),
        (CrashPoint::DuringRecovery, "during recovery"),
    ];

    /// The words for it.
    pub fn words(self) -> &'static str {
        CrashPoint::ALL[self as usize].1
    }
}

/// What happens to one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointFault {
    /// The message is lost. On an answer: the effect happened and nobody hears of it.
    Drop,
    /// The message arrives, and once more after this long.
    Duplicate(Micros),
    /// The message arrives this much later.
    Delay(Micros),
    /// The message arrives right after the next one on its link that is delivered, or after this long if none is.
    Reorder(Micros),
    /// The next message for the same role arrives first, whoever sent it: one inversion of the order of messages.
    ReorderInbox,
    /// The message arrives damaged: the receiver notices and refuses it, and whoever called hears so.
    Corrupt,
    /// What else happens at the same instant happens first.
    LoseTie,
    /// The receiver crashes at this point and comes back after this long.
    Crash(CrashPoint, Micros),
    /// The receiver's database aborts the transaction. Who was coming back gives up, and comes back again.
    FailWrite,
    /// The sender is cut off from everybody, before the message gets through.
    IsolateSender(Micros),
    /// The receiver is cut off from everybody, right after it got the message.
    IsolateReceiver(Micros),
    /// The receiver stops for this long, then continues as if nothing had happened.
    Pause(Micros),
    /// The clock of the receiver leaps, and back after this long.
    Leap(Leap, Micros),
    /// Another instance of the receiver's role takes over from it, as if it were lost; it works on and does not know. Does
    /// not strike where nobody could take over.
    SplitBrain,
    /// Who receives it behaves badly: an outside party, a customer, the log.
    Misbehave(MisbehaviorId),
}

/// A set of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nodes(pub u64);

impl Nodes {
    /// Every node.
    pub const ALL: Nodes = Nodes(u64::MAX);

    /// Just this one.
    pub const fn one(node: Node) -> Nodes {
        Nodes(1 << node.0)
    }

    /// Whether `node` is in the set.
    #[inline]
    pub const fn has(self, node: Node) -> bool {
        self.0 >> node.0 & 1 == 1
    }

    /// Both sets together.
    pub const fn and(self, other: Nodes) -> Nodes {
        Nodes(self.0 | other.0)
    }

    /// This set without the other.
    pub const fn without(self, other: Nodes) -> Nodes {
        Nodes(self.0 & !other.0)
    }

    /// Whether a node is in both sets.
    pub const fn meets(self, other: Nodes) -> bool {
        self.0 & other.0 != 0
    }

    /// Everybody else.
    pub const fn others(self) -> Nodes {
        Nodes(!self.0)
    }

    /// The nodes in it, in order.
    pub fn iter(self) -> impl Iterator<Item = Node> {
        (0..64).map(Node).filter(move |node| self.has(*node))
    }
}

/// What happens to the world for a time. Everything has its inverse: when the time is over, or the world is healed, links
/// carry, nodes run and clocks are right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SustainedFault {
    /// No message passes between the two groups; one way only, if so said. Groups that leave nodes out make it partial.
    Partition {
        /// One group.
        a: Nodes,
        /// The other.
        b: Nodes,
        /// Only messages from `a` to `b` are stopped.
        one_way: bool,
    },
    /// Links between the two groups go down and come up again, each for this long, beginning with down.
    Flap {
        /// One group.
        a: Nodes,
        /// The other.
        b: Nodes,
        /// How long they are down, and then up.
        each: Micros,
    },
    /// Messages sent between the two groups take so many times as long.
    SlowLink {
        /// One group.
        a: Nodes,
        /// The other.
        b: Nodes,
        /// How many times.
        times: u16,
    },
    /// Of a thousand messages between the two groups so many are lost, drawn by what they are.
    LossyLink {
        /// One group.
        a: Nodes,
        /// The other.
        b: Nodes,
        /// How many.
        per_mille: u16,
    },
    /// The node stops, then continues as if nothing had happened.
    Pause(Node),
    /// These nodes need so many times as long for every command.
    Slow(Nodes, u16),
    /// These nodes crash, and come back at the end.
    Crash(Nodes),
    /// These nodes crash, come back after this long, run for as long, and crash again, until the end. A group that is one
    /// node comes back after its failover gap, as always.
    CrashLoop(Nodes, Micros),
    /// Forced writes of these nodes take so many times as long.
    SlowDisk(Nodes, u16),
    /// Every transaction of these nodes whose handler begins meanwhile is aborted. Alarms go off again, and who had to
    /// write when it came back comes back again, when there is room; the others of the role miss who cannot write. Disks
    /// of outside parties are not ours.
    FullDisk(Nodes),
    /// The clock of this node leaps at the start, and back at the end: a skew that lasts, or a jump that is set right. What
    /// is armed by the time of day moves with it; so does the time at which others are missed, and a leap ahead by all of
    /// that makes the node take over from others that are alive.
    Clock(Node, Leap),
    /// The clock of this node runs at so many per mille of its rate: what it begins to time meanwhile comes early above
    /// 1000, late below.
    Drift(Node, u16),
}

/// How far a clock is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leap {
    /// It shows a later time.
    Ahead(Micros),
    /// It shows an earlier time.
    Behind(Micros),
}

impl fmt::Display for Leap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Leap::Ahead(by) => write!(f, "{by} ahead"),
            Leap::Behind(by) => write!(f, "{by} behind"),
        }
    }
}

/// When something with a duration begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// At a moment.
    At(Instant),
    /// Right after what happens at this site was handled: a fault that waits for an event. What never is, because it is
    /// lost, begins nothing.
    After(InjectionPoint),
}

/// One fault of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// At a named point of the run.
    At {
        /// Where.
        site: InjectionPoint,
        /// What.
        point_fault: PointFault,
    },
    /// For a time.
    During {
        /// From when.
        when: When,
        /// For how long; [`Micros`] of `u64::MAX` lasts until the world is healed.
        lasting: Micros,
        /// What.
        sustained: SustainedFault,
    },
}

impl PointFault {
    /// The verb in words, at a site with this leg.
    pub fn words<'a>(
        &'a self,
        vocabulary: &'a Vocabulary,
        site: &'a InjectionPoint,
    ) -> impl fmt::Display + 'a {
        let answer = site.identity.kind == crate::site::MessageKind::Answer;
        fmt::from_fn(move |f| match self {
            PointFault::Drop if answer => f.write_str("lose the answer"),
            PointFault::Drop => f.write_str("drop"),
            PointFault::Duplicate(after) => write!(f, "duplicate after {after}"),
            PointFault::Delay(by) => write!(f, "delay by {by}"),
            PointFault::Reorder(wait) => write!(f, "let the next message on its link overtake it, or {wait}"),
            PointFault::ReorderInbox => {
                write!(f, "the next message for {} comes first", vocabulary.role(site.role))
            }
            PointFault::Corrupt => f.write_str("damage it on the way"),
            PointFault::LoseTie => f.write_str("let the others of this instant go first"),
            PointFault::Crash(point, down) => {
                write!(f, "crash {} {}, back after {down}", vocabulary.role(site.role), point.words())
            }
            PointFault::FailWrite => write!(f, "abort the transaction of {}", vocabulary.role(site.role)),
            PointFault::IsolateSender(time) => write!(f, "isolate the sender for {time}"),
            PointFault::IsolateReceiver(time) => {
                write!(f, "isolate {} for {time}", vocabulary.role(site.role))
            }
            PointFault::Pause(time) => write!(f, "pause {} for {time}", vocabulary.role(site.role)),
            PointFault::Leap(leap, time) => {
                write!(f, "clock of {} {leap} for {time}", vocabulary.role(site.role))
            }
            PointFault::SplitBrain => {
                write!(f, "another {} takes over beside it", vocabulary.role(site.role))
            }
            PointFault::Misbehave(misbehavior) => f.write_str(vocabulary.misbehavior(*misbehavior)),
        })
    }

    /// Whether it strikes a handler's transaction, and so nothing where a handler commits nothing.
    pub fn strikes_commit(&self) -> bool {
        match self {
            PointFault::FailWrite => true,
            PointFault::Crash(point, _) => {
                !matches!(point, CrashPoint::AfterSend | CrashPoint::DuringRecovery)
            }
            _ => false,
        }
    }

    /// The family it is counted under.
    pub fn family(&self) -> &'static str {
        match self {
            PointFault::Drop => "drop",
            PointFault::Duplicate(_) => "duplicate",
            PointFault::Delay(_) => "delay",
            PointFault::Reorder(_) => "reorder",
            PointFault::ReorderInbox => "order",
            PointFault::Corrupt => "corrupt",
            PointFault::LoseTie => "tie",
            PointFault::Crash(..) => "crash",
            PointFault::FailWrite => "abort",
            PointFault::IsolateSender(_) | PointFault::IsolateReceiver(_) => "isolate",
            PointFault::Pause(_) => "pause",
            PointFault::Leap(..) => "clock",
            PointFault::SplitBrain => "split_brain",
            PointFault::Misbehave(_) => "misbehavior",
        }
    }
}

impl Fault {
    /// The family it is counted under.
    pub fn family(&self) -> &'static str {
        match self {
            Fault::At { point_fault, .. } => point_fault.family(),
            Fault::During { sustained, .. } => sustained.family(),
        }
    }

    /// Whether one of the two finds nothing left to strike, this one coming first in its plan: they are the same, or what
    /// happens to a message takes from the other what it waits for.
    pub fn contradicts(&self, later: &Fault) -> bool {
        let (Fault::At { site, point_fault }, Fault::At { site: there, point_fault: other }) = (self, later)
        else {
            return self == later;
        };
        site == there
            && match (point_fault, other) {
                (PointFault::Drop | PointFault::Corrupt, _)
                | (PointFault::Crash(..), PointFault::Crash(..)) => true,
                (PointFault::Crash(..) | PointFault::FailWrite, PointFault::Drop | PointFault::Corrupt) => {
                    true
                }
                _ => point_fault == other,
            }
    }
}

impl SustainedFault {
    /// Whether some of what passes between a node and these others is lost while it lasts, now and then.
    pub fn comes_between(&self, node: Node, others: Nodes) -> bool {
        match *self {
            SustainedFault::Flap { a, b, .. } | SustainedFault::LossyLink { a, b, .. } => {
                a.has(node) && b.meets(others) || b.has(node) && a.meets(others)
            }
            SustainedFault::CrashLoop(nodes, _) => nodes.has(node),
            _ => false,
        }
    }

    /// The family it is counted under.
    pub fn family(&self) -> &'static str {
        match self {
            SustainedFault::Partition { .. } => "partition",
            SustainedFault::Flap { .. }
            | SustainedFault::SlowLink { .. }
            | SustainedFault::LossyLink { .. } => "link",
            SustainedFault::Pause(_) => "pause",
            SustainedFault::Slow(..) => "slow",
            SustainedFault::Crash(_) | SustainedFault::CrashLoop(..) => "crash",
            SustainedFault::SlowDisk(..) | SustainedFault::FullDisk(_) => "disk",
            SustainedFault::Clock(..) | SustainedFault::Drift(..) => "clock",
        }
    }
}
