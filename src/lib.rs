//! Stormcart puts a checkout through a storm, deterministically.
//!
//! Three crates, each of which knows only those before it: [`sim`] is the deterministic world, for any service; [`harness`]
//! is what every model gets (cases, sweeps, certificates, shrinking, stories, comparison, a command line); [`models`] are
//! the checkout and a trip. This one is the door to all of them.
//!
//! A test of yours is one line:
//!
//! ```
//! stormcart::testing::check("calm", "orchestrated-saga", 0..20);
//! ```
//!
//! A model of yours gets every verb with `fn main() -> ExitCode { stormcart::main(&[&MyModel]) }`, and the same line in its
//! tests: `stormcart::testing::check_model::<MyModel>("calm", "mine", 0..20)`.

pub use stormcart_harness as harness;
pub use stormcart_models as models;
pub use stormcart_sim as sim;

pub use stormcart_harness::{AnyModel, Model, main};

pub mod testing;
