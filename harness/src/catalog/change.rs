//! Bugs and benign changes of a model, as data: a file that names the choices each of them consists of.
//!
//! **Invariant:** a bug is nothing but choices of policies; no code asks whether one is planted.

use serde::Deserialize;

use crate::error::{Error, nearest};

use super::names::{Architecture, Choices, Policy, Property};

/// A bug that people shipped, or a change that is none.
#[derive(Debug)]
pub struct Change {
    /// How it is written: `--bug slug`, `+slug`.
    pub slug: String,
    /// What it is, in a sentence.
    pub about: String,
    /// Whether it is no bug: it must never be reported.
    pub benign: bool,
    /// The choices it consists of.
    pub choices: Vec<Choice>,
    /// The names of the architectures it can hit.
    pub architectures: Vec<&'static str>,
    /// The faults that bring it to light; of a benign change, none do.
    pub exposed_by: String,
    /// Ids of the properties it breaks, the most telling first; a benign change breaks none.
    pub breaks: Vec<&'static str>,
    /// Where it was seen.
    pub source: String,
}

/// One choice of one policy, by position in the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The number of the policy.
    pub policy: usize,
    /// The number of the choice.
    pub choice: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    bug: Vec<Row>,
    #[serde(default)]
    benign: Vec<Row>,
}

/// A change as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
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

/// Reads a catalogue of bugs and benign changes, the bugs first; `path` is for messages.
///
/// # Errors
/// If it is malformed, or names something that does not exist.
pub fn read(
    path: &str,
    text: &str,
    architectures: &[Architecture],
    policies: &[Policy],
    properties: &[Property],
) -> Result<Vec<Change>, Error> {
    let file: File = toml::from_str(text).map_err(|error| Error::in_toml(path, text, &error))?;
    resolve(path, text, file.bug, file.benign, architectures, policies, properties)
}

/// The changes that rows of a file mean, the bugs first.
pub(super) fn resolve(
    path: &str,
    text: &str,
    bugs: Vec<Row>,
    benign: Vec<Row>,
    architectures: &[Architecture],
    policies: &[Policy],
    properties: &[Property],
) -> Result<Vec<Change>, Error> {
    let bugs = bugs.into_iter().map(|row| (row, false));
    let rows = bugs.chain(benign.into_iter().map(|row| (row, true)));
    rows.map(|(row, benign)| {
        let offset = row.slug.span().start;
        let change = row.resolve(benign, architectures, policies, properties);
        change.map_err(|error| Error::in_file(path, text, offset, error.to_string()))
    })
    .collect()
}

impl Row {
    fn resolve(
        self,
        benign: bool,
        architectures: &[Architecture],
        policies: &[Policy],
        properties: &[Property],
    ) -> Result<Change, Error> {
        let architecture = |name: &String| {
            let known = architectures.iter().map(|architecture| architecture.name);
            known
                .clone()
                .find(|known| known == name)
                .ok_or_else(|| Error::unknown("architecture", name, known))
        };
        let property = |id: &String| {
            let known = properties.iter().map(|property| property.id);
            known.clone().find(|known| known == id).ok_or_else(|| Error::unknown("property", id, known))
        };
        Ok(Change {
            about: self.about,
            benign,
            choices: self
                .policies
                .iter()
                .map(|text| Choice::read(policies, text))
                .collect::<Result<_, Error>>()?,
            architectures: self.architectures.iter().map(architecture).collect::<Result<_, Error>>()?,
            exposed_by: self.exposed_by,
            breaks: self.breaks.iter().map(property).collect::<Result<_, Error>>()?,
            source: self.source,
            slug: self.slug.into_inner(),
        })
    }
}

impl Choice {
    /// The choice that a text means: `policy=choice`.
    ///
    /// # Errors
    /// If the text is malformed, there is no such policy, or it has no such choice.
    pub fn read(policies: &[Policy], text: &str) -> Result<Choice, Error> {
        let Some((policy, choice)) = text.split_once('=') else {
            return Err(Error::Plain(format!(
                "`{text}` is not a choice: write `policy=choice`, for example `key=per-attempt`"
            )));
        };
        let Some(position) = policies.iter().position(|known| known.name == policy) else {
            return Err(Error::unknown("policy", policy, policies.iter().map(|policy| policy.name)));
        };
        let names = || policies[position].choices.iter().map(|choice| choice.name);
        match names().position(|known| known == choice) {
            Some(choice) => Ok(Choice { policy: position, choice }),
            None => Err(Error::Unknown {
                kind: "choice",
                name: format!("{policy}={choice}"),
                nearest: nearest(choice, names()).map(|near| format!("{policy}={near}")),
                known: names().collect::<Vec<_>>().join(", "),
            }),
        }
    }

    /// Makes it.
    pub fn make(self, choices: &mut Choices) {
        choices.set(self.policy, self.choice);
    }

    /// The names of the policy and of the choice.
    pub fn names(self, policies: &[Policy]) -> (&'static str, &'static str) {
        let policy = &policies[self.policy];
        (policy.name, policy.choices[self.choice].name)
    }

    /// `policy=choice`.
    pub fn words(self, policies: &[Policy]) -> String {
        let (policy, choice) = self.names(policies);
        format!("{policy}={choice}")
    }
}
