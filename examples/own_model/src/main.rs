//! Every verb of Stormcart, for a model of one's own.

use std::process::ExitCode;

fn main() -> ExitCode {
    stormcart::main(&[&own_model::Transfer])
}
