//! A message on its way, which says so when it gets lost.
//!
//! A datagram that the network drops is dropped silently: a link is clogged, a socket is closed, a process is killed with
//! the message in its mailbox. But whatever happens to it, its memory is freed, and a tracked message tells the
//! tracker then. So the tracker knows at every moment how many are under way, and what became of each.
//!
//! **Invariant:** a message is taken out by its receiver or comes back to the tracker, exactly once: both take it out
//! of its option.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use crate::adversary::Job;
use crate::service::Service;
use crate::site::Node;

/// How a message comes to where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Over the network, or from the process itself.
    Direct,
    /// It was put off on the way, so a cut may have fallen on it meanwhile.
    Delayed,
    /// Not at all: the network dropped it, or the process died with it.
    Dropped,
}

/// What is under way, apart from the state of the world: messages are dropped while others hold that.
pub(super) struct Tracker<S: Service> {
    dropped: Mutex<Vec<(Node, Job<S>)>>,
    under_way: AtomicUsize,
    waker: Mutex<Option<Waker>>,
}

impl<S: Service> Tracker<S> {
    pub fn new() -> Arc<Self> {
        let (dropped, waker) = (Mutex::new(Vec::new()), Mutex::new(None));
        Arc::new(Tracker { dropped, under_way: AtomicUsize::new(0), waker })
    }

    /// How many messages and handlers are under way.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Messages that were dropped since the last time, in the order in which they were.
    pub fn dropped(&self) -> Vec<(Node, Job<S>)> {
        std::mem::take(&mut *self.dropped.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn has_dropped(&self) -> bool {
        !self.dropped.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// The driver, which looks after dropped messages, is woken by this.
    pub fn wakes(&self, waker: &Waker) {
        let mut known = self.waker.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *known = Some(waker.clone());
        }
    }

    pub fn wake(&self) {
        if let Some(waker) = &*self.waker.lock().unwrap_or_else(PoisonError::into_inner) {
            waker.wake_by_ref();
        }
    }
}

/// Counts as under way as long as it lives.
pub(super) struct UnderWay<S: Service>(Arc<Tracker<S>>);

impl<S: Service> UnderWay<S> {
    pub fn new(tracker: &Arc<Tracker<S>>) -> Self {
        tracker.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(tracker))
    }
}

impl<S: Service> Drop for UnderWay<S> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A message in the hands of the network.
pub(super) struct TrackedMessage<S: Service> {
    under_way: UnderWay<S>,
    to: Node,
    job: Option<Job<S>>,
}

impl<S: Service> TrackedMessage<S> {
    pub fn new(tracker: &Arc<Tracker<S>>, to: Node, job: Job<S>) -> Self {
        TrackedMessage { under_way: UnderWay::new(tracker), to, job: Some(job) }
    }

    /// It arrived.
    pub fn open(mut self) -> Option<Job<S>> {
        self.job.take()
    }
}

impl<S: Service> Drop for TrackedMessage<S> {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            let tracker = &self.under_way.0;
            tracker.dropped.lock().unwrap_or_else(PoisonError::into_inner).push((self.to, job));
            tracker.wake();
        }
    }
}
