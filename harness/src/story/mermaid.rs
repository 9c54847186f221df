//! A run as a Mermaid sequence diagram: what concerns the subject of a violation, for a bug report or a wiki.
//!
//! **Invariant:** every line is one of Mermaid's grammar, whatever words it carries.

use std::fmt::Write;

use stormcart_sim::Message;
use stormcart_sim::site::Node;
use stormcart_sim::trace::{Entry, Happening};

use crate::determinism_check::DeterminismCheck;
use crate::model::{Model, ServiceOf, Weight};
use crate::run::Verdict;

use super::sentences::broken;
use super::trace_formatter::{TraceFormatter, sent};

/// The diagram of a run up to its first violation, of the subject that it concerns; of all, if it concerns none.
pub fn diagram<M: Model>(checked: &DeterminismCheck<M>) -> String {
    let violation = match &checked.run.verdict {
        Verdict::Violated(violations) => violations.first(),
        Verdict::Held | Verdict::Inconclusive(_) => None,
    };
    let subject = violation.and_then(|violation| violation.subject);
    let until = violation.map_or(u64::MAX, |violation| violation.moment.event);
    let artist = Artist { checked, formatter: TraceFormatter::new(&checked.plan), subject };
    let entries = checked.ended.trace.entries();
    let told =
        || entries.iter().take_while(|entry| entry.event <= until).filter_map(|entry| artist.arrow(entry));
    let mut text = String::from("sequenceDiagram\n");
    let mut there: Vec<Node> = told().flat_map(|arrow| arrow.who).collect();
    there.sort_unstable();
    there.dedup();
    for node in &there {
        let _ = writeln!(text, "    participant {}", artist.name(*node));
    }
    told().for_each(|arrow| text.push_str(&arrow.line));
    if let Some(violation) = violation {
        let (first, last) = (there.first(), there.last());
        let over: Vec<String> = first
            .into_iter()
            .chain(last.filter(|_| there.len() > 1))
            .map(|node| artist.name(*node))
            .collect();
        let _ = writeln!(
            text,
            "    Note over {}: {}",
            over.join(","),
            plain(&broken(M::catalog(), M::vocabulary(), violation))
        );
    }
    text
}

/// A line of the diagram, and who is in it.
struct Arrow {
    who: Vec<Node>,
    line: String,
}

struct Artist<'a, M: Model> {
    checked: &'a DeterminismCheck<M>,
    formatter: TraceFormatter<'a, M>,
    subject: Option<u32>,
}

impl<M: Model> Artist<'_, M> {
    fn name(&self, node: Node) -> String {
        self.checked.plan.names().node(node)
    }

    fn concerns(&self, subject: Option<u32>) -> bool {
        self.subject.is_none_or(|wanted| subject.is_none_or(|subject| wanted == subject))
    }

    /// Messages that arrive or are lost, timers, crashes and returns.
    fn arrow(&self, entry: &Entry<ServiceOf<M>>) -> Option<Arrow> {
        let line = self.formatter.tell(entry);
        match &entry.what {
            Happening::Delivered { from, to, message }
                if self.concerns(M::subject_of(&message.identity())) =>
            {
                let (a, b) = (self.name(*from), self.name(*to));
                Some(Arrow {
                    who: vec![*from, *to],
                    line: format!("    {a}->>{b}: {}\n", plain(&sent::<M>(message))),
                })
            }
            Happening::Lost { from, to, message, .. }
                if self.concerns(M::subject_of(&message.identity())) =>
            {
                let (a, b) = (self.name(*from), self.name(*to));
                let what = plain(&line.what);
                Some(Arrow { who: vec![*from, *to], line: format!("    {a}-x{b}: {what}\n") })
            }
            Happening::Crashed(node)
            | Happening::Restarted(node)
            | Happening::Aborted(node)
            | Happening::TookOver { node, .. } => self.note(*node, &line.what),
            Happening::Written { node, .. } if line.weight >= Weight::Key && self.concerns(line.subject) => {
                self.note(*node, &line.what)
            }
            Happening::Start
            | Happening::Delivered { .. }
            | Happening::Lost { .. }
            | Happening::Timer { .. }
            | Happening::Written { .. }
            | Happening::Fault { .. }
            | Happening::Ended { .. }
            | Happening::LinksDown { .. }
            | Happening::Evicted(_)
            | Happening::Torn(_)
            | Happening::Healed { .. } => None,
        }
    }

    fn note(&self, node: Node, what: &str) -> Option<Arrow> {
        let line = format!("    Note over {}: {}\n", self.name(node), plain(what));
        Some(Arrow { who: vec![node], line })
    }
}

/// Words without what Mermaid would take for its own.
fn plain(words: &str) -> String {
    words.replace(['`', '"'], "").replace([';', '#', '\n'], ",")
}
