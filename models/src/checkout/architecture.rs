//! Architectures: the same services, wired differently.
//!
//! An architecture is a value in a file of its own: names, couplings and reports derive from these values. What a
//! service asks of it is where announcements go and whether the process is kept in memory.

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

/// What owns the process.
#[derive(Debug)]
pub enum Process {
    /// No single service: when the event is announced, the party does the operation.
    Reactions(&'static [(Event, Party, Op)]),
    /// The workflow engine walks through these steps, durably.
    Engine(&'static [Step]),
    /// The order service walks through these steps, in memory.
    Memory(&'static [Step]),
}

/// One architecture.
#[derive(Debug)]
pub struct Architecture {
    /// Its name in cases and on the command line.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// The kind of coordination.
    pub style: Style,
    /// What owns the process.
    pub process: Process,
    /// Which ends of which operations are announced, and to whom (the log, or the engine).
    pub announces: &'static [(Op, Outcome, Event)],
    /// The hardening levels it comes in, best first, with the choices made at each.
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

    /// The choices made at a hardening level, if it comes in that.
    pub fn policies(&self, level: Level) -> Option<Policies> {
        self.levels.iter().find(|(known, _)| *known == level).map(|(_, policies)| *policies)
    }

    /// The best level it comes in.
    pub fn best_level(&self) -> Level {
        self.levels[0].0
    }

    /// Whether it claims to be safe at its best level.
    pub fn claims_safety(&self) -> bool {
        self.best_level() == Level::Hardened
    }

    /// What is announced when an operation ends like this.
    pub fn announced(&self, op: Op, outcome: Outcome) -> Option<Event> {
        self.announces.iter().find(|(of, end, _)| *of == op && *end == outcome).map(|(_, _, event)| *event)
    }

    /// The operation of a party that an event announces the end of.
    ///
    /// # Panics
    ///
    /// If no operation of that party ends with this event here.
    pub fn announcing(&self, event: Event, party: Party) -> Op {
        let matches = |row: &&(Op, Outcome, Event)| row.2 == event && row.0.owner() == party;
        self.announces
            .iter()
            .find(matches)
            .map_or_else(|| unreachable!("{party} announces no {event}"), |row| row.0)
    }

    /// The platform part that announcements go to.
    pub fn relay(&self) -> Party {
        match self.process {
            Process::Engine(_) => Party::Engine,
            Process::Reactions(_) | Process::Memory(_) => Party::Broker,
        }
    }

    /// The platform part that takes part beside the five services, if one does.
    pub fn platform(&self) -> Option<Party> {
        match self.process {
            Process::Engine(_) => Some(Party::Engine),
            Process::Reactions(_) => Some(Party::Broker),
            Process::Memory(_) => None,
        }
    }
}
