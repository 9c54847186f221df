//! What services stand on: idempotency store, workflow, event log and lease, each against a simple model of what it
//! promises.

mod event_log;
mod idempotency;
mod lease;
mod workflow;
mod world;
