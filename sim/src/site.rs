//! Names for the places of a run, in business words shared by all architectures.
//!
//! A [`InjectionPoint`] says which delivery is meant: `payments charge order 7 attempt 1: ask`. It survives a
//! refactoring that changes how many effects a handler has or in what order services were started, which an event
//! number does not.

use std::fmt;

use serde::{Serialize, Serializer};

/// A kind of participant: a service, the broker, an outside party. An index into [`Vocabulary::roles`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Role(pub u8);

/// One machine with one instance of one role on it. An index into the topology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(pub u8);

impl Node {
    /// The name under which a node is serialized, by which a reader of state knows to put its name there.
    pub const SERIALIZED_AS: &'static str = "Node";
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(Node::SERIALIZED_AS, &self.0)
    }
}

/// A business operation. An index into [`Vocabulary::operations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Operation(pub u8);

impl Operation {
    /// The operation of a node that comes back after a crash.
    pub const RECOVERY: Operation = Operation(u8::MAX);
}

/// What a participant does wrong when told to. An index into [`Vocabulary::misbehaviors`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct MisbehaviorId(pub u8);

/// Which part of an operation a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum MessageKind {
    /// A request, or the delivery of an event that makes a service do the operation.
    Ask,
    /// A reply, or the publication of the event that says how it ended.
    Answer,
    /// The transport's own confirmation.
    Ack,
    /// A timer of the operation fires.
    Timer,
    /// A crashed node comes back.
    Restart,
}

impl MessageKind {
    /// All kinds with the words for them.
    pub const ALL: [(MessageKind, &'static str); 5] = [
        (MessageKind::Ask, "ask"),
        (MessageKind::Answer, "answer"),
        (MessageKind::Ack, "ack"),
        (MessageKind::Timer, "timer"),
        (MessageKind::Restart, "restart"),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        MessageKind::ALL[self as usize].1
    }
}

/// What a message or timer is about: the part of a site that does not depend on where it arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Identity {
    /// The business operation.
    pub operation: Operation,
    /// Which part of it.
    pub kind: MessageKind,
    /// What it is about: the number of an order, a transfer, ...
    pub subject: u32,
    /// Which try of the caller, from 1.
    pub attempt: u8,
}

impl Identity {
    /// The identity of the recovery of a node.
    pub const RECOVERY: Identity =
        Identity { operation: Operation::RECOVERY, kind: MessageKind::Restart, subject: 0, attempt: 1 };

    /// The identity as one word, for addresses and comparisons.
    #[inline]
    pub const fn packed(self, role: Role) -> u64 {
        (role.0 as u64) << 56
            | (self.operation.0 as u64) << 48
            | (self.kind as u64) << 40
            | (self.attempt as u64) << 32
            | self.subject as u64
    }
}

/// A named point of a run: where a fault can be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InjectionPoint {
    /// Where it arrives.
    pub role: Role,
    /// What arrives.
    pub identity: Identity,
    /// Which arrival of exactly this, from 1: redeliveries have the same identity.
    pub occurrence: u8,
}

/// The words of a model: how its roles, operations and subjects are called.
#[derive(Debug)]
pub struct Vocabulary {
    /// Names of roles, by [`Role`].
    pub roles: &'static [&'static str],
    /// Names of operations, by [`Operation`].
    pub operations: &'static [&'static str],
    /// Names of misbehaviors, by [`MisbehaviorId`].
    pub misbehaviors: &'static [&'static str],
    /// What a subject is called: `order`, `transfer`, ...
    pub subject: &'static str,
}

impl Vocabulary {
    /// The name of a role.
    pub fn role(&self, role: Role) -> &'static str {
        self.roles.get(role.0 as usize).copied().unwrap_or("?")
    }

    /// The name of an operation.
    pub fn operation(&self, operation: Operation) -> &'static str {
        match operation {
            Operation::RECOVERY => "recovery",
            Operation(index) => self.operations.get(index as usize).copied().unwrap_or("?"),
        }
    }

    /// The name of a misbehavior.
    pub fn misbehavior(&self, misbehavior: MisbehaviorId) -> &'static str {
        self.misbehaviors.get(misbehavior.0 as usize).copied().unwrap_or("?")
    }

    /// `payments charge order 7 attempt 1, answer`.
    pub fn site<'a>(&'a self, site: &'a InjectionPoint) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| {
            let Identity { operation, kind, subject, attempt } = site.identity;
            write!(f, "{} {}", self.role(site.role), self.operation(operation))?;
            if kind != MessageKind::Restart {
                write!(f, " {} {subject} attempt {attempt}, {}", self.subject, kind.word())?;
            }
            if site.occurrence > 1 {
                write!(f, " ({} time)", ordinal(site.occurrence))?;
            }
            Ok(())
        })
    }
}

fn ordinal(n: u8) -> String {
    match n {
        2 => "2nd".into(),
        3 => "3rd".into(),
        n => format!("{n}th"),
    }
}
