//! What every model gets: cases, plans, seeds, sweeps, certificates, shrinking, stories, time travel, comparison, a command
//! line.
//!
//! A [`model::Model`] says what exists, what a scenario says about it, what one run is about, and what takes part. A
//! [`plan::LoadedScenario`] draws a [`plan::Plan`] for a [`variant::Variant`] and a seed; [`run::run`] is a pure function
//! from a plan to a verdict; everything else calls it.
//!
//! **Invariant:** no file here knows a model; the crate depends on `stormcart-sim` alone.

pub mod adequacy;
pub mod artifacts;
pub mod backend;
pub mod case;
pub mod catalog;
pub mod cli;
pub mod compare;
pub mod determinism_check;
pub mod error;
pub mod explore;
pub mod fault_generator;
pub mod fault_text;
pub mod model;
pub mod plan;
pub mod plan_file;
pub mod promise;
pub mod reduction;
pub mod report;
pub mod run;
pub mod scenario;
pub mod seeds;
pub mod shrink;
pub mod stats;
pub mod story;
pub mod summary;
pub mod sweep;
pub mod testing;
pub mod text;
pub mod variant;
pub mod worker_pool;

use std::process::ExitCode;

pub use cli::AnyModel;
pub use model::Model;

/// What this build is called: version and digest of its sources. Runs of different builds may differ.
pub const BUILD: &str = env!("STORMCART_BUILD");

/// The whole of a binary: does what the arguments of the process say with one of these models, the first of which is the
/// usual one.
pub fn main(models: &[&dyn AnyModel]) -> ExitCode {
    ExitCode::from(cli::main(models, std::env::args_os()))
}
