//! A participant as a process of the runtime: it binds its address, starts, listens, and minds its timers.
//!
//! A receive takes a millisecond whatever arrives, so one listener alone would hear no more than a thousand messages a
//! second; a process has several.
//!
//! **Invariant:** everything a process does, it does in tasks of its own node, so a kill ends it and a pause stops it
//! (`a_successor_minds_its_own_timers`).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use madsim::net::Endpoint;
use madsim::runtime::{Handle, NodeHandle};
use madsim::task;

use crate::adversary::Job;
use crate::fault::Nodes;
use crate::service::Service;
use crate::site::Node;

use super::deliver::Arrival;
use super::execute::Suspended;
use super::external_service::Place;
use super::shared::{Shared, State};
use super::sleep;
use super::timers::Timers;
use super::tracker::{TrackedMessage, UnderWay};

/// The tag of all datagrams.
pub(super) const TAG: u64 = 1;

const LISTENERS: usize = 12;

/// All instances, and the runtime that runs their processes.
pub(super) struct Processes<S: Service> {
    pub machines: Vec<Machine<S>>,
    pub runtime: Handle,
    /// Nodes whose process ran before.
    started: Nodes,
    /// Nodes that are down, and about to come up.
    pub booting: Nodes,
}

/// One instance: its process, its memory, and what waits for it.
pub(super) struct Machine<S: Service> {
    /// Of the process that runs there now.
    pub process: NodeHandle,
    pub address: SocketAddr,
    /// None before the first process has bound it. That of a dead process still says that nobody listens.
    pub endpoint: Option<Arc<Endpoint>>,
    pub memory: S,
    pub waiting: VecDeque<Job<S>>,
    /// Workers at work.
    pub busy: u8,
    pub timers: Timers<S::Timer>,
    /// The external service that runs there instead of a service.
    pub external: Option<Place<S>>,
}

impl<S: Service> Machine<S> {
    pub fn new(process: NodeHandle, address: SocketAddr, memory: S, external: Option<Place<S>>) -> Self {
        let (waiting, timers) = (VecDeque::new(), Timers::new());
        Machine { process, address, endpoint: None, memory, waiting, busy: 0, timers, external }
    }
}

impl<S: Service> Processes<S> {
    pub fn new(machines: Vec<Machine<S>>, runtime: Handle) -> Self {
        Processes { machines, runtime, started: Nodes::default(), booting: Nodes::default() }
    }

    pub fn machine(&mut self, node: Node) -> &mut Machine<S> {
        &mut self.machines[node.0 as usize]
    }

    /// The runtime kills the process and resets its disk; memory, queue and timers are gone.
    pub fn kill(&mut self, node: Node) {
        self.started = self.started.and(Nodes::one(node));
        let machine = self.machine(node);
        machine.memory = machine.memory.wiped();
        machine.waiting.clear();
        machine.busy = 0;
        machine.timers.clear();
        machine.external.iter_mut().for_each(Place::clear);
        let id = machine.process.id();
        self.runtime.kill(id);
    }

    /// The runtime starts a new process on a node; it is up when it has bound its address.
    pub fn restart(&mut self, node: Node) {
        if self.booting.has(node) {
            return;
        }
        self.booting = self.booting.and(Nodes::one(node));
        let id = self.machine(node).process.id();
        self.runtime.restart(id);
        if let Some(process) = self.runtime.get_node(id) {
            self.machine(node).process = process;
        }
    }

    /// A process has bound its address; whether it is the first of its node.
    pub fn bound(&mut self, node: Node, endpoint: Arc<Endpoint>) -> bool {
        self.machine(node).endpoint = Some(endpoint);
        self.booting = self.booting.without(Nodes::one(node));
        let first = !self.started.has(node);
        self.started = self.started.and(Nodes::one(node));
        first
    }

    /// The runtime runs no task of a node that is stopped.
    pub fn stop(&mut self, node: Node) {
        self.runtime.pause(self.machines[node.0 as usize].process.id());
    }

    pub fn resume(&mut self, node: Node) {
        self.runtime.resume(self.machines[node.0 as usize].process.id());
    }

    /// Lets the runtime forget tasks that are done.
    pub fn forget_done(&self) {
        self.runtime.metrics().num_tasks();
    }

    pub fn all_started(&self) -> bool {
        self.started.0.count_ones() as usize >= self.machines.len()
    }

    pub fn any_timer(&self) -> bool {
        self.machines.iter().any(|machine| !machine.timers.is_empty())
    }
}

/// The life of a process, from its start to its kill.
pub(super) async fn live<S: Service>(shared: Arc<Shared<S>>, node: Node) {
    let address = shared.enter().machine(node).address;
    let endpoint = match Endpoint::bind(address).await {
        Ok(endpoint) => Arc::new(endpoint),
        Err(error) => panic!("the address of a killed process is free: {error}"),
    };
    for _ in 0..LISTENERS {
        task::spawn(listen(Arc::clone(&shared), node, Arc::clone(&endpoint)));
    }
    shared.enter().boot(node, endpoint);
    // A kill ends a task when it waits: until then it must leave nothing behind that its successor would find.
    while !shared.enter().adversary.is_down(node) {
        wait(&shared, node).await;
        shared.enter().fire_due(node);
    }
    sleep::forever().await;
}

async fn listen<S: Service>(shared: Arc<Shared<S>>, node: Node, endpoint: Arc<Endpoint>) {
    while let Ok((payload, _)) = endpoint.recv_from_raw(TAG).await {
        if let Ok(message) = payload.downcast::<TrackedMessage<S>>()
            && let Some(job) = message.open()
        {
            shared.enter().arrive(node, job, Arrival::Direct);
        }
    }
    sleep::forever().await;
}

/// Waits for the first timer of the process, whichever that comes to be.
async fn wait<S: Service>(shared: &Arc<Shared<S>>, node: Node) {
    let at = {
        let mut state = shared.enter();
        let timers = &mut state.machine(node).timers;
        timers.awaited = timers.next_at();
        timers.awaited
    };
    let earlier = |waker: &std::task::Waker| {
        let mut state = shared.enter();
        let timers = &mut state.machine(node).timers;
        if timers.waker.is_none() {
            timers.waker = Some(waker.clone());
        }
        timers.next_at() < at
    };
    sleep::watch(&shared.clock, at, earlier).await;
}

/// What is left of a handler, and of those that waited for its worker.
async fn resume<S: Service>(shared: Arc<Shared<S>>, first: Suspended<S>, _under_way: UnderWay<S>) {
    let mut next = Some(first);
    while let Some(Suspended { until, task }) = next {
        sleep::until(&shared.clock, until).await;
        next = shared.enter().resume_task(task);
    }
}

impl<S: Service> State<S> {
    /// Lets a handler that has to wait go on in a task of its process.
    pub(super) fn continue_later(&mut self, node: Node, suspended: Option<Suspended<S>>) {
        let (Some(suspended), Some(shared)) = (suspended, self.shared.upgrade()) else { return };
        let under_way = UnderWay::new(&self.tracker);
        self.machine(node).process.spawn(resume(shared, suspended, under_way));
    }
}
