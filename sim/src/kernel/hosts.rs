//! The instances: their memory, their workers, and the commands that wait for one.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use crate::adversary::Job;
use crate::digest::Digest;
use crate::service::{Context, Effect, Service};
use crate::site::{MisbehaviorId, Node};

use super::cached::Cached;

/// All instances, by node.
#[derive(Clone)]
pub(super) struct Hosts<S: Service> {
    hosts: Vec<Cached<Host<S>>>,
    /// Workers at work, by node; apart from the hosts, so that the end of a handler changes none.
    busy: Vec<u8>,
    /// Emptied effect lists, kept for the next handler.
    spare: Vec<Vec<Effect<S>>>,
}

/// One instance: its memory, and what waits for it.
#[derive(Clone)]
struct Host<S: Service> {
    service: S,
    waiting: VecDeque<Job<S>>,
}

impl<S: Service> Hash for Host<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.service.hash(hasher);
        self.waiting.iter().for_each(|job| job.hash(hasher));
    }
}

impl<S: Service> Hosts<S> {
    /// Instances that have not begun.
    pub fn new(services: impl Iterator<Item = S>) -> Self {
        let host = |service| Cached::new(Host { service, waiting: VecDeque::new() });
        let hosts: Vec<_> = services.map(host).collect();
        Hosts { busy: vec![0; hosts.len()], hosts, spare: Vec::new() }
    }

    /// Whether a worker of a node is free, if there are so many.
    #[inline]
    pub fn is_free(&self, node: Node, workers: u8) -> bool {
        self.busy[node.0 as usize] < workers
    }

    #[inline]
    pub fn busy(&self, node: Node) -> u8 {
        self.busy[node.0 as usize]
    }

    #[inline]
    pub fn occupy(&mut self, node: Node) {
        self.busy[node.0 as usize] += 1;
    }

    pub fn memory(&self, node: Node) -> &S {
        &self.hosts[node.0 as usize].get().service
    }

    /// Puts memory back as it was.
    pub fn put_back(&mut self, node: Node, memory: S) {
        self.hosts[node.0 as usize].change().service = memory;
    }

    /// Commands that wait for a worker of a node, first first.
    #[inline]
    pub fn waiting(&self, node: Node) -> &VecDeque<Job<S>> {
        &self.hosts[node.0 as usize].get().waiting
    }

    /// Commands that wait anywhere.
    pub fn all_waiting(&self) -> impl Iterator<Item = &Job<S>> {
        self.hosts.iter().flat_map(|host| &host.get().waiting)
    }

    pub fn wait(&mut self, node: Node, job: Job<S>) {
        self.hosts[node.0 as usize].change().waiting.push_back(job);
    }

    /// A worker of a node is free again; the command that gets it, if one waits.
    #[inline]
    pub fn release(&mut self, node: Node) -> Option<Job<S>> {
        let at = node.0 as usize;
        self.busy[at] -= 1;
        if self.hosts[at].get().waiting.is_empty() {
            return None;
        }
        self.hosts[at].change().waiting.pop_front()
    }

    /// Memory and queue of a node are gone.
    pub fn wipe(&mut self, node: Node) {
        let host = self.hosts[node.0 as usize].change();
        host.service = host.service.wiped();
        host.waiting.clear();
        self.busy[node.0 as usize] = 0;
    }

    /// Runs a handler on its memory and on the store; returns what it wants done, last first.
    #[inline]
    pub fn handle(
        &mut self,
        node: Node,
        misbehavior: Option<MisbehaviorId>,
        store: &S::Store,
        probes: &mut u64,
        handler: impl FnOnce(&mut S, &mut Context<'_, S>),
    ) -> Vec<Effect<S>> {
        let mut effects = self.spare.pop().unwrap_or_default();
        let mut cx = Context { node, misbehavior, store, effects: &mut effects, probes };
        handler(&mut self.hosts[node.0 as usize].change().service, &mut cx);
        effects.reverse();
        effects
    }

    /// Keeps an emptied effect list.
    #[inline]
    pub fn keep(&mut self, emptied: Vec<Effect<S>>) {
        debug_assert!(emptied.is_empty());
        if self.spare.len() < 4 {
            self.spare.push(emptied);
        }
    }

    /// Adds memory and queues of the nodes that are `seen`, and how many workers are at work.
    #[inline]
    pub fn fingerprint(&self, seen: impl Fn(Node) -> bool, hash: &mut Digest) {
        for (node, host) in (0..).zip(&self.hosts) {
            if seen(Node(node)) {
                hash.word(host.fingerprint());
            }
        }
        self.busy.hash(hash);
    }

    /// Adds memory and queues of all nodes to the digest of a run.
    pub fn digest(&self, digest: &mut Digest) {
        self.hosts.iter().for_each(|host| digest.word(host.fingerprint()));
    }
}
