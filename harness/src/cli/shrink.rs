//! `shrink`: the smallest plan that still breaks the same property.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::artifacts;
use crate::backend::Backend;
use crate::case::Case;
use crate::determinism_check::DeterminismCheck;
use crate::error::Error;
use crate::model::Model;
use crate::plan::Plan;
use crate::plan_file::PlanFile;
use crate::run::{Verdict, run};
use crate::shrink::{self, Shrunk};
use crate::story::{Story, mermaid};
use crate::variant::VariantArgs;

use super::output::painted;
use super::repeat::Repeat;
use super::{Exit, Output};

/// Where a project keeps its regressions, unless it says otherwise.
const REGRESSIONS: &str = "scenarios/regressions";

/// Finds the smallest plan that still breaks the same property, and keeps it as a pending regression. Ends with 1, as the
/// run that it tells.
#[derive(Debug, clap::Args)]
pub struct Shrink {
    /// A case, a plan file, or `latest`.
    #[arg(value_name = "CASE|FILE")]
    pub(super) what: String,
    #[command(flatten)]
    args: VariantArgs,
    /// The property that must go on being broken, by id or slug; without, the one that is broken first.
    #[arg(long, value_name = "ID")]
    property: Option<String>,
    /// Keeps the regression for good, instead of as a pending `.toml.new`.
    #[arg(long)]
    accept: bool,
    /// The folder of regressions; without, `scenarios/regressions` if there is one here, and else `target/stormcart`.
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
}

/// What `shrink` prints.
#[derive(Debug, Serialize)]
struct Document {
    case: String,
    property: &'static str,
    faults_before: usize,
    faults_after: usize,
    orders_before: usize,
    orders_after: usize,
    events_before: u64,
    events_after: u64,
    executions: u64,
    minimal: bool,
    plan: PlanFile,
    file: String,
    test: String,
    mermaid: String,
    build: &'static str,
}

impl Shrink {
    /// Shrinks.
    pub fn perform<M: Model>(self, output: &Output) -> Result<Exit, Error> {
        let repeat = Repeat::<M>::open(&self.what, &self.args)?;
        let property = self.property(&repeat.plan, &repeat.name)?;
        elsewhere(&repeat, property)?;
        let Repeat { case, variant, plan, name, .. } = repeat;
        let shrunk = shrink::shrink(&plan, property).ok_or_else(|| {
            Error::Plain(format!("{name} does not break {property}: there is nothing to shrink"))
        })?;
        let checked = DeterminismCheck::of(shrunk.plan.clone());
        let file =
            PlanFile { broke: vec![property.into()], ..PlanFile::of(&case, &checked.plan, &checked.run) };
        let path = self.path(property, &file);
        keep(&path, &file, self.accept)?;
        let shown = path.display().to_string();
        let story = Story {
            case: &case,
            variant: &variant,
            checked: &checked,
            identical: Some(checked.identical()),
            again: M::catalog().command_line("replay", &shown),
        };
        let test = test::<M>(&path);
        let mermaid = mermaid::diagram(&checked);
        let text = text(&shrunk, &file, &shown, &test, &mermaid, &story)?;
        output
            .result(&Document::of(&case.to_string(), &shrunk, file, shown, test, mermaid), painted(&text))?;
        Ok(if checked.identical() { Exit::Violated } else { Exit::NotDeterministic })
    }

    /// The property that must go on being broken.
    fn property<M: Model>(&self, plan: &Plan<M>, name: &str) -> Result<&'static str, Error> {
        if let Some(id) = &self.property {
            return M::catalog().property(id).map(|known| known.id);
        }
        let run = run(plan);
        shrink::broke_first(&run).ok_or_else(|| {
            let how = match &run.verdict {
                Verdict::Inconclusive(why) => format!("is inconclusive ({why})"),
                Verdict::Held | Verdict::Violated(_) => "breaks no property".into(),
            };
            Error::Plain(format!("{name} {how}: there is nothing to shrink"))
        })
    }

    fn path(&self, property: &str, file: &PlanFile) -> PathBuf {
        let folder = match &self.into {
            Some(folder) => folder.clone(),
            None if Path::new(REGRESSIONS).is_dir() => REGRESSIONS.into(),
            None => Path::new(artifacts::ROOT).join("regressions"),
        };
        let kind = if self.accept { "toml" } else { "toml.new" };
        let name = artifacts::file_name(&format!("{}-{property}", file.case));
        folder.join(format!("{name}.{kind}"))
    }
}

