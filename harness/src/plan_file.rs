//! Plan files: a run that is kept, with its faults in words, in a form that people read and edit.
//!
//! **Invariant:** a plan file is refused by the number of its format, never by the build that wrote it; another build
//! replays it and says that digests cannot be compared.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use stormcart_sim::fault::{Fault, PointFault, When};

use crate::case::Case;
use crate::error::Error;
use crate::fault_text::FaultText;
use crate::model::Model;
use crate::plan::{LoadedScenario, Plan};
use crate::reduction::Reduction;
use crate::run::{Run, Verdict};
use crate::variant::{Variant, VariantArgs};

/// The format this build reads and writes.
pub const FORMAT: i64 = 2;

/// What a plan file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanFile {
    /// The format.
    pub format: i64,
    /// The case that was run.
    pub case: Case,
    /// The build that ran it.
    pub build: String,
    /// The digest of that run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What was kept of the scenario; all of it, if absent.
    #[serde(skip_serializing_if = "Reduction::is_whole")]
    pub keep: Reduction,
    /// Ids of the properties it broke.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broke: Vec<String>,
    /// The faults; absent, they are those that the seed draws.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<Vec<FaultText>>,
}

/// A plan file, read, and made into a plan.
#[derive(Debug)]
pub struct Opened<M: Model> {
    /// What it says.
    pub file: PlanFile,
    /// Its scenario.
    pub loaded: LoadedScenario<M>,
    /// Who takes part.
    pub variant: Variant,
    /// The plan.
    pub plan: Plan<M>,
}

/// The file as its parser sees it: faults keep their place, for messages.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    format: i64,
    case: toml::Spanned<Case>,
    #[serde(default)]
    build: String,
    digest: Option<String>,
    #[serde(default)]
    keep: Reduction,
    #[serde(default)]
    broke: Vec<String>,
    fault: Option<Vec<toml::Spanned<FaultText>>>,
}

/// What is read first, whatever else is in the file.
#[derive(Deserialize)]
struct Head {
    format: Option<toml::Spanned<i64>>,
}

impl PlanFile {
    /// The file of a run.
    pub fn of<M: Model>(case: &Case, plan: &Plan<M>, run: &Run) -> PlanFile {
        let mut broke: Vec<String> = Vec::new();
        if let Verdict::Violated(violations) = &run.verdict {
            broke = violations.iter().map(|violation| violation.property.to_owned()).collect();
            broke.sort();
            broke.dedup();
        }
        let faults = plan.faults.iter().map(|fault| FaultText::write(fault, plan.names()));
        PlanFile {
            format: FORMAT,
            case: case.clone(),
            build: crate::BUILD.into(),
            digest: Some(format!("{:#018x}", run.digest)),
            keep: plan.reduction.clone(),
            broke,
            fault: Some(faults.collect()),
        }
    }

    /// The text of the file: one fault, one line.
    ///
    /// # Errors
    /// If it cannot be written as TOML.
    pub fn text(&self) -> Result<String, Error> {
        let internal = |error: toml::ser::Error| Error::Internal(error.to_string());
        let plain = PlanFile { fault: None, keep: Reduction::default(), ..self.clone() };
        let mut text = toml::to_string(&plain).map_err(internal)?;
        if !self.keep.is_whole() {
            let mut keep = String::new();
            self.keep.serialize(toml::ser::ValueSerializer::new(&mut keep)).map_err(internal)?;
            let _ = writeln!(text, "keep = {keep}");
        }
        let Some(faults) = &self.fault else { return Ok(text) };
        text.push_str("fault = [\n");
        for fault in faults {
            let mut line = String::new();
            fault.serialize(toml::ser::ValueSerializer::new(&mut line)).map_err(internal)?;
            let _ = writeln!(text, "    {line},");
        }
        text.push_str("]\n");
        Ok(text)
    }

    /// Whether a run with this digest, by the backend of the case, is the one that was recorded; `None` if this build
    /// cannot know.
    pub fn identical(&self, digest: u64) -> Option<bool> {
        match &self.digest {
            None => Some(true),
            Some(_) if self.build != crate::BUILD => None,
            Some(recorded) => Some(*recorded == format!("{digest:#018x}")),
        }
    }
}

/// The case of the plan file at a path, whatever model it is of.
///
/// # Errors
/// If there is none, or it names no case.
pub fn case_of(path: &str) -> Result<Case, Error> {
    #[derive(Deserialize)]
    struct Named {
        case: Case,
    }
    let text = read(path)?;
    let named: Named = toml::from_str(&text).map_err(|error| Error::in_toml(path, &text, &error))?;
    Ok(named.case)
}

fn read(path: &str) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::Io {
        doing: "read",
        path: path.into(),
        what: error.to_string(),
    })
}

impl<M: Model> Opened<M> {
    /// Reads the file at a path.
    ///
    /// # Errors
    /// If there is none, or it is refused.
    pub fn load(path: &str) -> Result<Opened<M>, Error> {
        Opened::load_on(path, None)
    }

    /// Reads the file at a path, to be run by the backend of this name, if one is named.
    ///
    /// # Errors
    /// If there is none, it is refused, or it names another backend.
    pub fn load_on(path: &str, backend: Option<&str>) -> Result<Opened<M>, Error> {
        let text = read(path)?;
        Opened::parse_on(path, &text, backend)
    }

    /// Reads a plan file from its text; `path` is for messages.
    ///
    /// # Errors
    /// If it is malformed, of another format, names what does not exist, or asks for what cannot happen.
    pub fn parse(path: &str, text: &str) -> Result<Opened<M>, Error> {
        Opened::parse_on(path, text, None)
    }

