//! The lease of a replicated part: who leads, and for the how-manieth time that changed hands.
//!
//! The lease stands in the replicated log itself, so a leader that was away finds out at its next look that its epoch is
//! over: what it decides then is decided on a log that names its successor, and it does nothing.
//!
//! **Invariant:** only the holder writes.

/// Who leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename = "")]
pub struct Lease {
    /// The instance that holds it.
    pub holder: u8,
    /// Which one in succession.
    pub epoch: u32,
}

impl Lease {
    /// The lease of the next epoch.
    pub fn taken_by(self, holder: u8) -> Lease {
        Lease { holder, epoch: self.epoch + 1 }
    }
}
