//! The full log of a run: every entry of its trace, in virtual time.
//!
//! **Invariant:** a log is folded from a trace after the run, so it costs a run nothing and cannot change one.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use stormcart_sim::trace::Entry;
use stormcart_sim::{Instant, Service};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use crate::determinism_check::DeterminismCheck;
use crate::model::{Model, Weight};
use crate::run::Until;

use super::trace_formatter::{Line, TraceFormatter};

/// The moment of the entry that is being logged.
#[derive(Clone, Debug, Default)]
struct VirtualTime(Arc<AtomicU64>);

impl FormatTime for VirtualTime {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        write!(w, "{:>14}", Instant(self.0.load(Ordering::Relaxed)).to_string())
    }
}

/// Emits everything that happened until a moment, through `tracing`, to stderr.
pub fn emit<M: Model>(checked: &DeterminismCheck<M>, until: Until) {
    let time = VirtualTime::default();
    let subscriber = tracing_subscriber::fmt()
        .with_timer(time.clone())
        .with_writer(anstream::stderr)
        .with_max_level(tracing::Level::TRACE)
        .with_target(false)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        let formatter = TraceFormatter::new(&checked.plan);
        let entries = checked.ended.trace.entries().iter().enumerate();
        for (index, entry) in entries.take_while(|(_, entry)| until.includes(entry.at, entry.event)) {
            time.0.store(entry.at.0, Ordering::Relaxed);
            event(index, entry, &formatter.tell(entry));
        }
    });
}

fn event<S: Service>(index: usize, entry: &Entry<S>, line: &Line) {
    let Line { who, what, weight, .. } = line;
    let (event, cause) = (entry.event, entry.cause);
    match weight {
        Weight::Detail => tracing::trace!(event, index, cause, "{who:<15} {what}"),
        Weight::Step => tracing::debug!(event, index, cause, "{who:<15} {what}"),
        Weight::Key => tracing::info!(event, index, cause, "{who:<15} {what}"),
        Weight::Trouble => tracing::warn!(event, index, cause, "{who:<15} {what}"),
    }
}

/// The same as a text, one line for each entry.
pub fn text<M: Model>(checked: &DeterminismCheck<M>) -> String {
    let formatter = TraceFormatter::new(&checked.plan);
    let mut text = String::new();
    for (index, entry) in checked.ended.trace.entries().iter().enumerate() {
        let Line { who, what, .. } = formatter.tell(entry);
        let _ = writeln!(
            text,
            "{:>14} #{index:<6} because of #{:<6} {who:<15} {what}",
            entry.at.to_string(),
            entry.cause
        );
    }
    text
}