    fn parse_on(path: &str, text: &str, backend: Option<&str>) -> Result<Opened<M>, Error> {
        let bad = |error: &toml::de::Error| Error::in_toml(path, text, error);
        let head: Head = toml::from_str(text).map_err(|error| bad(&error))?;
        let format = head.format.ok_or_else(|| {
            Error::in_file(path, text, 0, format!("a plan file begins with its format: `format = {FORMAT}`"))
        })?;
        if *format.get_ref() != FORMAT {
            let what = format!(
                "plan format {}, and this build reads format {FORMAT}: run its case again and save or shrink it anew",
                format.get_ref()
            );
            return Err(Error::in_file(path, text, format.span().start, what));
        }
        let raw: Raw = toml::from_str(text).map_err(|error| bad(&error))?;
        let at = |offset: usize| move |error: Error| Error::in_file(path, text, offset, error.to_string());
        let offset = raw.case.span().start;
        let case = raw.case.into_inner();
        let loaded = LoadedScenario::load(&case.scenario).map_err(at(offset))?;
        let args = VariantArgs { backend: backend.map(Into::into), ..VariantArgs::default() };
        let catalog = M::catalog();
        let played = args.added_to(catalog, case.clone()).and_then(|played| Variant::of(catalog, &played));
        let variant = played.map_err(at(offset))?;
        if raw.fault.is_none() {
            loaded.admits(&variant).map_err(at(offset))?;
        }
        let mut plan = loaded.plan(&variant, case.seed);
        keeps(&raw.keep, &plan).map_err(at(text.find("keep").unwrap_or(0)))?;
        plan = plan.reduced(&raw.keep);
        if let Some(faults) = &raw.fault {
            let read = |fault: &toml::Spanned<FaultText>| {
                read_fault(fault.get_ref(), &plan).map_err(at(fault.span().start))
            };
            let read: Vec<Fault> = faults.iter().map(read).collect::<Result<_, Error>>()?;
            if let Some((first, second)) = contradiction(&read) {
                let offset = faults[second].span().start;
                return Err(Error::in_file(path, text, offset, said(first, second, &plan, &read)));
            }
            plan = plan.with_faults(read);
        }
        let Raw { format, build, digest, keep, broke, fault, .. } = raw;
        let fault = fault.map(|faults| faults.into_iter().map(toml::Spanned::into_inner).collect());
        let file = PlanFile { format, case, build, digest, keep, broke, fault };
        Ok(Opened { file, loaded, variant, plan })
    }
}

/// Refuses to keep subjects that do not exist, or what the model cannot be reduced by.
fn keeps<M: Model>(keep: &Reduction, whole: &Plan<M>) -> Result<(), Error> {
    let subjects = M::subjects(&whole.setup).len() as u32;
    let word = M::vocabulary().subject;
    if let Some(number) = keep.subjects.iter().flatten().find(|number| **number >= subjects) {
        return Err(Error::Plain(format!(
            "`keep.subjects`: there is no {word} {number}: this scenario has {subjects}, from 0"
        )));
    }
    let knobs = || M::knobs().iter().map(|knob| knob.name);
    match keep.most.keys().find(|name| !knobs().any(|known| known == name.as_str())) {
        Some(name) => {
            let known = knobs().chain(["subjects", "constant_latency"]);
            Err(Error::unknown("field of `keep`", name, known))
        }
        None => Ok(()),
    }
}

/// Two faults of which only one can strike, by position.
fn contradiction(faults: &[Fault]) -> Option<(usize, usize)> {
    let mut pairs = (0..faults.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs.find(|(first, second)| faults[*first].contradicts(&faults[*second]))
}

fn said<M: Model>(first: usize, second: usize, plan: &Plan<M>, faults: &[Fault]) -> String {
    let name = |fault: usize| plan.names().fault(&faults[fault]);
    if faults[first] == faults[second] {
        return format!("fault {} is fault {} once more: leave one of them out", second + 1, first + 1);
    }
    format!(
        "fault {} contradicts fault {}: of `{}` and `{}` only one can strike; leave the other out",
        second + 1,
        first + 1,
        name(second),
        name(first)
    )
}

/// The fault these words mean in this plan.
fn read_fault<M: Model>(text: &FaultText, plan: &Plan<M>) -> Result<Fault, Error> {
    let fault = text.read(plan.names())?;
    if let Some(why) = plan.backend.inexpressible(&fault) {
        let (backend, name) = (plan.backend.name(), plan.names().fault(&fault));
        return Err(Error::Plain(format!(
            "{backend} cannot express `{name}`: {why}; leave the fault out, or run the plan in the kernel"
        )));
    }
    let (Fault::At { site, .. } | Fault::During { when: When::After(site), .. }) = &fault else {
        return Ok(fault);
    };
    if let Fault::At { point_fault: PointFault::Misbehave(misbehavior), .. } = &fault
        && !M::misbehaves(&plan.setup, *misbehavior)
    {
        let (who, how) = (M::vocabulary().role(site.role), M::vocabulary().misbehavior(*misbehavior));
        return Err(Error::Plain(format!("`{how}` is nothing that {who} does in this scenario")));
    }
    let subjects = M::subjects(&plan.setup);
    let comes = |number: u32| subjects.get(number as usize).is_some_and(|subject| subject.comes);
    if let Some(number) = M::subject_of(&site.identity).filter(|number| !comes(*number)) {
        let numbers: Vec<String> = plan.subjects().iter().map(|(number, _)| number.to_string()).collect();
        let word = M::vocabulary().subject;
        return Err(Error::Plain(format!(
            "there is no {word} {number} in this plan, only {}",
            numbers.join(", ")
        )));
    }
    Ok(fault)
}
