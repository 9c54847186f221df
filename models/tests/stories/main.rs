//! State as a story reads it: one value of every store, memory, record, message and fact, and what it is serialized as.
//!
//! **Invariant:** every party, store and record has a representative here: the matches over them are exhaustive.

mod memories;
mod records;
mod stores;
mod travels;
#[path = "../platform/world.rs"]
#[expect(dead_code, reason = "the platform tests use the rest of it")]
mod world;

use serde::Serialize;
use serde_json::Value;
use stormcart_models::checkout::domain::{Basket, Line};

/// Two articles; the first comes twice.
fn basket() -> Basket {
    let line = |sku, quantity| Line { sku, quantity, price_cents: 651 };
    Basket::new(vec![line(0, 2), line(3, 1)])
}

/// The words for [`basket`].
const BASKET: &str = "13.02 for 2 of article 0 and 1 of article 3";

/// What a value is serialized as.
fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("every key is a text or a number")
}
