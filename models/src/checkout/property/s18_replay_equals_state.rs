//! S18: folding the durable log gives the durable state.

use stormcart_sim::property::Modality;

use super::{Property, UNCHECKED};

/// S18. The world replays a log whenever a node restarts, and every log at rest; the ledger is told the result.
pub const PROPERTY: Property = Property {
    id: "S18",
    name: "replay equals state",
    slug: "replay-equals-state",
    modality: Modality::Rest,
    definition: "folding the durable log gives the durable state, byte for byte, at every restart and at rest",
    mutant: "a mutant in the tests changes a store without a record",
    benign: "relay=twice",
    ..UNCHECKED
};
