//! The command line; see [`stormcart::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(stormcart::cli::main(std::env::args_os()))
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
