//! Plain values that pass between the harness and a model.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;

use serde::Serialize;
use serde_json::Value;
use stormcart_sim::draw::{Draws, Purpose};
use stormcart_sim::site::{Identity, MessageKind, Vocabulary};
use stormcart_sim::{Instant, Message, Micros};

use crate::catalog::Choices;
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// When it comes, since the start of the run.
    pub at: Micros,
    /// Whether it comes at all: a run can be told again with fewer subjects, which keep their numbers.
    pub comes: bool,
}

impl Subject {
    /// So many subjects that come as a Poisson process with this mean time between two, each drawn at its own address.
    pub fn poisson(draws: &Draws, count: u32, mean_gap_ms: f64) -> Vec<Subject> {
        let gap = |number: u32| {
            draws.stream(Purpose::Workload, u64::from(number), 0).exponential(mean_gap_ms * 1_000.0)
        };
        let arrivals = (0..count).scan(0.0, |at, number| {
            *at += gap(number);
            Some(*at)
        });
        arrivals.map(|at| Subject { at: Micros(at as u64), comes: true }).collect()
    }

    /// Leaves only these of all subjects; they keep their numbers. What [`Model::keep_subjects`] asks for.
    ///
    /// [`Model::keep_subjects`]: super::Model::keep_subjects
    pub fn keep(subjects: &mut Vec<Subject>, kept: &[u32]) {
        for (number, subject) in (0..).zip(subjects.iter_mut()) {
            subject.comes &= kept.contains(&number);
        }
        subjects.truncate(subjects.iter().rposition(|subject| subject.comes).map_or(0, |last| last + 1));
    }
}

/// What is drawn for a run of a model that draws nothing but its subjects.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Drawn<S> {
    /// The subjects, by number.
    pub subjects: Vec<Subject>,
    /// What the scenario says.
    pub scenario: S,
    /// What was chosen.
    pub choices: Choices,
}

impl<S> Drawn<S> {
    /// The subjects that come, by number, with when they do.
    pub fn came(&self) -> impl Iterator<Item = (u32, Micros)> {
        let subjects = (0..).zip(&self.subjects).filter(|(_, subject)| subject.comes);
        subjects.map(|(number, subject)| (number, subject.at))
    }
}

/// A question, or the answer to it, where an answer is one word; that is what a story shows of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Letter<W>(
    /// What it is about.
    #[serde(skip)]
    pub Identity,
    /// What it says; a question says nothing.
    pub Option<W>,
);

impl<W> Letter<W> {
    /// The answer to a question about this.
    pub fn answer(about: Identity, word: W) -> Self {
        Letter(Identity { kind: MessageKind::Answer, ..about }, Some(word))
    }
}

impl<W: Clone + Hash + fmt::Debug + Send + Sync + 'static> Message for Letter<W> {
    fn identity(&self) -> Identity {
        self.0
    }
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

/// How one subject that came ended, for [`Totals::of`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectEnd {
    /// Whether it was accepted.
    pub accepted: bool,
    /// Its end, by position in the catalog's ends, and when it had it; `None` if it is open.
    pub end: Option<(usize, Instant)>,
    /// How long its customer waited for a definitive answer, if one came.
    pub waited: Option<Micros>,
}

impl Totals {
    /// The totals of the subjects that came, of which each has one of so many ends (the first is that it has none).
    pub fn of(ends: usize, subjects: impl IntoIterator<Item = SubjectEnd>) -> Totals {
        let mut totals = Totals { ended: vec![0; ends], ..Totals::default() };
        let mut settled = Some(None);
        for SubjectEnd { accepted, end, waited } in subjects {
            totals.intents += 1;
            totals.waits.extend(waited);
            if accepted {
                totals.accepted += 1;
                totals.ended[end.map_or(0, |(end, _)| end)] += 1;
                settled = settled.and_then(|last: Option<Instant>| Some(last.max(Some(end?.1))));
            }
        }
        Totals { settled: settled.flatten(), ..totals }
    }
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
