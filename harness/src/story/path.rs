//! The way to a violation: the entries of a trace that a reader needs, and no others.
//!
//! **Invariant:** whatever is left out is announced as left out; order and times are those of the trace.

use std::collections::BTreeSet;

use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::property::Violation;
use stormcart_sim::trace::{Entry, Happening};
use stormcart_sim::{Instant, Message, Service, Timer};

use crate::model::{Model, ServiceOf, Weight};
use crate::plan::Plan;

use super::trace_formatter::{Line, TraceFormatter};

/// The most lines that are read.
const LINES_MAX: usize = 40;

/// A moment of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When; what was left out has no time of its own.
    pub at: Option<Instant>,
    /// The line of the story.
    pub line: Line,
    /// It led to the violation, by the causes in the trace.
    led: bool,
}

impl Moment {
    /// An entry that is told.
    pub fn of<S: Service>(entry: &Entry<S>, line: Line) -> Moment {
        Moment { at: Some(entry.at), line, led: true }
    }
}

/// The way to this violation.
pub fn path<M: Model>(plan: &Plan<M>, entries: &[Entry<ServiceOf<M>>], violation: &Violation) -> Vec<Moment> {
    let formatter = TraceFormatter::new(plan);
    let until = violation.moment.event;
    let end = entries.partition_point(|entry| entry.event <= until);
    let led = ancestors::<M>(entries, end, until, violation.subject);
    let mut moments = Vec::new();
    for (index, entry) in entries[..end].iter().enumerate() {
        let line = formatter.tell(entry);
        let led = led.contains(&index) && !other_arrives::<M>(entry, violation.subject);
        if line.weight > Weight::Detail && (led || concerns(plan, entries, entry, violation)) {
            moments.push(Moment { at: Some(entry.at), line, led });
        }
    }
    shorten(fold_repetitions(moments))
}

/// Entries from which the violating event follows.
fn ancestors<M: Model>(
    entries: &[Entry<ServiceOf<M>>],
    end: usize,
    event: u64,
    subject: Option<u32>,
) -> BTreeSet<usize> {
    let mut led = BTreeSet::new();
    let last = (0..end).rev().take_while(|index| entries[*index].event == event);
    for mut index in
        last.filter(|index| about::<M>(&entries[*index]).is_none_or(|about| Some(about) == subject))
    {
        while index != 0 && led.insert(index) {
            index = entries[index].cause as usize;
        }
    }
    led
}

/// The subject that an entry is about, by its name.
fn about<M: Model>(entry: &Entry<ServiceOf<M>>) -> Option<u32> {
    match &entry.what {
        Happening::Delivered { message, .. } | Happening::Lost { message, .. } => {
            M::subject_of(&message.identity())
        }
        Happening::Timer { timer, .. } => M::subject_of(&timer.identity()),
        Happening::Start
        | Happening::Written { .. }
        | Happening::Aborted(_)
        | Happening::Crashed(_)
        | Happening::Restarted(_)
        | Happening::TookOver { .. }
        | Happening::Fault { .. }
        | Happening::Ended { .. }
        | Happening::LinksDown { .. }
        | Happening::Evicted(_)
        | Happening::Torn(_)
        | Happening::Healed { .. } => None,
    }
}

/// Subjects come one after the other, and the next one is caused by the last; that is no part of any story.
fn other_arrives<M: Model>(entry: &Entry<ServiceOf<M>>, subject: Option<u32>) -> bool {
    match &entry.what {
        Happening::Timer { timer, .. } => {
            M::begins(&timer.identity()) && M::subject_of(&timer.identity()) != subject
        }
        _ => false,
    }
}

