//! What a case, a plan file or `latest` means: a run that is to be done again.
//!
//! **Invariant:** a plan file says all there is to choose; wishes go with cases.

use crate::case::Case;
use crate::contender::{self, Contender, Wish};
use crate::error::Error;
use crate::plan::Plan;
use crate::plan_file::{Opened, PlanFile};
use crate::store::{self, LATEST};

/// A run that is to be repeated.
pub(super) struct Repeat {
    pub case: Case,
    pub contender: Contender,
    pub plan: Plan,
    /// What is recorded of it.
    pub file: Option<PlanFile>,
    /// How to name it again.
    pub name: String,
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
            if *wish != Wish::default() {
                let what =
                    "a plan file says all there is to choose: leave --bug, --policy, --care and --engine out";
                return Err(Error::Plain(what.into()));
            }
            let Opened { file, contender, plan, .. } = Opened::load(&path)?;
            return Ok(Repeat { case: file.case.clone(), contender, plan, file: Some(file), name: path });
        }
        let case = if what == LATEST { store::latest_case()? } else { what.parse()? };
        let (stage, contender, seed) = contender::open(&wish.added_to(case)?)?;
        let case = contender.case(&stage.scenario.name, seed);
        let plan = stage.plan(&contender, seed);
        Ok(Repeat { name: case.to_string(), case, contender, plan, file: None })
    }
}
