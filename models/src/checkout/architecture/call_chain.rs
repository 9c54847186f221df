//! Call chain: the order service calls the others one after the other while the customer waits.
//!
//! It is the checkout most teams write first. The process lives in the memory of one instance, so no choice of keys,
//! retries or tombstones makes it safe: what makes it safe is to write the process down, and then it is a saga.

use super::level::{FIRST_WRITTEN, MATCHED};
use super::orchestrated_saga::CHECKOUT;
use super::{Architecture, Level, Process, Style};

/// The order service calls the others, and keeps the process in memory.
pub const CALL_CHAIN: Architecture = Architecture {
    name: "call-chain",
    about: "the order service calls the others and keeps the process in memory",
    style: Style::CallChain,
    process: Process::Memory(CHECKOUT),
    announces: &[],
    levels: &[(Level::Matched, MATCHED), (Level::FirstWritten, FIRST_WRITTEN)],
    missing_level: Some(
        "no hardened level: a crash forgets the process, and a process that is written down is an orchestrated saga",
    ),
};
