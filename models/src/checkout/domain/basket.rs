//! What a customer wants, and at what price.
//!
//! **Invariant:** a basket never changes after it was quoted; the type has no method that changes one.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Serialize, Serializer};
use stormcart_sim::digest::Digest;

use super::money;

/// One article in a basket, in some quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// The article, numbered from 0.
    pub sku: u16,
    /// How many pieces.
    pub quantity: u16,
    /// The price of all pieces together, in cents.
    pub price_cents: u64,
}

/// A quoted basket. Cheap to clone and one pointer wide, because most messages and records carry one; hashes in one
/// word.
#[derive(Clone)]
pub struct Basket(Arc<Quote>);

struct Quote {
    lines: Box<[Line]>,
    total_cents: u64,
    digest: u64,
}

impl Basket {
    /// Quotes these lines.
    pub fn new(lines: Vec<Line>) -> Self {
        let total_cents = lines.iter().map(|line| line.price_cents).sum();
        Basket(Arc::new(Quote { digest: Digest::of(&lines[..]), total_cents, lines: lines.into() }))
    }

    /// What is wanted, by article.
    pub fn lines(&self) -> &[Line] {
        &self.0.lines
    }

    /// The quoted price of everything, in cents.
    pub fn total_cents(&self) -> u64 {
        self.0.total_cents
    }
}

/// `13.02 for 2 of article 0 and 1 of article 3`.
impl fmt::Display for Basket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for ", money(self.total_cents()))?;
        for (index, Line { sku, quantity, .. }) in self.lines().iter().enumerate() {
            let and = if index == 0 { "" } else { " and " };
            write!(f, "{and}{quantity} of article {sku}")?;
        }
        Ok(())
    }
}

/// The words of [`Display`](fmt::Display).
impl Serialize for Basket {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The quote, without the pointer to it.
impl fmt::Debug for Basket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Quote { lines, total_cents, digest } = &*self.0;
        let mut basket = f.debug_struct("Basket");
        basket.field("lines", lines).field("total_cents", total_cents).field("digest", digest).finish()
    }
}

impl PartialEq for Basket {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest && self.0.lines == other.0.lines
    }
}
impl Eq for Basket {}

impl Hash for Basket {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        hasher.write_u64(self.0.digest);
    }
}
