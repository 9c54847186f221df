//! S19: customers are told what is true.

use stormcart_sim::property::Modality;

use super::{Finding, Property, Seen, UNCHECKED, check};
use crate::checkout::fact::{Fact, Kind};

/// S19.
pub const PROPERTY: Property = Property {
    id: "S19",
    name: "truthful notices",
    slug: "truthful-notices",
    modality: Modality::Always,
    definition: "a notice is true when it is sent, and each kind is delivered at most once",
    mutant: "a mutant in the tests mails before the status is set",
    benign: "relay=twice",
    always: Some((&[Kind::Mailed], always)),
    ..UNCHECKED
};

fn always(seen: &Seen<'_>) -> Finding {
    let Fact::Mailed(_, status) = seen.fact else { return Finding::Silent };
    if seen.now.mailed_twice {
        return Finding::Broken(format!("the customer was told twice that the order is {status}"));
    }
    check(seen.before.status == Some(*status), || {
        let truth = seen.before.status.unwrap_or_default();
        format!("the customer was told that the order is {status}, and it is {truth}")
    })
}
