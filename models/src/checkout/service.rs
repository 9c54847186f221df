//! The services of the checkout, and the one shape that makes them a world's [`stormcart_sim::Service`].
//!
//! Five business services are [`participant::Participant`]s: the same idempotency store, outbox and callers around five
//! different rules. The rule of a service, with its state, stands in the file of its name; [`rules`] is the one
//! dispatch over them. Outside parties live in [`crate::checkout::outside`], the event log in
//! [`crate::checkout::platform`].
//!
//! **Invariant:** a business rule decides and records, and imports nothing of keys, retries, events or clocks;
//! `models/tests/registries/imports.rs` checks that.

mod callers;
mod chain;
mod checkout;
pub mod decision;
pub mod engine;
pub mod inventory;
pub mod notifications;
pub mod orders;
mod outside_calls;
pub mod participant;
pub mod payments;
mod pending;
mod relay;
pub mod rules;
pub mod shipping;
mod timers;
mod transaction;

pub use checkout::{CheckoutService, Context, Record, Store};
