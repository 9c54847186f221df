//! What is kept of results: `target/stormcart/<run>/`, with a `latest` link.
//!
//! A summary of every result, and plan and trace of what failed; a run that held is made again from its case.
//!
//! **Invariant:** keeping is a courtesy: a folder that cannot be written costs no verdict, and nothing is written before
//! there is one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use stormcart_sim::digest::Digest;

use crate::case::Case;
use crate::error::Error;
use crate::plan_file;

/// Where results are kept, seen from where the command runs.
pub const ROOT: &str = "target/stormcart";

/// The name that means the latest result.
pub const LATEST: &str = "latest";

/// What is kept of a run that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The case.
    pub case: Case,
    /// The text of its plan file.
    pub plan: String,
    /// Its story and its trace.
    pub trace: String,
}

/// Keeps a result under a name and makes it the latest; returns its folder.
///
/// # Errors
/// If the folder cannot be written.
pub fn keep(run: &str, summary: &impl Serialize, failures: &[Failure]) -> Result<PathBuf, Error> {
    keep_in(Path::new(ROOT), run, summary, failures)
}

fn keep_in(root: &Path, run: &str, summary: &impl Serialize, failures: &[Failure]) -> Result<PathBuf, Error> {
    let name = file_name(run);
    let folder = root.join(&name);
    let cannot = |path: &Path| {
        let path = path.display().to_string();
        move |error: io::Error| Error::Io { doing: "write", path, what: error.to_string() }
    };
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(cannot(&folder))?;
    }
    fs::create_dir_all(&folder).map_err(cannot(&folder))?;
    let write = |name: String, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(cannot(&path))
    };
    let json = serde_json::to_string_pretty(summary).map_err(|error| Error::Internal(error.to_string()))?;
    write("summary.json".into(), &json)?;
    for failure in failures {
        let case = file_name(&failure.case.to_string());
        write(format!("{case}.toml"), &failure.plan)?;
        write(format!("{case}.trace.txt"), &failure.trace)?;
    }
    let link = root.join(LATEST);
    point(&link, &name).map_err(cannot(&link))?;
    Ok(folder)
}

/// Where the plan of a case that failed is kept by the result of this name.
pub fn plan_path(run: &str, case: &Case) -> PathBuf {
    Path::new(ROOT).join(file_name(run)).join(format!("{}.toml", file_name(&case.to_string())))
}

/// The folder of the latest result.
///
/// # Errors
/// If nothing was kept yet.
pub fn latest() -> Result<PathBuf, Error> {
    latest_in(Path::new(ROOT))
}

fn latest_in(root: &Path) -> Result<PathBuf, Error> {
    let link = root.join(LATEST);
    let folder = match fs::read_to_string(&link) {
        Ok(name) => root.join(name.trim()),
        Err(_) => link,
    };
    match folder.is_dir() {
        true => Ok(folder),
        false => {
            Err(Error::Plain(format!("there is no latest result: nothing was kept in `{}`", root.display())))
        }
    }
}

/// The summary that a name means: the latest, or the file itself.
///
/// # Errors
/// If nothing was kept yet.
pub fn summary(name: &str) -> Result<PathBuf, Error> {
    if name == LATEST { Ok(latest()?.join("summary.json")) } else { Ok(name.into()) }
}

/// The plan file of the first failure of the latest result, if one failed.
///
/// # Errors
/// If nothing was kept yet.
pub fn latest_plan() -> Result<Option<PathBuf>, Error> {
    plan_in(&latest()?)
}

fn plan_in(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let entries = fs::read_dir(folder).map_err(|error| Error::Io {
        doing: "read",
        path: folder.display().to_string(),
        what: error.to_string(),
    })?;
    let paths = entries.flatten().map(|entry| entry.path());
    Ok(paths.filter(|path| path.extension().is_some_and(|kind| kind == "toml")).min())
}

