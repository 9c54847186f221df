//! The checkout of Stormcart: its services, how they are coordinated, what can be chosen wrongly, and what must hold.

pub mod architecture;
pub mod domain;
pub mod external;
pub mod fact;
pub mod invariant;
pub mod ledger;
pub mod message;
pub mod misbehaviors;
pub mod platform;
pub mod policy;
pub mod service;
pub mod setup;
pub mod words;
