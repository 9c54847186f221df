//! S9: an order does not change its mind.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};

/// S9.
pub const PROPERTY: Property = Property {
    id: "S9",
    name: "status moves forward",
    slug: "status-moves-forward",
    modality: Modality::Always,
    definition: "every status history is a path in the status graph",
    mutant: "dedup=none",
    benign: "relay=twice",
    always: Some((&[Kind::Closed], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Closed(_, status) = seen.fact else { return Finding::Silent };
    let before = seen.before.status.unwrap_or_default();
    check(before.may_become(*status) || before == *status, || {
        format!("the order went from {before} to {status}")
    })
}
