//! The kinds of coordination.

/// Which kind of coordination it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// Services react to each other's events; nobody owns the process.
    Choreography,
    /// A durable engine owns the process.
    OrchestratedSaga,
    /// The order service calls the others, and keeps the process in memory.
    CallChain,
}
