//! The services of the checkout, and the one shape that makes them a world's [`stormcart_sim::Service`].
//!
//! Five business services are [`participant::Participant`]s: the same desk around different rules. Engine and broker
//! are platform. Outside parties live in [`crate::checkout::outside`].
//!
//! **Invariant:** a business rule is written once, in the file of its service, and is naive: it decides and records.

pub mod chain;
mod checkout;
pub mod decision;
pub mod engine;
pub mod inventory;
pub mod notifications;
pub mod orders;
pub mod outgoing;
pub mod participant;
pub mod payments;
pub mod rules;
pub mod shipping;

pub use checkout::{Checkout, Context, Record, Store};
