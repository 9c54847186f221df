//! Places in business words, shared by all architectures: where a storm may strike, between whom, and who misbehaves.
//!
//! **Invariant:** `coordinator` is whoever coordinates (an engine, a log, or a service); who that is is looked up last,
//! when everything has been drawn, so nothing that is drawn depends on the architecture (`tests/independence`).

use stormcart_sim::site::{
    Identity, InjectionPoint, MessageKind, MisbehaviorId, Operation, Role, Vocabulary,
};

use crate::error::Error;

use super::Catalog;
use super::names::Architecture;

/// A participant, in words that fit every architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The participant of this role.
    Role(Role),
    /// Whoever coordinates.
    Coordinator,
}

/// A place where a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where something arrives.
    pub who: Who,
    /// The operation.
    pub operation: Operation,
    /// Which part of it.
    pub kind: MessageKind,
}

/// Where a participant can misbehave in a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MisbehaviorSite {
    /// The participant.
    pub role: Role,
    /// What it does wrong.
    pub misbehavior: MisbehaviorId,
    /// At which operations; any, if none is named.
    pub at: Vec<Operation>,
    /// At which part of them.
    pub kind: MessageKind,
    /// No variant is safe from it, however careful: it is drawn only where a scenario names it.
    pub beyond_defence: bool,
    /// It is part of the least set of faults that an exploration places.
    pub least: bool,
}

impl MisbehaviorSite {
    /// Whether it can show where this arrives.
    pub fn shows(&self, operation: Operation, kind: MessageKind) -> bool {
        self.kind == kind && (self.at.is_empty() || self.at.contains(&operation))
    }
}

impl Who {
    /// The role it is in an architecture.
    pub fn role(self, architecture: &Architecture) -> Role {
        match self {
            Who::Role(role) => role,
            Who::Coordinator => architecture.coordinator,
        }
    }

    /// Whoever has this name.
    ///
    /// # Errors
    /// If nobody has.
    fn named(name: &str, vocabulary: &Vocabulary) -> Result<Who, Error> {
        if name == COORDINATOR {
            return Ok(Who::Coordinator);
        }
        let role = vocabulary.roles.iter().position(|known| *known == name);
        let known = vocabulary.roles.iter().copied().chain([COORDINATOR]);
        role.map(|role| Who::Role(Role(role as u8))).ok_or_else(|| Error::unknown("node", name, known))
    }
}

const COORDINATOR: &str = "coordinator";

impl Place {
    /// A place of a role.
    pub const fn of(role: Role, operation: Operation, kind: MessageKind) -> Place {
        Place { who: Who::Role(role), operation, kind }
    }

    /// A place of whoever coordinates.
    pub const fn of_coordinator(operation: Operation, kind: MessageKind) -> Place {
        Place { who: Who::Coordinator, operation, kind }
    }

    /// The place of this name: `service operation kind`.
    ///
    /// # Errors
    /// If there is no such place.
    pub fn named(name: &str, vocabulary: &Vocabulary) -> Result<Place, Error> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let [who, operation, kind] = words[..] else {
            return Err(Error::Plain(format!("`{name}` is not a place: say `service operation kind`")));
        };
        let known = vocabulary.operations.iter().position(|known| *known == operation);
        let number = known
            .ok_or_else(|| Error::unknown("operation", operation, vocabulary.operations.iter().copied()))?;
        let found = MessageKind::ALL.iter().find(|(_, word)| *word == kind);
        let kinds = MessageKind::ALL.iter().map(|(_, word)| *word);
        let (kind, _) = found.ok_or_else(|| Error::unknown("message kind", kind, kinds))?;
        let who = Who::named(who, vocabulary)?;
        Ok(Place { who, operation: Operation(number as u8), kind: *kind })
    }

    /// The injection point of this place on the way of one subject, in an architecture.
    pub fn site(self, architecture: &Architecture, subject: u32, attempt: u8) -> InjectionPoint {
        let identity = Identity { operation: self.operation, kind: self.kind, subject, attempt };
        InjectionPoint { role: self.who.role(architecture), identity, occurrence: 1 }
    }
}

impl Catalog {
    /// How whoever this is can misbehave at a part of an operation; whoever coordinates can in the ways of each that does
    /// in one architecture or another.
    pub fn misbehaviors_at(
        &self,
        who: Who,
        operation: Operation,
        kind: MessageKind,
    ) -> impl Iterator<Item = MisbehaviorId> {
        let meant = move |role: Role| match who {
            Who::Role(known) => known == role,
            Who::Coordinator => self.coordinators().any(|known| known == role),
        };
        let here =
            self.misbehaviors.iter().filter(move |site| meant(site.role) && site.shows(operation, kind));
        here.map(|site| site.misbehavior)
    }
}
