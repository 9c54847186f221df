//! Sentences: what one entry of a trace says to a person.
//!
//! **Invariant:** every entry has a sentence; whether it is worth reading is its weight, by which stories choose.

use stormcart_sim::service::{Message, Service, Timer};
use stormcart_sim::site::{Identity, MessageKind, Node};
use stormcart_sim::trace::{Entry, Happening, Loss};

use crate::fault_text::Names;
use crate::model::{Content, FactOf, MessageOf, Model, RecordOf, Sentence, ServiceOf, TimerOf, Weight};
use crate::plan::Plan;

use super::state_tree::{Known, StateTree};

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it happened: the name of a node, or nothing.
    pub who: String,
    /// The sentence.
    pub what: String,
    /// The subject it is about, if one.
    pub subject: Option<u32>,
    /// How much it matters.
    pub weight: Weight,
}

/// Formats the entries of one plan's trace.
pub struct TraceFormatter<'a, M: Model> {
    plan: &'a Plan<M>,
}

impl<'a, M: Model> TraceFormatter<'a, M> {
    /// A formatter that knows this plan.
    pub fn new(plan: &'a Plan<M>) -> Self {
        TraceFormatter { plan }
    }

    fn names(&self) -> Names<'a> {
        self.plan.names()
    }

    fn name(&self, node: Node) -> String {
        self.names().node(node)
    }

    fn role(&self, node: Node) -> &'static str {
        M::vocabulary().role(self.plan.physics.role(node))
    }

    fn at(&self, node: Node, weight: Weight, subject: Option<u32>, what: String) -> Line {
        Line { who: self.name(node), what, subject, weight }
    }

    fn said(&self, node: Node, subject: Option<u32>, Sentence { weight, text }: Sentence) -> Line {
        self.at(node, weight, subject, text)
    }

    /// What this entry says.
    pub fn tell(&self, entry: &Entry<ServiceOf<M>>) -> Line {
        let trouble = |node: &Node, what: &str| self.at(*node, Weight::Trouble, None, what.into());
        let key = |node: &Node, what: String| self.at(*node, Weight::Key, None, what);
        match &entry.what {
            Happening::Start => Line { weight: Weight::Detail, ..nowhere("everything starts".into()) },
            Happening::Delivered { from, to, message } => {
                self.said(*to, subject_of::<M>(&message.identity()), self.delivered(*from, message))
            }
            Happening::Lost { from, to, message, why } => {
                let subject = subject_of::<M>(&message.identity());
                self.at(*to, Weight::Trouble, subject, self.lost(*from, *to, message, *why))
            }
            Happening::Timer { node, timer } => {
                let sentence = M::timer(self.plan.physics.role(*node), timer);
                self.said(*node, M::subject_of(&timer.identity()), sentence)
            }
            Happening::Written { node, record } => self.written(*node, record),
            Happening::Aborted(node) => trouble(node, "the database aborts the transaction"),
            Happening::Crashed(node) => trouble(node, "crashes"),
            Happening::Restarted(node) => key(node, "is back".into()),
            Happening::TookOver { node, lost } => key(node, format!("takes over from {}", self.name(*lost))),
            Happening::Evicted(node) => key(node, "is left out, since the core cannot rely on it".into()),
            Happening::Fault { fault } => {
                let words = self.plan.faults.get(usize::from(*fault));
                let words = words.map_or(String::new(), |fault| self.names().fault(fault));
                nowhere(format!("fault {}: {words}", fault + 1))
            }
            Happening::Ended { fault } => {
                Line { weight: Weight::Key, ..nowhere(format!("fault {} is over", fault + 1)) }
            }
            Happening::LinksDown { fault, carries } => {
                nowhere(format!("fault {}: the links are down until {carries}", fault + 1))
            }
            Happening::Torn(role) => {
                let role = M::vocabulary().role(*role);
                nowhere(format!("the log of {role} ends in half a transaction, which is cut off"))
            }
            Happening::Healed { all } => {
                let core = "a viable core is healed; the rest stays broken";
                let what = if *all { "everything is healed" } else { core };
                Line { weight: Weight::Key, ..nowhere(what.into()) }
            }
        }
    }

    /// What a message says when it arrives.
    pub fn arrives(&self, from: Node, message: &MessageOf<M>) -> String {
        self.delivered(from, message).text
    }

    /// What a timer says when it fires.
    pub fn fires(&self, node: Node, timer: &TimerOf<M>) -> String {
        M::timer(self.plan.physics.role(node), timer).text
    }

    /// What a record says when it is written.
    pub fn record(&self, node: Node, record: &RecordOf<M>) -> String {
        match self.fact(node, record) {
            Some(fact) => M::fact(&fact).text,
            None => {
                let name = |node: Node| self.name(node);
                let known = Known { subject: M::vocabulary().subject, node: &name, implied: &|_| None };
                StateTree::of(record).known(&known, None).words()
            }
        }
    }

    /// The fact in a record.
    pub fn fact(&self, node: Node, record: &RecordOf<M>) -> Option<FactOf<M>> {
        M::Service::fact(self.plan.physics.role(node), record)
    }

    fn delivered(&self, from: Node, message: &MessageOf<M>) -> Sentence {
        let (who, name) = (self.role(from), name::<M>(message));
        let from = self.name(from);
        match M::content(message) {
            Content::Request => Sentence::step(format!("{name}: asked by {from}")),
            Content::Event(event) => Sentence::step(format!("{name}: {event} comes from the log")),
            Content::Reply(outcome) => Sentence::step(format!("{name}: {who} answers `{outcome}`")),
            Content::Refusal => Sentence::step(format!("{name}: refused, nobody listens at {from}")),
            Content::Callback(what) => Sentence::step(format!("{name}: {what}")),
            Content::Announcement(event) => Sentence::step(format!("{name}: {who} announces {event}")),
            Content::Acknowledgement(event) => {
                Sentence::detail(format!("{name}: {who} acknowledges {event}"))
            }
            Content::Unreadable(event) => {
                Sentence::step(format!("{name}: {event} comes from the log, and cannot be read"))
            }
        }
    }

    fn lost(&self, from: Node, to: Node, message: &MessageOf<M>, why: Loss) -> String {
        let reason = match why {
            Loss::Dropped => "lost".into(),
            Loss::Cut => "the link is cut".into(),
            Loss::Down => format!("{} is down", self.name(to)),
            Loss::Full => format!("the queue of {} is full", self.name(to)),
            Loss::Damaged => "damaged on the way".into(),
            Loss::Lost => "the link lost it".into(),
        };
        let (name, from) = (name::<M>(message), self.name(from));
        match (M::content(message), message.identity().kind) {
            (Content::Announcement(event), _) => {
                format!("{name}: {event} from {from} does not arrive ({reason})")
            }
            (Content::Acknowledgement(event), _) => {
                format!("{name}: the acknowledgement of {event} does not arrive ({reason})")
            }
            (_, MessageKind::Answer) => format!("{name}: no answer got through ({reason})"),
            (_, MessageKind::Ask | MessageKind::Ack | MessageKind::Timer | MessageKind::Restart) => {
                format!("{name}: the request of {from} does not arrive ({reason})")
            }
        }
    }

    fn written(&self, node: Node, record: &RecordOf<M>) -> Line {
        match self.fact(node, record) {
            Some(fact) => self.said(node, M::fact_subject(&fact), M::fact(&fact)),
            None => self.at(node, Weight::Detail, None, format!("writes {}", self.record(node, record))),
        }
    }
}

fn nowhere(what: String) -> Line {
    Line { who: String::new(), what, subject: None, weight: Weight::Trouble }
}

fn subject_of<M: Model>(identity: &Identity) -> Option<u32> {
    M::subject_of(identity)
}

/// `sale order 3 attempt 1: `done``.
pub fn sent<M: Model>(message: &MessageOf<M>) -> String {
    let name = name::<M>(message);
    match M::content(message) {
        Content::Request | Content::Event(_) => name,
        Content::Reply(outcome) => format!("{name}: `{outcome}`"),
        Content::Refusal => format!("{name}: refused"),
        Content::Callback(what) => format!("{name}: {what}"),
        Content::Announcement(event) => format!("{name}: {event}"),
        Content::Acknowledgement(event) => format!("{name}: the acknowledgement of {event}"),
        Content::Unreadable(event) => format!("{name}: {event}, damaged"),
    }
}

/// `sale order 3 attempt 1`.
fn name<M: Model>(message: &MessageOf<M>) -> String {
    let Identity { operation, subject, attempt, .. } = message.identity();
    let vocabulary = M::vocabulary();
    format!("{} {} {subject} attempt {attempt}", vocabulary.operation(operation), vocabulary.subject)
}
