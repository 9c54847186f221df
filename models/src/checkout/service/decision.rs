//! What a business rule decides: what is written down, how operations ended, which outside party is asked.

use smallvec::{SmallVec, smallvec};

use crate::checkout::vocabulary::{Op, Outcome};

/// The result of a business rule: changes `E` to its state, ends of operations, and a question to an outside party.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decision<E> {
    /// What is written down.
    pub entries: SmallVec<[E; 2]>,
    /// How operations ended that had been taken on.
    pub answers: SmallVec<[(Op, Outcome); 2]>,
    /// What an outside party is asked for now.
    pub ask: Option<Op>,
}

impl<E> Decision<E> {
    /// An operation ends here.
    pub fn done(op: Op, outcome: Outcome) -> Self {
        Decision { entries: SmallVec::new(), answers: smallvec![(op, outcome)], ask: None }
    }

    /// An outside party is to be asked; the operation ends later.
    pub fn asks(outside: Op) -> Self {
        Decision { entries: SmallVec::new(), answers: SmallVec::new(), ask: Some(outside) }
    }

    /// Nothing ends now.
    pub fn pending() -> Self {
        Decision { entries: SmallVec::new(), answers: SmallVec::new(), ask: None }
    }

    /// Also write this down.
    pub fn noting(mut self, entry: E) -> Self {
        self.entries.push(entry);
        self
    }

    /// Also end this operation.
    pub fn ending(mut self, op: Op, outcome: Outcome) -> Self {
        self.answers.push((op, outcome));
        self
    }

    /// The same decision over the entries of a larger family.
    pub fn map<F>(self, into: impl Fn(E) -> F) -> Decision<F> {
        let Decision { entries, answers, ask } = self;
        Decision { entries: entries.into_iter().map(into).collect(), answers, ask }
    }
}
