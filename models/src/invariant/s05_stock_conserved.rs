//! S5: goods do not appear or vanish.

use stormcart_sim::property::Modality;

use super::{Finding, Invariant, Seen, UNCHECKED};
use crate::fact::Fact;

/// S5.
pub const INVARIANT: Invariant = Invariant {
    id: "S5",
    name: "stock conserved",
    modality: Modality::Always,
    definition: "for every sku on hand + picked = initial, and reserved = the sum of live holds",
    mutant: "confirm=blind",
    benign: "relay=twice",
    always: Some(always),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let basket = match seen.fact {
        Fact::Held(_, basket) | Fact::HoldEnded(_, _, basket) => basket,
        _ => return Finding::Silent,
    };
    for line in basket.lines() {
        let Some(shelf) = seen.ledger.shelves().get(line.sku as usize) else { continue };
        if shelf.on_hand + shelf.picked != shelf.initial || shelf.reserved != shelf.live {
            return Finding::Broken(format!(
                "sku {}: {} on hand and {} picked of {}; {} reserved, {} held",
                line.sku, shelf.on_hand, shelf.picked, shelf.initial, shelf.reserved, shelf.live
            ));
        }
    }
    Finding::Held
}
