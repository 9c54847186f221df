//! The catalogue of bugs and of benign changes, as data: `models/bugs.toml`.
//!
//! **Invariant:** a bug is nothing but choices of policies; no code asks whether one is planted.

use std::sync::LazyLock;

use serde::Deserialize;
use stormcart_models::architecture::Architecture;
use stormcart_models::invariant::INVARIANTS;
use stormcart_models::policy::{POLICIES, Policies, Policy};

use crate::error::{Error, nearest};

/// A bug that people shipped, or a change that is none.
#[derive(Debug)]
pub struct Change {
    /// How it is written: `--bug slug`, `+slug`.
    pub slug: String,
    /// What it is, in a sentence.
    pub about: String,
    /// The choices it consists of.
    pub choices: Vec<Choice>,
    /// The architectures it can hit.
    pub architectures: Vec<&'static Architecture>,
    /// The faults that bring it to light; of a benign change, none do.
    pub exposed_by: String,
    /// Ids of the properties it breaks, the most telling first; a benign change breaks none.
    pub breaks: Vec<&'static str>,
    /// Where it was seen.
    pub source: String,
}

/// One choice of one policy.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// Which policy.
    pub policy: &'static Policy,
    /// The number of the choice.
    pub choice: usize,
}

/// Everything in the file.
#[derive(Debug)]
pub struct Catalogue {
    /// What must be found.
    pub bugs: Vec<Change>,
    /// What must never be reported.
    pub benign: Vec<Change>,
}

/// The catalogue that comes with the project.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    const TEXT: &str = include_str!("../../models/bugs.toml");
    Catalogue::parse("models/bugs.toml", TEXT).unwrap_or_else(|error| panic!("{error}"))
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bug: Vec<Row>,
    benign: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    slug: toml::Spanned<String>,
    about: String,
    policies: Vec<String>,
    architectures: Vec<String>,
    #[serde(default)]
    exposed_by: String,
    #[serde(default)]
    breaks: Vec<String>,
    #[serde(default)]
    source: String,
}

impl Catalogue {
    /// Reads a catalogue; `path` is for messages.
    ///
    /// # Errors
    /// If it is malformed, or names something that does not exist.
    pub fn parse(path: &str, text: &str) -> Result<Catalogue, Error> {
        let file: File = toml::from_str(text).map_err(|error| Error::in_toml(path, text, &error))?;
        let resolve = |row: Row| {
            let offset = row.slug.span().start;
            row.resolve().map_err(|error| Error::in_file(path, text, offset, error.to_string()))
        };
        let all = |rows: Vec<Row>| rows.into_iter().map(resolve).collect::<Result<Vec<Change>, Error>>();
        Ok(Catalogue { bugs: all(file.bug)?, benign: all(file.benign)? })
    }

    /// Everything that can be planted, bugs first.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.bugs.iter().chain(&self.benign)
    }

    /// The bug or benign change of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(&self, slug: &str) -> Result<&Change, Error> {
        let found = self.changes().find(|change| change.slug == slug);
        found.ok_or_else(|| Error::unknown("bug", slug, self.changes().map(|change| change.slug.as_str())))
    }
}

impl Row {
    fn resolve(self) -> Result<Change, Error> {
        let architectures = self.architectures.iter().map(|name| architecture(name));
        let property = |id: &String| {
            let known = INVARIANTS.iter().map(|invariant| invariant.id);
            known.clone().find(|known| known == id).ok_or_else(|| Error::unknown("property", id, known))
        };
        Ok(Change {
            about: self.about,
            choices: self.policies.iter().map(|text| text.parse()).collect::<Result<_, Error>>()?,
            architectures: architectures.collect::<Result<_, Error>>()?,
            exposed_by: self.exposed_by,
            breaks: self.breaks.iter().map(property).collect::<Result<_, Error>>()?,
            source: self.source,
            slug: self.slug.into_inner(),
        })
    }
}

/// The architecture of this name.
///
/// # Errors
/// If there is none.
pub fn architecture(name: &str) -> Result<&'static Architecture, Error> {
    let known = stormcart_models::architecture::ARCHITECTURES.iter().map(|architecture| architecture.name);
    Architecture::named(name).ok_or_else(|| Error::unknown("architecture", name, known))
}

impl Choice {
    /// The choice of this name of the policy of that name.
    ///
    /// # Errors
    /// If there is no such policy, or it has no such choice.
    pub fn named(policy: &str, choice: &str) -> Result<Choice, Error> {
        let Some(policy) = Policy::named(policy) else {
            return Err(Error::unknown("policy", policy, POLICIES.iter().map(|policy| policy.name)));
        };
        let names = || policy.choices.iter().map(|choice| choice.name);
        match names().position(|known| known == choice) {
            Some(choice) => Ok(Choice { policy, choice }),
            None => Err(Error::Unknown {
                kind: "choice",
                name: format!("{}={choice}", policy.name),
                nearest: nearest(choice, names()).map(|near| format!("{}={near}", policy.name)),
                known: names().collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// Makes it.
    pub fn make(self, policies: &mut Policies) {
        self.policy.choose(policies, self.choice);
    }
}

impl std::str::FromStr for Choice {
    type Err = Error;

    /// `policy=choice`.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.split_once('=') {
            Some((policy, choice)) => Choice::named(policy, choice),
            None => Err(Error::Plain(format!(
                "`{text}` is not a choice: write `policy=choice`, for example `key=per-attempt`"
            ))),
        }
    }
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}={}", self.policy.name, self.policy.choices[self.choice].name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_exists_and_every_choice_matters_where_it_is_said_to_hit() {
        let mut slugs = BTreeSet::new();
        for change in CATALOGUE.changes() {
            let slug = &change.slug;
            assert!(slugs.insert(slug), "{slug} is there twice");
            assert!(!change.choices.is_empty() && !change.architectures.is_empty(), "{slug} is empty");
            for choice in &change.choices {
                assert!(choice.choice != 0, "{slug}: {choice} is the safe choice");
                for architecture in &change.architectures {
                    let matters = choice.policy.matters_in.contains(&architecture.style);
                    assert!(matters, "{slug}: {choice} changes nothing in {}", architecture.name);
                }
            }
        }
    }

    #[test]
    fn a_bug_breaks_something_and_a_benign_change_nothing() {
        assert!(CATALOGUE.bugs.iter().all(|bug| !bug.breaks.is_empty() && !bug.source.is_empty()));
        assert!(CATALOGUE.benign.iter().all(|benign| benign.breaks.is_empty()));
        assert!(CATALOGUE.bugs.len() >= 10 && CATALOGUE.benign.len() >= 3);
    }

    #[test]
    fn a_name_that_does_not_exist_is_refused_where_it_stands() {
        let file = |row: &str| format!("benign = []\n[[bug]]\nslug = \"x\"\nabout = \"\"\n{row}\n");
        let refused = |row: &str| Catalogue::parse("b.toml", &file(row)).expect_err(row).to_string();
        assert_eq!(
            refused("policies = [\"kee=x\"]\narchitectures = []"),
            "b.toml:3:8: unknown policy `kee`: did you mean `key`? (known: key, timeout, publish, dedup, \
             fence, confirm, allocate, errors, engine-timers, undo, late-success, resubmission, retry, relay)",
        );
        assert!(
            refused("policies = []\narchitectures = [\"saga\"]").contains("did you mean `orchestrated-saga`")
        );
    }
}
