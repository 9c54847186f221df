//! The kinds of coordination.

/// The kind of coordination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// Services react to each other's events; no one of them owns the process.
    Choreography,
    /// A durable engine owns the process.
    OrchestratedSaga,
    /// The order service calls the others, and keeps the process in memory.
    CallChain,
}
