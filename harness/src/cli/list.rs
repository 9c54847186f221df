//! `list`: everything that has a name.

use std::fmt::Write;

use serde::Serialize;
use stormcart_sim::site::Role;

use crate::backend::{Backend, Inexpressible};
use crate::catalog::{Architecture, Catalog, Change, Policy, Property};
use crate::error::Error;
use crate::fault_generator::Family;
use crate::model::Model;
use crate::scenario::Scenario;

use super::{Exit, Output};

/// Lists scenarios, architectures, policies, bugs, properties and faults.
#[derive(Debug, clap::Args)]
pub struct List {
    /// The model whose names are listed; without, the first.
    #[arg(long, value_name = "MODEL")]
    pub(super) model: Option<String>,
    /// Lists the faults that this backend cannot express, and why, as well: kernel or madsim.
    #[arg(long, alias = "engine", value_name = "BACKEND")]
    backend: Option<String>,
    /// Every model of the binary.
    #[arg(skip)]
    pub(super) models: Vec<Named>,
}

#[derive(Serialize)]
struct Everything {
    /// The models, where there are several.
    #[serde(skip_serializing_if = "<[Named]>::is_empty")]
    models: Vec<Named>,
    scenarios: Vec<Named>,
    architectures: Vec<ArchitectureRow>,
    policies: Vec<PolicyRow>,
    bugs: Vec<BugRow>,
    benign: Vec<BugRow>,
    properties: Vec<PropertyRow>,
    /// Numbers of properties that do not exist, and why.
    absent: Vec<Named>,
    faults: Vec<FaultRow>,
    goals: &'static [&'static str],
    /// Of the backend that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Limits>,
}

/// What a backend cannot do.
#[derive(Serialize)]
struct Limits {
    backend: Backend,
    inexpressible: Vec<Inexpressible>,
}

/// A name, and what it means.
#[derive(Clone, Debug, Serialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// What it means, in a sentence.
    pub about: String,
}

#[derive(Serialize)]
struct ArchitectureRow {
    name: &'static str,
    about: &'static str,
    levels: Vec<&'static str>,
    claims_safety: bool,
    missing_level: Option<&'static str>,
}

#[derive(Serialize)]
struct PolicyRow {
    name: &'static str,
    about: &'static str,
    matters_in: Vec<&'static str>,
    #[serde(skip)]
    only: String,
    choices: Vec<Named>,
}

#[derive(Serialize)]
struct BugRow {
    slug: &'static str,
    about: &'static str,
    policies: Vec<String>,
    architectures: Vec<&'static str>,
    exposed_by: &'static str,
    breaks: Vec<&'static str>,
    #[serde(skip)]
    named: Vec<String>,
    #[serde(skip)]
    only: String,
    source: &'static str,
}

#[derive(Serialize)]
struct PropertyRow {
    id: &'static str,
    slug: &'static str,
    name: &'static str,
    modality: String,
    definition: &'static str,
}

/// A family of faults, or the misbehaviors of one participant.
#[derive(Serialize)]
struct FaultRow {
    family: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'static str>,
    about: &'static str,
    faults: Vec<&'static str>,
}

impl List {
    /// Prints the list.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        let backend = self.backend.as_deref().map(Backend::named).transpose()?;
        if let Some(name) = self.model.as_deref().filter(|name| *name != M::catalog().name) {
            return Err(Error::unknown("model", name, self.models.iter().map(|model| model.name.as_str())));
        }
        let several = if self.models.len() > 1 { self.models } else { Vec::new() };
        let limits = backend.map(Limits::of);
        let everything = Everything { limits, models: several, ..Everything::collect::<M>()? };
        output.result(&everything, everything.text())?;
        Ok(Exit::Held)
    }
}

impl Limits {
    fn of(backend: Backend) -> Limits {
        Limits { backend, inexpressible: backend.inexpressibles() }
    }

    fn lines(&self) -> Vec<(String, String)> {
        let line = |row: &Inexpressible| (format!("{} ({})", row.fault, row.family), row.why.into());
        match &self.inexpressible[..] {
            [] => vec![("none".into(), "it can express them all".into())],
            rows => rows.iter().map(line).collect(),
        }
    }
}