/// Whether this is about the subject, or changed the world around it.
fn concerns<M: Model>(
    plan: &Plan<M>,
    entries: &[Entry<ServiceOf<M>>],
    entry: &Entry<ServiceOf<M>>,
    violation: &Violation,
) -> bool {
    let subject = violation.subject;
    match &entry.what {
        Happening::Fault { fault } | Happening::Ended { fault } | Happening::LinksDown { fault, .. } => {
            plan.faults.get(usize::from(*fault)).is_some_and(|fault| reaches(fault, subject))
        }
        Happening::Crashed(_)
        | Happening::Restarted(_)
        | Happening::TookOver { .. }
        | Happening::Evicted(_)
        | Happening::Torn(_)
        | Happening::Healed { .. } => true,
        Happening::Aborted(_) => subject.is_some() && origin::<M>(entries, entry) == subject,
        Happening::Written { node, record } => {
            let fact = M::Service::fact(plan.physics.role(*node), record);
            fact.is_some_and(|fact| {
                M::fact_subject(&fact) == subject || M::competes(&plan.setup, &fact, violation)
            })
        }
        Happening::Start | Happening::Delivered { .. } | Happening::Lost { .. } | Happening::Timer { .. } => {
            subject.is_some() && about::<M>(entry) == subject
        }
    }
}

/// The subject of the delivery that an entry follows from.
fn origin<M: Model>(entries: &[Entry<ServiceOf<M>>], entry: &Entry<ServiceOf<M>>) -> Option<u32> {
    let mut entry = entry;
    while about::<M>(entry).is_none() && entry.cause != 0 {
        entry = &entries[entry.cause as usize];
    }
    about::<M>(entry)
}

/// Whether a fault can touch this subject: it strikes one of its deliveries, or everybody's.
fn reaches(fault: &Fault, wanted: Option<u32>) -> bool {
    match fault {
        Fault::During { .. } => true,
        Fault::At { point_fault: PointFault::Crash(..) | PointFault::Pause(_), .. } => true,
        Fault::At { point_fault: PointFault::IsolateSender(_) | PointFault::IsolateReceiver(_), .. } => true,
        Fault::At { site, .. } => Some(site.identity.subject) == wanted,
    }
}

/// Retries repeat a few lines again and again: the first and the last time are told.
pub fn fold_repetitions(moments: Vec<Moment>) -> Vec<Moment> {
    let keys: Vec<String> = moments.iter().map(key).collect();
    let mut folded = Vec::new();
    let mut index = 0;
    while index < moments.len() {
        let times = |period: usize| {
            let same = |turn: &usize| {
                let next = index + turn * period;
                keys.get(next..next + period).is_some_and(|turn| turn == &keys[index..index + period])
            };
            1 + (1..).take_while(same).count()
        };
        let longest =
            (1..=6).filter(|period| index + period <= keys.len()).map(|period| (period, times(period)));
        let (period, times) = longest.max_by_key(|(period, times)| period * (times - 1)).unwrap_or((1, 1));
        if times < 3 {
            folded.push(moments[index].clone());
            index += 1;
            continue;
        }
        folded.extend_from_slice(&moments[index..index + period]);
        if times > 2 {
            folded.push(note(format!("the same {} more times", times - 2)));
        }
        folded.extend_from_slice(&moments[index + (times - 1) * period..index + times * period]);
        index += times * period;
    }
    folded
}

/// The sentence without the number of the attempt.
fn key(moment: &Moment) -> String {
    let what = &moment.line.what;
    let text = match what.split_once(" attempt ") {
        Some((before, after)) => {
            format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => what.clone(),
    };
    format!("{} {text}", moment.line.who)
}

fn note(what: String) -> Moment {
    let line = Line { who: String::new(), what: format!("({what})"), subject: None, weight: Weight::Key };
    Moment { at: None, line, led: true }
}

/// The least important lines go first: messages that did not lead here, then those that did, then the middle.
fn shorten(mut moments: Vec<Moment>) -> Vec<Moment> {
    let before = moments.len();
    let classes: [fn(&Moment) -> bool; 2] = [
        |moment| moment.line.weight == Weight::Step && !moment.led,
        |moment| moment.line.weight == Weight::Step,
    ];
    for droppable in classes {
        let mut surplus = moments.len().saturating_sub(LINES_MAX);
        moments.retain(|moment| {
            let drop = surplus > 0 && droppable(moment);
            surplus -= usize::from(drop);
            !drop
        });
    }
    if moments.len() > LINES_MAX {
        let surplus = moments.len() - LINES_MAX;
        moments.drain(LINES_MAX / 4..LINES_MAX / 4 + surplus);
    }
    match before - moments.len() {
        0 => {}
        left_out => moments
            .insert(0, note(format!("{left_out} lines of less weight are left out; `replay -v` shows all"))),
    }
    moments
}
