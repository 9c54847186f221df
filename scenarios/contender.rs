//! Contenders: an architecture at a level of care, with the choices somebody made; from words, and back into a case.
//!
//! **Invariant:** what changes nothing where it was asked for is refused, never silently ignored; and a contender with a
//! seed gives back a complete case.

use stormcart_models::architecture::{ARCHITECTURES, Architecture, Care};
use stormcart_models::policy::{POLICIES, Policies};

use crate::bugs::{CATALOGUE, Change, Choice, architecture};
use crate::case::Case;
use crate::engine::Engine;
use crate::error::Error;
use crate::plan::Stage;
use crate::seeds::Seed;

/// Who takes part in a run, and with which choices.
#[derive(Clone, Copy, Debug)]
pub struct Contender {
    /// How the services are coordinated.
    pub architecture: &'static Architecture,
    /// With how much care.
    pub care: Care,
    /// The choices, bugs included.
    pub policies: Policies,
    /// Who plays it.
    pub engine: Engine,
    /// The bugs that were asked for by name, as bits by position in the catalogue; the policies say what they do.
    planted: u64,
}

/// Architectures are the same if they are called the same.
impl PartialEq for Contender {
    fn eq(&self, other: &Self) -> bool {
        let choices = |of: &Self| (of.care, of.policies, of.engine, of.planted);
        self.architecture.name == other.architecture.name && choices(self) == choices(other)
    }
}
impl Eq for Contender {}

/// Choices in words, as flags or from a test. They apply to any architecture.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Wish {
    /// Plant a bug of the catalogue.
    #[arg(long = "bug", value_name = "SLUG")]
    pub bugs: Vec<String>,
    /// Make a choice, for example `key=per-attempt`.
    #[arg(long = "policy", value_name = "NAME=CHOICE")]
    pub policies: Vec<String>,
    /// How much care is taken: naive, matched or hardened.
    #[arg(long, value_name = "LEVEL")]
    pub care: Option<String>,
    /// Which engine runs it: kernel or madsim.
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
}

impl Contender {
    /// An architecture at its most careful.
    pub fn best(architecture: &'static Architecture) -> Self {
        let care = architecture.best_care();
        let policies = architecture.policies(care).unwrap_or_default();
        Contender { architecture, care, policies, engine: Engine::default(), planted: 0 }
    }

    /// An architecture with these choices.
    ///
    /// # Errors
    /// If a name is unknown, or a choice changes nothing there.
    pub fn with(architecture: &'static Architecture, wish: &Wish) -> Result<Self, Error> {
        let engine = Engine::wished(wish.engine.as_deref())?;
        let care = match &wish.care {
            Some(name) => level(architecture, name)?,
            None => architecture.best_care(),
        };
        let policies = architecture.policies(care).unwrap_or_default();
        let mut contender = Contender { architecture, care, policies, engine, planted: 0 };
        for slug in &wish.bugs {
            contender.plant(CATALOGUE.named(slug)?)?;
        }
        let mut made: Vec<&str> = Vec::new();
        for text in &wish.policies {
            let choice: Choice = text.parse()?;
            if made.contains(&choice.policy.name) {
                return Err(Error::Plain(format!("policy `{}` is chosen twice", choice.policy.name)));
            }
            made.push(choice.policy.name);
            contender.choose(choice)?;
        }
        Ok(contender)
    }

