//! The repository is tidy: formatting, sizes, openings, words.
//!
//! **Invariant:** what a reviewer would have to say every time is said here once.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

mod modules;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const LONGEST: usize = 500;

fn files(below: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(below)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<(String, String)> {
    let folders = ["sim", "harness", "models", "src", "tests", "benches", "examples"];
    let all = folders.iter().flat_map(|folder| files(folder, ".rs"));
    let named = |path: PathBuf| {
        let name = path.strip_prefix(ROOT).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    all.map(named).collect()
}

/// Fails with every place at which `complaint` has something to say.
#[track_caller]
fn check(complaint: impl Fn(&str, &str) -> Vec<String>) {
    let complaints: Vec<String> = sources().iter().flat_map(|(name, text)| complaint(name, text)).collect();
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn it_is_formatted() {
    let status = Command::new(env!("CARGO")).args(["fmt", "--all", "--check"]).current_dir(ROOT).status();
    assert!(status.unwrap().success(), "run `cargo fmt --all`");
}

#[test]
fn files_are_short_enough_to_live_in() {
    check(|name, text| {
        let lines = text.lines().count();
        if lines > LONGEST { vec![format!("{name}: {lines} lines, at most {LONGEST}")] } else { vec![] }
    });
}

#[test]
fn modules_open_with_their_purpose() {
    check(
        |name, text| {
            if text.starts_with("//!") { vec![] } else { vec![format!("{name}: opens without `//!`")] }
        },
    );
}

#[test]
fn nothing_is_left_for_later() {
    let words = [
        "TO".to_owned() + "DO",
        "FIX".to_owned() + "ME",
        "unimplemented".to_owned() + "!",
        "todo".to_owned() + "!",
        "#[ig".to_owned() + "nore",
    ];
    check(|name, text| {
        let lines = (1..).zip(text.lines());
        let left = lines.filter(|(_, line)| words.iter().any(|word| line.contains(word.as_str())));
        left.map(|(number, line)| format!("{name}:{number}: {}", line.trim())).collect()
    });
}

/// The crates keep `sim ← harness ← models ← src`; this keeps the other runtime in one module.
#[test]
fn madsim_is_named_in_one_module() {
    let modules =
        ["sim/src/madsim", "sim/tests/madsim/", "sim/tests/resident/", "sim/tests/tidy/", "benches/"];
    check(|name, text| {
        let ours = concat!("stormcart_sim::mad", "sim::");
        let named = text.replace(ours, "").contains(concat!("mad", "sim::"));
        if named && !modules.iter().any(|module| name.starts_with(module)) {
            return vec![format!("{name}: names the runtime of the other backend")];
        }
        vec![]
    });
}

/// Which backend runs a plan is asked in the file that knows both.
#[test]
fn one_file_asks_which_backend() {
    check(|name, text| {
        let names = ["Backend::Kernel", "Backend::Madsim"];
        let branches =
            (1..).zip(text.lines()).filter(|(_, line)| names.iter().any(|name| line.contains(name)));
        let elsewhere = name.starts_with("harness/src/") && name != "harness/src/backend.rs";
        branches
            .filter(|_| elsewhere)
            .map(|(number, line)| format!("{name}:{number}: {}", line.trim()))
            .collect()
    });
}

/// Services, rules and platform parts perform no I/O and read no clock; clippy bans the types, this bans the rooms.
#[test]
fn services_know_no_clock() {
    check(|name, text| {
        let inside =
            ["service", "platform", "domain", "outside"].map(|room| format!("models/src/checkout/{room}"));
        if !inside.iter().any(|room| name.starts_with(room.as_str())) {
            return vec![];
        }
        let banned = ["Instant", "std::time", "std::fs", "std::net", "thread", "rand"];
        let uses = (1..).zip(text.lines()).filter(|(_, line)| line.trim_start().starts_with("use "));
        let wrong = uses.filter(|(_, line)| banned.iter().any(|word| line.contains(word)));
        wrong.map(|(number, line)| format!("{name}:{number}: {line}")).collect()
    });
}
