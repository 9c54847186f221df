//! A run as a JSON document.
//!
//! **Invariant:** seeds and digests are strings: a JSON number above 2^53 would come back as another one.

use serde::Serialize;
use stormcart_sim::fault::Fault;
use stormcart_sim::property::Violation;

use crate::backend::Backend;
use crate::determinism_check::DeterminismCheck;
use crate::model::{About, Model, about};
use crate::plan::Plan;
use crate::run::Verdict;

use super::snapshot::StateSnapshot;
use super::trace_diff::TraceDiff;
use super::{FaultOutcome, Story};

/// What `run` and `replay` print.
#[derive(Clone, Debug, Serialize)]
pub struct Document {
    /// The case, complete.
    pub case: String,
    /// The backend that ran it.
    pub backend: Backend,
    /// `held`, `violated` or `inconclusive`.
    pub verdict: &'static str,
    /// Why it is inconclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was broken.
    pub violations: Vec<Broken>,
    /// The digest of everything that happened.
    pub digest: String,
    /// Whether the run was the same as recorded, or as executed again; nothing if that cannot be known.
    pub identical: Option<bool>,
    /// How many events there were.
    pub events: u64,
    /// How many messages were sent.
    pub messages: u64,
    /// How long it took, in virtual milliseconds.
    pub virtual_ms: u64,
    /// The faults of the plan.
    pub faults: Vec<Struck>,
    /// Everything at the moment that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snapshot: Option<StateSnapshot>,
    /// Where it parts from the run it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<TraceDiff>,
    /// Which build ran it.
    pub build: &'static str,
    /// The command that runs it again.
    pub again: String,
}

/// A broken property.
#[derive(Clone, Debug, Serialize)]
pub struct Broken {
    /// Its id.
    pub property: &'static str,
    /// The number of the event at which it was noticed.
    pub event: u64,
    /// When, in virtual milliseconds.
    pub at_ms: u64,
    /// Which subject it concerns, under the name of one: `order`.
    #[serde(flatten)]
    pub about: About,
    /// What is wrong.
    pub explanation: String,
}

/// A fault of the plan.
#[derive(Clone, Debug, Serialize)]
pub struct Struck {
    /// The fault in words.
    pub name: String,
    /// Its family.
    pub family: &'static str,
    /// Whether it struck.
    pub fired: bool,
    /// When, in virtual milliseconds.
    pub at_ms: Option<u64>,
    /// What became of it, in words.
    pub fate: String,
}

impl Document {
    /// The document of a story.
    pub fn of<M: Model>(story: &Story<'_, M>) -> Document {
        let DeterminismCheck { plan, run, .. } = story.checked;
        let (verdict, reason, violations) = match &run.verdict {
            Verdict::Held => ("held", None, &[][..]),
            Verdict::Violated(violations) => ("violated", None, &violations[..]),
            Verdict::Inconclusive(why) => ("inconclusive", Some(why.clone()), &[][..]),
        };
        let broken = |violation: &Violation| Broken {
            property: violation.property,
            event: violation.moment.event,
            at_ms: violation.moment.at.as_millis(),
            about: about(M::vocabulary(), violation.subject),
            explanation: violation.explanation.clone(),
        };
        let faults = plan.faults.iter().zip(FaultOutcome::all(story.checked));
        Document {
            case: story.case.to_string(),
            backend: plan.backend,
            verdict,
            reason,
            violations: violations.iter().map(broken).collect(),
            digest: format!("{:#018x}", run.digest),
            identical: story.identical,
            events: run.events,
            messages: run.counts.internal_messages + run.counts.outside_messages,
            virtual_ms: run.ended.as_millis(),
            faults: faults.map(|(fault, outcome)| Struck::of(fault, outcome, plan)).collect(),
            snapshot: None,
            diff: None,
            build: crate::BUILD,
            again: story.again.clone(),
        }
    }
}

impl Struck {
    fn of<M: Model>(fault: &Fault, outcome: FaultOutcome, plan: &Plan<M>) -> Struck {
        let at_ms = match outcome {
            FaultOutcome::Struck { at, .. } => Some(at.as_millis()),
            FaultOutcome::Harmless | FaultOutcome::NeverCame | FaultOutcome::NoSuchSite => None,
        };
        Struck {
            name: plan.names().fault(fault),
            family: fault.family(),
            fired: outcome.struck(),
            at_ms,
            fate: outcome.to_string(),
        }
    }
}
