//! S24: what a customer was promised is written down.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};
use crate::checkout::vocabulary::Outcome;

/// S24.
pub const PROPERTY: Property = Property {
    id: "S24",
    name: "accepted is never forgotten",
    slug: "accepted-is-never-forgotten",
    modality: Modality::Always,
    definition: "every order that a customer was told is accepted is durably known",
    mutant: "the mutant that does not wait for the disk",
    benign: "retry=eager",
    always: Some((&[Kind::Told], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Told(_, Outcome::Accepted | Outcome::Confirmed) = seen.fact else { return Finding::Silent };
    check(seen.now.placed > 0, || {
        "the customer was told that the order is accepted, and nobody knows it".into()
    })
}
