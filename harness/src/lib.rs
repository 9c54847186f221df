//! What every model gets: cases, plans, seeds, sweeps, certificates, shrinking, stories, time travel, comparison, a command
//! line.
//!
//! The tour: a case names a world; a plan is everything its run depends on; a run is a function of the plan; all else
//! calls that function.
//!
//! ```
//! # use stormcart_harness::error::Error;
//! use stormcart_harness::determinism_check::DeterminismCheck;
//! use stormcart_harness::run::{Until, Verdict, run};
//! use stormcart_harness::shrink::{broke_first, shrink};
//! use stormcart_harness::story::{mermaid::diagram, snapshot::StateSnapshot};
//! use stormcart_harness::{case::Case, plan};
//! use stormcart_models::checkout::model::Checkout; // Any implementation of `Model`.
//!
//! // Payments is cut off in the middle of a charge, and the process lives in memory.
//! let case: Case = "partition:call-chain+level=first-written:3".parse()?;
//! let (loaded, variant, seed) = plan::open::<Checkout>(&case)?;
//! let drawn = loaded.plan(&variant, seed);
//! let seen = run(&drawn);
//! assert!(matches!(seen.verdict, Verdict::Violated(_)));
//!
//! // The least of it: fewer faults, one order, one item. It breaks the same property, and nothing of it can go.
//! let property = broke_first(&seen).unwrap();
//! let shrunk = shrink(&drawn, property).unwrap();
//! assert!(shrunk.minimal && shrunk.after.subjects == 1);
//!
//! // Its story, as a diagram and as a state in the middle; the run was executed once more and was the same.
//! let checked = DeterminismCheck::of(shrunk.plan);
//! assert!(checked.identical() && diagram(&checked).contains("payments->>psp"));
//! let middle = StateSnapshot::of(&checked, Until::Event(20));
//! assert!(middle.nodes.iter().any(|node| node.node == "payments"));
//! # Ok::<(), Error>(())
//! ```
//!
//! From here: [`model::Model`] (what a business of yours has to say), [`catalog`] (its names, as data), [`scenario`] and
//! [`plan`] (from a file to a plan), [`sweep`](mod@sweep), [`explore`], [`shrink`](mod@shrink), [`compare`] (what is asked
//! of many runs), [`story`] (one run in words), [`testing`] (the same in a `cargo test`), [`cli`] (the same in a shell).
//!
//! **Invariant:** no file here knows a model; the crate depends on `stormcart-sim` alone (`Cargo.toml`).
//! **Invariant:** equal plans give equal runs (`tests/determinism.rs`).

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
