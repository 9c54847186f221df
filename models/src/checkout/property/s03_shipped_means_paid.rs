//! S3: goods leave only when they are paid for.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check, money};
use crate::checkout::fact::{Fact, Kind};

/// S3.
pub const PROPERTY: Property = Property {
    id: "S3",
    name: "shipped means paid",
    slug: "shipped-means-paid",
    modality: Modality::Always,
    definition: "when the carrier takes the goods, net captured equals the quoted total",
    mutant: "a mutant in the tests dispatches before the charge",
    benign: "relay=twice",
    always: Some((&[Kind::Dispatched], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Dispatched(_) = seen.fact else { return Finding::Silent };
    let now = seen.now;
    check(now.net_cents() == now.quote_cents as i64, || {
        format!("dispatched with {} paid of {}", money(now.net_cents()), money(now.quote_cents))
    })
}
