//! Families of faults, and the faults in each.
//!
//! **Invariant:** this table is the only list: the fields of a scenario's `families`, the swarm, and `list` derive from
//! it, and what is drawn from a family is counted under its name.

use serde::Deserialize;
use stormcart_sim::site::{MessageKind, MisbehaviorId, Vocabulary};

use crate::catalog::{Catalog, ParticipantKind, Place, Who};

/// Families with their faults: field, variant, what it is; then each fault with its usual share and what it does.
macro_rules! families {
    ($($field:ident $($alias:literal)? $family:ident $about:literal { $($kind:ident $share:literal $words:literal,)* })*) => {
        /// How often each family of faults is drawn, relative to the others.
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Families { $(#[doc = $about] $(#[serde(alias = $alias)])? pub $field: f64,)* }

        /// A family of faults.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Family { $(#[doc = $about] $family,)* }

        /// One kind of fault.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($(#[doc = $words] $kind,)*)*
            /// Somebody misbehaves.
            Misbehave(MisbehaviorId),
        }

        impl Families {
            /// The families with their weights.
            pub(super) fn weights(&self) -> Vec<(Family, f64)> {
                vec![$((Family::$family, self.$field)),*]
            }
        }

        impl Family {
            /// All of them.
            pub const ALL: &'static [Family] = &[$(Family::$family),*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Family::$family => stringify!($field),)* }
            }

            /// What it is.
            pub fn about(self) -> &'static str {
                match self { $(Family::$family => $about,)* }
            }

            /// Its faults, and how much of the family each is.
            pub fn kinds(self, catalog: &Catalog) -> Vec<(Kind, f64)> {
                let listed = match self {
                    $(Family::$family => vec![$((Kind::$kind, $share)),*],)*
                };
                let misbehaviors = misbehaviors(catalog).filter(|_| self == Family::Misbehavior);
                listed.into_iter().chain(misbehaviors).collect()
            }
        }

        impl Kind {
            /// What it does.
            pub fn words(self, vocabulary: &'static Vocabulary) -> &'static str {
                match self {
                    $($(Kind::$kind => $words,)*)*
                    Kind::Misbehave(misbehavior) => vocabulary.misbehavior(misbehavior),
                }
            }
        }
    };
}

families! {
    drop Drop "messages are lost" {
        Drop 1.0 "lose a message; if it is an answer, after its effect",
    }
    duplicate Duplicate "messages arrive twice" {
        Duplicate 1.0 "let a message arrive twice",
    }
    delay Delay "messages are late" {
        Delay 1.0 "let a message come late, within the timeout or past it",
    }
    reorder Reorder "messages overtake each other" {
        Reorder 1.0 "let the next message on a link overtake this one",
    }
    corrupt Corrupt "messages are damaged" {
        Corrupt 1.0 "damage a message, which its receiver notices",
    }
    tie Tie "simultaneous events change places" {
        LoseTie 1.0 "let the others of an instant go first",
    }
    crash Crash "nodes crash, and come back or not" {
        CrashBeforeCommit 1.0 "crash before commit",
        CrashDuringSync 2.0 "crash during sync",
        CrashMidWrite 1.0 "crash in the middle of a write",
        CrashAfterCommit 3.0 "crash after commit, before send",
        CrashAfterSend 2.0 "crash after send, before acknowledgement",
        CrashInRecovery 0.5 "crash again during recovery",
        CrashAll 0.5 "crash all instances of a service at once",
        CrashLoop 0.5 "crash a node again and again",
    }
    isolate Isolate "one node is cut off from everybody when something arrives" {
        IsolateSender 2.0 "isolate the sender of a message",
        IsolateReceiver 3.0 "isolate its receiver",
    }
    partition Partition "nodes do not reach each other for a time" {
        CutNode 4.0 "cut one node off from everybody",
        CutPair 2.0 "cut two services off from each other, others reach both",
        CutOneWay 1.0 "stop messages from one service to another, one way",
        CutInTwo 1.0 "part everybody into two groups",
    }
    link Link "links are bad for a time" {
        SlowLink 1.0 "slow a link between two services",
        LossyLink 1.0 "let a link lose some messages",
        FlappingLink 1.0 "let a link go down and up again and again",
    }
    pause Pause "nodes stop and go on as if nothing had happened" {
        PauseHere 2.0 "pause the receiver of a message",
        PauseNode 1.0 "pause a node",
    }
    slow Slow "nodes are slow for a time" {
        SlowNode 2.0 "slow one node",
        SlowAll 1.0 "slow all instances of a service",
    }
    disk Disk "disks are bad for a time" {
        SlowDisk 1.0 "slow the forced writes of a service",
        FullDisk 1.0 "fill the disk of a service: every transaction is aborted",
    }
    clock Clock "clocks are wrong for a time" {
        ClockAhead 1.0 "set a clock ahead",
        ClockBehind 1.0 "set a clock behind",
        ClockFast 1.0 "let a clock run fast",
        ClockSlow 1.0 "let a clock run slow",
    }
    abort Abort "databases abort transactions" {
        Abort 1.0 "abort a transaction",
    }
    split_brain "supersede" SplitBrain "an instance works on beside its successor" {
        SplitBrain 1.0 "let another instance take over beside one that works on",
    }
    misbehavior "manners" Misbehavior "somebody who is no service misbehaves" {
    }
}

