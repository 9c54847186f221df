//! What services stand on: the idempotency store and the outbox, the event log, the workflow, the lease.
//!
//! **Invariant:** no business rule imports anything from here, and nothing here imports one;
//! `models/tests/registries/imports.rs` checks that.

pub mod event_log;
pub mod idempotency;
pub mod lease;
pub mod outbox;
pub mod workflow;
