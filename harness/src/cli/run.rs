//! `run`: one world, told as a story.

use crate::artifacts::{self, Failure, LATEST};
use crate::determinism_check::DeterminismCheck;
use crate::error::Error;
use crate::model::Model;
use crate::plan;
use crate::plan_file::PlanFile;
use crate::run::Verdict;
use crate::story::document::Document;
use crate::story::snapshot::StateSnapshot;
use crate::story::{Story, log};
use crate::variant::VariantArgs;

use super::output::painted;
use super::{Exit, Output};

/// Runs one world and tells it as a story.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// For example `storm:orchestrated-saga+fresh-key-per-attempt:0x2a`, or `latest`.
    pub(super) case: String,
    #[command(flatten)]
    args: VariantArgs,
    /// Plants a nondeterminism, to see the alarm ring.
    #[arg(long, hide = true)]
    plant_nondeterminism: bool,
}

impl Run {
    /// Runs it twice, tells it once.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        let case = match self.case.as_str() {
            LATEST => artifacts::latest_case()?,
            file if file.ends_with(".toml") => {
                let replay = M::catalog().command_line("replay", file);
                return Err(Error::Plain(format!("`{file}` is a plan file and no case: `{replay}` runs it")));
            }
            case => case.parse()?,
        };
        let (loaded, variant, seed) = plan::open::<M>(&self.args.added_to(M::catalog(), case)?)?;
        let case = variant.case(&loaded.scenario.name, seed);
        let plan = loaded.plan(&variant, seed);
        let checked = if self.plant_nondeterminism {
            DeterminismCheck::planted(plan)
        } else {
            DeterminismCheck::of(plan)
        };
        let planted = if self.plant_nondeterminism { " --plant-nondeterminism" } else { "" };
        let again = format!("{}{planted}", M::catalog().command_line("run", &case.to_string()));
        let identical = Some(checked.identical());
        let story = Story { case: &case, variant: &variant, checked: &checked, identical, again };
        tell("run", &story, None, output)
    }
}

/// Prints a story, perhaps after everything at a moment of it; keeps it, and says how it ended.
pub(super) fn tell<M: Model>(
    verb: &str,
    story: &Story<'_, M>,
    snapshot: Option<StateSnapshot>,
    output: &Output,
) -> Result<Exit, Error> {
    let scene_text = snapshot.as_ref().map(|snapshot| format!("{snapshot}\n")).unwrap_or_default();
    let document = Document { snapshot, ..Document::of(story) };
    output.result(&document, painted(&format!("{scene_text}{story}")))?;
    if let Err(error) = keep(verb, story, &document) {
        eprintln!("{error}");
    }
    let exit = Exit::from(&story.checked.run.verdict);
    Ok(if story.identical == Some(false) { exit.and(Exit::NotDeterministic) } else { exit })
}

fn keep<M: Model>(verb: &str, story: &Story<'_, M>, document: &Document) -> Result<(), Error> {
    let DeterminismCheck { plan, run, .. } = story.checked;
    let mut failures = Vec::new();
    if let Verdict::Violated(_) = run.verdict {
        failures.push(Failure {
            case: story.case.clone(),
            plan: PlanFile::of(story.case, plan, run).text()?,
            trace: format!("{}\n{story}\n", log::text(story.checked)),
        });
    }
    artifacts::keep(&format!("{verb}-{}", story.case), document, &failures).map(|_| ())
}
