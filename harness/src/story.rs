//! A run told as a story: the plan, the faults, the verdict, and the way to a violation.
//!
//! **Invariant:** a story is a function of a plan and its run, and its last line is the command that runs it again.

pub mod document;
pub mod log;
pub mod mermaid;
pub mod order_summary;
mod path;
pub mod snapshot;
pub mod state_tree;
pub mod trace_diff;
pub mod trace_formatter;

use std::fmt::{self, Write};

use stormcart_models::domain::Status;
use stormcart_models::invariant::INVARIANTS;
use stormcart_models::service::Checkout;
use stormcart_sim::fault::Fault;
use stormcart_sim::physics::Physics;
use stormcart_sim::property::Violation;
use stormcart_sim::site::{Identity, MessageKind};
use stormcart_sim::trace::{Happening, Trace};
use stormcart_sim::{Instant, Message, Timer};

use crate::case::Case;
use crate::determinism_check::DeterminismCheck;
use crate::fault_text::fault_name;
use crate::run::{Outcome, Verdict};
use crate::variant::Variant;

/// What became of a fault of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It struck.
    Struck {
        /// When.
        at: Instant,
        /// Inside a critical window.
        exposed: bool,
    },
    /// Its delivery came, and there was nothing to strike: no write to tear, say.
    Harmless,
    /// Deliveries like its own happen in this run, but never that of its order and attempt.
    NeverCame,
    /// Nothing like it ever happens in this run.
    NoSuchSite,
}

/// A run, ready to be told.
pub struct Story<'a> {
    /// Which world it was.
    pub case: &'a Case,
    /// Who took part.
    pub variant: &'a Variant,
    /// The plan, and what came of it.
    pub twice: &'a DeterminismCheck,
    /// Whether it was the same run as recorded, or as executed again; nothing if that cannot be known.
    pub identical: Option<bool>,
    /// The command that runs it again.
    pub again: String,
}

/// What is to be said of a run that may not have been the same.
pub fn caveat(identical: Option<bool>) -> Option<&'static str> {
    match identical {
        Some(true) => None,
        Some(false) => Some("verdict   not deterministic: two executions of this plan differ"),
        None => Some("replay    recorded by another build, so digests cannot be compared"),
    }
}

/// The command that runs a case again, safe to paste into a shell.
pub fn command(point_fault: &str, argument: &str) -> String {
    format!("stormcart {point_fault} {}", quoted(argument))
}

/// An argument, safe to paste into a shell.
pub fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:+=@/".contains(c);
    match !argument.is_empty() && argument.chars().all(plain) {
        true => argument.into(),
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    }
}

impl Fate {
    /// The fates of a plan's faults, in order.
    pub fn all(twice: &DeterminismCheck) -> Vec<Fate> {
        let DeterminismCheck { plan, run, ended, .. } = twice;
        let fate = |(index, fault): (usize, &Fault)| match run
            .fired
            .iter()
            .find(|fired| usize::from(fired.fault) == index)
        {
            Some(fired) => Fate::Struck { at: fired.moment.at, exposed: fired.exposed },
            None => Fate::of_unfired(fault, &plan.physics, &ended.trace),
        };
        plan.faults.iter().enumerate().map(fate).collect()
    }

    fn of_unfired(fault: &Fault, physics: &Physics, trace: &Trace<Checkout>) -> Fate {
        let Fault::At { site, .. } = fault else { return Fate::NeverCame };
        let mut fate = Fate::NoSuchSite;
        for entry in trace.entries() {
            let (node, identity) = match &entry.what {
                Happening::Delivered { to, message, .. } | Happening::Lost { to, message, .. } => {
                    (*to, message.identity())
                }
                Happening::Timer { node, timer } => (*node, timer.identity()),
                Happening::Restarted(node) => (*node, Identity::RECOVERY),
                _ => continue,
            };
            let alike = |of: Identity| (of.operation, of.kind);
            if physics.role(node) != site.role || alike(identity) != alike(site.identity) {
                continue;
            }
            if identity == site.identity && (site.occurrence == 1 || identity.kind == MessageKind::Restart) {
                return Fate::Harmless;
            }
            fate = Fate::NeverCame;
        }
        fate
    }

    /// Whether it struck.
    pub fn struck(self) -> bool {
        matches!(self, Fate::Struck { .. })
    }
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fate::Struck { at, exposed: true } => {
                write!(f, "struck at {} ms, in a critical window", at.as_millis())
            }
            Fate::Struck { at, exposed: false } => write!(f, "struck at {} ms", at.as_millis()),
            Fate::Harmless => f.write_str("its delivery came, with nothing there to strike"),
            Fate::NeverCame => f.write_str("armed, and never came to its place"),
            Fate::NoSuchSite => f.write_str("no such place here"),
        }
    }
}

