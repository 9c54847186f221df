//! Faults as people write them: in plan files, in business words.
//!
//! `at` and `do` place a fault at a named point; `from_us` or `after`, `for_us` and `strike` let one last for a time.
//! Enums are externally tagged, so that an error has a line.
//!
//! **Invariant:** reading what was written gives the same fault; `coordinator` is resolved when a plan is made.

mod name;
mod place;
mod point_fault;
mod sustained_fault;

use serde::{Deserialize, Serialize};
use stormcart_models::misbehaviors::{self, MisbehaviorSite};
use stormcart_models::words::{Misbehavior, Op, Party, VOCABULARY};
use stormcart_sim::fault::{Fault, Leap, PointFault, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::InjectionPoint;
use stormcart_sim::{Instant, Micros};

use crate::error::Error;

pub use name::{fault_name, node_name, sustained_fault_name};
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sustained: Option<SustainedFaultText>,
}

impl FaultText {
    /// The fault these words mean, among these nodes.
    ///
    /// # Errors
    /// If a name is unknown, or the fault cannot happen.
    pub fn read(&self, physics: &Physics) -> Result<Fault, Error> {
        match self {
            FaultText {
                at: Some(at),
                r#do: Some(point_fault),
                from_us: None,
                after: None,
                for_us: None,
                sustained: None,
            } => {
                let site = at.read(physics)?;
                let point_fault = point_fault.read()?;
                possible(Party::of(site.role), point_fault)?;
                misbehaving(&site, point_fault)?;
                Ok(Fault::At { site, point_fault })
            }
            FaultText { at: None, r#do: None, from_us, after, for_us, sustained: Some(sustained) } => {
                let when = match (from_us, after) {
                    (Some(us), None) => When::At(Instant(*us)),
                    (None, Some(place)) => When::After(place.read(physics)?),
                    _ => return Err(malformed()),
                };
                Ok(Fault::During { when, lasting: forever(*for_us), sustained: sustained.read(physics)? })
            }
            _ => Err(malformed()),
        }
    }

    /// The words for a fault among these nodes.
    pub fn write(fault: &Fault, physics: &Physics) -> FaultText {
        match fault {
            Fault::At { site, point_fault } => FaultText {
                at: Some(PlaceText::write(site)),
                r#do: Some(PointFaultText::write(*point_fault)),
                ..FaultText::default()
            },
            Fault::During { when, lasting, sustained } => {
                let (from_us, after) = match when {
                    When::At(at) => (Some(at.0), None),
                    When::After(site) => (None, Some(PlaceText::write(site))),
                };
                let sustained = Some(SustainedFaultText::write(sustained, physics));
                FaultText { from_us, after, for_us: bounded(*lasting), sustained, ..FaultText::default() }
            }
        }
    }
}

/// Who is outside has no disk and no instances that we could know of.
fn possible(party: Party, point_fault: PointFault) -> Result<(), Error> {
    match point_fault {
        PointFault::Crash(..) | PointFault::FailWrite | PointFault::SplitBrain if party.outside() => {
            Err(Error::Plain(format!("{party} is outside: it never crashes; use `manner` instead")))
        }
        _ => Ok(()),
    }
}

/// Whoever misbehaves does it in a way they have, where they have it.
fn misbehaving(site: &InjectionPoint, point_fault: PointFault) -> Result<(), Error> {
    let PointFault::Misbehave(misbehavior) = point_fault else { return Ok(()) };
    if misbehaviors::admits(site.role, misbehavior, site.identity) {
        return Ok(());
    }
    let (party, name) = (Party::of(site.role), VOCABULARY.misbehavior(misbehavior));
    let kind = site.identity.kind;
    let op = Op::ALL.get(usize::from(site.identity.operation.0)).copied();
    let here: Vec<&str> = party.misbehaviors_at(op, kind).map(Misbehavior::name).collect();
    let mut places: Vec<String> = party.misbehavior_sites().flat_map(MisbehaviorSite::places).collect();
    places.sort();
    places.dedup();
    Err(match (&here[..], &places[..]) {
        (_, []) => Error::Plain(format!("no bad manners of {party} are known: it can crash, or be cut off")),
        ([], places) => {
            Error::Plain(format!("no bad manners of {party} show here: they do at {}", places.join(" and ")))
        }
        (here, _) => Error::unknown("manner at this place", name, here.iter().copied()),
    })
}

fn malformed() -> Error {
    Error::Plain(
        "a fault is `at` and `do`, or one of `from_us` and `after` with `strike` and perhaps `for_us`".into(),
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

fn named<T: Copy>(kind: &'static str, name: &str, all: &[T], names: &[&'static str]) -> Result<T, Error> {
    let pairs: Vec<(T, &'static str)> = all.iter().copied().zip(names.iter().copied()).collect();
    find(kind, name, &pairs)
}
