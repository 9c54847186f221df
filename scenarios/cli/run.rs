//! `run`: one world, told as a story.

use crate::contender::{self, Wish};
use crate::error::Error;
use crate::plan_file::PlanFile;
use crate::run::Verdict;
use crate::store::{self, Failure, LATEST};
use crate::story::document::Document;
use crate::story::scene::Scene;
use crate::story::{Story, command, log};
use crate::twice::Twice;

use super::output::painted;
use super::{Exit, Output};

/// Runs one world and tells it as a story.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// For example `storm:orchestrated-saga+fresh-key-per-attempt:0x2a`, or `latest`.
    case: String,
    #[command(flatten)]
    wish: Wish,
    /// Plants a nondeterminism, to see the alarm ring.
    #[arg(long, hide = true)]
    plant_nondeterminism: bool,
}

impl Run {
    /// Runs it twice, tells it once.
    pub fn perform(self, output: &Output) -> Result<Exit, Error> {
        let case = match self.case.as_str() {
            LATEST => store::latest_case()?,
            file if file.ends_with(".toml") => {
                let replay = command("replay", file);
                return Err(Error::Plain(format!("`{file}` is a plan file and no case: `{replay}` runs it")));
            }
            case => case.parse()?,
        };
        let (stage, contender, seed) = contender::open(&self.wish.added_to(case)?)?;
        let case = contender.case(&stage.scenario.name, seed);
        let plan = stage.plan(&contender, seed);
        let twice = if self.plant_nondeterminism { Twice::planted(plan) } else { Twice::of(plan) };
        let planted = if self.plant_nondeterminism { " --plant-nondeterminism" } else { "" };
        let again = format!("{}{planted}", command("run", &case.to_string()));
        let identical = Some(twice.identical());
        let story = Story { case: &case, contender: &contender, twice: &twice, identical, again };
        tell("run", &story, None, output)
    }
}

/// Prints a story, perhaps after everything at a moment of it; keeps it, and says how it ended.
pub(super) fn tell(
    verb: &str,
    story: &Story<'_>,
    scene: Option<Scene>,
    output: &Output,
) -> Result<Exit, Error> {
    let scene_text = scene.as_ref().map(|scene| format!("{scene}\n")).unwrap_or_default();
    let document = Document { scene, ..Document::of(story) };
    output.result(&document, painted(&format!("{scene_text}{story}")))?;
    if let Err(error) = keep(verb, story, &document) {
        eprintln!("{error}");
    }
    let exit = Exit::from(&story.twice.run.verdict);
    Ok(if story.identical == Some(false) { exit.and(Exit::NotDeterministic) } else { exit })
}

fn keep(verb: &str, story: &Story<'_>, document: &Document) -> Result<(), Error> {
    let Twice { plan, run, .. } = story.twice;
    let mut failures = Vec::new();
    if let Verdict::Violated(_) = run.verdict {
        failures.push(Failure {
            case: story.case.clone(),
            plan: PlanFile::of(story.case, plan, run).text()?,
            trace: format!("{}\n{story}\n", log::text(story.twice)),
        });
    }
    store::keep(&format!("{verb}-{}", story.case), document, &failures).map(|_| ())
}
