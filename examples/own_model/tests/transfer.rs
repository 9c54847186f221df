//! The transfer in the storm: `cargo test` fails with a story when it breaks a property.

use own_model::Transfer;
use stormcart::harness::variant::VariantArgs;
use stormcart::testing::{ModelCheck, check_model, model_regressions};

#[test]
fn all_is_well_in_the_calm() {
    check_model::<Transfer>("calm", "coordinator", 0..50);
}

#[test]
fn nothing_is_lost_in_the_storm() {
    check_model::<Transfer>("storm", "coordinator", 0..2_000);
}

#[test]
fn what_was_found_once_is_found_again() {
    assert!(model_regressions::<Transfer>("regressions") >= 1);
}

/// What a failure looks like: `cargo test -- --show-output silence`.
#[test]
fn silence_taken_for_a_refusal_is_found_out() {
    let args = VariantArgs { level: Some("first-written".into()), ..VariantArgs::default() };
    let failed = ModelCheck::<Transfer> { args, environment: false, ..ModelCheck::default() }.run();
    let story = failed.expect_err("money is lost").to_string();
    println!("{story}");
    assert!(story.contains("T1 conserved"), "{story}");
}
