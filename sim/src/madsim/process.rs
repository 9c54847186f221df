//! A participant as a process of the runtime: it binds its address, starts, listens, and minds its timers.
//!
//! A receive takes a millisecond whatever arrives, so one listener alone would hear no more than a thousand messages a
//! second; a process has several.
//!
//! **Invariant:** everything a process does, it does in tasks of its own node, so a kill ends it and a pause stops it.

use std::sync::Arc;

use madsim::net::Endpoint;
use madsim::task;

use crate::service::Service;
use crate::site::Node;

use super::hub::Hub;
use super::letter::{Letter, UnderWay};
use super::nap;
use super::perform::{Course, Rest};

/// The tag of all datagrams.
pub(super) const TAG: u64 = 1;

const LISTENERS: usize = 12;

/// The life of a process, from its start to its kill.
pub(super) async fn live<S: Service>(hub: Arc<Hub<S>>, node: Node) {
    let address = hub.enter().machine(node).address;
    let endpoint = match Endpoint::bind(address).await {
        Ok(endpoint) => Arc::new(endpoint),
        Err(error) => panic!("the address of a killed process is free: {error}"),
    };
    for _ in 0..LISTENERS {
        task::spawn(listen(Arc::clone(&hub), node, Arc::clone(&endpoint)));
    }
    hub.enter().boot(node, endpoint);
    // A kill ends a task when it waits: until then it must leave nothing behind that its successor would find.
    while !hub.enter().down.has(node) {
        wait(&hub, node).await;
        hub.enter().ring(node);
    }
    nap::stop().await;
}

async fn listen<S: Service>(hub: Arc<Hub<S>>, node: Node, endpoint: Arc<Endpoint>) {
    while let Ok((payload, _)) = endpoint.recv_from_raw(TAG).await {
        if let Ok(letter) = payload.downcast::<Letter<S>>()
            && let Some(job) = letter.open()
        {
            hub.enter().arrive(node, job, super::arrive::Came::Safely);
        }
    }
    nap::stop().await;
}

/// Waits for the first timer of the process, whichever that comes to be.
async fn wait<S: Service>(hub: &Arc<Hub<S>>, node: Node) {
    let at = {
        let mut state = hub.enter();
        let alarms = &mut state.machine(node).alarms;
        alarms.awaited = alarms.next_at();
        alarms.awaited
    };
    let earlier = |waker: &std::task::Waker| {
        let mut state = hub.enter();
        let alarms = &mut state.machine(node).alarms;
        if alarms.bell.is_none() {
            alarms.bell = Some(waker.clone());
        }
        alarms.next_at() < at
    };
    nap::watch(&hub.clock, at, earlier).await;
}

/// What is left of a handler, and of those who waited for its worker.
pub(super) async fn drive<S: Service>(hub: Arc<Hub<S>>, first: Rest<S>, _way: UnderWay<S>) {
    let mut next = Some(first);
    while let Some(Rest { until, course }) = next {
        nap::until(&hub.clock, until).await;
        next = hub.enter().resume(course);
    }
}

impl<S: Service> super::hub::State<S> {
    /// Lets a handler that has to wait go on in a task of its process.
    pub(super) fn leave(&mut self, node: Node, rest: Option<Rest<S>>) {
        let (Some(rest), Some(hub)) = (rest, self.hub.upgrade()) else { return };
        let way = UnderWay::new(&self.post);
        self.machine(node).process.spawn(drive(hub, rest, way));
    }

    /// Does what a handler wants done.
    pub(super) fn start(&mut self, course: Course<S>) {
        let node = course.node;
        let rest = self.go_on(course);
        self.leave(node, rest);
    }
}
