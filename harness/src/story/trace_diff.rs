//! Where two runs part: what their plans differ in, the first event that differs, what follows, and how both end.
//!
//! Two entries are the same if the same thing happened at the same time in the same place. Causes, event numbers and
//! positions of faults are no part of that: they count everything before them. Neither is the end of a phase, which a
//! plan without faults does not have.
//!
//! Randomness is addressed, so what only one of the two runs has follows from what they differ in.
//!
//! **Invariant:** comparing a run with itself finds nothing, and the order of the two changes nothing but the sides.

mod compare;
mod plans;
mod print;

use serde::Serialize;
use stormcart_sim::property::Violation;

use crate::case::Case;
use crate::determinism_check::DeterminismCheck;
use crate::error::Error;
use crate::model::Model;
use crate::plan::Plan;
use crate::run::Verdict;
use crate::variant::Variant;

use super::FaultOutcome;
use super::sentences::{broken, ends, properties};

use compare::{Trace, alone};

pub use plans::Difference;

/// One of two runs.
pub struct DiffSide<'a, M: Model> {
    /// How it was named: a case or a file.
    pub name: &'a str,
    /// Which world it was.
    pub case: &'a Case,
    /// Who took part.
    pub variant: &'a Variant,
    /// The plan, and what came of it.
    pub checked: &'a DeterminismCheck<M>,
}

impl<M: Model> Clone for DiffSide<'_, M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M: Model> Copy for DiffSide<'_, M> {}

/// Where two runs part. What is there twice is of the first run and of the second.
#[derive(Clone, Debug, Serialize)]
pub struct TraceDiff {
    /// The fault that only the first run has, where the question was what that changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without: Option<Without>,
    /// What the plans differ in.
    pub plans: Vec<Difference>,
    /// The last thing that happened in both.
    pub common: Option<Sight>,
    /// The rest of the first event that differs; nothing where a run is over by then. Both empty: nothing differs.
    pub first: [Vec<Sight>; 2],
    /// What a subject is called.
    #[serde(skip)]
    pub subject: &'static str,
    /// The subject that what follows is about, where only one run broke a property with it.
    pub about: Option<u32>,
    /// What happened later in one run only: the first of it.
    pub then: [Vec<Sight>; 2],
    /// How much of that is not shown.
    pub more: [usize; 2],
    /// How both ended.
    pub ends: [End; 2],
}

/// A fault that is left out.
#[derive(Clone, Debug, Serialize)]
pub struct Without {
    /// Its number in the plan.
    pub number: usize,
    /// The fault in words.
    pub name: String,
    /// Whether it strikes in the run that has it.
    pub fired: bool,
    /// What becomes of it there.
    pub fate: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sight {
    /// When, in virtual microseconds; of a remark nothing.
    pub at_us: Option<u64>,
    /// The number of the event.
    pub event: Option<u64>,
    /// The node it happened at; empty for what happens to the world.
    pub node: String,
    /// What happened, in words.
    pub what: String,
}

/// How a run ended.
#[derive(Clone, Debug, Serialize)]
pub struct End {
    /// How the run was named: a case or a file.
    pub name: String,
    /// The case.
    pub case: String,
    /// `held`, `violated` or `inconclusive`.
    pub verdict: &'static str,
    /// Why it is inconclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The properties it broke.
    pub broke: Vec<&'static str>,
    /// What was wrong, in the same order, each property once.
    pub broken: Vec<String>,
    /// How its orders ended.
    pub orders: String,
    /// How many events there were.
    pub events: u64,
    /// The digest of everything that happened.
    pub digest: String,
}

impl TraceDiff {
    /// Where a run parts from the one without one of its faults.
    pub fn without<M: Model>(here: DiffSide<'_, M>, there: DiffSide<'_, M>, index: usize) -> TraceDiff {
        let DeterminismCheck { plan, .. } = here.checked;
        let outcome = FaultOutcome::all(here.checked)[index];
        let name = plan.names().fault(&plan.faults[index]);
        let without = Without { number: index + 1, name, fired: outcome.struck(), fate: outcome.to_string() };
        TraceDiff { without: Some(without), plans: Vec::new(), ..TraceDiff::of(here, there) }
    }

