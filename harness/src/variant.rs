//! Contenders: an architecture at a level of care, with the choices somebody made; from words, and back into a case.
//!
//! **Invariant:** what changes nothing where it was asked for is refused, never silently ignored; and a contender with a
//! seed gives back a complete case.

use stormcart_models::architecture::{ARCHITECTURES, Architecture, Level};
use stormcart_models::policy::{POLICIES, Policies};

use crate::backend::Backend;
use crate::bugs::{CATALOGUE, Change, Choice, architecture};
use crate::case::Case;
use crate::error::Error;
use crate::plan::LoadedScenario;
use crate::seeds::Seed;

/// Who takes part in a run, and with which choices.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// How the services are coordinated.
    pub architecture: &'static Architecture,
    /// With how much care.
    pub level: Level,
    /// The choices, bugs included.
    pub policies: Policies,
    /// Who plays it.
    pub backend: Backend,
    /// The bugs that were asked for by name, as bits by position in the catalogue; the policies say what they do.
    planted: u64,
}

/// Architectures are the same if they are called the same.
impl PartialEq for Variant {
    fn eq(&self, other: &Self) -> bool {
        let choices = |of: &Self| (of.level, of.policies, of.backend, of.planted);
        self.architecture.name == other.architecture.name && choices(self) == choices(other)
    }
}
impl Eq for Variant {}

/// Choices in words, as flags or from a test. They apply to any architecture.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct VariantArgs {
    /// Plant a bug of the catalogue.
    #[arg(long = "bug", value_name = "SLUG")]
    pub bugs: Vec<String>,
    /// Make a choice, for example `key=per-attempt`.
    #[arg(long = "policy", value_name = "NAME=CHOICE")]
    pub policies: Vec<String>,
    /// How much care is taken: naive, matched or hardened.
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// Which engine runs it: kernel or madsim.
    #[arg(long, value_name = "ENGINE")]
    pub backend: Option<String>,
}

impl Variant {
    /// An architecture at its most careful.
    pub fn best(architecture: &'static Architecture) -> Self {
        let level = architecture.best_level();
        let policies = architecture.policies(level).unwrap_or_default();
        Variant { architecture, level, policies, backend: Backend::default(), planted: 0 }
    }

    /// An architecture with these choices.
    ///
    /// # Errors
    /// If a name is unknown, or a choice changes nothing there.
    pub fn with(architecture: &'static Architecture, args: &VariantArgs) -> Result<Self, Error> {
        let backend = Backend::wished(args.backend.as_deref())?;
        let level = match &args.level {
            Some(name) => level(architecture, name)?,
            None => architecture.best_level(),
        };
        let policies = architecture.policies(level).unwrap_or_default();
        let mut variant = Variant { architecture, level, policies, backend, planted: 0 };
        for slug in &args.bugs {
            variant.plant(CATALOGUE.named(slug)?)?;
        }
        let mut made: Vec<&str> = Vec::new();
        for text in &args.policies {
            let choice: Choice = text.parse()?;
            if made.contains(&choice.policy.name) {
                return Err(Error::Plain(format!("policy `{}` is chosen twice", choice.policy.name)));
            }
            made.push(choice.policy.name);
            variant.choose(choice)?;
        }
        Ok(variant)
    }

    /// The contender of a case.
    ///
    /// # Errors
    /// If a name in it is unknown, or a choice changes nothing there.
    pub fn of(case: &Case) -> Result<Self, Error> {
        let policies = case.policies.iter().map(|(policy, choice)| format!("{policy}={choice}"));
        let (level, backend) = (case.level.clone(), case.backend.clone());
        let args = VariantArgs { bugs: case.bugs.clone(), policies: policies.collect(), level, backend };
        Variant::with(architecture(&case.architecture)?, &args)
    }

    /// The same with a bug, or a benign change.
    ///
    /// # Errors
    /// If it cannot hit the architecture.
    pub fn plant(&mut self, change: &Change) -> Result<(), Error> {
        let here =
            |change: &Change| change.architectures.iter().any(|known| known.name == self.architecture.name);
        if !here(change) {
            let valid = CATALOGUE.changes().filter(|change| here(change)).map(|change| change.slug.as_str());
            return Err(self.refusal("bug", &change.slug, valid));
        }
        let position = CATALOGUE.changes().position(|known| known.slug == change.slug);
        self.planted |= position.map_or(0, |position| 1 << position);
        change.choices.iter().for_each(|choice| choice.make(&mut self.policies));
        Ok(())
    }

    /// The same with another choice.
    ///
    /// # Errors
    /// If the policy changes nothing in the architecture.
    pub fn choose(&mut self, choice: Choice) -> Result<(), Error> {
        let style = self.architecture.style;
        if !choice.policy.matters_in.contains(&style) {
            let here = POLICIES.iter().filter(|policy| policy.matters_in.contains(&style));
            return Err(self.refusal("policy", choice.policy.name, here.map(|policy| policy.name)));
        }
        choice.make(&mut self.policies);
        Ok(())
    }

