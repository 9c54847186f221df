//! Variants: an architecture at a hardening level, with the choices somebody made; from words, and back into a case.
//!
//! **Invariant:** a choice that changes nothing where it was asked for is refused, never silently ignored; and a variant
//! with a seed gives back a complete case (`tests/harness/variant.rs`).

use crate::backend::Backend;
use crate::case::Case;
use crate::catalog::{Architecture, Catalog, Change, Choice, Choices, Level};
use crate::error::Error;
use crate::seeds::Seed;

/// Who takes part in a run, and with which choices.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// The names of the model.
    pub catalog: &'static Catalog,
    /// How the participants are coordinated.
    pub architecture: &'static Architecture,
    /// How far it was hardened.
    pub level: Level,
    /// The choices, bugs included.
    pub choices: Choices,
    /// Which backend runs it.
    pub backend: Backend,
    /// The changes that were asked for by name, as bits by position in the catalog; the choices say what they do.
    planted: u128,
}

/// Architectures are the same if they are called the same.
impl PartialEq for Variant {
    fn eq(&self, other: &Self) -> bool {
        let choices = |of: &Self| (of.level, of.choices, of.backend, of.planted);
        self.architecture.name == other.architecture.name && choices(self) == choices(other)
    }
}
impl Eq for Variant {}

/// Choices in words, as options or from a test. They apply to any architecture.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct VariantArgs {
    /// Plant a bug of the catalogue.
    #[arg(long = "bug", value_name = "SLUG")]
    pub bugs: Vec<String>,
    /// Make a choice, for example `key=per-attempt`.
    #[arg(long = "policy", value_name = "NAME=CHOICE")]
    pub policies: Vec<String>,
    /// The hardening level: first-written, matched or hardened.
    #[arg(long, alias = "care", value_name = "LEVEL")]
    pub level: Option<String>,
    /// Which backend runs it: kernel or madsim.
    #[arg(long, alias = "engine", value_name = "BACKEND")]
    pub backend: Option<String>,
}

impl Variant {
    /// An architecture at its best level.
    pub fn best(catalog: &'static Catalog, architecture: &'static Architecture) -> Self {
        let level = architecture.best_level();
        let choices = architecture.choices(level).unwrap_or_default();
        Variant { catalog, architecture, level, choices, backend: Backend::default(), planted: 0 }
    }

    /// An architecture with these choices.
    ///
    /// # Errors
    /// If a name is unknown, or a choice changes nothing there.
    pub fn with(
        catalog: &'static Catalog,
        architecture: &'static Architecture,
        args: &VariantArgs,
    ) -> Result<Self, Error> {
        let backend = Backend::wished(args.backend.as_deref())?;
        let level = match &args.level {
            Some(name) => level(architecture, name)?,
            None => architecture.best_level(),
        };
        let choices = architecture.choices(level).unwrap_or_default();
        let mut variant = Variant { catalog, architecture, level, choices, backend, planted: 0 };
        for slug in &args.bugs {
            let (number, change) = catalog.change(slug)?;
            variant.plant(number, change)?;
        }
        let mut made: Vec<usize> = Vec::new();
        for text in &args.policies {
            let choice = Choice::read(&catalog.policies, text)?;
            if made.contains(&choice.policy) {
                let (policy, _) = choice.names(&catalog.policies);
                return Err(Error::Plain(format!("policy `{policy}` is chosen twice")));
            }
            made.push(choice.policy);
            variant.choose(choice)?;
        }
        Ok(variant)
    }

    /// The variant of a case.
    ///
    /// # Errors
    /// If a name in it is unknown, or a choice changes nothing there.
    pub fn of(catalog: &'static Catalog, case: &Case) -> Result<Self, Error> {
        let policies = case.policies.iter().map(|(policy, choice)| format!("{policy}={choice}"));
        let (level, backend) = (case.level.clone(), case.backend.clone());
        let args = VariantArgs { bugs: case.bugs.clone(), policies: policies.collect(), level, backend };
        Variant::with(catalog, catalog.architecture(&case.architecture)?, &args)
    }

    /// Plants a bug or a benign change, by its number in the catalog.
    fn plant(&mut self, number: usize, change: &Change) -> Result<(), Error> {
        let here = |change: &Change| change.architectures.contains(&self.architecture.name);
        if !here(change) {
            let changes = self.catalog.changes.iter();
            let valid = changes.filter(|change| here(change)).map(|change| change.slug.as_str());
            return Err(self.refusal("bug", &change.slug, valid));
        }
        self.planted |= 1 << number;
        change.choices.iter().for_each(|choice| choice.make(&mut self.choices));
        Ok(())
    }

    /// Makes another choice.
    fn choose(&mut self, choice: Choice) -> Result<(), Error> {
        let architecture = self.architecture.name;
        let policies = &self.catalog.policies;
        if !policies[choice.policy].matters_in.contains(&architecture) {
            let here = policies.iter().filter(|policy| policy.matters_in.contains(&architecture));
            return Err(self.refusal("policy", policies[choice.policy].name, here.map(|policy| policy.name)));
        }
        choice.make(&mut self.choices);
        Ok(())
    }