impl Everything {
    fn collect<M: Model>() -> Result<Everything, Error> {
        let catalog = M::catalog();
        let scenario = |(name, text): &(&str, &str)| {
            let Scenario { name, about, .. } = Scenario::read(catalog, name, text)?;
            Ok(Named { name, about })
        };
        let change = |benign: bool| {
            let changes = catalog.changes.iter().filter(move |change| change.benign == benign);
            changes.map(|change| BugRow::of(catalog, change)).collect()
        };
        let absent = |(id, why): &(&str, &str)| Named { name: (*id).into(), about: (*why).into() };
        Ok(Everything {
            models: Vec::new(),
            scenarios: catalog.scenarios.iter().map(scenario).collect::<Result<_, Error>>()?,
            architectures: catalog.architectures.iter().map(ArchitectureRow::of).collect(),
            policies: catalog.policies.iter().map(|policy| PolicyRow::of(catalog, policy)).collect(),
            bugs: change(false),
            benign: change(true),
            properties: catalog.properties.iter().map(PropertyRow::of).collect(),
            absent: catalog.absent.iter().map(absent).collect(),
            faults: FaultRow::all::<M>().collect(),
            goals: catalog.goals,
            limits: None,
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        // What a model has none of is not mentioned.
        let mut section = |title: &str, rows: Vec<(String, String)>| {
            if rows.is_empty() {
                return;
            }
            let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
            let _ = writeln!(text, "{title}");
            for (name, about) in rows {
                let _ = writeln!(text, "  {name:<width$}  {about}");
            }
            text.push('\n');
        };
        let named = |rows: &[Named]| rows.iter().map(|row| (row.name.clone(), row.about.clone())).collect();
        section("models (`--model NAME` lists the names of one)", named(&self.models));
        section("scenarios", named(&self.scenarios));
        section("architectures", self.architectures.iter().map(ArchitectureRow::line).collect());
        section("policies, the safe choice first", self.policies.iter().map(PolicyRow::line).collect());
        section("bugs", self.bugs.iter().map(BugRow::line).collect());
        section("benign changes", self.benign.iter().map(BugRow::line).collect());
        section("properties", self.properties.iter().map(PropertyRow::line).collect());
        section("properties that do not exist, and why", named(&self.absent));
        section("faults, by family", self.faults.iter().flat_map(FaultRow::lines).collect());
        if let Some(limits) = &self.limits {
            section(&format!("faults that {} cannot express", limits.backend.name()), limits.lines());
        }
        text.trim_end().to_owned()
    }
}

impl ArchitectureRow {
    fn of(architecture: &'static Architecture) -> Self {
        ArchitectureRow {
            name: architecture.name,
            about: architecture.about,
            levels: architecture.levels.iter().map(|(level, _)| level.name()).collect(),
            claims_safety: architecture.claims_safety(),
            missing_level: architecture.missing_level,
        }
    }

    fn line(&self) -> (String, String) {
        let missing = self.missing_level.map(|why| format!("; {why}")).unwrap_or_default();
        (self.name.into(), format!("{} ({}{missing})", self.about, self.levels.join(", ")))
    }
}

/// Where something matters, in words; nothing where it matters everywhere.
fn only(catalog: &Catalog, architectures: &[&'static str]) -> String {
    match architectures.len() == catalog.architectures.len() {
        true => String::new(),
        false => format!("only in {}", architectures.join(", ")),
    }
}

impl PolicyRow {
    fn of(catalog: &'static Catalog, policy: &'static Policy) -> Self {
        PolicyRow {
            name: policy.name,
            about: policy.about,
            only: only(catalog, &policy.matters_in),
            matters_in: policy.matters_in.clone(),
            choices: (policy.choices.iter())
                .map(|choice| Named { name: choice.name.into(), about: choice.about.into() })
                .collect(),
        }
    }

    fn line(&self) -> (String, String) {
        let choices: Vec<&str> = self.choices.iter().map(|choice| choice.name.as_str()).collect();
        let only = if self.only.is_empty() { String::new() } else { format!(" ({})", self.only) };
        (format!("{}={}", self.name, choices.join("|")), format!("{}{only}", self.about))
    }
}

impl BugRow {
    fn of(catalog: &'static Catalog, change: &'static Change) -> Self {
        BugRow {
            slug: &change.slug,
            about: &change.about,
            policies: change.choices.iter().map(|choice| choice.words(&catalog.policies)).collect(),
            only: only(catalog, &change.architectures),
            architectures: change.architectures.clone(),
            exposed_by: &change.exposed_by,
            breaks: change.breaks.clone(),
            named: change.breaks.iter().map(|id| catalog.property_name(id)).collect(),
            source: &change.source,
        }
    }

    fn line(&self) -> (String, String) {
        let breaks = match &self.named[..] {
            [] => String::new(),
            named => format!("; breaks {}", named.join(", ")),
        };
        let only = if self.only.is_empty() { String::new() } else { format!("; {}", self.only) };
        (self.slug.into(), format!("{} ({}{breaks}{only})", self.about, self.policies.join(" ")))
    }
}

impl PropertyRow {
    fn of(property: &'static Property) -> Self {
        PropertyRow {
            id: property.id,
            slug: property.slug,
            name: property.name,
            modality: property.modality.to_string(),
            definition: property.definition,
        }
    }

    fn line(&self) -> (String, String) {
        let name = format!("{:<4} {:<32} {}", self.id, self.slug, self.modality);
        (name, self.definition.into())
    }
}

impl FaultRow {
    /// Every family; in place of the misbehaviors, those of each participant.
    fn all<M: Model>() -> impl Iterator<Item = Self> {
        let families = Family::ALL.iter().filter(|family| **family != Family::Misbehavior);
        let roles = (0..M::catalog().participants.len() as u8).map(Role);
        families.map(|family| Self::of::<M>(*family)).chain(roles.filter_map(Self::by::<M>))
    }

    fn of<M: Model>(family: Family) -> Self {
        let kinds = family.kinds(M::catalog()).into_iter();
        let faults = kinds.map(|(kind, _)| kind.words(M::vocabulary())).collect();
        FaultRow { family: family.name(), of: None, about: family.about(), faults }
    }

    fn by<M: Model>(role: Role) -> Option<Self> {
        let sites = M::catalog().misbehaviors.iter().filter(|site| site.role == role);
        let mut faults: Vec<&'static str> = Vec::new();
        for name in sites.map(|site| M::vocabulary().misbehavior(site.misbehavior)) {
            if !faults.contains(&name) {
                faults.push(name);
            }
        }
        let (family, of) = (Family::Misbehavior, Some(M::vocabulary().role(role)));
        let row = FaultRow { family: family.name(), of, about: family.about(), faults };
        (!row.faults.is_empty()).then_some(row)
    }

    fn lines(&self) -> Vec<(String, String)> {
        let name = self.of.map_or(self.family.into(), |of| format!("{} of {of}", self.family));
        let heads = std::iter::once(name).chain(std::iter::repeat(String::new()));
        heads.zip(self.faults.iter().map(|fault| (*fault).to_owned())).collect()
    }
}
