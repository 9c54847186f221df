//! The databases, by role, and what crashes in the middle of a write left behind their logs.

use crate::digest::Digest;
use crate::service::Service;
use crate::site::{Node, Role};
use crate::store::Database;

use super::cached::Cached;

/// All disks.
#[derive(Clone)]
pub(super) struct Disks<S: Service> {
    databases: Vec<Cached<Database<S>>>,
    /// Records without the mark of their commit, behind the log of a role.
    torn: Vec<(Role, Vec<S::Record>)>,
}

impl<S: Service> Disks<S> {
    /// Databases that hold these stores, by role.
    pub fn new(stores: impl Iterator<Item = S::Store>) -> Self {
        Disks { databases: stores.map(|store| Cached::new(Database::new(store))).collect(), torn: Vec::new() }
    }

    #[inline]
    pub fn of(&self, role: Role) -> &Database<S> {
        self.databases[role.0 as usize].get()
    }

    #[inline]
    pub fn change(&mut self, role: Role) -> &mut Database<S> {
        self.databases[role.0 as usize].change()
    }

    /// Whether the state of a role is the fold of its log.
    pub fn replays(&self, role: Role) -> bool {
        self.databases[role.0 as usize].checked(|database| database.replay() == *database.state())
    }

    /// A node crashed: what it wrote lazily never reached the disk.
    pub fn lose_tail(&mut self, role: Role, node: Node) {
        if self.of(role).has_tail(node) {
            self.change(role).lose_tail(node);
        }
    }

    /// Whether the log of any role ends in half a transaction.
    #[inline]
    pub fn is_torn(&self) -> bool {
        !self.torn.is_empty()
    }

    /// A crash in the middle of a write leaves these records.
    pub fn tear(&mut self, role: Role, half: Vec<S::Record>) {
        self.torn.push((role, half));
    }

    /// Half a transaction behind the log of a role, taken off.
    pub fn take_torn(&mut self, role: Role) -> Option<Vec<S::Record>> {
        let at = self.torn.iter().position(|(torn, _)| *torn == role)?;
        Some(self.torn.remove(at).1)
    }

    /// Adds the databases of the roles that are `seen`.
    #[inline]
    pub fn fingerprint(&self, seen: impl Fn(Role) -> bool, hash: &mut Digest) {
        for (role, database) in (0..).zip(&self.databases) {
            if seen(Role(role)) {
                hash.word(database.fingerprint());
            }
        }
    }

    /// Adds torn tails: a set, because those of different roles are found apart from each other.
    pub fn fingerprint_torn(&self, hash: &mut Digest) {
        hash.word(self.torn.iter().map(Digest::of).fold(0, u64::wrapping_add));
    }
}
