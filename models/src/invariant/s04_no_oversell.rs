//! S4: nothing is promised that is not there.

use stormcart_sim::property::Modality;

use super::{Finding, Invariant, Seen, UNCHECKED};
use crate::fact::Fact;

/// S4.
pub const INVARIANT: Invariant = Invariant {
    id: "S4",
    name: "no oversell",
    modality: Modality::Always,
    definition: "for every sku 0 <= reserved <= on hand",
    mutant: "allocate=check-then-allocate",
    benign: "retry=eager",
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
        if shelf.reserved < 0 || shelf.reserved > shelf.on_hand {
            return Finding::Broken(format!(
                "sku {}: {} reserved of {} on hand",
                line.sku, shelf.reserved, shelf.on_hand
            ));
        }
    }
    Finding::Held
}
