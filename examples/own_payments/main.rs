//! A service of another team in the storm: payments as ordinary async Rust, among the simulated rest of the checkout.
//!
//! ```text
//! cargo run --release --example own_payments
//! ```
//!
//! `docs/own-service.md` tells how to put a service of yours there. The tests are in `tests/own_service.rs`.

#[cfg(madsim)]
mod payments;
#[cfg(madsim)]
mod rules;
#[cfg(madsim)]
mod workers;

#[cfg(madsim)]
fn main() -> Result<(), stormcart::testing::Failed> {
    let checked = workers::check(workers::careful, 0..500).run()?;
    println!("careful: {} storms, and every property held", checked.seeds);
    match workers::check(workers::careless, 0..500).run() {
        Ok(checked) => println!("careless: nothing found in {} storms", checked.seeds),
        Err(story) => println!("careless:\n\n{story}"),
    }
    Ok(())
}

#[cfg(not(madsim))]
fn main() {
    println!("this build has no madsim backend: unset RUSTFLAGS, or add `--cfg madsim` to it");
}
