//! Faults as people write them: in plan files, in business words.
//!
//! `at` and `do` place a fault at a named point; `from_us` or `after`, `for_us` and `strike` let one last for a time.
//! Enums are externally tagged, so that an error has a line.
//!
//! **Invariant:** reading what was written gives the same fault; `coordinator` is resolved when a plan is made.

mod name;
mod place;
mod strike;
mod verb;

use serde::{Deserialize, Serialize};
use stormcart_models::manners::{self, Habit};
use stormcart_models::words::{Manners, Op, Party, VOCABULARY};
use stormcart_sim::fault::{Fault, Leap, Verb, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::Site;
use stormcart_sim::{Instant, Micros};

use crate::error::Error;

pub use name::{fault_name, node_name, strike_name};
pub use place::PlaceText;
pub use strike::StrikeText;
pub use verb::VerbText;

/// A fault, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultText {
    /// The named point it strikes at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<PlaceText>,
    /// What happens there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#do: Option<VerbText>,
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
    pub strike: Option<StrikeText>,
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
                r#do: Some(verb),
                from_us: None,
                after: None,
                for_us: None,
                strike: None,
            } => {
                let site = at.read(physics)?;
                let verb = verb.read()?;
                possible(Party::of(site.role), verb)?;
                habitual(&site, verb)?;
                Ok(Fault::At { site, verb })
            }
            FaultText { at: None, r#do: None, from_us, after, for_us, strike: Some(strike) } => {
                let when = match (from_us, after) {
                    (Some(us), None) => When::At(Instant(*us)),
                    (None, Some(place)) => When::After(place.read(physics)?),
                    _ => return Err(malformed()),
                };
                Ok(Fault::During { when, lasting: forever(*for_us), strike: strike.read(physics)? })
            }
            _ => Err(malformed()),
        }
    }

    /// The words for a fault among these nodes.
    pub fn write(fault: &Fault, physics: &Physics) -> FaultText {
        match fault {
            Fault::At { site, verb } => FaultText {
                at: Some(PlaceText::write(site)),
                r#do: Some(VerbText::write(*verb)),
                ..FaultText::default()
            },
            Fault::During { when, lasting, strike } => {
                let (from_us, after) = match when {
                    When::At(at) => (Some(at.0), None),
                    When::After(site) => (None, Some(PlaceText::write(site))),
                };
                let strike = Some(StrikeText::write(strike, physics));
                FaultText { from_us, after, for_us: bounded(*lasting), strike, ..FaultText::default() }
            }
        }
    }
}

/// Who is outside has no disk and no instances that we could know of.
fn possible(party: Party, verb: Verb) -> Result<(), Error> {
    match verb {
        Verb::Crash(..) | Verb::FailWrite | Verb::Supersede if party.outside() => {
            Err(Error::Plain(format!("{party} is outside: it never crashes; use `manner` instead")))
        }
        _ => Ok(()),
    }
}

/// Whoever misbehaves does it in a way they have, where they have it.
fn habitual(site: &Site, verb: Verb) -> Result<(), Error> {
    let Verb::Manner(manner) = verb else { return Ok(()) };
    if manners::admits(site.role, manner, site.identity) {
        return Ok(());
    }
    let (party, name) = (Party::of(site.role), VOCABULARY.manner(manner));
    let leg = site.identity.leg;
    let op = Op::ALL.get(usize::from(site.identity.operation.0)).copied();
    let here: Vec<&str> = party.manners_at(op, leg).map(Manners::name).collect();
    let mut places: Vec<String> = party.habits().flat_map(Habit::places).collect();
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
