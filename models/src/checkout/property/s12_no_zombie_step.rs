//! S12: what was given up before it came does not happen when it comes.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};
use crate::checkout::vocabulary::Op;

/// S12.
pub const PROPERTY: Property = Property {
    id: "S12",
    name: "no zombie step",
    slug: "no-zombie-step",
    modality: Modality::Always,
    definition: "after the undoing of an operation that had not come, its owner never applies it",
    mutant: "fence=none",
    benign: "retry=doubled",
    always: Some((&[Kind::Held, Kind::Begun, Kind::Fenced], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let late = match seen.fact {
        Fact::Held(..) => Op::Reserve,
        Fact::Begun(_, Op::Charge) => Op::Charge,
        Fact::Fenced(..) => return Finding::Held,
        _ => return Finding::Silent,
    };
    if seen.before.fenced == 0 {
        return Finding::Silent;
    }
    check(seen.before.fenced & late.bit() == 0, || format!("{late} was applied after it had been undone"))
}
