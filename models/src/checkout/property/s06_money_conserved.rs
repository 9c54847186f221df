//! S6: our books and the provider's agree.

use stormcart_sim::property::Modality;

use super::{Finding, Property, UNCHECKED, check, money};
use crate::checkout::ledger::{Ledger, OrderTruth};

/// S6.
pub const PROPERTY: Property = Property {
    id: "S6",
    name: "money conserved",
    slug: "money-conserved",
    modality: Modality::Rest,
    definition: "at rest the books of payments and the ledger of the provider agree on what was taken and given back",
    mutant: "timeout=failed",
    benign: "retry=eager",
    rest: Some(rest),
    ..UNCHECKED
};

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if (order.captures == 0 && order.booked_in_cents == 0) || order.parked {
        return Finding::Silent;
    }
    let agree =
        order.captured_cents == order.booked_in_cents && order.reversed_cents == order.booked_out_cents;
    check(agree, || {
        format!(
            "the provider took {} and gave back {}; payments believes {} and {}",
            money(order.captured_cents),
            money(order.reversed_cents),
            money(order.booked_in_cents),
            money(order.booked_out_cents)
        )
    })
}
