//! A run told as a story: the plan, the faults, the verdict, and the way to a violation.
//!
//! **Invariant:** a story is a function of a plan and its run, and its last line is the command that runs it again.

pub mod document;
pub mod fault_outcome;
pub mod log;
pub mod mermaid;
mod path;
pub mod sentences;
pub mod snapshot;
pub mod state_tree;
pub mod trace_diff;
pub mod trace_formatter;

use std::fmt::{self, Write};

use stormcart_sim::property::Violation;

use crate::case::Case;
use crate::determinism_check::DeterminismCheck;
use crate::model::Model;
use crate::run::Verdict;
use crate::variant::Variant;

pub use fault_outcome::FaultOutcome;

/// A run, ready to be told.
pub struct Story<'a, M: Model> {
    /// Which world it was.
    pub case: &'a Case,
    /// Who took part.
    pub variant: &'a Variant,
    /// The plan, and what came of it.
    pub checked: &'a DeterminismCheck<M>,
    /// Whether it was the same run as recorded, or as executed again; nothing if that cannot be known.
    pub identical: Option<bool>,
    /// The command that runs it again.
    pub again: String,
}

impl<M: Model> fmt::Display for Story<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.case)?;
        self.plan(f)?;
        self.outcome(f)?;
        match &self.checked.run.verdict {
            Verdict::Held => writeln!(f, "verdict   held: no property was broken")?,
            Verdict::Inconclusive(why) => writeln!(f, "verdict   inconclusive: {why}")?,
            Verdict::Violated(violations) => self.violations(f, violations)?,
        }
        if let Some(caveat) = sentences::caveat(self.identical) {
            writeln!(f, "{caveat}")?;
        }
        write!(f, "\nto see this run again:\n{}", self.again)
    }
}

impl<M: Model> Story<'_, M> {
    fn plan(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Variant { architecture, level, .. } = self.variant;
        write!(f, "\nwho       {}, {}", architecture.name, level.name())?;
        self.variant.bugs().try_for_each(|bug| write!(f, ", with {}: {}", bug.slug, bug.about))?;
        let policies = &self.variant.catalog.policies;
        self.variant.own_choices().iter().try_for_each(|choice| write!(f, ", {}", choice.words(policies)))?;
        self.checked.plan.backend.mark().map_or(Ok(()), |backend| write!(f, ", on {backend}"))?;
        let plan = &self.checked.plan;
        let faults = if plan.faults.len() == 1 { "fault" } else { "faults" };
        writeln!(f, "\nplan      {}; {} {faults}", M::workload(&plan.setup), plan.faults.len())?;
        for (index, (fault, outcome)) in plan.faults.iter().zip(FaultOutcome::all(self.checked)).enumerate() {
            writeln!(f, "fault {:<3} {}", index + 1, plan.names().fault(fault))?;
            writeln!(f, "          {outcome}")?;
        }
        Ok(())
    }

    fn outcome(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = &self.checked.run;
        let counts = &run.counts;
        writeln!(
            f,
            "outcome   {}; {} events, {} messages, {} ms of virtual time",
            sentences::ends(M::catalog(), M::vocabulary(), &run.totals),
            run.events,
            counts.internal_messages + counts.outside_messages,
            run.ended.as_millis(),
        )
    }

    fn violations(&self, f: &mut fmt::Formatter<'_>, violations: &[Violation]) -> fmt::Result {
        let ids = sentences::properties(violations);
        writeln!(f, "verdict   violated: {}", sentences::named(M::catalog(), &ids))?;
        let Some(first) = violations.first() else { return Ok(()) };
        match first.subject {
            Some(number) => writeln!(f, "\nhow it came about, for {} {number}:", M::vocabulary().subject)?,
            None => writeln!(f, "\nhow it came about:")?,
        }
        for moment in path::path(&self.checked.plan, self.checked.ended.trace.entries(), first) {
            match moment.at {
                Some(at) => write!(f, "{:>9} ms  {:<15}", at.as_millis(), moment.line.who)?,
                None => write!(f, "{:>9}     {:<15}", "", "")?,
            }
            writeln!(f, " {}", moment.line.what)?;
        }
        f.write_char('\n')?;
        let sentence = |violation| sentences::broken(M::catalog(), M::vocabulary(), violation);
        violations.iter().try_for_each(|violation| writeln!(f, "{}", sentence(violation)))
    }
}
