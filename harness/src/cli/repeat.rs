//! What a case, a plan file or `latest` means: a run that is to be done again.
//!
//! **Invariant:** a plan file says all there is to choose but who plays it; other wishes go with cases.

use crate::artifacts::{self, LATEST};
use crate::backend::Backend;
use crate::case::Case;
use crate::error::Error;
use crate::model::Model;
use crate::plan;
use crate::plan::Plan;
use crate::plan_file::{Opened, PlanFile};
use crate::variant::{Variant, VariantArgs};

/// A run that is to be repeated.
pub(super) struct Repeat<M: Model> {
    pub case: Case,
    pub variant: Variant,
    pub plan: Plan<M>,
    /// What is recorded of it.
    pub file: Option<PlanFile>,
    /// How to name it again.
    pub name: String,
    /// The backend to be named with it, where the name does not say it.
    pub backend: Option<&'static str>,
}

impl<M: Model> Repeat<M> {
    /// Opens what a case, a file or `latest` means.
    pub fn open(what: &str, args: &VariantArgs) -> Result<Repeat<M>, Error> {
        let file = match what {
            LATEST => artifacts::latest_plan()?.map(|path| path.display().to_string()),
            path if path.ends_with(".toml") || path.ends_with(".toml.new") => Some(path.to_owned()),
            _ => None,
        };
        if let Some(path) = file {
            if *args != (VariantArgs { backend: args.backend.clone(), ..VariantArgs::default() }) {
                let what = "a plan file says what there is to choose: leave --bug, --policy and --level out";
                return Err(Error::Plain(what.into()));
            }
            let Opened { file, variant, plan, .. } = Opened::load_on(&path, args.backend.as_deref())?;
            let mark = variant.backend.mark();
            let case = Case { backend: mark.map(Into::into), ..file.case.clone() };
            // What another backend recorded is another run.
            let same = Backend::wished(file.case.backend.as_deref())? == variant.backend;
            let (file, backend) = if same { (Some(file), None) } else { (None, mark) };
            return Ok(Repeat { case, variant, plan, file, name: path, backend });
        }
        let case = if what == LATEST { artifacts::latest_case()? } else { what.parse()? };
        let (loaded, variant, seed) = plan::open::<M>(&args.added_to(M::catalog(), case)?)?;
        let case = variant.case(&loaded.scenario.name, seed);
        let plan = loaded.plan(&variant, seed);
        Ok(Repeat { name: case.to_string(), case, variant, plan, file: None, backend: None })
    }

    /// The command that repeats it.
    pub fn again(&self, verb: &str) -> String {
        let backend = self.backend.map(|backend| format!(" --backend {backend}")).unwrap_or_default();
        format!("{}{backend}", M::catalog().command_line(verb, &self.name))
    }
}
