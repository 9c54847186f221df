//! Two traces, entry by entry: what counts as the same, and what only one of them has.
//!
//! **Invariant:** of an entry everything is compared but its cause and the numbers that count what came before it.

use stormcart_models::message::{Message, Order, Timer};
use stormcart_models::service::{Checkout, Record};
use stormcart_sim::Instant;
use stormcart_sim::site::{Node, Role};
use stormcart_sim::trace::{Entry, Happening, Loss};

use crate::determinism_check::DeterminismCheck;
use crate::fault_text::FaultText;
use crate::plan::Plan;
use crate::story::path;
use crate::story::state_tree::StateTree;
use crate::story::trace_formatter::{Line, TraceFormatter, Weight};

use super::Sight;

/// So many events that only one run has are shown of it.
const ONLY_MAX: usize = 12;

/// A node by what it is, since numbers differ between architectures.
type Seat = (Role, u8);

/// What happened, as far as two runs can have it in common.
#[derive(PartialEq)]
enum Content<'a> {
    /// A message arrived, or why not.
    Message {
        from: Seat,
        to: Seat,
        message: &'a Message,
        lost: Option<Loss>,
    },
    Timer(Seat, Timer),
    Written(Seat, &'a Record),
    /// Something befell a node, perhaps because of another one.
    Node(&'static str, Seat, Option<Seat>),
    /// A fault struck, or is over.
    Fault(&'static str, Option<FaultText>),
    Torn(Role),
    Start,
}

impl Content<'_> {
    /// What is not the same in two messages or records.
    fn unlike(&self, other: &Content<'_>) -> Option<String> {
        match (self, other) {
            (Content::Message { message: one, .. }, Content::Message { message: other, .. }) => {
                Some(StateTree::of(one).unlike(&StateTree::of(other)))
            }
            (Content::Written(_, one), Content::Written(_, other)) => {
                Some(StateTree::of(one).unlike(&StateTree::of(other)))
            }
            _ => None,
        }
        .filter(|words| !words.is_empty())
    }
}

/// An entry of a trace with what can be compared of it.
pub(super) struct Told<'a> {
    pub entry: &'a Entry<Checkout>,
    content: Content<'a>,
}

impl Told<'_> {
    pub fn same(&self, other: &Told<'_>) -> bool {
        self.entry.at == other.entry.at && self.content == other.content
    }
}

pub(super) struct Trace<'a> {
    formatter: TraceFormatter<'a>,
    pub told: Vec<Told<'a>>,
}

impl<'a> Trace<'a> {
    pub fn of(twice: &'a DeterminismCheck) -> Trace<'a> {
        let entries = twice.ended.trace.entries().iter();
        let told = |entry| Some(Told { entry, content: content(&twice.plan, entry)? });
        Trace { formatter: TraceFormatter::new(&twice.plan), told: entries.filter_map(told).collect() }
    }

    pub fn sight(&self, told: &Told<'_>, other: &Trace<'_>) -> Sight {
        let Line { who, what, .. } = self.line(told, other);
        Sight { at_us: Some(told.entry.at.0), event: Some(told.entry.event), node: who, what }
    }

    /// What an entry says. Where the other run has the same sentence for something else, it says what is not the same.
    fn line(&self, told: &Told<'_>, other: &Trace<'_>) -> Line {
        let mut line = self.formatter.tell(told.entry);
        let now = other.instant(told.entry.at);
        if now.iter().any(|twin| twin.same(told)) {
            return line;
        }
        let twin = now.iter().find(|twin| other.formatter.tell(twin.entry) == line);
        if let Some(unlike) = twin.and_then(|twin| told.content.unlike(&twin.content)) {
            line.what = format!("{}, with {unlike}", line.what);
        }
        line
    }

    /// Everything that happened at a moment.
    fn instant(&self, at: Instant) -> &[Told<'a>] {
        let until = self.told.partition_point(|told| told.entry.at <= at);
        &self.told[self.told.partition_point(|told| told.entry.at < at)..until]
    }

    /// What is left of the event of this entry.
    pub fn event_at(&self, from: usize) -> &[Told<'a>] {
        let Some(first) = self.told.get(from) else { return &[] };
        let left = self.told[from..].iter().take_while(|told| told.entry.event == first.entry.event).count();
        &self.told[from..from + left]
    }

    /// The first of these entries, without bookkeeping and repetitions, of one order or of all; and how many lines of
    /// weight there are beside.
    pub fn short(&self, only: &[&Told<'_>], other: &Trace<'_>, order: Option<Order>) -> (Vec<Sight>, usize) {
        let moments = only.iter().map(|told| (told.entry, self.line(told, other)));
        let worth: Vec<(&Entry<Checkout>, Line)> =
            moments.filter(|(_, line)| line.weight > Weight::Detail).collect();
        let others = |line: &Line| order.is_some() && line.order.is_some() && line.order != order;
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
pub(super) fn alone<'a, 'b>(here: &'b [Told<'a>], there: &'b [Told<'a>]) -> [Vec<&'b Told<'a>>; 2] {
    let mut only = [Vec::new(), Vec::new()];
    let (mut here, mut there) = (here, there);
    while let Some(at) = [here.first(), there.first()].into_iter().flatten().map(|told| told.entry.at).min() {
        let now = |told: &'b [Told<'a>]| told.split_at(told.partition_point(|told| told.entry.at <= at));
        let ((ours, rest), (theirs, other_rest)) = (now(here), now(there));
        (here, there) = (rest, other_rest);
        let mut theirs: Vec<&Told<'a>> = theirs.iter().collect();
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

fn content<'a>(plan: &Plan, entry: &'a Entry<Checkout>) -> Option<Content<'a>> {
    let seat = |node: &Node| (plan.physics.role(*node), plan.physics.instance(*node));
    let fault = |index: &u16| {
        plan.faults.get(usize::from(*index)).map(|fault| FaultText::write(fault, &plan.physics))
    };
    Some(match &entry.what {
        Happening::Start => Content::Start,
        Happening::Delivered { from, to, message } => {
            Content::Message { from: seat(from), to: seat(to), message, lost: None }
        }
        Happening::Lost { from, to, message, why } => {
            Content::Message { from: seat(from), to: seat(to), message, lost: Some(*why) }
        }
        Happening::Timer { node, timer } => Content::Timer(seat(node), *timer),
        Happening::Written { node, record } => Content::Written(seat(node), record),
        Happening::Aborted(node) => Content::Node("aborted", seat(node), None),
        Happening::Crashed(node) => Content::Node("crashed", seat(node), None),
        Happening::Restarted(node) => Content::Node("restarted", seat(node), None),
        Happening::TookOver { node, lost } => Content::Node("took over", seat(node), Some(seat(lost))),
        Happening::Fault { fault: index } => Content::Fault("struck", fault(index)),
        Happening::Mended { fault: index } => Content::Fault("over", fault(index)),
        Happening::Flapped { fault: index, .. } => Content::Fault("down", fault(index)),
        Happening::LeftOut(node) => Content::Node("left out", seat(node), None),
        Happening::Torn(role) => Content::Torn(*role),
        Happening::Healed { .. } => return None,
    })
}
