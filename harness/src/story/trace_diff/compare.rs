//! Two traces, entry by entry: what counts as the same, and what only one of them has.
//!
//! **Invariant:** of an entry everything is compared but its cause and the numbers that count what came before it.

use serde::Serialize;
use stormcart_sim::digest::Digest;
use stormcart_sim::site::{Node, Role};
use stormcart_sim::trace::{Entry, Happening, Loss};
use stormcart_sim::{Instant, Service};

use crate::determinism_check::DeterminismCheck;
use crate::fault_text::FaultText;
use crate::model::{Model, ServiceOf, Weight};
use crate::plan::Plan;
use crate::story::path;
use crate::story::state_tree::StateTree;
use crate::story::trace_formatter::{Line, TraceFormatter};

use super::Sight;

/// So many events that only one run has are shown of it.
const ONLY_MAX: usize = 12;

/// A node by what it is, since numbers differ between architectures.
type Instance = (Role, u8);

/// What happened, as far as two runs can have it in common. Messages, timers and records are compared by their digests.
#[derive(PartialEq)]
enum Content {
    /// A message arrived, or why not.
    Message {
        from: Instance,
        to: Instance,
        digest: u64,
        lost: Option<Loss>,
    },
    Timer(Instance, u64),
    Written(Instance, u64),
    /// Something happened to a node, perhaps because of another one.
    Node(&'static str, Instance, Option<Instance>),
    /// A fault struck, or is over.
    Fault(&'static str, Option<FaultText>),
    Torn(Role),
    Start,
}

/// What is not the same in two messages or records.
fn unlike<M: Model>(one: &Entry<ServiceOf<M>>, other: &Entry<ServiceOf<M>>) -> Option<String> {
    fn words(one: &impl Serialize, other: &impl Serialize) -> Option<String> {
        Some(StateTree::of(one).unlike(&StateTree::of(other)))
    }
    let words = match (&one.what, &other.what) {
        (Happening::Delivered { message: one, .. }, Happening::Delivered { message: other, .. })
        | (Happening::Lost { message: one, .. }, Happening::Lost { message: other, .. }) => words(one, other),
        (Happening::Written { record: one, .. }, Happening::Written { record: other, .. }) => {
            words(one, other)
        }
        _ => None,
    };
    words.filter(|words| !words.is_empty())
}

/// An entry of a trace with what can be compared of it.
pub(super) struct Told<'a, S: Service> {
    pub entry: &'a Entry<S>,
    content: Content,
}

impl<S: Service> Told<'_, S> {
    pub fn same(&self, other: &Told<'_, S>) -> bool {
        self.entry.at == other.entry.at && self.content == other.content
    }
}

pub(super) struct Trace<'a, M: Model> {
    formatter: TraceFormatter<'a, M>,
    pub told: Vec<Told<'a, ServiceOf<M>>>,
}

