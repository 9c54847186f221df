//! Stormcart puts a checkout through a storm, deterministically.
//!
//! A [`scenario::Scenario`] is a file. [`plan::LoadedScenario::plan`] draws a [`plan::Plan`] from it for an architecture
//! and a seed; [`run::run`] is a pure function from a plan to a verdict.

pub use stormcart_harness::*;
