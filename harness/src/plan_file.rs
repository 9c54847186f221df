//! Plan files: a run that is kept, with its faults in words, in a form that people read and edit.
//!
//! **Invariant:** a plan file is refused by the number of its format, never by the build that wrote it; another build
//! replays it and says that digests cannot be compared.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use stormcart_models::words::{Misbehavior, Op};
use stormcart_sim::fault::{Fault, PointFault, When};
use stormcart_sim::site::MessageKind;

use crate::case::Case;
use crate::error::Error;
use crate::fault_text::{FaultText, fault_name};
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
pub struct Opened {
    /// What it says.
    pub file: PlanFile,
    /// Its scenario.
    pub stage: LoadedScenario,
    /// Who takes part.
    pub variant: Variant,
    /// The plan.
    pub plan: Plan,
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
    pub fn of(case: &Case, plan: &Plan, run: &Run) -> PlanFile {
        let mut broke: Vec<String> = Vec::new();
        if let Verdict::Violated(violations) = &run.verdict {
            broke = violations.iter().map(|violation| violation.property.to_owned()).collect();
            broke.sort();
            broke.dedup();
        }
        let faults = plan.faults.iter().map(|fault| FaultText::write(fault, &plan.physics));
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

    /// Whether a run with this digest, by the engine of the case, is the one that was recorded; `None` if this build
    /// cannot know.
    pub fn identical(&self, digest: u64) -> Option<bool> {
        match &self.digest {
            None => Some(true),
            Some(_) if self.build != crate::BUILD => None,
            Some(recorded) => Some(*recorded == format!("{digest:#018x}")),
        }
    }
}

impl Opened {
    /// Reads the file at a path.
    ///
    /// # Errors
    /// If there is none, or it is refused.
    pub fn load(path: &str) -> Result<Opened, Error> {
        Opened::load_on(path, None)
    }

    /// Reads the file at a path, to be played by the engine of this name, if one is named.
    ///
    /// # Errors
    /// If there is none, it is refused, or it names another engine.
    pub fn load_on(path: &str, backend: Option<&str>) -> Result<Opened, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::Io {
            doing: "read",
            path: path.into(),
            what: error.to_string(),
        })?;
        Opened::parse_on(path, &text, backend)
    }

    /// Reads a plan file from its text; `path` is for messages.
    ///
    /// # Errors
    /// If it is malformed, of another format, names what does not exist, or asks for what cannot happen.
    pub fn parse(path: &str, text: &str) -> Result<Opened, Error> {
        Opened::parse_on(path, text, None)
    }

    fn parse_on(path: &str, text: &str, backend: Option<&str>) -> Result<Opened, Error> {
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
        let stage = LoadedScenario::load(&case.scenario).map_err(at(offset))?;
        let args = VariantArgs { backend: backend.map(Into::into), ..VariantArgs::default() };
        let played = args.added_to(case.clone()).and_then(|played| Variant::of(&played));
        let variant = played.map_err(at(offset))?;
        if raw.fault.is_none() {
            stage.admits(&variant).map_err(at(offset))?;
        }
        let mut plan = stage.plan(&variant, case.seed);
        let customers = plan.setup.intents.len() as u32;
        if let Some(order) = raw.keep.orders.iter().flatten().find(|order| **order >= customers) {
            let what =
                format!("`keep.orders`: there is no order {order}: this scenario has {customers}, from 0");
            return Err(Error::in_file(path, text, text.find("keep").unwrap_or(0), what));
        }
        plan = raw.keep.from(&plan);
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
        Ok(Opened { file, stage, variant, plan })
    }
}

