//! A service's database: a state, and the log it is the fold of.
//!
//! **Invariant:** `state` is the fold of `log` over `genesis` at every moment (a run replays it at every restart and at
//! rest, and [`crate::Truth::replayed`] hears whether they are equal).

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use crate::fault::Nodes;
use crate::service::Service;
use crate::site::Node;

/// The database of one role.
#[derive(Debug)]
pub struct Database<S: Service> {
    genesis: Arc<S::Store>,
    state: S::Store,
    log: Vec<S::Record>,
    /// Writes that nothing waited for, by position in the log, and the nodes that wrote them.
    lazy: Vec<(usize, Node)>,
    /// A crash took something back.
    rewound: bool,
}

/// A copy is made to be written to, so its log has room.
impl<S: Service> Clone for Database<S> {
    fn clone(&self) -> Self {
        let mut log = Vec::with_capacity(self.log.len() + 8);
        log.extend_from_slice(&self.log);
        Database {
            genesis: Arc::clone(&self.genesis),
            state: self.state.clone(),
            log,
            lazy: self.lazy.clone(),
            rewound: self.rewound,
        }
    }
}

impl<S: Service> Database<S> {
    /// A database that holds `genesis` and nothing else.
    pub fn new(genesis: S::Store) -> Self {
        Database {
            state: genesis.clone(),
            genesis: Arc::new(genesis),
            log: Vec::with_capacity(32),
            lazy: Vec::new(),
            rewound: false,
        }
    }

    /// What is in it.
    #[inline]
    pub fn state(&self) -> &S::Store {
        &self.state
    }

    /// How many records were written.
    pub fn records(&self) -> usize {
        self.log.len()
    }

    /// How many of its records would be lost if `node` crashed now.
    pub fn unsynced(&self, node: Node) -> usize {
        self.lazy.iter().filter(|(_, owner)| *owner == node).count()
    }

    /// Applies one record of a forced transaction.
    #[inline]
    pub(crate) fn write(&mut self, record: S::Record) {
        S::apply(&mut self.state, &record);
        self.log.push(record);
    }

    /// A transaction of `node` reached the disk, and with it everything `node` wrote lazily before.
    #[inline]
    pub(crate) fn synced(&mut self, node: Node) {
        if !self.lazy.is_empty() {
            self.lazy.retain(|(_, owner)| *owner != node);
        }
    }

    /// Applies a record that nothing waits for.
    pub(crate) fn append(&mut self, node: Node, record: S::Record) {
        self.lazy.push((self.log.len(), node));
        self.write(record);
    }

    /// Whether a crash of `node` would lose anything.
    pub(crate) fn has_tail(&self, node: Node) -> bool {
        self.lazy.iter().any(|(_, owner)| *owner == node)
    }

    /// `node` crashed: what it wrote lazily never reached the disk.
    pub(crate) fn lose_tail(&mut self, node: Node) {
        let lost: Vec<usize> =
            self.lazy.iter().filter(|(_, owner)| *owner == node).map(|(at, _)| *at).collect();
        let before = |at: usize| lost.partition_point(|gone| *gone < at);
        self.lazy = (self.lazy.iter().filter(|(_, owner)| *owner != node))
            .map(|(at, owner)| (at - before(*at), *owner))
            .collect();
        let mut at = 0..;
        self.log.retain(|_| at.next().is_some_and(|at| lost.binary_search(&at).is_err()));
        self.state = self.replay();
        self.rewound = true;
    }

    /// Whether its state came about in another way than by applying the records of its log one by one.
    pub(crate) fn rewound(&self) -> bool {
        self.rewound
    }

    /// The fold of the log.
    pub fn replay(&self) -> S::Store {
        let mut state = (*self.genesis).clone();
        self.log.iter().for_each(|record| S::apply(&mut state, record));
        state
    }

    /// What crashes of these nodes would leave: only asked while something lazy is pending.
    fn without(&self, lost: Nodes) -> S::Store {
        let mut state = (*self.genesis).clone();
        let gone = |at: usize| self.lazy.iter().any(|(lazy, owner)| *lazy == at && lost.has(*owner));
        (self.log.iter().enumerate())
            .filter(|(at, _)| !gone(*at))
            .for_each(|(_, record)| S::apply(&mut state, record));
        state
    }

    /// The nodes that wrote what nothing waited for.
    fn owners(&self) -> SmallVec<[Node; 4]> {
        let mut owners: SmallVec<[Node; 4]> = self.lazy.iter().map(|(_, owner)| *owner).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }
}

/// The future of a database depends on what it holds and on what crashes would leave, not on how it came about. What
/// may still crash are the owners of lazy writes, alone or together.
impl<S: Service> Hash for Database<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.state.hash(hasher);
        if self.lazy.is_empty() {
            return;
        }
        let owners = self.owners();
        owners.hash(hasher);
        for some in 1..1u32 << owners.len() {
            let crashed = (0..owners.len()).filter(|index| some >> index & 1 == 1);
            let lost = crashed.fold(Nodes::default(), |lost, index| lost.and(Nodes::one(owners[index])));
            self.without(lost).hash(hasher);
        }
    }
}