impl fmt::Display for Story<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.case)?;
        self.plan(f)?;
        self.outcome(f)?;
        match &self.twice.run.verdict {
            Verdict::Held => writeln!(f, "verdict   held: no property was broken")?,
            Verdict::Inconclusive(why) => writeln!(f, "verdict   inconclusive: {why}")?,
            Verdict::Violated(violations) => self.violations(f, violations)?,
        }
        if let Some(caveat) = caveat(self.identical) {
            writeln!(f, "{caveat}")?;
        }
        write!(f, "\nto see this run again:\n{}", self.again)
    }
}

impl Story<'_> {
    fn plan(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Variant { architecture, level, .. } = self.variant;
        write!(f, "\nwho       {}, {}", architecture.name, level.name())?;
        self.variant.bugs().try_for_each(|bug| write!(f, ", with {}: {}", bug.slug, bug.about))?;
        self.variant.choices().try_for_each(|choice| write!(f, ", {choice}"))?;
        self.twice.plan.backend.mark().map_or(Ok(()), |backend| write!(f, ", on {backend}"))?;
        let plan = &self.twice.plan;
        let setup = &plan.setup;
        let span = setup.intents.last().map_or(0, |last| last.at.as_millis());
        let stock = setup.stock.first().map_or(0, |stock| *stock);
        writeln!(
            f,
            "\nplan      {} customers within {span} ms; {} articles, {stock} of each on the shelf; {} faults",
            setup.customers(0).count(),
            setup.stock.len(),
            plan.faults.len(),
        )?;
        for (index, (fault, fate)) in plan.faults.iter().zip(Fate::all(self.twice)).enumerate() {
            writeln!(f, "fault {:<3} {}", index + 1, fault_name(fault, &plan.physics))?;
            writeln!(f, "          {fate}")?;
        }
        Ok(())
    }

    fn outcome(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let run = &self.twice.run;
        let outcome = &run.outcome;
        let counts = &run.counts;
        writeln!(
            f,
            "outcome   {} of {} orders accepted{}; {} events, {} messages, {} ms of virtual time",
            outcome.placed,
            outcome.intents,
            ends(outcome),
            run.events,
            counts.internal_messages + counts.outside_messages,
            run.ended.as_millis(),
        )
    }

    fn violations(&self, f: &mut fmt::Formatter<'_>, violations: &[Violation]) -> fmt::Result {
        writeln!(f, "verdict   violated: {}", properties(violations).join(", "))?;
        let Some(first) = violations.first() else { return Ok(()) };
        match first.subject {
            Some(order) => writeln!(f, "\nhow it came about, for order {order}:")?,
            None => writeln!(f, "\nhow it came about:")?,
        }
        for moment in path::path(&self.twice.plan, self.twice.ended.trace.entries(), first) {
            match moment.at {
                Some(at) => write!(f, "{:>9} ms  {:<15}", at.as_millis(), moment.line.who)?,
                None => write!(f, "{:>9}     {:<15}", "", "")?,
            }
            writeln!(f, " {}", moment.line.what)?;
        }
        f.write_char('\n')?;
        violations.iter().try_for_each(|violation| writeln!(f, "{}", broken(violation)))
    }
}

/// The ids of broken properties, in the order in which they broke.
pub fn properties(violations: &[Violation]) -> Vec<&'static str> {
    let mut ids = Vec::new();
    for violation in violations {
        if !ids.contains(&violation.property) {
            ids.push(violation.property);
        }
    }
    ids
}

/// `, 5 completed, 1 rejected, 1 waiting for a person`.
pub fn ends(outcome: &Outcome) -> String {
    const WORDS: [Status; 5] =
        [Status::Pending, Status::Completed, Status::Rejected, Status::Cancelled, Status::Refunded];
    let counted = WORDS.iter().zip(outcome.by_status).filter(|(_, count)| *count > 0);
    let mut ends: String = counted.map(|(status, count)| format!(", {count} {status}")).collect();
    if outcome.parked > 0 {
        let _ = write!(ends, ", {} waiting for a person", outcome.parked);
    }
    ends
}

/// `S1 no double charge, order 3, at 1312 ms: charged 2 times, ...`
pub fn broken(violation: &Violation) -> String {
    let invariant = INVARIANTS.iter().find(|known| known.id == violation.property);
    let name = invariant.map_or("", |known| known.name);
    let order = violation.subject.map(|order| format!(", order {order}")).unwrap_or_default();
    let at = violation.moment.at.as_millis();
    format!("{} {name}{order}, at {at} ms: {}", violation.property, violation.explanation)
}
