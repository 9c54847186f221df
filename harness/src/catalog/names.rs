//! The names of a model: architectures and hardening levels, policies and choices, properties, participants.
//!
//! **Invariant:** the safe choice of a policy is its first one, so [`Choices::default`] is safe everywhere.

use std::fmt;

use serde::Deserialize;
use stormcart_sim::property::Modality;
use stormcart_sim::site::Role;

use crate::error::Error;

/// One way in which the participants are coordinated.
#[derive(Clone, Debug)]
pub struct Architecture {
    /// How it is written.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// The hardening levels it comes in, best first, with the choices made at each.
    pub levels: Vec<(Level, Choices)>,
    /// Why a level is missing, if one is.
    pub missing_level: Option<&'static str>,
    /// Who coordinates: an engine, a log, or a service.
    pub coordinator: Role,
}

/// How far an architecture was hardened: a factor of its own in every comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// As first written.
    FirstWritten,
    /// The same keys, retries, inbox and deadlines for every architecture.
    Matched,
    /// What the architecture needs to be safe.
    Hardened,
}

/// A choice for every policy, by position in the catalog; the default is the safe one everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Choices([u8; Choices::MOST]);

/// One policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How it is written.
    pub name: &'static str,
    /// What is decided.
    pub about: &'static str,
    /// The names of the architectures in which the decision matters.
    pub matters_in: Vec<&'static str>,
    /// The safe choice first.
    pub choices: Vec<PolicyChoice>,
}

/// One choice of a policy.
#[derive(Clone, Copy, Debug)]
pub struct PolicyChoice {
    /// How it is written.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// One property.
#[derive(Clone, Debug)]
pub struct Property {
    /// How it is called in tables: `S1`.
    pub id: &'static str,
    /// How it is called in words that can be typed: `no-double-charge`.
    pub slug: &'static str,
    /// How it is called in sentences.
    pub name: &'static str,
    /// When it must hold.
    pub modality: Modality,
    /// What exactly must hold.
    pub definition: &'static str,
    /// Whether it is also judged while only a viable core is healthy.
    pub with_core: bool,
}

/// Somebody who takes part.
#[derive(Clone, Copy, Debug)]
pub struct Participant {
    /// The name, as in the vocabulary.
    pub name: &'static str,
    /// What kind of participant it is.
    pub kind: ParticipantKind,
}

/// Kinds of participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParticipantKind {
    /// People: they never crash, and nobody cuts them off.
    Customers,
    /// A service of the business.
    Service,
    /// A log or an engine: infrastructure that coordinates.
    Platform,
    /// An outside party: it never crashes and keeps its own truth.
    Outside,
}

impl Architecture {
    /// The choices made at a level.
    pub fn choices(&self, level: Level) -> Option<Choices> {
        self.levels.iter().find(|(known, _)| *known == level).map(|(_, choices)| *choices)
    }

    /// The best level it comes in.
    pub fn best_level(&self) -> Level {
        self.levels[0].0
    }

    /// Whether it claims to be safe at its best level.
    pub fn claims_safety(&self) -> bool {
        self.best_level() == Level::Hardened
    }
}

impl Level {
    /// All levels with their names.
    pub const ALL: [(Level, &'static str); 3] =
        [(Level::FirstWritten, "first-written"), (Level::Matched, "matched"), (Level::Hardened, "hardened")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Level::ALL[self as usize].1
    }

    /// The level of this name; the first one was called `naive` once.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(name: &str) -> Result<Level, Error> {
        let wanted = if name == "naive" { "first-written" } else { name };
        let found = Level::ALL.iter().find(|(_, known)| *known == wanted);
        found
            .map(|(level, _)| *level)
            .ok_or_else(|| Error::unknown("hardening level", name, Level::ALL.map(|(_, known)| known)))
    }
}

impl Choices {
    /// The most policies of a model.
    pub const MOST: usize = 64;

    /// The number of the choice of a policy.
    pub fn get(&self, policy: usize) -> usize {
        usize::from(self.0[policy])
    }

    /// Makes a choice.
    pub fn set(&mut self, policy: usize, choice: usize) {
        self.0[policy] = choice as u8;
    }
}

impl Default for Choices {
    fn default() -> Self {
        Choices([0; Choices::MOST])
    }
}

impl fmt::Debug for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unusual = self.0.iter().enumerate().filter(|(_, choice)| **choice != 0);
        f.debug_map().entries(unusual).finish()
    }
}

impl ParticipantKind {
    /// Whether it runs on nodes that can crash.
    pub fn inside(self) -> bool {
        match self {
            ParticipantKind::Service | ParticipantKind::Platform => true,
            ParticipantKind::Customers | ParticipantKind::Outside => false,
        }
    }
}

/// A way in which a subject ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Its name: `completed`.
    pub name: &'static str,
    /// What it is, for a table of metrics.
    pub about: &'static str,
    /// How it counts.
    pub kind: EndKind,
}

/// How an end counts in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndKind {
    /// It has none: the subject is still open.
    Open,
    /// As the customer wished.
    Completed,
    /// Refused or undone.
    Undone,
}
