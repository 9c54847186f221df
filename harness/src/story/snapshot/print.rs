//! A snapshot for a person: one section for each node, one line for each subject in it.
//!
//! **Invariant:** where there are more lines than a person reads, those of subjects that are over go first, and their
//! number is said.

use std::collections::BTreeSet;
use std::fmt;

use stormcart_sim::Instant;

use crate::model::SubjectSummary;
use crate::text::folded;

use super::{Due, Entry, Place, StateSnapshot};

const WIDTH: usize = 116;
const HEADING: usize = 12;
const ABOUT: usize = 10;

/// So many subjects are read whether they are over or not.
const SUBJECTS_MAX: usize = 16;

impl fmt::Display for StateSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left_out = self.left_out();
        match self.ended_us {
            None => writeln!(f, "at {}, after event {}", Instant(self.at_us), self.event)?,
            Some(us) => {
                let ended = Instant(us);
                writeln!(
                    f,
                    "the run ended at {ended}, with event {}; this is how it left things",
                    self.event
                )?;
            }
        }
        for cut in &self.cut {
            heading(f, "cut", cut)?;
        }
        for armed in &self.armed {
            heading(f, "armed", &format!("fault {}: {}", armed.number, armed.name))?;
        }
        if !self.leads.is_empty() {
            heading(f, "leads", &self.leads.join(", "))?;
        }
        let read = |summary: &&SubjectSummary| !left_out.contains(&summary.number);
        for (index, summary) in self.subjects.iter().filter(read).enumerate() {
            heading(f, if index == 0 { "in truth" } else { "" }, &summary.text)?;
        }
        if !left_out.is_empty() {
            let note = format!("({} that are over are left out; `--format json` shows them)", left_out.len());
            heading(f, "", &note)?;
        }
        self.nodes.iter().filter(|node| !node.is_empty()).try_for_each(|node| node.print(f, &left_out))
    }
}

impl StateSnapshot {
    /// Subjects that are over, where there are too many to read.
    fn left_out(&self) -> BTreeSet<u32> {
        if self.subjects.len() <= SUBJECTS_MAX {
            return BTreeSet::new();
        }
        self.subjects.iter().filter(|summary| summary.over).map(|summary| summary.number).collect()
    }
}

impl Place {
    fn is_empty(&self) -> bool {
        let held = self.store.is_empty() && self.memory.is_empty() && self.waiting.is_empty();
        let due = [&self.half_done, &self.in_flight, &self.timers, &self.to_come];
        held && self.trouble.is_none() && self.unsynced == 0 && due.iter().all(|due| due.is_empty())
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, left_out: &BTreeSet<u32>) -> fmt::Result {
        match &self.trouble {
            Some(trouble) => writeln!(f, "\n{}: {trouble}", self.node)?,
            None => writeln!(f, "\n{}", self.node)?,
        }
        entries(f, "stores", &self.store, left_out)?;
        if !self.store.is_empty() && !self.shared_with.is_empty() {
            heading(f, "", &format!("(this store is also that of {})", self.shared_with.join(", ")))?;
        }
        if self.unsynced > 0 {
            let records = if self.unsynced == 1 { "record" } else { "records" };
            heading(f, "unsynced", &format!("{} {records} that a crash would take back", self.unsynced))?;
        }
        entries(f, "remembers", &self.memory, left_out)?;
        for (index, command) in self.waiting.iter().enumerate() {
            heading(f, if index == 0 { "waiting" } else { "" }, command)?;
        }
        dues(f, "half done", &self.half_done)?;
        dues(f, "in flight", &self.in_flight)?;
        dues(f, "timers", &self.timers)?;
        dues(f, "to come", &self.to_come)
    }
}

/// What is held about one thing is one line, whatever tables it is in.
fn entries(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    entries: &[Entry],
    left_out: &BTreeSet<u32>,
) -> fmt::Result {
    let mut lines: Vec<(&str, Option<u32>, Vec<String>)> = Vec::new();
    for entry in entries {
        let about = entry.about.as_deref().unwrap_or_default();
        if entry.subject.is_some_and(|subject| left_out.contains(&subject)) {
            continue;
        }
        let words = match (entry.kind.as_str(), entry.words.as_str()) {
            (kind, "") => kind.to_owned(),
            ("", words) => words.to_owned(),
            (kind, words) => format!("{kind}: {words}"),
        };
        match lines.iter_mut().find(|(known, ..)| *known == about) {
            Some((.., line)) => line.push(words),
            None => lines.push((about, entry.subject, vec![words])),
        }
    }
    lines.sort_by_key(|(_, subject, _)| subject.unwrap_or(u32::MAX));
    let width = lines.iter().map(|(about, ..)| about.len() + 2).max().unwrap_or(0).max(ABOUT);
    for (index, (about, _, words)) in lines.iter().enumerate() {
        heading(f, if index == 0 { name } else { "" }, &format!("{about:<width$}{}", words.join("; ")))?;
    }
    Ok(())
}

fn dues(f: &mut fmt::Formatter<'_>, name: &str, dues: &[Due]) -> fmt::Result {
    for (index, due) in dues.iter().enumerate() {
        let line = format!("{:>14}  {}", Instant(due.at_us).to_string(), due.what);
        heading(f, if index == 0 { name } else { "" }, &line)?;
    }
    Ok(())
}

/// `  stores    order 5   ...`, in as many lines as it takes.
fn heading(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    let indent = text.len() - text.trim_start().len();
    let (lead, text) = text.split_at(indent);
    for (index, line) in folded(text, WIDTH - HEADING - indent).lines().enumerate() {
        let name = if index == 0 { name } else { "" };
        writeln!(f, "  {name:<HEADING$}{lead}{line}")?;
    }
    Ok(())
}
