//! What a checkout is about: baskets, orders and the words for how things end. Pure values, no behaviour of machines.

mod basket;
mod status;

pub use basket::{Basket, Line};
pub use status::{HoldEnd, Status};
