//! What a case, a plan file or `latest` means: a run that is to be done again.
//!
//! **Invariant:** a plan file says all there is to choose but who plays it; other wishes go with cases.

use crate::case::Case;
use crate::contender::{self, Contender, Wish};
use crate::engine::Engine;
use crate::error::Error;
use crate::plan::Plan;
use crate::plan_file::{Opened, PlanFile};
use crate::store::{self, LATEST};
use crate::story::command;

/// A run that is to be repeated.
pub(super) struct Repeat {
    pub case: Case,
    pub contender: Contender,
    pub plan: Plan,
    /// What is recorded of it.
    pub file: Option<PlanFile>,
    /// How to name it again.
    pub name: String,
    /// The engine to be named with it, where the name does not say it.
    pub engine: Option<&'static str>,
}

impl Repeat {
    /// Opens what a case, a file or `latest` means.
    pub fn open(what: &str, wish: &Wish) -> Result<Repeat, Error> {
        let file = match what {
            LATEST => store::latest_plan()?.map(|path| path.display().to_string()),
            path if path.ends_with(".toml") || path.ends_with(".toml.new") => Some(path.to_owned()),
            _ => None,
        };
        if let Some(path) = file {
            if *wish != (Wish { engine: wish.engine.clone(), ..Wish::default() }) {
                let what = "a plan file says what there is to choose: leave --bug, --policy and --care out";
                return Err(Error::Plain(what.into()));
            }
            let Opened { file, contender, plan, .. } = Opened::load_on(&path, wish.engine.as_deref())?;
            let mark = contender.engine.mark();
            let case = Case { engine: mark.map(Into::into), ..file.case.clone() };
            // What another engine recorded is another run.
            let same = Engine::wished(file.case.engine.as_deref())? == contender.engine;
            let (file, engine) = if same { (Some(file), None) } else { (None, mark) };
            return Ok(Repeat { case, contender, plan, file, name: path, engine });
        }
        let case = if what == LATEST { store::latest_case()? } else { what.parse()? };
        let (stage, contender, seed) = contender::open(&wish.added_to(case)?)?;
        let case = contender.case(&stage.scenario.name, seed);
        let plan = stage.plan(&contender, seed);
        Ok(Repeat { name: case.to_string(), case, contender, plan, file: None, engine: None })
    }

    /// The command that repeats it.
    pub fn again(&self, verb: &str) -> String {
        let engine = self.engine.map(|engine| format!(" --engine {engine}")).unwrap_or_default();
        format!("{}{engine}", command(verb, &self.name))
    }
}
