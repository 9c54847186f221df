//! Hardening levels: a factor of its own in every comparison, so they are written once, for every architecture.
//!
//! At one level architectures differ in their wiring only, except where the file of an architecture says otherwise.

use crate::checkout::policy::{
    Allocate, Confirm, Dedup, EngineTimers, Errors, Fence, Key, LateSuccess, Policies, Publish, Relay,
    Resubmission, Retry, TimeoutMeans, Undo,
};

/// How well an architecture is hardened against faults: a factor of its own in every comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// As a team writes it first: silence is failure, and nothing recognises a repetition.
    FirstWritten,
    /// The same keys, retries, deduplication and deadlines in every architecture.
    Matched,
    /// What this architecture needs to be safe.
    Hardened,
}

impl Level {
    /// Every level with its name, in the order of the enum.
    pub const ALL: [(Level, &'static str); 3] =
        [(Level::FirstWritten, "first-written"), (Level::Matched, "matched"), (Level::Hardened, "hardened")];

    /// The level of this name; `naive`, as recorded cases say, is `first-written`.
    pub fn named(name: &str) -> Option<Level> {
        match name {
            "naive" => Some(Level::FirstWritten),
            name => Level::ALL.iter().find(|(_, known)| *known == name).map(|(level, _)| *level),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Level::ALL[self as usize].1
    }
}

/// Everything these architectures need to be safe: what [`Policies::default`] gives, as a constant.
pub(super) const HARDENED: Policies = Policies {
    key: Key::PerOperation,
    timeout: TimeoutMeans::Unknown,
    publish: Publish::Outbox,
    dedup: Dedup::SameTransaction,
    fence: Fence::Tombstone,
    confirm: Confirm::ByOperation,
    allocate: Allocate::OneTransaction,
    errors: Errors::Redeliver,
    timers: EngineTimers::Rebuild,
    undo: Undo::Always,
    late: LateSuccess::Reconcile,
    resubmission: Resubmission::ByIntent,
    retry: Retry::Backoff,
    relay: Relay::Once,
};

/// The same keys, retries, deduplication and deadlines in every architecture; events still leave from memory, after the
/// commit, and nothing stops a command that comes too late.
pub(super) const MATCHED: Policies =
    Policies { publish: Publish::CommitThenPublish, fence: Fence::None, ..HARDENED };

/// As a team writes it first: silence is failure, every try has a new key, and no repetition is recognised.
pub(super) const FIRST_WRITTEN: Policies = Policies {
    key: Key::PerAttempt,
    timeout: TimeoutMeans::Failed,
    dedup: Dedup::None,
    confirm: Confirm::Blind,
    late: LateSuccess::Ignore,
    resubmission: Resubmission::ByKey,
    ..MATCHED
};
