//! What this backend cannot express, and why.
//!
//! **Invariant:** what is listed here is refused before anything runs; nothing else is left out
//! (`every_kind_is_expressed_or_listed`).

use crate::fault::{Fault, PointFault};

/// A kind of fault that madsim has no way to bring about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inexpressible {
    /// The family under which it is counted.
    pub family: &'static str,
    /// What it would do.
    pub words: &'static str,
    /// Why it cannot be done here.
    pub reason: &'static str,
}

/// Everything that cannot be expressed.
pub const INEXPRESSIBLE: [Inexpressible; 1] = [Inexpressible {
    family: "order",
    words: "the next message for the same role comes first",
    reason: "madsim's network does not tell what is on its way, so nobody knows which message would be next",
}];

/// Why a fault cannot be expressed here; nothing if it can.
pub fn inexpressible(fault: &Fault) -> Option<&'static str> {
    match fault {
        Fault::At { point_fault: PointFault::ReorderInbox, .. } => Some(INEXPRESSIBLE[0].reason),
        Fault::At { .. } | Fault::During { .. } => None,
    }
}
