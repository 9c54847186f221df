//! `list`: everything that has a name.

use std::fmt::Write;

use serde::Serialize;
use stormcart_models::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::invariant::INVARIANTS;
use stormcart_models::policy::POLICIES;
use stormcart_models::words::{CoverageGoal, Party};

use crate::backend::{Backend, Inexpressible};
use crate::bugs::{CATALOGUE, Change};
use crate::error::Error;
use crate::fault_generator::Family;
use crate::scenario::Scenario;

use super::{Exit, Output};

/// Lists scenarios, architectures, policies, bugs, properties and faults.
#[derive(Debug, clap::Args)]
pub struct List {
    /// Lists the faults that this engine cannot express, and why, as well: kernel or madsim.
    #[arg(long, value_name = "ENGINE")]
    backend: Option<String>,
}

#[derive(Serialize)]
struct Everything {
    scenarios: Vec<Named>,
    architectures: Vec<ArchitectureRow>,
    policies: Vec<PolicyRow>,
    bugs: Vec<BugRow>,
    benign: Vec<BugRow>,
    properties: Vec<PropertyRow>,
    faults: Vec<FaultRow>,
    goals: &'static [&'static str],
    /// Of the engine that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<Limits>,
}

/// What an engine cannot do.
#[derive(Serialize)]
struct Limits {
    backend: Backend,
    inexpressible: Vec<Inexpressible>,
}

#[derive(Serialize)]
struct Named {
    name: String,
    about: String,
}

#[derive(Serialize)]
struct ArchitectureRow {
    name: &'static str,
    about: &'static str,
    level: Vec<&'static str>,
    claims_safety: bool,
    missing_level: Option<&'static str>,
}

#[derive(Serialize)]
struct PolicyRow {
    name: &'static str,
    about: &'static str,
    matters_in: Vec<&'static str>,
    choices: Vec<Named>,
}

#[derive(Serialize)]
struct BugRow {
    slug: &'static str,
    about: &'static str,
    policies: Vec<String>,
    architectures: Vec<&'static str>,
    exposed_by: &'static str,
    breaks: &'static [&'static str],
    source: &'static str,
}

#[derive(Serialize)]
struct PropertyRow {
    id: &'static str,
    name: &'static str,
    modality: String,
    definition: &'static str,
}

/// A family of faults, or the bad manners of one party.
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
    pub fn perform(self, output: &Output) -> Result<Exit, Error> {
        let backend = self.backend.as_deref().map(Backend::named).transpose()?;
        let everything = Everything { limits: backend.map(Limits::of), ..Everything::collect()? };
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
    fn collect() -> Result<Everything, Error> {
        let scenario = |name: &str| {
            let Scenario { name, about, .. } = Scenario::load(name)?;
            Ok(Named { name, about })
        };
        Ok(Everything {
            scenarios: Scenario::names().map(scenario).collect::<Result<_, Error>>()?,
            architectures: ARCHITECTURES
                .iter()
                .map(|architecture| ArchitectureRow::of(architecture))
                .collect(),
            policies: POLICIES.iter().map(PolicyRow::of).collect(),
            bugs: CATALOGUE.bugs.iter().map(BugRow::of).collect(),
            benign: CATALOGUE.benign.iter().map(BugRow::of).collect(),
            properties: INVARIANTS.iter().map(PropertyRow::of).collect(),
            faults: FaultRow::all().collect(),
            goals: CoverageGoal::NAMES,
            limits: None,
        })
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut section = |title: &str, rows: Vec<(String, String)>| {
            let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
            let _ = writeln!(text, "{title}");
            for (name, about) in rows {
                let _ = writeln!(text, "  {name:<width$}  {about}");
            }
            text.push('\n');
        };
        section(
            "scenarios",
            self.scenarios.iter().map(|row| (row.name.clone(), row.about.clone())).collect(),
        );
        section("architectures", self.architectures.iter().map(ArchitectureRow::line).collect());
        section("policies, the safe choice first", self.policies.iter().map(PolicyRow::line).collect());
        section("bugs", self.bugs.iter().map(BugRow::line).collect());
        section("benign changes", self.benign.iter().map(BugRow::line).collect());
        section("properties", self.properties.iter().map(PropertyRow::line).collect());
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
            level: architecture.levels.iter().map(|(level, _)| level.name()).collect(),
            claims_safety: architecture.claims_safety(),
            missing_level: architecture.missing_level,
        }
    }

    fn line(&self) -> (String, String) {
        let missing = self.missing_level.map(|why| format!("; {why}")).unwrap_or_default();
        (self.name.into(), format!("{} ({}{missing})", self.about, self.level.join(", ")))
    }
}

