//! Architectures: the same services, wired differently.
//!
//! **Invariant:** architectures differ in their own files and in nothing else; names, couplings and reports derive from
//! these values.

mod call_chain;
mod choreography;
mod coverage;
mod level;
mod orchestrated_saga;
pub mod style;

pub use level::Level;
pub use style::Style;

use crate::checkout::platform::workflow::Step;
use crate::checkout::policy::Policies;
use crate::checkout::vocabulary::{Event, Op, Outcome, Party};

/// Who owns the process.
#[derive(Debug)]
pub enum Process {
    /// Nobody: when this is announced, that service does that.
    Reactions(&'static [(Event, Party, Op)]),
    /// The workflow engine walks through these steps, durably.
    Engine(&'static [Step]),
    /// The order service walks through these steps, in memory.
    Memory(&'static [Step]),
}

/// One architecture.
#[derive(Debug)]
pub struct Architecture {
    /// How it is written.
    pub name: &'static str,
    /// What it is, in a sentence.
    pub about: &'static str,
    /// Which kind it is.
    pub style: Style,
    /// Who owns the process.
    pub process: Process,
    /// Which ends of which operations are announced, and to whom (the log, or the engine).
    pub announces: &'static [(Op, Outcome, Event)],
    /// The levels of care it comes in, best first, with the choices made at each.
    pub levels: &'static [(Level, Policies)],
    /// Why a level is missing, if one is.
    pub missing_level: Option<&'static str>,
}

/// Every architecture there is.
pub const ARCHITECTURES: &[&Architecture] =
    &[&choreography::CHOREOGRAPHY, &orchestrated_saga::ORCHESTRATED_SAGA, &call_chain::CALL_CHAIN];

impl Architecture {
    /// The architecture of this name.
    pub fn named(name: &str) -> Option<&'static Architecture> {
        ARCHITECTURES.iter().copied().find(|architecture| architecture.name == name)
    }

    /// The choices made at a level of care.
    pub fn policies(&self, level: Level) -> Option<Policies> {
        self.levels.iter().find(|(known, _)| *known == level).map(|(_, policies)| *policies)
    }

    /// The most careful level it comes in.
    pub fn best_level(&self) -> Level {
        self.levels[0].0
    }

    /// Whether it claims to be safe at its most careful.
    pub fn claims_safety(&self) -> bool {
        self.best_level() == Level::Hardened
    }

    /// What is announced when an operation ends like this.
    pub fn announced(&self, op: Op, outcome: Outcome) -> Option<Event> {
        self.announces.iter().find(|(of, end, _)| *of == op && *end == outcome).map(|(_, _, event)| *event)
    }

    /// The operation of a party that an event announces the end of.
    pub fn announcing(&self, event: Event, party: Party) -> Op {
        let matches = |row: &&(Op, Outcome, Event)| row.2 == event && row.0.owner() == party;
        self.announces.iter().find(matches).map_or(Op::Relay, |row| row.0)
    }

    /// Who hears announcements.
    pub fn relay(&self) -> Party {
        match self.process {
            Process::Engine(_) => Party::Engine,
            Process::Reactions(_) | Process::Memory(_) => Party::Broker,
        }
    }

    /// Who takes part, beside the five services and the outside world.
    pub fn platform(&self) -> Option<Party> {
        match self.process {
            Process::Engine(_) => Some(Party::Engine),
            Process::Reactions(_) => Some(Party::Broker),
            Process::Memory(_) => None,
        }
    }
}
