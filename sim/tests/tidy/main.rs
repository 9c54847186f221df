//! What the sources of this crate keep to, read from the sources. Imports and lengths are those
//! of every crate: `tests/tidy/modules.rs` of the workspace.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The modules of the crate, by path (`kernel::world`), with their code up to their tests, comments left out.
fn modules() -> BTreeMap<String, String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let module = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<&str> = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
        let name = file.strip_prefix(&sources).unwrap().with_extension("").display().to_string();
        (name.replace('/', "::").replace("lib", ""), lines.join("\n"))
    };
    rust_files(&sources).into_iter().map(module).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    folders.iter().flat_map(|folder| rust_files(folder)).chain(files).collect()
}

/// A catch-all would swallow a kind of fault that is new.
#[test]
fn kinds_are_matched_one_by_one() {
    let parts = ["adversary", "fault", "kernel", "madsim", "shrink", "words"];
    for (name, code) in modules() {
        let caught = code.lines().position(|line| line.trim_start().starts_with("_ =>"));
        let meant = parts.contains(&name.split("::").next().unwrap());
        assert!(!meant || caught.is_none(), "{name} has a catch-all at line {caught:?}");
    }
}

#[test]
fn the_runtime_is_named_in_one_module() {
    for (name, code) in modules() {
        let named = code.contains(concat!("mad", "sim::"));
        assert!(!named || name.split("::").next() == Some("madsim"), "{name} names the runtime");
    }
}

#[test]
fn no_other_crate_of_the_workspace_is_known() {
    let manifest = include_str!("../../Cargo.toml");
    let known: Vec<&str> =
        manifest.lines().filter(|line| line.starts_with("stormcart-") && line.contains('=')).collect();
    assert_eq!(known, [""; 0]);
}
