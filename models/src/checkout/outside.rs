//! The world outside: it keeps its own truth, never crashes, and has bad manners.

pub mod carrier;
pub mod customer;
pub mod mailer;
pub mod psp;
