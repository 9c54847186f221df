//! A message on its way, which says so when it gets lost.
//!
//! Nobody hears of a datagram that the network drops: a link is clogged, a socket is closed, a process is killed with the
//! message in its mailbox. But whatever happens to it, its memory is freed, and a letter tells the post then. So the
//! post knows at every moment how many are under way, and what became of each.
//!
//! **Invariant:** a letter is taken out by its receiver or falls to the post, exactly once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

use crate::draw::DrawBits;
use crate::service::Service;
use crate::site::{MisbehaviorId, Node};
use crate::trace::Cause;

use super::fate::Fate;

/// A command for a participant, with what was decided about it on the way.
#[derive(Clone)]
pub(super) struct Job<S: Service> {
    pub from: Node,
    pub message: S::Message,
    pub bits: DrawBits,
    pub fate: Option<Box<Fate<S>>>,
    pub misbehavior: Option<MisbehaviorId>,
    pub cause: Cause,
}

/// What is under way, apart from the state of the world: letters fall while others hold that.
pub(super) struct Post<S: Service> {
    fallen: Mutex<Vec<(Node, Job<S>)>>,
    under_way: AtomicUsize,
    bell: Mutex<Option<Waker>>,
}

impl<S: Service> Post<S> {
    pub fn new() -> Arc<Self> {
        let (fallen, bell) = (Mutex::new(Vec::new()), Mutex::new(None));
        Arc::new(Post { fallen, under_way: AtomicUsize::new(0), bell })
    }

    /// How many letters and handlers are under way.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Those that fell since the last time, in the order in which they did.
    pub fn fallen(&self) -> Vec<(Node, Job<S>)> {
        std::mem::take(&mut *self.fallen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn has_fallen(&self) -> bool {
        !self.fallen.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Who looks after the fallen is woken by this.
    pub fn hear(&self, waker: &Waker) {
        let mut bell = self.bell.lock().unwrap_or_else(PoisonError::into_inner);
        if !bell.as_ref().is_some_and(|known| known.will_wake(waker)) {
            *bell = Some(waker.clone());
        }
    }

    pub fn ring(&self) {
        if let Some(bell) = &*self.bell.lock().unwrap_or_else(PoisonError::into_inner) {
            bell.wake_by_ref();
        }
    }
}

/// Counts as under way as long as it lives.
pub(super) struct UnderWay<S: Service>(Arc<Post<S>>);

impl<S: Service> UnderWay<S> {
    pub fn new(post: &Arc<Post<S>>) -> Self {
        post.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(post))
    }
}

impl<S: Service> Drop for UnderWay<S> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A message in the hands of the network.
pub(super) struct Letter<S: Service> {
    way: UnderWay<S>,
    to: Node,
    job: Option<Job<S>>,
}

impl<S: Service> Letter<S> {
    pub fn new(post: &Arc<Post<S>>, to: Node, job: Job<S>) -> Self {
        Letter { way: UnderWay::new(post), to, job: Some(job) }
    }

    /// It arrived.
    pub fn open(mut self) -> Option<Job<S>> {
        self.job.take()
    }
}

impl<S: Service> Drop for Letter<S> {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            let post = &self.way.0;
            post.fallen.lock().unwrap_or_else(PoisonError::into_inner).push((self.to, job));
            post.ring();
        }
    }
}
