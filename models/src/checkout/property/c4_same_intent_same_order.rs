//! C4: resubmitting does not order twice.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};

/// C4.
pub const PROPERTY: Property = Property {
    id: "C4",
    name: "same intent, same order",
    slug: "same-intent-same-order",
    modality: Modality::Always,
    definition: "a purchase intent creates at most one order",
    mutant: "dedup=none",
    benign: "retry=eager",
    always: Some((&[Kind::Placed], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Placed(..) = seen.fact else { return Finding::Silent };
    check(seen.now.placed <= 1, || format!("one intent became {} orders", seen.now.placed))
}
