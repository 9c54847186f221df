//! Messages that are held back on their link.

use crate::site::Node;

/// Links on which messages are held back, one entry for each such message in the queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    held: Vec<(Node, Node)>,
}

impl Network {
    pub fn hold(&mut self, link: (Node, Node)) {
        self.held.push(link);
    }

    /// One message is not held back any more.
    pub fn let_one_go(&mut self, link: (Node, Node)) {
        if let Some(place) = self.held.iter().position(|held| *held == link) {
            self.held.remove(place);
        }
    }

    /// Whether a message is held back anywhere.
    #[inline]
    pub fn holds_any(&self) -> bool {
        !self.held.is_empty()
    }

    /// Lets everything on a link go; false if nothing was held back there.
    pub fn let_go(&mut self, link: (Node, Node)) -> bool {
        let before = self.held.len();
        self.held.retain(|held| *held != link);
        self.held.len() < before
    }
}