/// Refuses a run of a backend that cannot be shrunk, and says whether the kernel's run of the plan can be instead.
fn elsewhere<M: Model>(repeat: &Repeat<M>, property: &str) -> Result<(), Error> {
    let Repeat { case, plan, file, name, backend, .. } = repeat;
    plan.backend.has_a_value("`shrink`", || {
        let run = run(&Plan { backend: Backend::default(), ..plan.clone() });
        let there = match (file, backend) {
            (Some(_), _) => format!("`{name}` without the backend in its case"),
            (None, Some(_)) => format!("`{name}`"),
            (None, None) => format!("`{}`", Case { backend: None, ..case.clone() }),
        };
        let kernel = match &run.verdict {
            Verdict::Violated(broken) if broken.iter().any(|broken| broken.property == property) => {
                format!("shrink it in the kernel, where {there} breaks {property} too")
            }
            _ => format!(
                "in the kernel {there} does not break {property}; find a run there that does, shrink that"
            ),
        };
        format!(
            "{kernel}, and confirm on madsim what is left: `{} replay FILE --backend madsim`",
            M::catalog().command
        )
    })
}

/// Writes the regression; one that is accepted is pending no longer.
fn keep(path: &Path, file: &PlanFile, accepted: bool) -> Result<(), Error> {
    let cannot = |error: std::io::Error| Error::Io {
        doing: "write",
        path: path.display().to_string(),
        what: error.to_string(),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(cannot)?;
    }
    fs::write(path, file.text()?).map_err(cannot)?;
    let pending = path.with_extension("toml.new");
    if accepted && pending.exists() {
        fs::remove_file(pending).map_err(cannot)?;
    }
    Ok(())
}

/// A test that replays every regression of the folder, ready to be pasted.
fn test<M: Model>(path: &Path) -> String {
    let folder = path.parent().unwrap_or(Path::new(".")).display();
    format!(
        "#[test]\nfn what_broke_once_is_replayed() {{\n    assert!({}(\"{folder}\") > 0);\n}}\n",
        M::catalog().regressions
    )
}

fn text<M: Model>(
    shrunk: &Shrunk<M>,
    file: &PlanFile,
    path: &str,
    test: &str,
    mermaid: &str,
    story: &Story<'_, M>,
) -> Result<String, Error> {
    let Shrunk { property, before, after, executions, minimal, .. } = shrunk;
    let mut text = format!(
        "shrunk to what still breaks {}: {} of {} faults, {} of {} {}s, {} of {} events, in {executions} runs\n",
        M::catalog().property_name(property),
        after.faults,
        before.faults,
        after.subjects,
        before.subjects,
        M::vocabulary().subject,
        after.events,
        before.events,
    );
    let _ = match minimal {
        true => {
            writeln!(text, "minimal: no placement of fewer faults breaks it in what is left of this world")
        }
        false => writeln!(text, "perhaps not minimal: the search for fewer faults came to its limit"),
    };
    let _ = writeln!(text, "\n{path}:\n{}", file.text()?);
    let _ = writeln!(text, "a test that replays it:\n{test}\na diagram of it:\n{mermaid}\n{story}");
    Ok(text.trim_end().to_owned())
}

impl Document {
    fn of<M: Model>(
        case: &str,
        shrunk: &Shrunk<M>,
        plan: PlanFile,
        file: String,
        test: String,
        mermaid: String,
    ) -> Self {
        let Shrunk { property, before, after, executions, minimal, .. } = shrunk.clone();
        Document {
            case: case.into(),
            property,
            faults_before: before.faults,
            faults_after: after.faults,
            orders_before: before.subjects,
            orders_after: after.subjects,
            events_before: before.events,
            events_after: after.events,
            executions,
            minimal,
            plan,
            file,
            test,
            mermaid,
            build: crate::BUILD,
        }
    }
}
