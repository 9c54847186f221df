//! Plain values that pass between the harness and a model.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;
use stormcart_sim::draw::Draws;
use stormcart_sim::site::Vocabulary;
use stormcart_sim::{Instant, Micros};

use crate::scenario::Physics;
use crate::variant::Variant;

/// What a model draws a run from.
#[derive(Clone, Copy, Debug)]
pub struct Draw<'a> {
    /// The addressed draws of the run.
    pub draws: &'a Draws,
    /// The physics of the scenario.
    pub physics: &'a Physics,
    /// The variant that runs; nothing that is drawn may depend on it.
    pub variant: &'a Variant,
}

/// One of the things a run is about: an order, a trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// When it comes, since the start of the run.
    pub at: Micros,
    /// Whether it comes at all: a run can be told again with fewer subjects, which keep their numbers.
    pub comes: bool,
}

/// The time limits that durations of faults are measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long the first attempt of a call waits for its answer.
    pub call_timeout: Micros,
    /// When an undecided subject is overdue: the long outages of an exploration outlast it.
    pub deadline: Micros,
}

/// How the subjects of a run ended, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Subjects that came: what everything is divided by, because it is the same for every variant.
    pub intents: u64,
    /// Subjects that were accepted.
    pub accepted: u64,
    /// Accepted subjects by how they ended, in the order of the catalog's ends.
    pub ended: Vec<u64>,
    /// Accepted subjects without an end that wait for a person.
    pub dead_lettered: u64,
    /// Money that is not where a subject's end says it should be, in cents.
    pub misplaced_cents: u64,
    /// When the last accepted subject had its end; `None` if one never had.
    pub settled: Option<Instant>,
    /// How long customers waited for a definitive answer, one entry for each who got one.
    pub waits: Vec<Micros>,
}

/// Something that a plan can be reduced by.
#[derive(Debug)]
pub struct Knob<Setup> {
    /// Its name in plan files: `items_max`.
    pub name: &'static str,
    /// Whether less of it makes subjects compete; otherwise less of it makes them simpler.
    pub scarcity: bool,
    /// The most of it that a setup has.
    pub most: fn(&Setup) -> u32,
    /// Leaves no more than this of it.
    pub limit: fn(&mut Setup, u32),
}

/// How far a subject has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Progress {
    /// Its place on the way, from 0.
    pub rank: u8,
    /// The word for it.
    pub word: &'static str,
    /// What else is true of the subject, in words.
    pub also: Option<&'static str>,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)?;
        self.also.map_or(Ok(()), |also| write!(f, ", {also}"))
    }
}

/// How much an entry of a trace matters to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Bookkeeping: only in a full log.
    Detail,
    /// A message or a note on the way.
    Step,
    /// What really happened.
    Key,
    /// What went wrong.
    Trouble,
}

/// A sentence and how much it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// How much it matters.
    pub weight: Weight,
    /// The sentence.
    pub text: String,
}

impl Sentence {
    /// Something that really happened.
    pub fn key(text: impl Into<String>) -> Sentence {
        Sentence { weight: Weight::Key, text: text.into() }
    }

    /// A note on the way.
    pub fn step(text: impl Into<String>) -> Sentence {
        Sentence { weight: Weight::Step, text: text.into() }
    }

    /// Bookkeeping.
    pub fn detail(text: impl Into<String>) -> Sentence {
        Sentence { weight: Weight::Detail, text: text.into() }
    }
}

/// What a message says beside its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Do it.
    Request,
    /// Do it, because this event came from a log.
    Event(String),
    /// This is how it ended.
    Reply(String),
    /// It was certainly not executed: nobody listened.
    Refusal,
    /// A call from outside about something that happened.
    Callback(String),
    /// Announce this event.
    Announcement(String),
    /// The transport has this.
    Acknowledgement(String),
    /// This event came from a log and cannot be read.
    Unreadable(String),
}

/// How one subject stands, in truth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SubjectSummary {
    /// Its number.
    #[serde(skip)]
    pub number: u32,
    /// Whether it has ended: where there are too many to read, these are left out first.
    #[serde(skip)]
    pub over: bool,
    /// The sentence for a person.
    #[serde(skip)]
    pub text: String,
    /// The same for a program.
    #[serde(flatten)]
    pub fields: Value,
}

/// The number of the subject that something concerns, under what the model calls one: `"order": 5`.
pub type About = BTreeMap<&'static str, Option<u32>>;

/// A subject under its name.
pub fn about(vocabulary: &Vocabulary, subject: Option<u32>) -> About {
    BTreeMap::from([(vocabulary.subject, subject)])
}
