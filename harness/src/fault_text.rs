//! Faults as people write them: in plan files, in business words.
//!
//! `at` and `do` place a fault at a named point; `from_us` or `after`, `for_us` and `sustained` let one last for a time.
//! Enums are externally tagged, so that an error has a line.
//!
//! **Invariant:** reading what was written gives the same fault; `coordinator` is resolved when a plan is made.

mod names;
mod place;
mod point_fault;
mod sustained_fault;

use serde::{Deserialize, Serialize};
use stormcart_sim::fault::{Fault, Leap, PointFault, When};
use stormcart_sim::site::{InjectionPoint, Role};
use stormcart_sim::{Instant, Micros};

use crate::catalog::{MisbehaviorSite, Who};
use crate::error::Error;

pub use names::Names;
pub use place::PlaceText;
pub use point_fault::PointFaultText;
pub use sustained_fault::SustainedFaultText;

/// A fault, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultText {
    /// The named point it strikes at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<PlaceText>,
    /// What happens there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#do: Option<PointFaultText>,
    /// The moment it begins, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_us: Option<u64>,
    /// The named point after which it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<PlaceText>,
    /// For how long, in microseconds; until healed if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub for_us: Option<u64>,
    /// What happens for that time.
    #[serde(alias = "strike", skip_serializing_if = "Option::is_none")]
    pub sustained: Option<SustainedFaultText>,
}

impl FaultText {
    /// The fault these words mean, among these nodes.
    ///
    /// # Errors
    /// If a name is unknown, or the fault cannot happen.
    pub fn read(&self, names: Names<'_>) -> Result<Fault, Error> {
        match self {
            FaultText {
                at: Some(at),
                r#do: Some(point_fault),
                from_us: None,
                after: None,
                for_us: None,
                sustained: None,
            } => {
                let site = at.read(names)?;
                let point_fault = point_fault.read(names.vocabulary)?;
                possible(names, site.role, point_fault)?;
                misbehaving(names, &site, point_fault)?;
                Ok(Fault::At { site, point_fault })
            }
            FaultText { at: None, r#do: None, from_us, after, for_us, sustained: Some(sustained) } => {
                let when = match (from_us, after) {
                    (Some(us), None) => When::At(Instant(*us)),
                    (None, Some(place)) => When::After(place.read(names)?),
                    _ => return Err(malformed()),
                };
                Ok(Fault::During { when, lasting: forever(*for_us), sustained: sustained.read(names)? })
            }
            _ => Err(malformed()),
        }
    }

    /// The words for a fault among these nodes.
    pub fn write(fault: &Fault, names: Names<'_>) -> FaultText {
        match fault {
            Fault::At { site, point_fault } => FaultText {
                at: Some(PlaceText::write(site, names.vocabulary)),
                r#do: Some(PointFaultText::write(*point_fault, names.vocabulary)),
                ..FaultText::default()
            },
            Fault::During { when, lasting, sustained } => {
                let (from_us, after) = match when {
                    When::At(at) => (Some(at.0), None),
                    When::After(site) => (None, Some(PlaceText::write(site, names.vocabulary))),
                };
                let sustained = Some(SustainedFaultText::write(sustained, names));
                FaultText { from_us, after, for_us: bounded(*lasting), sustained, ..FaultText::default() }
            }
        }
    }
}

/// A participant outside has no disk and no instances that we could know of.
fn possible(names: Names<'_>, role: Role, point_fault: PointFault) -> Result<(), Error> {
    let outside = names.physics.roles[usize::from(role.0)].outside;
    let ours = match point_fault {
        PointFault::Crash(..) | PointFault::FailWrite | PointFault::SplitBrain => true,
        PointFault::Drop
        | PointFault::Duplicate(_)
        | PointFault::Delay(_)
        | PointFault::Reorder(_)
        | PointFault::ReorderInbox
        | PointFault::Corrupt
        | PointFault::LoseTie
        | PointFault::IsolateSender(_)
        | PointFault::IsolateReceiver(_)
        | PointFault::Pause(_)
        | PointFault::Leap(..)
        | PointFault::Misbehave(_) => false,
    };
    match outside && ours {
        true => Err(Error::Plain(format!(
            "{} is outside: it never crashes; use `misbehave` instead",
            names.vocabulary.role(role)
        ))),
        false => Ok(()),
    }
}

/// A participant misbehaves in a way of its own, where it has it.
fn misbehaving(names: Names<'_>, site: &InjectionPoint, point_fault: PointFault) -> Result<(), Error> {
    let PointFault::Misbehave(misbehavior) = point_fault else { return Ok(()) };
    let Names { catalog, vocabulary, .. } = names;
    let InjectionPoint { role, identity, .. } = *site;
    let here = || catalog.misbehaviors_at(Who::Role(role), identity.operation, identity.kind);
    if here().any(|known| known == misbehavior) {
        return Ok(());
    }
    let place = |site: &MisbehaviorSite| {
        let word = site.kind.word();
        let any = site.at.is_empty().then(|| format!("any operation, {word}"));
        let at = site.at.iter().map(|operation| format!("{}, {word}", vocabulary.operation(*operation)));
        any.into_iter().chain(at).collect::<Vec<_>>()
    };
    let sites = catalog.misbehaviors.iter().filter(|site| site.role == role);
    let mut places: Vec<String> = sites.flat_map(place).collect();
    places.sort();
    places.dedup();
    let here: Vec<&str> = here().map(|misbehavior| vocabulary.misbehavior(misbehavior)).collect();
    let (who, name) = (vocabulary.role(role), vocabulary.misbehavior(misbehavior));
    Err(match (&here[..], &places[..]) {
        (_, []) => Error::Plain(format!("no misbehavior of {who} is known: it can crash, or be cut off")),
        ([], places) => {
            let places = places.join(" and ");
            Error::Plain(format!("no misbehavior of {who} shows here: it does at {places}"))
        }
        (here, _) => Error::unknown("misbehavior at this place", name, here.iter().copied()),
    })
}

fn malformed() -> Error {
    Error::Plain(
        "a fault is `at` and `do`, or one of `from_us` and `after` with `sustained` and perhaps `for_us`"
            .into(),
    )
}

/// How far a clock is off that is ahead by so many microseconds; behind if negative.
fn leap(ahead_us: i64) -> Leap {
    let by = Micros(ahead_us.unsigned_abs());
    if ahead_us < 0 { Leap::Behind(by) } else { Leap::Ahead(by) }
}

fn ahead_us(leap: Leap) -> i64 {
    match leap {
        Leap::Ahead(by) => by.0 as i64,
        Leap::Behind(by) => -(by.0 as i64),
    }
}

fn forever(us: Option<u64>) -> Micros {
    Micros(us.unwrap_or(u64::MAX))
}

fn bounded(time: Micros) -> Option<u64> {
    (time.0 != u64::MAX).then_some(time.0)
}

/// Finds something by its name in a list of names.
fn find<T: Copy>(kind: &'static str, name: &str, all: &[(T, &'static str)]) -> Result<T, Error> {
    let known = all.iter().find(|(_, known)| *known == name).map(|(value, _)| *value);
    known.ok_or_else(|| Error::unknown(kind, name, all.iter().map(|(_, known)| *known)))
}

/// The position of a name in a list of names.
fn position(kind: &'static str, name: &str, names: &[&'static str]) -> Result<u8, Error> {
    let known = names.iter().position(|known| *known == name);
    known.map(|known| known as u8).ok_or_else(|| Error::unknown(kind, name, names.iter().copied()))
}
