//! The kernel: a discrete-event loop over `(time, addressed priority)`.
//!
//! The whole world is one value. It can be cloned in the middle of a run (nodes and databases are copied when they
//! change), compared by fingerprint, and continued; a run is nothing but `while world.step() {}`.
//!
//! **Invariant:** a step is a function of the world alone (`a_fork_ends_as_its_original_and_leaves_it_alone`).

mod backend;
mod cached;
mod deliver;
mod disks;
mod event;
mod execute;
mod fingerprint;
mod handle;
mod hosts;
mod network;
mod play;
mod restart;
mod send;
mod transact;
mod view;
mod world;

pub use view::Pending;
pub use world::{Next, World};
