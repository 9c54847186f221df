//! Everything of a model that has a name, as data: what the command line, cases, tables and reports derive from.
//!
//! **Invariant:** a catalog is built once and never changes, so whatever refers to it may be copied freely.

mod change;
mod file;
mod names;
mod place;

use stormcart_sim::site::Role;

use crate::error::Error;
use crate::text::quoted;

pub use change::{Change, Choice, read as read_changes};
pub use names::{
    Architecture, Choices, End, EndKind, Level, Participant, ParticipantKind, Policy, PolicyChoice, Property,
};
pub use place::{MisbehaviorSite, Place, Who};

/// Everything of a model that has a name. A small model keeps it in a file: see [`Catalog::read`].
#[derive(Debug)]
pub struct Catalog {
    /// What the model is called.
    pub name: &'static str,
    /// What stands before its scenarios in cases, if something does: `booking/`.
    pub prefix: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// What a subject is called, as in the vocabulary: `order`, `trip`.
    pub subject: &'static str,
    /// How its command line is called, in the commands that reproduce something.
    pub command: &'static str,
    /// The path of the function that replays a folder of regressions in a test, for the tests that `shrink` writes.
    pub regressions: &'static str,
    /// The ways in which its participants can be coordinated.
    pub architectures: Vec<Architecture>,
    /// What can be chosen.
    pub policies: Vec<Policy>,
    /// Bugs, and then benign changes: named choices.
    pub changes: Vec<Change>,
    /// What must hold.
    pub properties: Vec<Property>,
    /// Numbers of properties that do not exist here, and why.
    pub absent: &'static [(&'static str, &'static str)],
    /// What a sweep must have seen to have tested anything, by the number of the probe.
    pub goals: &'static [&'static str],
    /// How subjects end; the first is that they have not.
    pub ends: &'static [End],
    /// Scenarios that come with the model: name and text.
    pub scenarios: &'static [(&'static str, &'static str)],
    /// The scenarios that verbs take where none is named.
    pub usual: Usual,
    /// The model's own sections of a scenario file.
    pub sections: &'static [&'static str],
    /// Who takes part, by role.
    pub participants: Vec<Participant>,
    /// Where faults may strike, with their weights.
    pub places: Vec<(f64, Place)>,
    /// Who runs on nodes of ours, in the order in which faults are drawn.
    pub inside: Vec<Who>,
    /// Who may be parted from others.
    pub sides: Vec<Who>,
    /// Who misbehaves how, and where.
    pub misbehaviors: Vec<MisbehaviorSite>,
}

/// The scenarios that verbs take where none is named.
#[derive(Clone, Copy, Debug)]
pub struct Usual {
    /// Of a sweep.
    pub sweep: &'static str,
    /// Of an exploration.
    pub explore: &'static str,
    /// Of a comparison, in order.
    pub compare: &'static [&'static str],
}

impl Catalog {
    /// The architecture of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn architecture(&self, name: &str) -> Result<&Architecture, Error> {
        let found = self.architectures.iter().find(|known| known.name == name);
        found.ok_or_else(|| {
            Error::unknown("architecture", name, self.architectures.iter().map(|known| known.name))
        })
    }

    /// The architectures that claim to be safe at their best level.
    pub fn safe(&self) -> Vec<&Architecture> {
        self.architectures.iter().filter(|known| known.claims_safety()).collect()
    }

    /// The property of this id or slug.
    ///
    /// # Errors
    /// If there is none.
    pub fn property(&self, name: &str) -> Result<&Property, Error> {
        let found = self.properties.iter().find(|known| known.id == name || known.slug == name);
        found.ok_or_else(|| Error::unknown("property", name, self.properties.iter().map(|known| known.id)))
    }

    /// `S2 given-up-means-undone`, or the id alone if it is of no property here.
    pub fn property_name(&self, id: &str) -> String {
        let found = self.properties.iter().find(|known| known.id == id);
        found.map_or_else(|| id.to_owned(), |known| format!("{id} {}", known.slug))
    }

    /// What kind of participant a role is.
    pub fn kind(&self, role: Role) -> ParticipantKind {
        self.participants[usize::from(role.0)].kind
    }

    /// The roles that coordinate in one architecture or another.
    pub fn coordinators(&self) -> impl Iterator<Item = Role> {
        self.architectures.iter().map(|architecture| architecture.coordinator)
    }

    /// A scenario without what stands before it in cases: `booking/storm` is `storm` of `booking`.
    pub fn own<'a>(&self, scenario: &'a str) -> &'a str {
        scenario.strip_prefix(self.prefix).unwrap_or(scenario)
    }

    /// Whether a case of this scenario is one of this model: it has its prefix, or none where the model has none.
    pub fn owns(&self, scenario: &str) -> bool {
        match self.prefix {
            "" => !scenario.contains('/') || scenario.ends_with(".toml"),
            prefix => scenario.starts_with(prefix),
        }
    }

    /// The command of the model's binary that does something, safe to paste into a shell.
    pub fn command_line(&self, verb: &str, argument: &str) -> String {
        format!("{} {verb} {}", self.command, quoted(argument))
    }

    /// Planted choices of this name.
    ///
    /// # Errors
    /// If there are none.
    pub fn change(&self, slug: &str) -> Result<(usize, &Change), Error> {
        let found = self.changes.iter().enumerate().find(|(_, change)| change.slug == slug);
        found.ok_or_else(|| {
            Error::unknown("bug", slug, self.changes.iter().map(|change| change.slug.as_str()))
        })
    }
}
