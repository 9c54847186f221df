//! The command line of the models that come with the project; see [`stormcart::harness::cli`].

use std::process::ExitCode;

use stormcart::models::booking::Booking;
use stormcart::models::checkout::model::Checkout;

fn main() -> ExitCode {
    stormcart::main(&[&Checkout, &Booking])
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
