//! S7: money goes back once.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check, money};
use crate::checkout::fact::{Fact, Kind};

/// S7.
pub const PROPERTY: Property = Property {
    id: "S7",
    name: "no double refund",
    slug: "no-double-refund",
    modality: Modality::Always,
    definition: "refunded at most what was captured, and once",
    mutant: "key=per-attempt",
    benign: "retry=eager",
    always: Some((&[Kind::Reversed], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Reversed(..) = seen.fact else { return Finding::Silent };
    let now = seen.now;
    check(now.reversals <= 1 && now.reversed_cents <= now.captured_cents, || {
        format!(
            "{} given back in {} refunds, of {} taken",
            money(now.reversed_cents),
            now.reversals,
            money(now.captured_cents)
        )
    })
}
