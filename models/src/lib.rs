//! The models of Stormcart: each a system of services over [`stormcart_sim`], with its ground truth and its properties.
//!
//! [`checkout`] is the first: its front page says what it is and how to add to it.
//!
//! **Invariant:** a model depends on the simulator and on nothing else of this project; the crate's `Cargo.toml` holds
//! that.

pub mod checkout;

// Old paths, until every user has moved.
pub use checkout::{
    architecture, domain, fact, ledger, message, misbehaviors, outside as external, platform, policy,
    service, setup, vocabulary as words,
};

/// Old names of the properties.
pub mod invariant {
    pub use crate::checkout::property::{PROPERTIES as INVARIANTS, Property as Invariant, *};
}
