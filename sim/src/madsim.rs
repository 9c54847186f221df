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
mod schedule;
mod send;
mod shared;
mod sleep;
mod timers;
mod tracker;
mod transact;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::resume_unwind;
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::Duration;

use madsim::runtime::{NodeHandle, Runtime};
use madsim::time::TimeHandle;

use crate::adversary::Adversary;
use crate::journal::Journal;
use crate::script::{Ended, Script};
use crate::service::Service;
use crate::site::Node;
use crate::time::Instant;
use crate::trace::Trace;

use disk::Disk;
use machines::{Machine, Processes};
use network::Network;
use schedule::Schedule;
use shared::{Progress, Shared, State};
use tracker::Tracker;

#[doc(hidden)]
pub use external_service::ServiceHandle as Seat;
pub use external_service::{Aborted, ExternalService, ExternalServices, ServiceHandle};
pub use inexpressible::{INEXPRESSIBLE, Inexpressible, inexpressible};
pub use place::Input;

const PORT: u16 = 1;

/// How long killed processes need to be gone.
const AFTERMATH: Duration = Duration::from_millis(1);

/// Runs a script on the runtime, which draws what is its own from `seed`.
///
/// # Panics
/// If a fault of the script is [`inexpressible`]: a caller refuses it before.
pub fn play<S: Service>(script: &Script<S>, seed: u64, trace: Trace<S>) -> Ended<S> {
    play_with(script, &ExternalServices::none(), seed, trace)
}

/// Runs a script with external services in the places of some of its own.
///
/// # Panics
/// As [`play`].
pub fn play_with<S: Service>(
    script: &Script<S>,
    externals: &ExternalServices<S>,
    seed: u64,
    trace: Trace<S>,
) -> Ended<S> {
    for fault in script.faults.iter() {
        assert!(inexpressible(fault).is_none(), "{fault:?} cannot be expressed on this backend");
    }
    // A thread that ran another seed before iterates the runtime's own unordered maps differently.
    let ended = thread::scope(|scope| scope.spawn(|| run(script, externals, seed, trace)).join());
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Builds the runtime, runs the script, and takes the runtime down so that nothing is left of it.
fn run<S: Service>(
    script: &Script<S>,
    externals: &ExternalServices<S>,
    seed: u64,
    trace: Trace<S>,
) -> Ended<S> {
    let physics = &script.physics;
    let runtime = Runtime::with_seed_and_config(seed, network::config(physics));
    runtime.add_simulator::<Disk<S>>();
    runtime.block_on(async {
        let cell: Arc<OnceLock<Weak<Shared<S>>>> = Arc::default();
        let disk = disk::current::<S>();
        disk.install(physics, &*script.genesis);
        let nodes = || (0..physics.nodes() as u8).map(Node);
        let processes: Vec<NodeHandle> = nodes().map(|node| process(&runtime, node, &cell)).collect();
        processes.iter().for_each(|process| disk.belongs_to(process.id()));
        let carrier = runtime.create_node().name("network").build();
        let tracker = Tracker::new();
        let machine = |(node, process): (Node, &NodeHandle)| {
            let memory = (script.services)(physics.role(node), physics.instance(node));
            let external = externals.place(physics.role(node), &cell);
            Machine::new(process.clone(), address(node), memory, external)
        };
        let adversary = Adversary::new(Arc::clone(physics), Arc::clone(&script.faults));
        let shared = Shared::new(TimeHandle::current(), Arc::clone(&tracker), |shared| State {
            processes: Processes::new(
                nodes().zip(&processes).map(machine).collect(),
                runtime.handle().clone(),
            ),
            journal: Journal::new(physics.roles.len(), trace),
            progress: Progress { last: Instant::ZERO, budget: script.events, over: false },
            schedule: Schedule::new(&adversary),
            network: Network::new(carrier.clone()),
            truth: script.truth.clone(),
            physics: Arc::clone(physics),
            adversary,
            disk,
            shared,
            tracker,
        });
        drop(cell.set(Arc::downgrade(&shared)));
        let ended = driver::drive(&shared, script, externals.quiet).await;
        processes.iter().chain([&carrier]).for_each(|process| runtime.handle().kill(process.id()));
        madsim::time::sleep(AFTERMATH).await;
        runtime.handle().metrics().num_tasks();
        ended
    })
}

/// A node of the runtime, whose process lives as soon as the runtime runs.
fn process<S: Service>(runtime: &Runtime, node: Node, cell: &Arc<OnceLock<Weak<Shared<S>>>>) -> NodeHandle {
    let cell = Arc::clone(cell);
    let live = move || {
        let cell = Arc::clone(&cell);
        async move {
            if let Some(shared) = cell.get().and_then(Weak::upgrade) {
                process::live(shared, node).await;
            }
        }
    };
    runtime.create_node().ip(address(node).ip()).init(live).build()
}

fn address(node: Node) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, node.0 + 1)), PORT)
}
