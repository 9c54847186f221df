//! Stormcart puts a checkout through a storm, deterministically.
//!
//! A [`scenario::Scenario`] is a file. [`plan::LoadedScenario::plan`] draws a [`plan::Plan`] from it for an architecture and a
//! seed; [`run::run`] is a pure function from a plan to a verdict.

pub mod adequacy;
pub mod artifacts;
pub mod backend;
pub mod bugs;
pub mod case;
pub mod cli;
pub mod compare;
pub mod determinism_check;
pub mod error;
pub mod explore;
pub mod fault_generator;
pub mod fault_text;
pub mod orders_csv;
pub mod plan;
pub mod plan_file;
pub mod reduction;
pub mod report;
pub mod run;
pub mod scenario;
pub mod seeds;
pub mod shrink;
pub mod stats;
pub mod story;
pub mod sweep;
pub mod testing;
pub mod variant;
pub mod workload;

/// What this build is called: version and digest of its sources. Runs of different builds may differ.
pub const BUILD: &str = env!("STORMCART_BUILD");
