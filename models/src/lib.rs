//! The models of Stormcart: each a system of services over [`stormcart_sim`], with its ground truth, its properties and its
//! words, as one implementation of [`stormcart_harness::Model`].
//!
//! [`checkout`] is the flagship: its front page says what it is and how to add to it.
//!
//! **Invariant:** a model depends on the simulator and on the harness, and neither of them on a model; the `Cargo.toml` of
//! the crates holds that.

pub mod checkout;
