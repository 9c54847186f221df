//! What a checkout is about: baskets, and how orders, holds, payments and shipments stand. Pure values: no file here
//! imports anything of the checkout.

mod basket;
mod money;
mod status;

pub use basket::{Basket, Line};
pub use money::money;
pub use status::{HoldEnd, PaymentStatus, ShipmentStatus, Status};