/// The case of the latest result: its first failure, or the one it ran.
///
/// # Errors
/// If nothing was kept yet, or the latest result was of many cases and none failed.
pub fn latest_case() -> Result<Case, Error> {
    case_in(&latest()?)
}

fn case_in(folder: &Path) -> Result<Case, Error> {
    if let Some(plan) = plan_in(folder)? {
        return plan_file::case_of(&plan.display().to_string());
    }
    let summary = fs::read_to_string(folder.join("summary.json")).unwrap_or_default();
    let summary: serde_json::Value = serde_json::from_str(&summary).unwrap_or_default();
    match summary.get("case").and_then(serde_json::Value::as_str) {
        Some(case) => case.parse(),
        None => Err(Error::Plain(format!(
            "the latest result, `{}`, holds no case: nothing failed",
            folder.display()
        ))),
    }
}

/// A name that every file system takes. What is changed or cut off is told apart by a digest.
pub fn file_name(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_.+=@".contains(c) { c } else { '.' };
    let name: String = text.replace(':', "_").chars().map(safe).take(100).collect();
    let kept = name == text.replace(':', "_") && !name.starts_with('.');
    if kept { name } else { format!("{}-{:08x}", name.trim_start_matches('.'), Digest::of(text) >> 32) }
}

/// Makes the link mean this folder: at once, so that whoever looks finds the old one or the new one.
fn point(link: &Path, name: &str) -> io::Result<()> {
    let fresh = link.with_extension("new");
    let _ = fs::remove_file(&fresh);
    #[cfg(unix)]
    std::os::unix::fs::symlink(name, &fresh)?;
    #[cfg(not(unix))]
    fs::write(&fresh, name)?;
    fs::rename(&fresh, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_result_is_found_again() {
        let room = tempfile::tempdir().unwrap();
        let root = room.path();
        assert!(latest_in(root).unwrap_err().to_string().contains("there is no latest result"));
        for number in ["0x1", "0x2"] {
            let case = format!("calm:choreography:{number}");
            let folder = keep_in(root, &format!("run-{case}"), &serde_json::json!({ "case": case }), &[]);
            assert!(folder.unwrap().join("summary.json").exists());
            assert_eq!(case_in(&latest_in(root).unwrap()).unwrap().to_string(), case);
        }
        keep_in(root, "sweep", &serde_json::json!({ "runs": 9 }), &[]).unwrap();
        assert!(case_in(&latest_in(root).unwrap()).unwrap_err().to_string().contains("nothing failed"));
    }

    #[test]
    fn a_failure_is_kept_with_its_plan() {
        let room = tempfile::tempdir().unwrap();
        let root = room.path();
        let case: Case = "calm:choreography:0x3".parse().unwrap();
        let plan = "format = 2\ncase = \"calm:choreography:0x3\"\n".to_owned();
        let failure = Failure { case: case.clone(), plan, trace: "what happened".into() };
        let folder = keep_in(root, "sweep", &serde_json::json!({}), &[failure]).unwrap();
        assert_eq!(case_in(&latest_in(root).unwrap()).unwrap(), case);
        assert_eq!(
            fs::read_to_string(folder.join("calm_choreography_0x3.trace.txt")).unwrap(),
            "what happened"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_a_refusal() {
        let room = tempfile::tempdir().unwrap();
        let file = room.path().join("file");
        fs::write(&file, "not a folder").unwrap();
        let error = keep_in(&file, "run", &serde_json::json!({}), &[]).unwrap_err();
        assert!(error.to_string().starts_with("cannot write `"), "{error}");
    }

    #[test]
    fn names_of_folders() {
        assert_eq!(
            file_name("run-storm:call-chain+key=per-attempt:0x1"),
            "run-storm_call-chain+key=per-attempt_0x1"
        );
        assert!(file_name("../etc/passwd").starts_with("etc.passwd-"));
        assert!(file_name(&"x".repeat(300)).len() < 120);
    }
}
