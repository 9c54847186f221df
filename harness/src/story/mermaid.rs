//! A run as a Mermaid sequence diagram: what concerns the order of a violation, for a bug report or a wiki.
//!
//! **Invariant:** every line is one of Mermaid's grammar, whatever words it carries.

use std::fmt::Write;

use stormcart_models::message::Order;
use stormcart_models::service::Checkout;
use stormcart_sim::site::Node;
use stormcart_sim::trace::{Entry, Happening};

use crate::determinism_check::DeterminismCheck;
use crate::fault_text::node_name;
use crate::run::Verdict;

use super::broken;
use super::trace_formatter::{TraceFormatter, Weight, sent};

/// The diagram of a run up to its first violation, of the order that it concerns; of all orders, if it concerns none.
pub fn diagram(twice: &DeterminismCheck) -> String {
    let violation = match &twice.run.verdict {
        Verdict::Violated(violations) => violations.first(),
        Verdict::Held | Verdict::Inconclusive(_) => None,
    };
    let order = violation.and_then(|violation| violation.subject);
    let until = violation.map_or(u64::MAX, |violation| violation.moment.event);
    let artist = Artist { twice, formatter: TraceFormatter::new(&twice.plan), order };
    let entries = twice.ended.trace.entries();
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
        let _ = writeln!(text, "    Note over {}: {}", over.join(","), plain(&broken(violation)));
    }
    text
}

/// A line of the diagram, and who is in it.
struct Arrow {
    who: Vec<Node>,
    line: String,
}

struct Artist<'a> {
    twice: &'a DeterminismCheck,
    formatter: TraceFormatter<'a>,
    order: Option<Order>,
}

impl Artist<'_> {
    fn name(&self, node: Node) -> String {
        node_name(&self.twice.plan.physics, node)
    }

    fn concerns(&self, order: Order) -> bool {
        self.order.is_none_or(|wanted| wanted == order)
    }

    /// Messages that arrive or are lost, timers, crashes and returns.
    fn arrow(&self, entry: &Entry<Checkout>) -> Option<Arrow> {
        let line = self.formatter.tell(entry);
        match &entry.what {
            Happening::Delivered { from, to, message } if self.concerns(message.order) => {
                let (a, b) = (self.name(*from), self.name(*to));
                Some(Arrow {
                    who: vec![*from, *to],
                    line: format!("    {a}->>{b}: {}\n", plain(&sent(message))),
                })
            }
            Happening::Lost { from, to, message, .. } if self.concerns(message.order) => {
                let (a, b) = (self.name(*from), self.name(*to));
                let what = plain(&line.what);
                Some(Arrow { who: vec![*from, *to], line: format!("    {a}-x{b}: {what}\n") })
            }
            Happening::Crashed(node)
            | Happening::Restarted(node)
            | Happening::Aborted(node)
            | Happening::TookOver { node, .. } => self.note(*node, &line.what),
            Happening::Written { node, .. }
                if line.weight >= Weight::Key && line.order.is_none_or(|order| self.concerns(order)) =>
            {
                self.note(*node, &line.what)
            }
            _ => None,
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
