//! S5: goods do not appear or vanish.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, moved};
use crate::checkout::fact::Kind;
use crate::checkout::ledger::ShelfTruth;

/// S5.
pub const PROPERTY: Property = Property {
    id: "S5",
    name: "stock conserved",
    slug: "stock-conserved",
    modality: Modality::Always,
    definition: "for every sku on hand + picked = initial, and reserved = the sum of live holds",
    mutant: "confirm=blind",
    benign: "relay=twice",
    always: Some((&[Kind::Held, Kind::HoldEnded], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Some(mut shelves) = moved(seen) else { return Finding::Silent };
    let sound =
        |shelf: &ShelfTruth| shelf.on_hand + shelf.picked == shelf.initial && shelf.reserved == shelf.live;
    match shelves.find(|(_, shelf)| !sound(shelf)) {
        None => Finding::Held,
        Some((sku, shelf)) => Finding::Broken(format!(
            "sku {sku}: {} on hand and {} picked of {}; {} reserved, {} held",
            shelf.on_hand, shelf.picked, shelf.initial, shelf.reserved, shelf.live
        )),
    }
}
