//! S1: a purchase intent is paid for once.

use stormcart_sim::property::Modality;

use super::{AtRest, Finding, Property, Seen, UNCHECKED, check, money};
use crate::checkout::fact::{Fact, Kind};

/// S1.
pub const PROPERTY: Property = Property {
    id: "S1",
    name: "no double charge",
    slug: "no-double-charge",
    modality: Modality::Always,
    definition: "per purchase intent at most one capture, and captured at most the quoted total",
    mutant: "key=per-attempt",
    benign: "retry=eager",
    always: Some((&[Kind::Captured], always)),
    rest: Some(REST),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Captured(..) = seen.fact else { return Finding::Silent };
    if !seen.ledger.setup().capabilities.tells() {
        return Finding::Silent;
    }
    let now = seen.now;
    check(now.captures <= 1 && now.captured_cents <= now.quote_cents, || {
        format!(
            "charged {} times, {} in all, for a quote of {}",
            now.captures,
            money(now.captured_cents),
            money(now.quote_cents)
        )
    })
}

const REST: AtRest = |ledger, order| {
    if order.captures == 0 || ledger.setup().capabilities.tells() {
        return Finding::Silent;
    }
    check(order.net_cents() <= order.quote_cents as i64, || {
        format!("{} net was taken for a quote of {}", money(order.net_cents()), money(order.quote_cents))
    })
};
