//! The instances: their processes, their memory, and what waits for them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use madsim::net::Endpoint;
use madsim::runtime::{Handle, NodeHandle};

use crate::adversary::Job;
use crate::fault::Nodes;
use crate::service::Service;
use crate::site::Node;

use super::place::Place;
use super::timers::Timers;

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
    /// None before the first process has bound it. That of a dead process still says that no process listens.
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
