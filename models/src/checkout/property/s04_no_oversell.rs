//! S4: nothing is promised that is not there.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, moved};
use crate::checkout::fact::Kind;

/// S4.
pub const PROPERTY: Property = Property {
    id: "S4",
    name: "no oversell",
    slug: "no-oversell",
    modality: Modality::Always,
    definition: "for every sku 0 <= reserved <= on hand",
    mutant: "allocate=check-then-allocate",
    benign: "retry=eager",
    always: Some((&[Kind::Held, Kind::HoldEnded], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Some(mut shelves) = moved(seen) else { return Finding::Silent };
    match shelves.find(|(_, shelf)| shelf.reserved < 0 || shelf.reserved > shelf.on_hand) {
        None => Finding::Held,
        Some((sku, shelf)) => {
            Finding::Broken(format!("sku {sku}: {} reserved of {} on hand", shelf.reserved, shelf.on_hand))
        }
    }
}
