//! What the world keeps for an external service.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::Waker;

use crate::adversary::PendingFailure;
use crate::service::Service;
use crate::site::{Identity, Node};
use crate::trace::Cause;

use super::tracker::UnderWay;

/// The life of a process.
pub(super) type Process = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What an external service is told.
#[derive(Clone, Debug)]
pub enum Input<S: Service> {
    /// A message, and its sender.
    Message(Node, S::Message),
    /// Another instance of its role is lost: what it had under way is for whichever is left.
    TakeOver,
}

/// The place of one instance.
pub(super) struct Place<S: Service> {
    /// Makes the process of a node, while the run goes on.
    pub start: Box<dyn Fn(Node) -> Option<Process> + Send>,
    pub inbox: VecDeque<(Input<S>, UnderWay<S>)>,
    pub waker: Option<Waker>,
    /// What is to go wrong the next time it can.
    pub pending: Vec<PendingFailure>,
    /// What it was told last. What it does counts as a consequence of it.
    pub about: (Identity, Cause),
}

impl<S: Service> Place<S> {
    pub fn new(start: Box<dyn Fn(Node) -> Option<Process> + Send>) -> Self {
        let (inbox, pending, about) = (VecDeque::new(), Vec::new(), (Identity::RECOVERY, 0));
        Place { start, inbox, waker: None, pending, about }
    }

    /// The process is gone, and with it what it had not heard.
    pub fn clear(&mut self) {
        self.inbox.clear();
        self.pending.clear();
        self.waker = None;
    }
}