    /// The changes that were planted by name, in the order of the catalog.
    pub fn bugs(&self) -> impl Iterator<Item = &'static Change> + use<> {
        let planted = self.planted;
        let changes = self.catalog.changes.iter().enumerate();
        changes.filter(move |(number, _)| planted >> number & 1 == 1).map(|(_, change)| change)
    }

    /// The same, run by another backend.
    pub fn on(self, backend: Backend) -> Self {
        Variant { backend, ..self }
    }

    /// The choices that neither the level nor a planted bug explains.
    pub fn own_choices(&self) -> Vec<Choice> {
        let mut explained = self.architecture.choices(self.level).unwrap_or_default();
        self.bugs().flat_map(|bug| &bug.choices).for_each(|choice| choice.make(&mut explained));
        let made = (0..self.catalog.policies.len())
            .filter(|policy| self.choices.get(*policy) != explained.get(*policy));
        made.map(|policy| Choice { policy, choice: self.choices.get(policy) }).collect()
    }

    /// Whether nothing was chosen against the architecture: the best level, no bug, no other policy.
    pub fn as_designed(&self) -> bool {
        *self == Variant { backend: self.backend, ..Variant::best(self.catalog, self.architecture) }
    }

    /// Whether it is meant to be safe: nothing was chosen against it, and its architecture can be.
    pub fn claims_safety(&self) -> bool {
        self.as_designed() && self.architecture.claims_safety()
    }

    /// The token that gives this variant and this seed again.
    pub fn case(&self, scenario: &str, seed: Seed) -> Case {
        let words = |choice: Choice| {
            let (policy, choice) = choice.names(&self.catalog.policies);
            (policy.to_owned(), choice.to_owned())
        };
        let best = self.level == self.architecture.best_level();
        Case {
            scenario: scenario.into(),
            architecture: self.architecture.name.into(),
            bugs: self.bugs().map(|bug| bug.slug.clone()).collect(),
            policies: self.own_choices().into_iter().map(words).collect(),
            level: (!best).then(|| self.level.name().into()),
            seed,
            backend: self.backend.mark().map(Into::into),
        }
    }

    fn refusal<'a>(&self, kind: &'static str, name: &str, valid: impl Iterator<Item = &'a str>) -> Error {
        Error::NotHere {
            kind,
            name: name.into(),
            architecture: self.architecture.name.into(),
            valid: valid.collect::<Vec<_>>().join(", "),
        }
    }
}

impl VariantArgs {
    /// Every variant that is meant: the architectures named, or, where none is, those of `otherwise` in which every choice
    /// makes a difference. A bug widens that to all architectures it can hit.
    ///
    /// # Errors
    /// If a name is unknown, or a choice changes nothing in an architecture that was named, or in any.
    pub fn variants(
        &self,
        catalog: &'static Catalog,
        architectures: &[String],
        otherwise: &[&'static Architecture],
    ) -> Result<Vec<Variant>, Error> {
        if !architectures.is_empty() {
            let named = architectures.iter();
            return named.map(|name| Variant::with(catalog, catalog.architecture(name)?, self)).collect();
        }
        let all: Vec<&'static Architecture> = catalog.architectures.iter().collect();
        let candidates = if self.bugs.is_empty() { otherwise } else { &all };
        let mut refusal = None;
        let mut fitting = Vec::new();
        for architecture in candidates {
            match Variant::with(catalog, architecture, self) {
                Ok(variant) => fitting.push(variant),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        match refusal {
            Some(error) if fitting.is_empty() || !matches!(error, Error::NotHere { .. }) => Err(error),
            _ => Ok(fitting),
        }
    }

    /// A case with these choices added to its own.
    ///
    /// # Errors
    /// If one of them is malformed, or said twice.
    pub fn added_to(&self, catalog: &Catalog, mut case: Case) -> Result<Case, Error> {
        case.bugs.extend(self.bugs.iter().cloned());
        for text in &self.policies {
            let (policy, choice) = Choice::read(&catalog.policies, text)?.names(&catalog.policies);
            case.policies.push((policy.into(), choice.into()));
        }
        case.level = self.level.clone().or(case.level);
        if let (Some(option), Some(said)) = (&self.backend, &case.backend)
            && option != said
        {
            return Err(Error::Plain(format!(
                "`--backend {option}` and `@{said}` contradict each other: say one of them"
            )));
        }
        case.backend = self.backend.clone().or(case.backend);
        // What was said twice is refused by the reader of tokens.
        case.to_string().parse()
    }
}

fn level(architecture: &Architecture, name: &str) -> Result<Level, Error> {
    let level = Level::named(name)?;
    if architecture.choices(level).is_none() {
        let levels: Vec<&str> = architecture.levels.iter().map(|(level, _)| level.name()).collect();
        let reason = architecture.missing_level.unwrap_or("it has no such level");
        return Err(Error::Plain(format!(
            "`{}` cannot be {name}: {reason}; choose one of {}",
            architecture.name,
            levels.join(", ")
        )));
    }
    Ok(level)
}