    /// The bugs that were planted by name, in the order of the catalogue.
    pub fn bugs(&self) -> impl Iterator<Item = &'static Change> {
        let planted = self.planted;
        CATALOGUE
            .changes()
            .enumerate()
            .filter(move |(index, _)| planted >> index & 1 == 1)
            .map(|(_, bug)| bug)
    }

    /// The same, played by another engine.
    pub fn on(self, backend: Backend) -> Self {
        Variant { backend, ..self }
    }

    /// The choices that neither the level of care nor a planted bug explains.
    pub fn choices(&self) -> impl Iterator<Item = Choice> {
        let mut explained = self.architecture.policies(self.level).unwrap_or_default();
        self.bugs().flat_map(|bug| &bug.choices).for_each(|choice| choice.make(&mut explained));
        let policies = self.policies;
        POLICIES.iter().filter_map(move |policy| {
            let choice = policy.chosen(&policies);
            (choice != policy.chosen(&explained)).then_some(Choice { policy, choice })
        })
    }

    /// Whether nothing was chosen against the architecture: most careful, no bug, no other policy.
    pub fn as_designed(&self) -> bool {
        *self == Variant { backend: self.backend, ..Variant::best(self.architecture) }
    }

    /// The token that gives this contender and this seed again.
    pub fn case(&self, scenario: &str, seed: Seed) -> Case {
        let words =
            |choice: Choice| (choice.policy.name.into(), choice.policy.choices[choice.choice].name.into());
        let best = self.level == self.architecture.best_level();
        Case {
            scenario: scenario.into(),
            architecture: self.architecture.name.into(),
            bugs: self.bugs().map(|bug| bug.slug.clone()).collect(),
            policies: self.choices().map(words).collect(),
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
    /// Everybody who is meant: the architectures named, or, where none is, those of `otherwise` in which every choice
    /// makes a difference. A bug widens that to all architectures it can hit.
    ///
    /// # Errors
    /// If a name is unknown, or a choice changes nothing in an architecture that was named, or in any.
    pub fn variants(
        &self,
        architectures: &[String],
        otherwise: &[&'static Architecture],
    ) -> Result<Vec<Variant>, Error> {
        if !architectures.is_empty() {
            let named = architectures.iter().map(|name| Variant::with(architecture(name)?, self));
            return named.collect();
        }
        let candidates = if self.bugs.is_empty() { otherwise } else { ARCHITECTURES };
        let mut refusal = None;
        let mut fitting = Vec::new();
        for architecture in candidates {
            match Variant::with(architecture, self) {
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
    pub fn added_to(&self, mut case: Case) -> Result<Case, Error> {
        case.bugs.extend(self.bugs.iter().cloned());
        for text in &self.policies {
            let choice: Choice = text.parse()?;
            let (policy, choice) = (choice.policy.name, choice.policy.choices[choice.choice].name);
            case.policies.push((policy.into(), choice.into()));
        }
        case.level = self.level.clone().or(case.level);
        if let (Some(flag), Some(said)) = (&self.backend, &case.backend)
            && flag != said
        {
            return Err(Error::Plain(format!(
                "`--engine {flag}` and `@{said}` contradict each other: say one of them"
            )));
        }
        case.backend = self.backend.clone().or(case.backend);
        // What was said twice is refused by the reader of tokens.
        case.to_string().parse()
    }
}

/// The stage, the contender and the seed of a case.
///
/// # Errors
/// If a name in it is unknown, a choice changes nothing there, or its engine cannot express what may be drawn.
pub fn open(case: &Case) -> Result<(LoadedScenario, Variant, Seed), Error> {
    let stage = LoadedScenario::load(&case.scenario)?;
    let variant = Variant::of(case)?;
    stage.admits(&variant)?;
    Ok((stage, variant, case.seed))
}

fn level(architecture: &Architecture, name: &str) -> Result<Level, Error> {
    let Some((level, _)) = Level::ALL.iter().find(|(_, known)| *known == name) else {
        return Err(Error::unknown("level of care", name, Level::ALL.map(|(_, known)| known)));
    };
    if architecture.policies(*level).is_none() {
        let levels: Vec<&str> = architecture.levels.iter().map(|(level, _)| level.name()).collect();
        let reason = architecture.missing_level.unwrap_or("it has no such level");
        return Err(Error::Plain(format!(
            "`{}` cannot be {name}: {reason}; choose one of {}",
            architecture.name,
            levels.join(", ")
        )));
    }
    Ok(*level)
}

#[cfg(test)]
mod tests;
