//! The business rules, each on its own state, with nothing around them.
//!
//! **Invariant:** nothing here deduplicates, retries or crashes: what the rules promise, they promise for operations
//! that are carried out once, and a test for each says what happens when they are carried out twice.

mod inventory;
mod orders;
mod payments;

use stormcart_models::checkout::domain::{Basket, Line};

/// A basket of one line.
fn basket(sku: u16, quantity: u16) -> Basket {
    Basket::new(vec![Line { sku, quantity, price_cents: 1_000 * u64::from(quantity) }])
}
