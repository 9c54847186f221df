//! Stub.

pub mod case;
pub mod error;
pub mod seeds;
