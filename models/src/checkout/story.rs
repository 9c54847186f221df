//! How state is serialized, so that a reader who knows none of these types can tell it in words and as JSON.
//!
//! - A map by number is by order; a map by something else has keys that say so (`article 3`), from the helpers here.
//! - A struct whose name says no more than the field it is in is serialized under an empty name.
//! - Configuration, which never changes in a run, is skipped.
//! - `None`, `false` and what is empty are serialized as they are; a reader leaves them out.
//!
//! `models/tests/stories` holds one value of every store, memory and record, and what it is serialized as.

use serde::{Serialize, Serializer};
use stormcart_sim::DenseMap;

/// Serializes a map whose numbers mean something other than an order.
pub(super) fn keyed_by<V: Serialize, S: Serializer>(
    map: &DenseMap<V>,
    key: impl Fn(u32) -> String,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(map.iter().map(|(number, value)| (key(number), value)))
}

/// Serializes a map by article: `article 3`.
pub(super) fn by_article<V: Serialize, S: Serializer>(
    map: &DenseMap<V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    keyed_by(map, |article| format!("article {article}"), serializer)
}

/// Serializes a map by partition of the log: `partition 2`.
pub(super) fn by_partition<V: Serialize, S: Serializer>(
    map: &DenseMap<V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    keyed_by(map, |partition| format!("partition {partition}"), serializer)
}

/// Serializes a set: what is in it is `true`.
pub(super) fn present<S: Serializer>(set: &DenseMap<()>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(set.iter().map(|(number, ())| (number, true)))
}
