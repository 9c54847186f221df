//! Inventory: what is on the shelf, and what is held for whom.

use serde::Serialize;
use stormcart_sim::DenseMap;

use crate::checkout::domain::{Basket, HoldEnd};
use crate::checkout::fact::Fact;
use crate::checkout::message::Order;
use crate::checkout::vocabulary::{Op, Outcome, ops};

use crate::checkout::story::by_article;

use super::decision::Decision;

/// One article. Signed, so that a bug shows as what it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Shelf {
    /// Pieces in the warehouse.
    pub on_hand: i64,
    /// Pieces of these that are promised to an order.
    pub reserved: i64,
}

/// A hold and how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Hold {
    /// What is held.
    pub basket: Basket,
    /// `None` while it lives.
    pub end: Option<HoldEnd>,
}

/// What inventory knows: shelves by article, holds by order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct State {
    /// How many pieces of each article there are, by article.
    #[serde(serialize_with = "by_article")]
    pub shelves: DenseMap<Shelf>,
    /// What is held for each order, and how that ended; by order.
    pub holds: DenseMap<Hold>,
}

/// A change to the state of inventory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum StockChange {
    /// Stock is held.
    Held(Order, Basket),
    /// A hold ended.
    Ended(Order, HoldEnd, Basket),
}

impl State {
    /// Shelves filled with this initial stock.
    pub fn stocked(stock: &[u32]) -> Self {
        let mut state = State::default();
        for (sku, on_hand) in (0..).zip(stock) {
            state.shelves.insert(sku, Shelf { on_hand: i64::from(*on_hand), reserved: 0 });
        }
        state
    }

    fn available(&self, sku: u16) -> i64 {
        self.shelves.get(u32::from(sku)).map_or(0, |shelf| shelf.on_hand - shelf.reserved)
    }
}

/// Applies a change.
pub fn apply(state: &mut State, change: &StockChange) {
    let (order, basket, end) = match change {
        StockChange::Held(order, basket) => (order, basket, None),
        StockChange::Ended(order, end, basket) => (order, basket, Some(*end)),
    };
    let (on_hand, reserved) = match end {
        None => (0, 1),
        Some(HoldEnd::Released | HoldEnd::Expired) => (0, -1),
        Some(HoldEnd::Confirmed) => (-1, -1),
        Some(HoldEnd::Returned) => (1, 0),
    };
    for line in basket.lines() {
        let shelf = state.shelves.entry(u32::from(line.sku));
        shelf.on_hand += on_hand * i64::from(line.quantity);
        shelf.reserved += reserved * i64::from(line.quantity);
    }
    match state.holds.get_mut(*order) {
        Some(hold) => hold.end = end,
        None => {
            state.holds.insert(*order, Hold { basket: basket.clone(), end });
        }
    }
}

/// The truth in a change.
pub fn fact(change: &StockChange) -> Fact {
    match change {
        StockChange::Held(order, basket) => Fact::Held(*order, basket.clone()),
        StockChange::Ended(order, end, basket) => Fact::HoldEnded(*order, *end, basket.clone()),
    }
}

/// The rules. They decide and record; they do not ask whether they have decided this before.
pub fn decide(state: &State, op: Op, order: Order, basket: &Basket) -> Decision<StockChange> {
    let end = state.holds.get(order).map(|hold| hold.end);
    let ended =
        |outcome, how| Decision::done(op, outcome).noting(StockChange::Ended(order, how, basket.clone()));
    match (op, end) {
        (Op::Reserve, _) => {
            let enough =
                |line: &crate::checkout::domain::Line| state.available(line.sku) >= i64::from(line.quantity);
            match !basket.lines().is_empty() && basket.lines().iter().all(enough) {
                true => Decision::done(op, Outcome::Done).noting(StockChange::Held(order, basket.clone())),
                false => Decision::done(op, Outcome::OutOfStock),
            }
        }
        (Op::Confirm, Some(None | Some(HoldEnd::Confirmed))) => ended(Outcome::Done, HoldEnd::Confirmed),
        (Op::Confirm, _) => Decision::done(op, Outcome::HoldLost),
        (Op::Expiry, Some(None)) => ended(Outcome::Done, HoldEnd::Expired),
        (Op::Release, Some(None)) => ended(Outcome::Done, HoldEnd::Released),
        (Op::Release, Some(Some(HoldEnd::Confirmed))) => ended(Outcome::Done, HoldEnd::Returned),
        (Op::Expiry | Op::Release, _) => Decision::done(op, Outcome::Done),
        (ops!(not of inventory), _) => unreachable!("{op} is no command of inventory"),
    }
}

/// Whether another order holds what this basket could not get.
pub fn contested(state: &State, basket: &Basket) -> bool {
    let held = |sku: u16| state.shelves.get(u32::from(sku)).is_some_and(|shelf| shelf.reserved > 0);
    basket.lines().iter().any(|line| held(line.sku) && state.available(line.sku) < i64::from(line.quantity))
}