impl PolicyRow {
    fn of(policy: &'static stormcart_models::policy::Policy) -> Self {
        let here = |architecture: &&&Architecture| policy.matters_in.contains(&architecture.style);
        PolicyRow {
            name: policy.name,
            about: policy.about,
            matters_in: ARCHITECTURES.iter().filter(here).map(|architecture| architecture.name).collect(),
            choices: (policy.choices.iter())
                .map(|choice| Named { name: choice.name.into(), about: choice.about.into() })
                .collect(),
        }
    }

    fn line(&self) -> (String, String) {
        let choices: Vec<&str> = self.choices.iter().map(|choice| choice.name.as_str()).collect();
        let only = match self.matters_in.len() == ARCHITECTURES.len() {
            true => String::new(),
            false => format!(" (only in {})", self.matters_in.join(", ")),
        };
        (format!("{}={}", self.name, choices.join("|")), format!("{}{only}", self.about))
    }
}

impl BugRow {
    fn of(change: &'static Change) -> Self {
        BugRow {
            slug: &change.slug,
            about: &change.about,
            policies: change.choices.iter().map(ToString::to_string).collect(),
            architectures: change.architectures.iter().map(|architecture| architecture.name).collect(),
            exposed_by: &change.exposed_by,
            breaks: &change.breaks,
            source: &change.source,
        }
    }

    fn line(&self) -> (String, String) {
        let breaks = match self.breaks {
            [] => String::new(),
            breaks => format!("; breaks {}", breaks.join(" ")),
        };
        let only = match self.architectures.len() == ARCHITECTURES.len() {
            true => String::new(),
            false => format!("; only in {}", self.architectures.join(", ")),
        };
        (self.slug.into(), format!("{} ({}{breaks}{only})", self.about, self.policies.join(" ")))
    }
}

impl PropertyRow {
    fn of(invariant: &'static stormcart_models::invariant::Invariant) -> Self {
        PropertyRow {
            id: invariant.id,
            name: invariant.name,
            modality: invariant.modality.to_string(),
            definition: invariant.definition,
        }
    }

    fn line(&self) -> (String, String) {
        let name = format!("{:<4} {:<28} {}", self.id, self.name, self.modality);
        (name, self.definition.into())
    }
}

impl FaultRow {
    /// Every family; in place of the manners, those of each party.
    fn all() -> impl Iterator<Item = Self> {
        let families = Family::ALL.iter().filter(|family| **family != Family::Misbehavior);
        families.map(|family| Self::of(*family)).chain(Party::ALL.iter().filter_map(|party| Self::by(*party)))
    }

    fn of(family: Family) -> Self {
        let faults = family.kinds().into_iter().map(|(kind, _)| kind.words()).collect();
        FaultRow { family: family.name(), of: None, about: family.about(), faults }
    }

    fn by(party: Party) -> Option<Self> {
        let mut faults: Vec<&'static str> = Vec::new();
        for name in party.misbehavior_sites().map(|misbehavior_site| misbehavior_site.misbehavior.name()) {
            if !faults.contains(&name) {
                faults.push(name);
            }
        }
        let family = Family::Misbehavior;
        let row = FaultRow { family: family.name(), of: Some(party.name()), about: family.about(), faults };
        (!row.faults.is_empty()).then_some(row)
    }

    fn lines(&self) -> Vec<(String, String)> {
        let name = self.of.map_or(self.family.into(), |of| format!("{} of {of}", self.family));
        let heads = std::iter::once(name).chain(std::iter::repeat(String::new()));
        heads.zip(self.faults.iter().map(|fault| (*fault).to_owned())).collect()
    }
}