    /// Where two runs part.
    pub fn of<M: Model>(here: DiffSide<'_, M>, there: DiffSide<'_, M>) -> TraceDiff {
        let traces = [Trace::of(here.checked), Trace::of(there.checked)];
        let [a, b] = &traces;
        let common = a.told.iter().zip(&b.told).take_while(|(one, other)| one.same(other)).count();
        let events = [a, b].map(|trace| trace.event_at(common));
        let from = events.map(|event| common + event.len());
        let only = alone(&a.told[from[0]..], &b.told[from[1]..]);
        let about = harmed(here, there);
        let [(ours, more), (theirs, more_there)] =
            [0, 1].map(|side| traces[side].short(&only[side], &traces[1 - side], about));
        TraceDiff {
            without: None,
            plans: plans::differences(here, there),
            common: common.checked_sub(1).map(|last| a.sight(&a.told[last], b)),
            first: [0, 1].map(|side| {
                let (trace, other) = (&traces[side], &traces[1 - side]);
                events[side].iter().map(|told| trace.sight(told, other)).collect()
            }),
            subject: M::vocabulary().subject,
            about,
            then: [ours, theirs],
            more: [more, more_there],
            ends: [here, there].map(End::of),
        }
    }

    /// Whether nothing differs that happened.
    pub fn nothing(&self) -> bool {
        self.first.iter().all(Vec::is_empty)
    }
}

impl End {
    fn of<M: Model>(side: DiffSide<'_, M>) -> End {
        let run = &side.checked.run;
        let (verdict, reason) = match &run.verdict {
            Verdict::Held => ("held", None),
            Verdict::Violated(_) => ("violated", None),
            Verdict::Inconclusive(why) => ("inconclusive", Some(why.clone())),
        };
        let violations = violations(side);
        let broke = properties(violations);
        let first = |id: &&str| {
            violations
                .iter()
                .find(|violation| violation.property == *id)
                .map(|violation| broken(M::catalog(), M::vocabulary(), violation))
        };
        End {
            name: side.name.into(),
            case: side.case.to_string(),
            verdict,
            reason,
            broken: broke.iter().filter_map(first).collect(),
            broke,
            orders: ends(M::catalog(), M::vocabulary(), &run.totals),
            events: run.events,
            digest: format!("{:#018x}", run.digest),
        }
    }
}

fn violations<'a, M: Model>(side: DiffSide<'a, M>) -> &'a [Violation] {
    match &side.checked.run.verdict {
        Verdict::Violated(violations) => violations,
        _ => &[],
    }
}

/// The subject that only one of two runs broke a property with: what happened to it is what a reader wants to know.
fn harmed<M: Model>(here: DiffSide<'_, M>, there: DiffSide<'_, M>) -> Option<u32> {
    let key = |violation: &Violation| (violation.property, violation.subject);
    let (ours, theirs) = (violations(here), violations(there));
    let only = |ours: &[Violation], theirs: &[Violation]| {
        let new = |violation: &&Violation| !theirs.iter().any(|other| key(other) == key(violation));
        ours.iter().filter(new).find_map(|violation| violation.subject)
    };
    only(ours, theirs).or_else(|| only(theirs, ours))
}

/// The position of the fault that a number or words mean.
///
/// # Errors
/// If there is none, or more than one.
pub fn numbered<M: Model>(plan: &Plan<M>, wanted: &str) -> Result<usize, Error> {
    let names: Vec<String> = plan.faults.iter().map(|fault| plan.names().fault(fault)).collect();
    let known: Vec<String> = (1..).zip(&names).map(|(number, name)| format!("{number}: {name}")).collect();
    let unknown = || match known.is_empty() {
        true => Error::Plain(format!("no fault `{wanted}` to leave out: this plan has none")),
        false => Error::Plain(format!("no fault `{wanted}` in this plan; it has {}", known.join("; "))),
    };
    if let Ok(number) = wanted.parse::<usize>() {
        return (1..=names.len()).contains(&number).then(|| number - 1).ok_or_else(unknown);
    }
    if let Some(exact) = names.iter().position(|name| name == wanted) {
        return Ok(exact);
    }
    let mut meant = (0..names.len()).filter(|index| !wanted.is_empty() && names[*index].contains(wanted));
    match (meant.next(), meant.next()) {
        (Some(one), None) => Ok(one),
        (Some(one), Some(other)) => Err(Error::Plain(format!(
            "`{wanted}` means more than one fault, {} and {}: give its number",
            known[one], known[other]
        ))),
        _ => Err(unknown()),
    }
}