impl<'a, M: Model> Trace<'a, M> {
    pub fn of(checked: &'a DeterminismCheck<M>) -> Trace<'a, M> {
        let entries = checked.ended.trace.entries().iter();
        let told = |entry| Some(Told { entry, content: content(&checked.plan, entry)? });
        Trace { formatter: TraceFormatter::new(&checked.plan), told: entries.filter_map(told).collect() }
    }

    pub fn sight(&self, told: &Told<'_, ServiceOf<M>>, other: &Trace<'_, M>) -> Sight {
        let Line { who, what, .. } = self.line(told, other);
        Sight { at_us: Some(told.entry.at.0), event: Some(told.entry.event), node: who, what }
    }

    /// What an entry says. Where the other run has the same sentence for something else, it says what is not the same.
    fn line(&self, told: &Told<'_, ServiceOf<M>>, other: &Trace<'_, M>) -> Line {
        let mut line = self.formatter.tell(told.entry);
        let now = other.instant(told.entry.at);
        if now.iter().any(|twin| twin.same(told)) {
            return line;
        }
        let twin = now.iter().find(|twin| other.formatter.tell(twin.entry) == line);
        if let Some(words) = twin.and_then(|twin| unlike::<M>(told.entry, twin.entry)) {
            line.what = format!("{}, with {words}", line.what);
        }
        line
    }

    /// Everything that happened at a moment.
    fn instant(&self, at: Instant) -> &[Told<'a, ServiceOf<M>>] {
        let until = self.told.partition_point(|told| told.entry.at <= at);
        &self.told[self.told.partition_point(|told| told.entry.at < at)..until]
    }

    /// What is left of the event of this entry.
    pub fn event_at(&self, from: usize) -> &[Told<'a, ServiceOf<M>>] {
        let Some(first) = self.told.get(from) else { return &[] };
        let left = self.told[from..].iter().take_while(|told| told.entry.event == first.entry.event).count();
        &self.told[from..from + left]
    }

    /// The first of these entries, without bookkeeping and repetitions, of one subject or of all; and how many lines of
    /// weight there are beside.
    pub fn short(
        &self,
        only: &[&Told<'_, ServiceOf<M>>],
        other: &Trace<'_, M>,
        subject: Option<u32>,
    ) -> (Vec<Sight>, usize) {
        let moments = only.iter().map(|told| (told.entry, self.line(told, other)));
        let worth: Vec<(&Entry<ServiceOf<M>>, Line)> =
            moments.filter(|(_, line)| line.weight > Weight::Detail).collect();
        let others = |line: &Line| subject.is_some() && line.subject.is_some() && line.subject != subject;
        let elsewhere = worth.iter().filter(|(_, line)| others(line)).count();
        let here = worth.into_iter().filter(|(_, line)| !others(line));
        let folded =
            path::fold_repetitions(here.map(|(entry, line)| path::Moment::of(entry, line)).collect());
        let sight = |moment: &path::Moment| Sight {
            at_us: moment.at.map(|at: Instant| at.0),
            event: None,
            node: moment.line.who.clone(),
            what: moment.line.what.clone(),
        };
        let left = folded.len().saturating_sub(ONLY_MAX) + elsewhere;
        (folded.iter().take(ONLY_MAX).map(sight).collect(), left)
    }
}

/// What only one of two stretches has, instant by instant.
pub(super) fn alone<'a, 'b, S: Service>(
    here: &'b [Told<'a, S>],
    there: &'b [Told<'a, S>],
) -> [Vec<&'b Told<'a, S>>; 2] {
    let mut only = [Vec::new(), Vec::new()];
    let (mut here, mut there) = (here, there);
    while let Some(at) = [here.first(), there.first()].into_iter().flatten().map(|told| told.entry.at).min() {
        let now = |told: &'b [Told<'a, S>]| told.split_at(told.partition_point(|told| told.entry.at <= at));
        let ((ours, rest), (theirs, other_rest)) = (now(here), now(there));
        (here, there) = (rest, other_rest);
        let mut theirs: Vec<&Told<'a, S>> = theirs.iter().collect();
        for told in ours {
            match theirs.iter().position(|other| told.same(other)) {
                Some(found) => drop(theirs.remove(found)),
                None => only[0].push(told),
            }
        }
        only[1].append(&mut theirs);
    }
    only
}

fn content<M: Model>(plan: &Plan<M>, entry: &Entry<ServiceOf<M>>) -> Option<Content> {
    let at = |node: &Node| (plan.physics.role(*node), plan.physics.instance(*node));
    let fault =
        |index: &u16| plan.faults.get(usize::from(*index)).map(|fault| FaultText::write(fault, plan.names()));
    Some(match &entry.what {
        Happening::Start => Content::Start,
        Happening::Delivered { from, to, message } => {
            Content::Message { from: at(from), to: at(to), digest: Digest::of(message), lost: None }
        }
        Happening::Lost { from, to, message, why } => {
            Content::Message { from: at(from), to: at(to), digest: Digest::of(message), lost: Some(*why) }
        }
        Happening::Timer { node, timer } => Content::Timer(at(node), Digest::of(timer)),
        Happening::Written { node, record } => Content::Written(at(node), Digest::of(record)),
        Happening::Aborted(node) => Content::Node("aborted", at(node), None),
        Happening::Crashed(node) => Content::Node("crashed", at(node), None),
        Happening::Restarted(node) => Content::Node("restarted", at(node), None),
        Happening::TookOver { node, lost } => Content::Node("took over", at(node), Some(at(lost))),
        Happening::Fault { fault: index } => Content::Fault("struck", fault(index)),
        Happening::Ended { fault: index } => Content::Fault("over", fault(index)),
        Happening::LinksDown { fault: index, .. } => Content::Fault("down", fault(index)),
        Happening::Evicted(node) => Content::Node("left out", at(node), None),
        Happening::Torn(role) => Content::Torn(*role),
        Happening::Healed { .. } => return None,
    })
}
