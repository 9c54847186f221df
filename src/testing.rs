//! A checkout, or a model of yours, in a test of yours.

use std::ops::Range;

use stormcart_models::checkout::model::Checkout;

pub use stormcart_harness::testing::{
    Check as ModelCheck, Checked, Failed, check as check_model, regressions as model_regressions,
};

/// What is to be checked of the checkout.
pub type Check<'a> = ModelCheck<'a, Checkout>;

/// Runs an architecture of the checkout through a scenario, once for each seed.
///
/// # Panics
/// With the story of the first seed that fails.
#[track_caller]
pub fn check(scenario: &str, architecture: &str, seeds: Range<u64>) -> Checked {
    check_model::<Checkout>(scenario, architecture, seeds)
}

/// Replays every regression of the checkout in a folder; returns how many there are.
///
/// # Panics
/// With the story of the first one that fails.
#[track_caller]
pub fn regressions(folder: &str) -> u64 {
    model_regressions::<Checkout>(folder)
}
