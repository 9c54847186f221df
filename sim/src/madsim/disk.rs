//! Disks, as a simulator of the runtime: a kill of a node takes its unsynced tail with it.
//!
//! The instances of a role share a database. What one of them wrote lazily is lost when the runtime resets its node,
//! and what a crash in the middle of a write left behind the log is found by the next read or write of it.
//!
//! **Invariant:** nothing of a node outlives a kill but what is here
//! (`a_kill_takes_the_unsynced_tail_along_and_nothing_else`).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use madsim::plugin::Simulator;
use madsim::rand::GlobalRng;
use madsim::task::NodeId;
use madsim::time::TimeHandle;

use crate::physics::Physics;
use crate::service::Service;
use crate::site::{Node, Role};
use crate::store::Database;

/// The simulator of disks.
pub(super) struct Disk<S: Service> {
    shelves: Mutex<Shelves<S>>,
}

/// The databases by role, and the nodes on whose disks they are.
pub(super) struct Shelves<S: Service> {
    databases: Vec<Database<S>>,
    /// The runtime's names of nodes, by [`Node`].
    ids: Vec<NodeId>,
    roles: Vec<Role>,
    /// Records without the mark of their commit, behind the log of a role.
    torn: Vec<(Role, Vec<S::Record>)>,
}

impl<S: Service> Simulator for Disk<S> {
    fn new(_: &GlobalRng, _: &TimeHandle, _: &madsim::Config) -> Self {
        let shelves = Shelves { databases: Vec::new(), ids: Vec::new(), roles: Vec::new(), torn: Vec::new() };
        Disk { shelves: Mutex::new(shelves) }
    }

    fn reset_node(&self, id: NodeId) {
        self.open().lose_tail(id);
    }
}

impl<S: Service> Disk<S> {
    /// Puts the first store of each role on the disks.
    pub fn install(&self, physics: &Physics, genesis: &dyn Fn(Role) -> S::Store) {
        let mut shelves = self.open();
        shelves.databases =
            (0..physics.roles.len() as u8).map(|role| Database::new(genesis(Role(role)))).collect();
        shelves.roles = (0..physics.nodes() as u8).map(|node| physics.role(Node(node))).collect();
    }

    /// The next node is called so by the runtime.
    pub fn belongs_to(&self, id: NodeId) {
        self.open().ids.push(id);
    }

    pub fn open(&self) -> MutexGuard<'_, Shelves<S>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Service> Shelves<S> {
    pub fn of(&mut self, role: Role) -> &mut Database<S> {
        &mut self.databases[role.0 as usize]
    }

    /// What a crash in the middle of a write leaves.
    pub fn tear(&mut self, role: Role, half: Vec<S::Record>) {
        self.torn.push((role, half));
    }

    /// Half a transaction behind the log of a role, taken off.
    pub fn take_torn(&mut self, role: Role) -> Option<Vec<S::Record>> {
        let at = self.torn.iter().position(|(torn, _)| *torn == role)?;
        Some(self.torn.remove(at).1)
    }

    fn lose_tail(&mut self, id: NodeId) {
        let Some(at) = self.ids.iter().position(|known| *known == id) else { return };
        let (node, role) = (Node(at as u8), self.roles[at]);
        let database = self.of(role);
        if database.has_tail(node) {
            database.lose_tail(node);
        }
    }
}

/// The disks of the runtime this runs in.
pub(super) fn current<S: Service>() -> Arc<Disk<S>> {
    madsim::plugin::simulator()
}
