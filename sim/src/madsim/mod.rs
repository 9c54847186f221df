//! The other engine: the same services as processes on madsim, an independent runtime.
//!
//! Each node of the physics is a node of the runtime, with an address, sockets, tasks and a disk of its own, killed,
//! paused and restarted by the runtime; messages are datagrams on its network. What the kernel knows by construction
//! (who is next, what is in flight) nobody knows here, and that is the point: a property that breaks in one engine and
//! never in the other is a bug in an engine.
//!
//! What differs by nature: a partition acts when a datagram is sent and not on what is in flight; every datagram takes
//! two milliseconds at least; who is first at one instant is up to madsim; a process needs a millisecond to start, which
//! is part of an outage unless healing ends it. So what two engines agree on is what can happen, not when.
//!
//! **Invariant:** this is the only room that names the runtime.
//! **Invariant:** equal scripts and seeds give equal digests: one fresh thread a run, and nothing of the process (task
//! ids, unordered maps, thread-local generators) is ever looked at.

mod agenda;
mod alarms;
mod arrive;
mod conduct;
mod disk;
mod fate;
mod guest;
mod hub;
mod lasting;
mod letter;
mod nap;
mod outage;
mod perform;
mod process;
mod table;
mod takeover;
mod trouble;
mod wire;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::panic::resume_unwind;
use std::sync::{Arc, OnceLock, Weak};
use std::thread;
use std::time::Duration;

use madsim::net::NetSim;
use madsim::runtime::{NodeHandle, Runtime};
use madsim::time::TimeHandle;

use crate::digest::Digest;
use crate::fault::Nodes;
use crate::kernel::Counts;
use crate::nemesis::Nemesis;
use crate::script::{Ended, Script};
use crate::service::Service;
use crate::site::{Node, Role};
use crate::time::Instant;
use crate::trace::Trace;

use agenda::Agenda;
use alarms::Alarms;
use disk::Disk;
use hub::{Hub, Machine, State};
use letter::Post;
use wire::Clogged;

pub use guest::{Aborted, ExternalService, ExternalServices, Input, Seat};
pub use table::{INEXPRESSIBLE, Inexpressible, inexpressible};

const PORT: u16 = 1;

/// How long killed processes need to be gone.
const AFTERMATH: Duration = Duration::from_millis(1);

/// Runs a script on the runtime, which draws what is its own from `seed`.
///
/// # Panics
/// If a fault of the script is [`inexpressible`]: who asks for one is to be refused before.
pub fn play<S: Service>(script: &Script<S>, seed: u64, trace: Trace<S>) -> Ended<S> {
    play_with(script, &ExternalServices::none(), seed, trace)
}

/// Runs a script with guests in the places of some of its services.
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
        assert!(inexpressible(fault).is_none(), "{fault:?} cannot be expressed on this engine");
    }
    // A thread that ran another seed before iterates the runtime's own unordered maps differently.
    let ended = thread::scope(|scope| scope.spawn(|| stage(script, externals, seed, trace)).join());
    ended.unwrap_or_else(|panic| resume_unwind(panic))
}

/// Builds the runtime, runs the script, and takes the runtime down so that nothing is left of it.
fn stage<S: Service>(
    script: &Script<S>,
    externals: &ExternalServices<S>,
    seed: u64,
    trace: Trace<S>,
) -> Ended<S> {
    let physics = &script.physics;
    let runtime = Runtime::with_seed_and_config(seed, wire::config(physics));
    runtime.add_simulator::<Disk<S>>();
    runtime.block_on(async {
        let cell: Arc<OnceLock<Weak<Hub<S>>>> = Arc::default();
        let disk = disk::current::<S>();
        disk.install(physics, &*script.genesis);
        let nodes = || (0..physics.nodes() as u8).map(Node);
        let processes: Vec<NodeHandle> = nodes().map(|node| process(&runtime, node, &cell)).collect();
        processes.iter().for_each(|process| disk.belongs_to(process.id()));
        let wire = runtime.create_node().name("wire").build();
        let post = Post::new();
        let hub = Hub::new(TimeHandle::current(), Arc::clone(&post), |hub| State {
            machines: nodes()
                .zip(&processes)
                .map(|(node, process)| machine(script, externals, node, process))
                .collect(),
            outside: nodes()
                .filter(|node| physics.spec(*node).outside)
                .fold(Nodes::default(), |all, node| all.and(Nodes::one(node))),
            leaders: (0..physics.roles.len() as u8).map(|role| physics.first(Role(role))).collect(),
            counts: Counts { syncs: vec![0; physics.roles.len()], ..Counts::default() },
            agenda: Agenda::new(&script.faults),
            nemesis: Nemesis::new(&script.faults),
            plan: Arc::clone(&script.faults),
            physics: Arc::clone(physics),
            truth: script.truth.clone(),
            budget: script.events,
            runtime: runtime.handle().clone(),
            net: NetSim::current(),
            wire: wire.clone(),
            disk,
            hub,
            post,
            trace,
            now: Instant::ZERO,
            last: Instant::ZERO,
            events: 0,
            over: false,
            cuts: Vec::new(),
            clogged: Clogged::default(),
            pauses: Vec::new(),
            ailments: Vec::new(),
            healed: Nodes::default(),
            down: Nodes::default(),
            started: Nodes::default(),
            booting: Nodes::default(),
            digest: Digest::default(),
            probes: 0,
        });
        drop(cell.set(Arc::downgrade(&hub)));
        let ended = conduct::conduct(&hub, script, externals.silence).await;
        processes.iter().chain([&wire]).for_each(|process| runtime.handle().kill(process.id()));
        madsim::time::sleep(AFTERMATH).await;
        runtime.handle().metrics().num_tasks();
        ended
    })
}

/// A node of the runtime, whose process lives as soon as the runtime runs.
fn process<S: Service>(runtime: &Runtime, node: Node, cell: &Arc<OnceLock<Weak<Hub<S>>>>) -> NodeHandle {
    let cell = Arc::clone(cell);
    let live = move || {
        let cell = Arc::clone(&cell);
        async move {
            if let Some(hub) = cell.get().and_then(Weak::upgrade) {
                process::live(hub, node).await;
            }
        }
    };
    runtime.create_node().ip(address(node).ip()).init(live).build()
}

fn machine<S: Service>(
    script: &Script<S>,
    externals: &ExternalServices<S>,
    node: Node,
    process: &NodeHandle,
) -> Machine<S> {
    let physics = &script.physics;
    Machine {
        process: process.clone(),
        address: address(node),
        endpoint: None,
        memory: (script.services)(physics.role(node), physics.instance(node)),
        waiting: VecDeque::new(),
        busy: 0,
        alarms: Alarms::new(),
        guest: externals.place(physics.role(node)),
    }
}

fn address(node: Node) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, node.0 + 1)), PORT)
}
