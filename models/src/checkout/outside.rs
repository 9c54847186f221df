//! The parties outside the shop: each keeps its own truth, never crashes, and misbehaves.

pub mod carrier;
pub mod customer;
pub mod mailer;
pub mod psp;
