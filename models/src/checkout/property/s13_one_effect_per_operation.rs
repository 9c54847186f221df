//! S13: a logical operation has one effect, however often it is asked for.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};

/// S13.
pub const PROPERTY: Property = Property {
    id: "S13",
    name: "one effect per operation",
    slug: "one-effect-per-operation",
    modality: Modality::Always,
    definition: "at most one hold, one capture (if the provider lets a client know) and one dispatch per order",
    mutant: "dedup=none",
    benign: "relay=twice",
    always: Some((&[Kind::Held, Kind::Captured, Kind::Dispatched], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let (what, times) = match seen.fact {
        Fact::Held(..) => ("reserve", seen.now.holds),
        Fact::Captured(..) if seen.ledger.setup().capabilities.tells() => ("charge", seen.now.captures),
        Fact::Dispatched(_) => ("ship", seen.now.dispatched),
        _ => return Finding::Silent,
    };
    check(times <= 1, || format!("{what} took effect {times} times"))
}
