//! Faults are data with names: what may go wrong, where, and for how long.
//!
//! **Invariant:** a fault is decided when the thing it strikes is about to happen, by [`crate::World`]'s one `strike`,
//! whether a plan, an explorer or a replay asked for it.

use std::fmt;

use crate::site::{Manner, Node, Site, Vocabulary};
use crate::time::{Instant, Micros};

/// A point inside the handling of one message, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashPoint {
    /// The handler decided; nothing is durable, nothing was sent.
    BeforeCommit,
    /// The forced write was on its way: whether it is durable is drawn, and unknown to everybody until recovery.
    DuringSync,
    /// Durable, but nothing of what follows was sent.
    AfterCommit,
    /// The first message after it is out, the rest (an acknowledgement, say) is not.
    AfterSend,
    /// While the node was coming back.
    DuringRecovery,
}

impl CrashPoint {
    /// All points with the words for them.
    pub const ALL: [(CrashPoint, &'static str); 5] = [
        (CrashPoint::BeforeCommit, "before commit"),
        (CrashPoint::DuringSync, "during sync"),
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
pub enum Verb {
    /// The message is lost. On an answer: the effect happened and nobody hears of it.
    Drop,
    /// The message arrives, and once more after this long.
    Duplicate(Micros),
    /// The message arrives this much later.
    Delay(Micros),
    /// What else happens at the same instant happens first.
    Yield,
    /// The receiver crashes at this point and comes back after this long.
    Crash(CrashPoint, Micros),
    /// The receiver's database aborts the transaction.
    FailWrite,
    /// The sender is cut off from everybody, before the message gets through.
    IsolateSender(Micros),
    /// The receiver is cut off from everybody, right after it got the message.
    IsolateReceiver(Micros),
    /// The receiver stops for this long, then continues as if nothing had happened.
    Pause(Micros),
    /// The outside party that receives it behaves badly.
    Manner(Manner),
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

    /// Everybody else.
    pub const fn others(self) -> Nodes {
        Nodes(!self.0)
    }

    /// The nodes in it, in order.
    pub fn iter(self) -> impl Iterator<Item = Node> {
        (0..64).map(Node).filter(move |node| self.has(*node))
    }
}

/// What happens to the world at a moment, for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strike {
    /// No message passes between the two groups; one way only, if so said.
    Partition {
        /// One group.
        a: Nodes,
        /// The other.
        b: Nodes,
        /// Only messages from `a` to `b` are stopped.
        one_way: bool,
    },
    /// The node stops, then continues as if nothing had happened.
    Pause(Node),
    /// These nodes crash, and come back at the end.
    Crash(Nodes),
}

/// One fault of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// At a named point of the run.
    At {
        /// Where.
        site: Site,
        /// What.
        verb: Verb,
    },
    /// At a moment.
    During {
        /// From when.
        from: Instant,
        /// For how long; [`Micros`] of `u64::MAX` lasts until the world is healed.
        lasting: Micros,
        /// What.
        strike: Strike,
    },
}

impl Verb {
    /// The verb in words, at a site with this leg.
    pub fn words<'a>(&'a self, vocabulary: &'a Vocabulary, site: &'a Site) -> impl fmt::Display + 'a {
        let answer = site.identity.leg == crate::site::Leg::Answer;
        fmt::from_fn(move |f| match self {
            Verb::Drop if answer => f.write_str("lose the answer"),
            Verb::Drop => f.write_str("drop"),
            Verb::Duplicate(after) => write!(f, "duplicate after {after}"),
            Verb::Delay(by) => write!(f, "delay by {by}"),
            Verb::Yield => f.write_str("let the others of this instant go first"),
            Verb::Crash(point, down) => {
                write!(f, "crash {} {}, back after {down}", vocabulary.role(site.role), point.words())
            }
            Verb::FailWrite => write!(f, "abort the transaction of {}", vocabulary.role(site.role)),
            Verb::IsolateSender(time) => write!(f, "isolate the sender for {time}"),
            Verb::IsolateReceiver(time) => write!(f, "isolate {} for {time}", vocabulary.role(site.role)),
            Verb::Pause(time) => write!(f, "pause {} for {time}", vocabulary.role(site.role)),
            Verb::Manner(manner) => f.write_str(vocabulary.manner(*manner)),
        })
    }

    /// The family it is counted under.
    pub fn family(&self) -> &'static str {
        match self {
            Verb::Drop => "drop",
            Verb::Duplicate(_) => "duplicate",
            Verb::Delay(_) => "delay",
            Verb::Yield => "tie",
            Verb::Crash(..) => "crash",
            Verb::FailWrite => "abort",
            Verb::IsolateSender(_) | Verb::IsolateReceiver(_) => "isolate",
            Verb::Pause(_) => "pause",
            Verb::Manner(_) => "manners",
        }
    }
}

impl Fault {
    /// The family it is counted under.
    pub fn family(&self) -> &'static str {
        match self {
            Fault::At { verb, .. } => verb.family(),
            Fault::During { strike: Strike::Partition { .. }, .. } => "partition",
            Fault::During { strike: Strike::Pause(_), .. } => "pause",
            Fault::During { strike: Strike::Crash(_), .. } => "crash",
        }
    }
}