    /// The contender of a case.
    ///
    /// # Errors
    /// If a name in it is unknown, or a choice changes nothing there.
    pub fn of(case: &Case) -> Result<Self, Error> {
        let policies = case.policies.iter().map(|(policy, choice)| format!("{policy}={choice}"));
        let (care, engine) = (case.care.clone(), case.engine.clone());
        let wish = Wish { bugs: case.bugs.clone(), policies: policies.collect(), care, engine };
        Contender::with(architecture(&case.architecture)?, &wish)
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
    pub fn on(self, engine: Engine) -> Self {
        Contender { engine, ..self }
    }

    /// The choices that neither the level of care nor a planted bug explains.
    pub fn choices(&self) -> impl Iterator<Item = Choice> {
        let mut explained = self.architecture.policies(self.care).unwrap_or_default();
        self.bugs().flat_map(|bug| &bug.choices).for_each(|choice| choice.make(&mut explained));
        let policies = self.policies;
        POLICIES.iter().filter_map(move |policy| {
            let choice = policy.chosen(&policies);
            (choice != policy.chosen(&explained)).then_some(Choice { policy, choice })
        })
    }

    /// Whether nothing was chosen against the architecture: most careful, no bug, no other policy.
    pub fn as_designed(&self) -> bool {
        *self == Contender { engine: self.engine, ..Contender::best(self.architecture) }
    }

    /// The token that gives this contender and this seed again.
    pub fn case(&self, scenario: &str, seed: Seed) -> Case {
        let words =
            |choice: Choice| (choice.policy.name.into(), choice.policy.choices[choice.choice].name.into());
        let best = self.care == self.architecture.best_care();
        Case {
            scenario: scenario.into(),
            architecture: self.architecture.name.into(),
            bugs: self.bugs().map(|bug| bug.slug.clone()).collect(),
            policies: self.choices().map(words).collect(),
            care: (!best).then(|| self.care.name().into()),
            seed,
            engine: self.engine.mark().map(Into::into),
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

impl Wish {
    /// Everybody who is meant: the architectures named, or, where none is, those of `otherwise` in which every choice
    /// makes a difference. A bug widens that to all architectures it can hit.
    ///
    /// # Errors
    /// If a name is unknown, or a choice changes nothing in an architecture that was named, or in any.
    pub fn contenders(
        &self,
        architectures: &[String],
        otherwise: &[&'static Architecture],
    ) -> Result<Vec<Contender>, Error> {
        if !architectures.is_empty() {
            let named = architectures.iter().map(|name| Contender::with(architecture(name)?, self));
            return named.collect();
        }
        let candidates = if self.bugs.is_empty() { otherwise } else { ARCHITECTURES };
        let mut refusal = None;
        let mut fitting = Vec::new();
        for architecture in candidates {
            match Contender::with(architecture, self) {
                Ok(contender) => fitting.push(contender),
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
        case.care = self.care.clone().or(case.care);
        if let (Some(flag), Some(said)) = (&self.engine, &case.engine)
            && flag != said
        {
            return Err(Error::Plain(format!(
                "`--engine {flag}` and `@{said}` contradict each other: say one of them"
            )));
        }
        case.engine = self.engine.clone().or(case.engine);
        // What was said twice is refused by the reader of tokens.
        case.to_string().parse()
    }
}

/// The stage, the contender and the seed of a case.
///
/// # Errors
/// If a name in it is unknown, a choice changes nothing there, or its engine cannot express what may be drawn.
pub fn open(case: &Case) -> Result<(Stage, Contender, Seed), Error> {
    let stage = Stage::load(&case.scenario)?;
    let contender = Contender::of(case)?;
    stage.admits(&contender)?;
    Ok((stage, contender, case.seed))
}

fn level(architecture: &Architecture, name: &str) -> Result<Care, Error> {
    let Some((care, _)) = Care::ALL.iter().find(|(_, known)| *known == name) else {
        return Err(Error::unknown("level of care", name, Care::ALL.map(|(_, known)| known)));
    };
    if architecture.policies(*care).is_none() {
        let levels: Vec<&str> = architecture.care.iter().map(|(level, _)| level.name()).collect();
        let reason = architecture.missing_care.unwrap_or("it has no such level");
        return Err(Error::Plain(format!(
            "`{}` cannot be {name}: {reason}; choose one of {}",
            architecture.name,
            levels.join(", ")
        )));
    }
    Ok(*care)
}

#[cfg(test)]
mod tests;