/// Every misbehavior, as often as there are participants and places where it shows.
fn misbehaviors(catalog: &Catalog) -> impl Iterator<Item = (Kind, f64)> {
    let most = catalog.misbehaviors.iter().map(|site| site.misbehavior.0 + 1).max().unwrap_or(0);
    (0..most).map(MisbehaviorId).map(|misbehavior| {
        let sites = catalog.misbehaviors.iter().filter(|site| site.misbehavior == misbehavior);
        (Kind::Misbehave(misbehavior), sites.count() as f64)
    })
}

/// Whether a kind of fault strikes at a named point, or for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// When something arrives, at an injection point.
    InjectionPoint,
    /// For a time.
    Time,
}

impl Kind {
    pub(super) fn scope(self) -> Scope {
        match self {
            Kind::CrashAll
            | Kind::CrashLoop
            | Kind::CutNode
            | Kind::CutPair
            | Kind::CutOneWay
            | Kind::CutInTwo
            | Kind::SlowLink
            | Kind::LossyLink
            | Kind::FlappingLink
            | Kind::PauseNode
            | Kind::SlowNode
            | Kind::SlowAll
            | Kind::SlowDisk
            | Kind::FullDisk
            | Kind::ClockAhead
            | Kind::ClockBehind
            | Kind::ClockFast
            | Kind::ClockSlow => Scope::Time,
            Kind::Drop
            | Kind::Duplicate
            | Kind::Delay
            | Kind::Reorder
            | Kind::Corrupt
            | Kind::LoseTie
            | Kind::CrashBeforeCommit
            | Kind::CrashDuringSync
            | Kind::CrashMidWrite
            | Kind::CrashAfterCommit
            | Kind::CrashAfterSend
            | Kind::CrashInRecovery
            | Kind::IsolateSender
            | Kind::IsolateReceiver
            | Kind::PauseHere
            | Kind::Abort
            | Kind::SplitBrain
            | Kind::Misbehave(_) => Scope::InjectionPoint,
        }
    }

    /// Whether it can strike at this place.
    pub(super) fn strikes_at(self, place: Place, catalog: &Catalog) -> bool {
        let travels = matches!(place.kind, MessageKind::Ask | MessageKind::Answer);
        let kind = match place.who {
            Who::Role(role) => catalog.kind(role),
            Who::Coordinator => ParticipantKind::Platform,
        };
        match self {
            Kind::Misbehave(misbehavior) => {
                let mut known = catalog.misbehaviors_at(place.who, place.operation, place.kind);
                known.any(|known| known == misbehavior)
            }
            Kind::CrashBeforeCommit
            | Kind::CrashDuringSync
            | Kind::CrashMidWrite
            | Kind::CrashAfterCommit
            | Kind::CrashAfterSend
            | Kind::CrashInRecovery
            | Kind::PauseHere
            | Kind::SplitBrain
            | Kind::Abort => kind.inside() && travels,
            Kind::IsolateSender | Kind::IsolateReceiver => travels && kind != ParticipantKind::Customers,
            Kind::Drop | Kind::Duplicate | Kind::Delay | Kind::Reorder | Kind::Corrupt | Kind::LoseTie => {
                travels
            }
            Kind::CrashAll
            | Kind::CrashLoop
            | Kind::CutNode
            | Kind::CutPair
            | Kind::CutOneWay
            | Kind::CutInTwo
            | Kind::SlowLink
            | Kind::LossyLink
            | Kind::FlappingLink
            | Kind::PauseNode
            | Kind::SlowNode
            | Kind::SlowAll
            | Kind::SlowDisk
            | Kind::FullDisk
            | Kind::ClockAhead
            | Kind::ClockBehind
            | Kind::ClockFast
            | Kind::ClockSlow => travels,
        }
    }
}
