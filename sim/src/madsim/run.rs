//! A run on the runtime, from its first node to its last.

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

use super::disk::{self, Disk};
use super::external_service::ExternalServices;
use super::inexpressible::inexpressible;
use super::machines::{Machine, Processes};
use super::network::{self, Network};
use super::schedule::Schedule;
use super::shared::{Progress, Shared, State};
use super::tracker::Tracker;
use super::{driver, process as life};

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
                life::live(shared, node).await;
            }
        }
    };
    runtime.create_node().ip(address(node).ip()).init(live).build()
}

fn address(node: Node) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, node.0 + 1)), PORT)
}
