//! A participant as a process of the runtime: it binds its address, starts, listens, and minds its timers.
//!
//! A receive takes a millisecond whatever arrives, so one listener alone would hear no more than a thousand messages a
//! second; a process has several.
//!
//! **Invariant:** everything a process does, it does in tasks of its own node, so a kill ends it and a pause stops it
//! (`a_successor_minds_its_own_timers`).

use std::sync::Arc;

use madsim::net::Endpoint;
use madsim::task;

use crate::service::Service;
use crate::site::Node;

use super::execute::Suspended;
use super::network::TAG;
use super::shared::{Shared, State};
use super::sleep;
use super::tracker::{Arrival, TrackedMessage, UnderWay};

const LISTENERS: usize = 12;

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
