//! The deterministic world of Stormcart. It knows nothing of checkout.
//!
//! A [`Service`] is memory, a store and handlers that return ordered effects. A [`World`] holds nodes, databases,
//! links, timers and an adversary, and is a value: it can be cloned in the middle of a run, fingerprinted, and
//! continued. Faults are data ([`fault::Fault`]), placed by name ([`site::InjectionPoint`]); randomness is addressed
//! ([`draw`]), so removing a fault moves nothing that the fault did not touch.
//!
//! **Invariant:** equal inputs give equal digests, on every machine, in every build.

mod adversary;
pub mod digest;
pub mod draw;
pub mod explore;
pub mod fault;
mod journal;
mod kernel;
mod mask;
// The flags of rustdoc say `madsim` even where those of rustc, and with them the dependency, were replaced.
mod dense_map;
mod fact_counter;
#[cfg(all(madsim, not(doctest)))]
pub mod madsim;
pub mod physics;
pub mod property;
mod queue;
pub mod script;
pub mod service;
pub mod shrink;
pub mod site;
mod store;
pub mod sweep;
mod task;
pub mod time;
pub mod trace;
mod words;

pub use adversary::Fired;
pub use dense_map::DenseMap;
pub use fact_counter::FactCounter;
pub use journal::Counts;
pub use kernel::{Closed, Next, Pending, World};
pub use mask::FingerprintMask;
pub use service::{Context, Effect, Message, Service, Timer, To, Truth};
pub use store::Database;
pub use time::{Instant, Micros};
