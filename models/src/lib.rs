//! The models of Stormcart: each a system of services over [`stormcart_sim`], with its ground truth, its properties and its
//! words, as one implementation of [`stormcart_harness::Model`].
//!
//! The tour: an architecture, a storm, and what the ledger saw.
//!
//! ```
//! use stormcart_harness::{error::Error, run::{Verdict, run}, seeds::Seed, variant::VariantArgs};
//! use stormcart_models::checkout::model::{Checkout, LoadedScenario};
//!
//! let storm = LoadedScenario::load("lost-replies")?;
//! let designed = Checkout::variant("choreography")?;
//! let args = VariantArgs { bugs: vec!["fresh-key-per-attempt".into()], ..VariantArgs::default() };
//! let shipped_once = Checkout::variant_with("choreography", &args)?; // The same, with what somebody once shipped.
//!
//! let broken = |variant| (0..40).filter(|seed| run(&storm.plan(variant, Seed(*seed))).verdict != Verdict::Held).count();
//! assert_eq!(broken(&designed), 0);
//! assert!(broken(&shipped_once) > 0); // A charge was taken twice.
//! # Ok::<(), Error>(())
//! ```
//!
//! [`checkout`] is the flagship: its front page says what it is and how to add to it. [`booking`] is a
//! small one, to copy.
//!
//! **Invariant:** a model depends on the simulator and on the harness, and neither of them on a model; the `Cargo.toml` of
//! the crates holds that.

pub mod booking;
pub mod checkout;
