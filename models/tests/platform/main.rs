//! What services stand on: desk, workflow, event log and lease, each against a simple model of what it promises.

mod desk;
mod event_log;
mod lease;
mod workflow;
mod world;
