//! What a customer wants, and at what price.
//!
//! **Invariant:** a basket never changes after it was quoted; everybody who speaks of an order speaks of this value.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stormcart_sim::digest::Digest;

/// So many of one article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// The article, numbered from 0.
    pub sku: u16,
    /// How many.
    pub quantity: u16,
    /// The price of all of them, in cents.
    pub price_cents: u64,
}

/// A quoted basket. Cheap to clone and one pointer wide, because most messages and records carry one; hashes in one word.
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

/// As if there were no pointer: stories read the fields.
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
