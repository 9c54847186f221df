//! Results as text: what a person reads and what a program reads, from the same values.
//!
//! **Invariant:** a report is a function of its results; it holds no time of day, no machine and no path of one.

pub mod compare;
mod grid;
pub mod sweep;

use crate::seeds::Seed;
use crate::variant::Variant;

/// A variant in the words of a case, without scenario, seed and backend: `choreography+fence=none+level=matched`.
pub fn variant_name(variant: &Variant) -> String {
    let mut case = variant.case("", Seed(0)).to_string();
    case.truncate(case.rfind(':').unwrap_or(case.len()));
    case.split_off(1)
}
