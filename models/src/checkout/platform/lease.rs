//! The lease of a replicated part: which instance leads, and how often that has changed.
//!
//! The lease stands in the replicated log itself, so a leader that was away finds out at its next look that its epoch
//! is over: what it decides then is decided on a log that names its successor, and it does nothing.
//!
//! **Invariant:** only the holder writes; `models/tests/platform/lease.rs` checks that.

/// Which instance leads, and in which epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename = "")]
pub struct Lease {
    /// The instance that holds it.
    pub holder: u8,
    /// How often the lease has been taken.
    pub epoch: u32,
}

impl Lease {
    /// The lease of the next epoch.
    pub fn taken_by(self, holder: u8) -> Lease {
        Lease { holder, epoch: self.epoch + 1 }
    }
}
