//! Stub.

pub mod case;
pub mod error;
pub mod orders_csv;
pub mod seeds;
pub mod stats;