/// Two faults of which only one can strike, by position.
fn contradiction(faults: &[Fault]) -> Option<(usize, usize)> {
    let mut pairs = (0..faults.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    pairs.find(|(first, second)| faults[*first].contradicts(&faults[*second]))
}

fn said(first: usize, second: usize, plan: &Plan, faults: &[Fault]) -> String {
    let name = |fault: usize| fault_name(&faults[fault], &plan.physics);
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
fn read_fault(text: &FaultText, plan: &Plan) -> Result<Fault, Error> {
    let fault = text.read(&plan.physics)?;
    if let Some(why) = plan.backend.inexpressible(&fault) {
        let (backend, name) = (plan.backend.name(), fault_name(&fault, &plan.physics));
        return Err(Error::Plain(format!(
            "{backend} cannot express `{name}`: {why}; leave the fault out, or run the plan in the kernel"
        )));
    }
    let (Fault::At { site, .. } | Fault::During { when: When::After(site), .. }) = &fault else {
        return Ok(fault);
    };
    if let Fault::At { point_fault: PointFault::Misbehave(misbehavior), .. } = &fault
        && let Some(misbehavior) =
            Misbehavior::of(*misbehavior).filter(|misbehavior| !misbehavior.within(&plan.setup.capabilities))
    {
        return Err(Error::Plain(format!(
            "the provider of this scenario never calls, so it cannot `{misbehavior}`"
        )));
    }
    let comes = |order: u32| plan.setup.intents.get(order as usize).is_some_and(|intent| intent.comes);
    let by_partition = site.identity.operation == Op::Redeliver.operation();
    let order = site.identity.subject;
    if !comes(order) && !by_partition && site.identity.kind != MessageKind::Restart {
        let numbers: Vec<String> = plan.setup.customers(0).map(|(number, _)| number.to_string()).collect();
        let what = format!("there is no order {order} in this plan, only {}", numbers.join(", "));
        return Err(Error::Plain(what));
    }
    Ok(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::run;
    use crate::variant;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = Opened::parse("p.toml", text).expect_err("refused");
        assert_eq!((error.exit_code(), error.to_string().as_str()), (64, expected));
    }

    #[test]
    fn what_is_written_is_read_back_and_runs_the_same() {
        for token in [
            "storm:orchestrated-saga+fresh-key-per-attempt:0x7",
            "storm:choreography:0x8",
            "calm:call-chain:0x1",
        ] {
            let case: Case = token.parse().unwrap();
            let (stage, variant, seed) = variant::open(&case).unwrap();
            let plan = stage.plan(&variant, seed);
            let first = run(&plan);
            let file = PlanFile::of(&case, &plan, &first);
            let opened = Opened::parse("p.toml", &file.text().unwrap()).unwrap();
            assert_eq!(opened.file, file);
            assert_eq!(file.identical(run(&opened.plan).digest), Some(true));
            assert_eq!(file.identical(!first.digest), Some(false));
            assert_eq!(PlanFile { build: "older".into(), ..file }.identical(0), None);
        }
    }

    #[test]
    fn refusals_say_where() {
        let fault =
            |fault: &str| format!("format = 2\ncase = \"storm:choreography:1\"\n[[fault]]\n{fault}\n");
        let at = |service: &str, order: u32, action: &str| {
            fault(&format!("at = \"{service} charge order {order}, ask\"\ndo = {action}"))
        };
        refused(
            "format = 9\nwhatever = true",
            "p.toml:1:10: plan format 9, and this build reads format 2: run its case again and save or shrink it anew",
        );
        refused("case = \"x\"", "p.toml:1:1: a plan file begins with its format: `format = 2`");
        refused(
            "format = 2\ncase = \"storm:saga:1\"",
            "p.toml:2:8: unknown architecture `saga`: did you mean `orchestrated-saga`? (known: choreography, orchestrated-saga, call-chain)",
        );
        refused(
            &at("payments", 99, "\"drop\""),
            "p.toml:3:1: there is no order 99 in this plan, only 0, 1, 2, 3, 4, 5, 6, 7, 8, 9",
        );
        refused(
            &at("engine", 0, "\"drop\""),
            "p.toml:3:1: unknown node `engine`: choose one of customers, orders, inventory, payments, shipping, notifications, broker, psp, carrier, mailer",
        );
        refused(
            &at("psp", 0, "\"fail_write\""),
            "p.toml:3:1: psp is outside: it never crashes; use `manner` instead",
        );
        let misbehavior = |place: &str, misbehavior: &str| {
            fault(&format!("at = \"{place}\"\ndo = {{ manner = \"{misbehavior}\" }}"))
        };
        refused(
            &misbehavior("payments charge order 0, ask", "decline"),
            "p.toml:3:1: no bad manners of payments are known: it can crash, or be cut off",
        );
        refused(
            &misbehavior("psp reverse order 0, ask", "succeed late"),
            "p.toml:3:1: unknown manner at this place `succeed late`: choose one of answer 5xx before the effect, answer 5xx after the effect",
        );
        refused(
            &misbehavior("customers cancel order 0, timer", "reload the page and submit again"),
            "p.toml:3:1: no bad manners of customers show here: they do at arrive, timer and patience, timer and place, answer",
        );
        let twice = at("payments", 0, "\"drop\"");
        let twice = twice.clone() + twice.trim_start_matches("format = 2\ncase = \"storm:choreography:1\"\n");
        refused(&twice, "p.toml:6:1: fault 2 is fault 1 once more: leave one of them out");
        refused(
            &twice.replacen("drop", "fail_write", 1),
            "p.toml:6:1: fault 2 contradicts fault 1: of `payments charge order 0 attempt 1, ask: drop` and `payments charge order 0 attempt 1, ask: abort the transaction of payments` only one can strike; leave the other out",
        );
        let calls = misbehavior("psp sale order 0, ask", "call before it answers");
        let silent = calls.replace("storm:choreography", "calm:choreography");
        refused(
            &silent,
            "p.toml:3:1: the provider of this scenario never calls, so it cannot `call before it answers`",
        );
        Opened::parse("p.toml", &calls).unwrap();
        let pause = fault("from_us = 1\nfor_us = 1\nstrike = { pause = { node = \"payment\" } }");
        let error = Opened::parse("p.toml", &pause).expect_err("refused").to_string();
        assert!(error.starts_with("p.toml:3:1: unknown node `payment`: did you mean `payments`?"), "{error}");
    }

    #[test]
    fn malformed_toml_is_refused_at_its_line_and_column() {
        let error = Opened::parse("p.toml", "format = 2\ncase = storm\n").expect_err("refused").to_string();
        assert!(error.starts_with("p.toml:2:8: ") && !error.contains('\n'), "{error}");
    }
}
