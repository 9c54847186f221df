//! Everything that says what fails, as one value, and the one place that decides it. Both backends hold an
//! [`Adversary`] and call it.
//!
//! The value has queries, which are functions of it and of the time, and small commands. What follows from a fault
//! (links are cut, so an instance is suspected, so another one takes over) is written once, over [`Backend`]: what a
//! backend does by means of its own, which is to schedule, to deliver, to kill and to start.
//!
//! Files, from the bottom: the state (`state`, `armed`, `cut`, `failure`) and what is asked of it (`links`,
//! `degradation`, `suspicion`), what a backend does (`backend`), what follows (`detection`, `outage`, `takeover`,
//! `degrade`, `pending`), and the two ways in: `inject` for point faults, `sustained` for the others.
//!
//! **Invariant:** a world without faults pays one look at an empty list for each kind of fault (`benches/hop.rs`
//! counts instructions).

mod armed;
mod backend;
mod cut;
mod degradation;
mod degrade;
mod detection;
pub(crate) mod failure;
mod fingerprint;
pub(crate) mod inject;
mod links;
pub(crate) mod outage;
pub(crate) mod pending;
mod state;
mod suspicion;
pub(crate) mod sustained;
mod takeover;

pub use armed::Fired;
#[cfg(madsim)]
pub(crate) use backend::struck;
pub(crate) use backend::{Backend, Redelivery, Repetition, Scheduled, lose, refuse};
pub use cut::Cut;
pub(crate) use detection::detect_failed_siblings;
#[cfg(madsim)]
pub(crate) use failure::PendingFailures;
pub(crate) use failure::{Handled, Job, PendingFailure};
pub(crate) use state::Adversary;
