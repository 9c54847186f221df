//! What services stand on: keys, tombstones, outbox, relay, the event log, the workflow.
//!
//! **Invariant:** nothing here knows a business rule, and no business rule knows any of this.

pub mod desk;
pub mod event_log;
pub mod lease;
pub mod workflow;
