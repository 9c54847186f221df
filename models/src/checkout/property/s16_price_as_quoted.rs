//! S16: the customer pays what they were quoted.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check, money};
use crate::checkout::fact::{Fact, Kind};

/// S16.
pub const PROPERTY: Property = Property {
    id: "S16",
    name: "price as quoted",
    slug: "price-as-quoted",
    modality: Modality::Always,
    definition: "charged equals the accepted quote, and no empty or free order is charged",
    mutant: "a mutant in the tests charges the shelf price",
    benign: "retry=eager",
    always: Some((&[Kind::Captured], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Captured(order, cents) = seen.fact else { return Finding::Silent };
    let basket = &seen.ledger.setup().intents[*order as usize].basket;
    let sound = *cents == basket.total_cents() && *cents > 0 && !basket.lines().is_empty();
    check(sound, || format!("{} was charged for a quote of {}", money(*cents), money(basket.total_cents())))
}
