//! S14: what is announced has happened, and what has happened is announced.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};
use crate::checkout::ledger::{Ledger, OrderTruth};
use crate::checkout::vocabulary::Event;

/// S14.
pub const PROPERTY: Property = Property {
    id: "S14",
    name: "events match state",
    slug: "events-match-state",
    modality: Modality::Always,
    definition: "nothing is announced before its cause is committed; at rest everything that is to be announced was",
    mutant: "publish=commit-then-publish, publish=publish-then-commit",
    benign: "relay=twice",
    always: Some((&[Kind::Announced], always)),
    rest: Some(rest),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Announced(_, event) = seen.fact else { return Finding::Silent };
    check(seen.before.implied & event.bit() != 0, || {
        format!("{event} was announced, and its cause was never committed")
    })
}

fn rest(_: &Ledger, order: &OrderTruth) -> Finding {
    if order.implied == 0 || order.parked {
        return Finding::Silent;
    }
    let missing = order.implied & !order.announced;
    check(missing == 0, || {
        let names: Vec<&str> =
            Event::ALL.iter().filter(|event| missing & event.bit() != 0).map(|event| event.name()).collect();
        format!("committed, and never announced: {}", names.join(", "))
    })
}
