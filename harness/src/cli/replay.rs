//! `replay`: the same run again, and whether it was the same; at a moment, without a fault, or beside another run.

use stormcart_sim::Instant;

use crate::determinism_check::DeterminismCheck;
use crate::error::Error;
use crate::model::Model;
use crate::plan::Plan;
use crate::plan_file::PlanFile;
use crate::run::Until;
use crate::story::document::Document;
use crate::story::sentences::caveat;
use crate::story::snapshot::StateSnapshot;
use crate::story::trace_diff::{DiffSide, TraceDiff, numbered};
use crate::story::{Story, log};
use crate::text::quoted;
use crate::variant::VariantArgs;

use super::output::painted;
use super::repeat::Repeat;
use super::run::tell;
use super::{Exit, Output};

/// Runs a case or a plan file again and compares it with what was recorded.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// A case, a plan file, or `latest`.
    #[arg(value_name = "CASE|FILE")]
    pub(super) what: String,
    #[command(flatten)]
    args: VariantArgs,
    /// Logs everything that happened, in virtual time, to stderr.
    #[arg(short, long, conflicts_with_all = ["without", "diff"])]
    verbose: bool,
    /// Shows every store, memory and queue right after this virtual time, for example `400ms` or `2s`, or after an event
    /// by its number, `event:123`; a log ends there.
    #[arg(long, value_name = "T", value_parser = until, conflicts_with_all = ["without", "diff"])]
    until: Option<Until>,
    /// Shows what a fault of the plan changes, by its number or its words: the same run without it.
    #[arg(long, value_name = "FAULT", conflicts_with = "diff")]
    without: Option<String>,
    /// Shows where the run parts from another one.
    #[arg(long, value_name = "CASE|FILE")]
    diff: Option<String>,
}

impl Replay {
    /// Runs it again.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        let repeat = Repeat::<M>::open(&self.what, &self.args)?;
        let flags = [("--until", self.until.is_some()), ("--without", self.without.is_some())];
        let flags = flags.into_iter().chain([("--diff", self.diff.is_some())]);
        flags.filter(|(_, given)| *given).try_for_each(|(flag, _)| looked_into(&repeat.plan, flag))?;
        match (&self.without, &self.diff) {
            (Some(fault), _) => repeat.without(fault, output),
            (None, Some(other)) => repeat.beside(other, output),
            (None, None) => self.again(repeat, output),
        }
    }

    fn again<M: Model>(&self, repeat: Repeat<M>, output: &Output) -> Result<Exit, Error> {
        let again = repeat.again("replay");
        let Repeat { case, variant, plan, file, .. } = repeat;
        let checked = DeterminismCheck::of(plan);
        let identical = identical(&checked, file.as_ref());
        if self.verbose {
            log::emit(&checked, self.until.unwrap_or(Until::Time(Instant::NEVER)));
        }
        let snapshot = self.until.map(|until| StateSnapshot::of(&checked, until));
        tell(
            "replay",
            &Story { case: &case, variant: &variant, checked: &checked, identical, again },
            snapshot,
            output,
        )
    }
}

impl<M: Model> Repeat<M> {
    /// The run with a fault and without it.
    fn without(self, fault: &str, output: &Output) -> Result<Exit, Error> {
        let index = numbered(&self.plan, fault)?;
        let mut faults = self.plan.faults.to_vec();
        faults.remove(index);
        let other = DeterminismCheck::of(self.plan.with_faults(faults));
        let again = format!("{} --without {}", self.again("replay"), index + 1);
        let Repeat { case, variant, plan, file, name, .. } = self;
        let checked = DeterminismCheck::of(plan);
        let here = DiffSide { name: &name, case: &case, variant: &variant, checked: &checked };
        let diff = TraceDiff::without(here, DiffSide { checked: &other, ..here }, index);
        let identical = identical(&checked, file.as_ref());
        let story = Story { case: &case, variant: &variant, checked: &checked, identical, again };
        told(&story, diff, Some(other.identical()), output)
    }

    /// The run and another one.
    fn beside(self, other: &str, output: &Output) -> Result<Exit, Error> {
        let other = Repeat::<M>::open(other, &VariantArgs::default())?;
        looked_into(&other.plan, "--diff")?;
        let again = format!("{} --diff {}", self.again("replay"), quoted(&other.name));
        let Repeat { case, variant, plan, file, name, .. } = self;
        let (checked, beside) = (DeterminismCheck::of(plan), DeterminismCheck::of(other.plan));
        let here = DiffSide { name: &name, case: &case, variant: &variant, checked: &checked };
        let diff = TraceDiff::of(
            here,
            DiffSide { name: &other.name, case: &other.case, variant: &other.variant, checked: &beside },
        );
        let identical = identical(&checked, file.as_ref());
        let same = self::identical(&beside, other.file.as_ref());
        let story = Story { case: &case, variant: &variant, checked: &checked, identical, again };
        told(&story, diff, same, output)
    }
}

/// Refuses a flag that takes a run apart, where the backend cannot.
fn looked_into<M: Model>(plan: &Plan<M>, flag: &str) -> Result<(), Error> {
    plan.backend
        .has_a_value(&format!("`replay {flag}`"), || "ask it of the kernel's run of the same plan".into())
}

/// Prints where two runs part, and says how the first one ended; `other` is whether the second one was the same again.
fn told<M: Model>(
    story: &Story<'_, M>,
    diff: TraceDiff,
    other: Option<bool>,
    output: &Output,
) -> Result<Exit, Error> {
    let same = if other == Some(false) { other } else { story.identical };
    let caveat = caveat(same).map(|caveat| format!("\n{caveat}")).unwrap_or_default();
    let text = format!("{diff}{caveat}\n\nto see this again:\n{}", story.again);
    let document = Document { diff: Some(diff), ..Document::of(story) };
    output.result(&document, painted(&text))?;
    let exit = Exit::from(&story.checked.run.verdict);
    Ok(if same == Some(false) { exit.and(Exit::NotDeterministic) } else { exit })
}

fn identical<M: Model>(checked: &DeterminismCheck<M>, file: Option<&PlanFile>) -> Option<bool> {
    match file {
        Some(file) if checked.identical() => file.identical(checked.run.digest),
        _ => Some(checked.identical()),
    }
}

/// A moment of a run: `event:` and a number, or a number with `us`, `ms` or `s`; without, milliseconds.
fn until(text: &str) -> Result<Until, String> {
    let wanted = "write a number with `us`, `ms` or `s`, for example `400ms`, or `event:` and a number";
    if let Some(event) = text.strip_prefix("event:") {
        return event.parse().map(Until::Event).map_err(|_| wanted.into());
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "us" => 1,
        "ms" | "" => 1_000,
        "s" => 1_000_000,
        _ => 0,
    };
    let number = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    match number {
        Some(us) if factor > 0 => Ok(Until::Time(Instant(us))),
        _ => Err(wanted.into()),
    }
}
