//! A catalog in a file: all the names of a small model as TOML, so that its code has none.
//!
//! Participants stand in the order of the roles in the vocabulary, policies in the order in which code asks for choices, ends
//! with the open one first. The model's scenarios are called `name/scenario`.
//!
//! **Invariant:** what a file gets wrong is said with its place in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use stormcart_sim::property::Modality;
use stormcart_sim::site::{Role, Vocabulary};
use toml::Spanned;

use crate::error::Error;

use super::change::{self, Choice};
use super::names::{
    Architecture, Choices, End, EndKind, Level, Participant, ParticipantKind, Policy, PolicyChoice, Property,
};
use super::place::{Place, Who};
use super::{Catalog, Usual};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    about: String,
    command: String,
    regressions: String,
    /// Of a sweep, of an exploration and of a comparison.
    usual: [String; 3],
    sections: Vec<String>,
    participants: Vec<ParticipantKind>,
    /// With their weights.
    places: Vec<(f64, Spanned<String>)>,
    #[serde(default)]
    goals: Vec<String>,
    architecture: Vec<ArchitectureRow>,
    #[serde(default)]
    policy: Vec<PolicyRow>,
    property: Vec<PropertyRow>,
    end: Vec<EndRow>,
    #[serde(default)]
    bug: Vec<change::Row>,
    #[serde(default)]
    benign: Vec<change::Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchitectureRow {
    name: String,
    about: String,
    coordinator: Spanned<String>,
    missing_level: Option<String>,
    /// The choices of each level that are not the safe ones.
    levels: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyRow {
    name: String,
    about: String,
    /// All of them, if none is named.
    #[serde(default)]
    matters_in: Vec<String>,
    choices: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PropertyRow {
    id: String,
    slug: String,
    modality: Spanned<String>,
    definition: String,
    #[serde(default)]
    with_core: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndRow {
    name: String,
    about: String,
    kind: EndKind,
}

/// A catalog is built once and lives as long as the program.
fn names(all: Vec<String>) -> &'static [&'static str] {
    all.into_iter().map(|name| &*name.leak()).collect::<Vec<&'static str>>().leak()
}

impl Catalog {
    /// Reads the catalog of a model that speaks these words; `path` is for messages.
    ///
    /// # Errors
    /// If the file is malformed, or names something that does not exist, with the place in it.
    pub fn read(
        path: &str,
        text: &str,
        vocabulary: &'static Vocabulary,
        scenarios: &'static [(&'static str, &'static str)],
    ) -> Result<Catalog, Error> {
        let file: File = toml::from_str(text).map_err(|error| Error::in_toml(path, text, &error))?;
        let here = |at: usize| move |error: Error| Error::in_file(path, text, at, error.to_string());
        let everywhere = names(file.architecture.iter().map(|row| row.name.clone()).collect());
        let policy = |row: PolicyRow| {
            let choice =
                |(name, about): (String, String)| PolicyChoice { name: name.leak(), about: about.leak() };
            let matters_in = if row.matters_in.is_empty() { everywhere } else { names(row.matters_in) };
            let choices = row.choices.into_iter().map(choice).collect();
            Policy {
                name: row.name.leak(),
                about: row.about.leak(),
                matters_in: matters_in.to_vec(),
                choices,
            }
        };
        let policies: Vec<Policy> = file.policy.into_iter().map(policy).collect();
        let level = |(name, unsafe_ones): (Spanned<String>, Vec<Spanned<String>>)| {
            let level = Level::named(name.get_ref()).map_err(here(name.span().start))?;
            let mut choices = Choices::default();
            for text in unsafe_ones {
                let choice = Choice::read(&policies, text.get_ref());
                choice.map_err(here(text.span().start))?.make(&mut choices);
            }
            Ok((level, choices))
        };
        let architecture = |row: ArchitectureRow| {
            let (name, at) = (row.coordinator.get_ref(), row.coordinator.span().start);
            let role = vocabulary.roles.iter().position(|known| known == name);
            let unknown = || Error::unknown("participant", name, vocabulary.roles.iter().copied());
            let coordinator = Role(role.ok_or_else(unknown).map_err(here(at))? as u8);
            let mut levels = row.levels.into_iter().map(level).collect::<Result<Vec<_>, Error>>()?;
            levels.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
            let missing_level = row.missing_level.map(|why| &*why.leak());
            let (name, about) = (row.name.leak(), row.about.leak());
            Ok(Architecture { name, about, levels, missing_level, coordinator })
        };
        let architectures = file.architecture.into_iter().map(architecture);
        let architectures: Vec<Architecture> = architectures.collect::<Result<_, Error>>()?;
        let property = |row: PropertyRow| {
            use Modality::{Always, ByDeadline, Obligation, Rest, Sometimes};
            let known = [Always, Obligation, Rest, ByDeadline, Sometimes];
            let found = known.into_iter().find(|known| known.to_string() == *row.modality.get_ref());
            let words = known.map(|known| known.to_string());
            let unknown =
                || Error::unknown("modality", row.modality.get_ref(), words.iter().map(String::as_str));
            let modality = found.ok_or_else(unknown).map_err(here(row.modality.span().start))?;
            let (id, slug) = (row.id.leak(), row.slug.clone().leak());
            let (name, definition) = (row.slug.replace('-', " ").leak(), row.definition.leak());
            Ok(Property { id, slug, name, modality, definition, with_core: row.with_core })
        };
        let properties: Vec<Property> =
            file.property.into_iter().map(property).collect::<Result<_, Error>>()?;
        let changes =
            change::resolve(path, text, file.bug, file.benign, &architectures, &policies, &properties)?;
        let place = |(weight, name): (f64, Spanned<String>)| {
            let place = Place::named(name.get_ref(), vocabulary).map_err(here(name.span().start))?;
            Ok((weight, place))
        };
        let participant = |(name, kind): (&&'static str, ParticipantKind)| Participant { name, kind };
        let participants: Vec<_> = vocabulary.roles.iter().zip(file.participants).map(participant).collect();
        let whos = |wanted: fn(ParticipantKind) -> bool| {
            let roles = (0..).map(Role).zip(&participants).filter(move |(_, who)| wanted(who.kind));
            roles.map(|(role, _)| Who::Role(role)).collect::<Vec<Who>>()
        };
        let end = |row: EndRow| End { name: row.name.leak(), about: row.about.leak(), kind: row.kind };
        let [sweep, explore, compare] = file.usual;
        Ok(Catalog {
            prefix: format!("{}/", file.name).leak(),
            name: file.name.leak(),
            about: file.about.leak(),
            subject: vocabulary.subject,
            command: file.command.leak(),
            regressions: file.regressions.leak(),
            architectures,
            policies,
            changes,
            properties,
            absent: &[],
            goals: names(file.goals),
            ends: file.end.into_iter().map(end).collect::<Vec<End>>().leak(),
            scenarios,
            usual: Usual { sweep: sweep.leak(), explore: explore.leak(), compare: names(vec![compare]) },
            sections: names(file.sections),
            places: file.places.into_iter().map(place).collect::<Result<_, Error>>()?,
            inside: whos(ParticipantKind::inside),
            sides: whos(|kind| kind != ParticipantKind::Customers),
            participants,
            misbehaviors: Vec::new(),
        })
    }
}
