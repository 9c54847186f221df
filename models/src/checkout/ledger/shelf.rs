//! What is true of one article: counters as inventory keeps them, and what they ought to be.
//!
//! `on_hand` and `reserved` follow every record that inventory writes, twice if it writes twice; `live` and `picked`
//! follow what the holds of the orders really are. S4 and S5 compare them.

use crate::checkout::domain::HoldEnd;

/// One article, as it really is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ShelfTruth {
    /// Pieces at the start.
    pub initial: i64,
    /// Pieces in the warehouse, as the counters of inventory have it.
    pub on_hand: i64,
    /// Pieces that are reserved, as the counters of inventory have it.
    pub reserved: i64,
    /// Pieces in live holds.
    pub live: i64,
    /// Pieces that were picked and not returned.
    pub picked: i64,
}

impl ShelfTruth {
    /// A full shelf.
    pub(super) fn stocked(stock: u32) -> Self {
        let initial = i64::from(stock);
        ShelfTruth { initial, on_hand: initial, ..ShelfTruth::default() }
    }

    /// So many of this article were held (`end` is none), or their hold ended; `before` says how the hold of that order
    /// stood until then.
    pub(super) fn moved(&mut self, quantity: u16, end: Option<HoldEnd>, before: Option<Option<HoldEnd>>) {
        let lived = i64::from(before == Some(None));
        let was_picked = i64::from(before == Some(Some(HoldEnd::Confirmed)));
        let (on_hand, reserved, live, picked) = match end {
            None => (0, 1, 1 - lived, 0),
            Some(HoldEnd::Released | HoldEnd::Expired) => (0, -1, -lived, -was_picked),
            Some(HoldEnd::Confirmed) => (-1, -1, -lived, 1 - was_picked),
            Some(HoldEnd::Returned) => (1, 0, -lived, -was_picked),
        };
        let quantity = i64::from(quantity);
        self.on_hand += on_hand * quantity;
        self.reserved += reserved * quantity;
        self.live += live * quantity;
        self.picked += picked * quantity;
    }
}
