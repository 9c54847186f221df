//! The other backend: the same services as processes on madsim, an independent runtime.
//!
//! Each node of the physics is a node of the runtime, with an address, sockets, tasks and a disk of its own, killed,
//! paused and restarted by the runtime; messages are datagrams on its network. What the kernel knows by construction
//! (what is next, what is in flight) nothing knows here, and that is the point: a property that breaks in one backend
//! and never in the other is a bug in a backend.
//!
//! What differs by nature: a partition acts when a datagram is sent and not on what is in flight; every datagram takes
//! two milliseconds at least; what is first at one instant is up to madsim; a process needs a millisecond to start,
//! which is part of an outage unless healing ends it. So what two backends agree on is what can happen, not when.
//!
//! **Invariant:** no other module names the runtime (`the_runtime_is_named_in_one_module`).
//! **Invariant:** equal scripts and seeds give equal digests: one fresh thread a run, and nothing of the process (task
//! ids, unordered maps, thread-local generators) is ever looked at (`equal_seeds_give_equal_digests_on_every_thread`).

mod backend;
mod deliver;
mod disk;
mod driver;
mod execute;
mod external_service;
mod inexpressible;
mod machines;
mod network;
mod place;
mod process;
mod restart;
mod run;
mod schedule;
mod send;
mod shared;
mod sleep;
mod timers;
mod tracker;
mod transact;

pub use external_service::{Aborted, ExternalService, ExternalServices, ServiceHandle};
pub use inexpressible::{INEXPRESSIBLE, Inexpressible, inexpressible};
pub use place::Input;
pub use run::{play, play_with};
