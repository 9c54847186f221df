//! Stub.

pub mod error;
pub mod seeds;
