//! The command line, as a shell sees it: what is printed, what it exits with, and what it leaves behind.
//!
//! **Invariant:** bad input is answered with one sentence and exit 64, and changes nothing.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use tempfile::TempDir;

/// A folder of its own for every call, removed afterwards.
struct Room(TempDir);

impl Room {
    fn new() -> Room {
        Room(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn stormcart(&self, arguments: &[&str]) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_stormcart"))
            .args(arguments)
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

struct Said {
    code: i32,
    out: String,
    err: String,
}

const BUGGY: &str = "lost-replies:choreography+fresh-key-per-attempt:0x13";
const FAULT: &str = "at = \"payments charge order 0 attempt 1, ask\", do = \"drop\"";

/// The sentence of a refusal, having seen that it is one and that nothing was left behind.
#[track_caller]
fn refusal(room: &Room, arguments: &[&str]) -> String {
    let before = room.names();
    let Said { code, out, err } = room.stormcart(arguments);
    assert_eq!((code, out.as_str()), (64, ""), "{arguments:?}: {err}");
    assert_eq!(err.trim_end().lines().count(), 1, "{arguments:?} is answered in one sentence: {err}");
    assert_eq!(room.names(), before, "{arguments:?} leaves something behind");
    format!("{}\n    {}", arguments.join(" "), err.trim_end())
}

#[test]
fn refusals_of_cases() {
    let room = Room::new();
    let cases = [
        "storm",
        "stom:choreography:1",
        "storm:saga:1",
        "storm:choreography:x",
        "storm:choreography+kee=per-attempt:1",
        "storm:choreography+key=per-atempt:1",
        "storm:choreography+swalow-and-ack:1",
        "storm:call-chain+publish=commit-then-publish:1",
        "storm:call-chain+engine-restart-forgets:1",
        "storm:call-chain+care=hardened:1",
        "storm:choreography:1@kernle",
        "nowhere.toml:choreography:1",
        "found.toml",
        "latest",
    ];
    let mut said: Vec<String> = cases.iter().map(|case| refusal(&room, &["run", case])).collect();
    assert!(refusal(&room, &["rum", "x"]).contains("unknown command `rum`: did you mean `run`?"));
    said.push(refusal(&room, &["run"]));
    said.push(refusal(&room, &["run", "storm:choreography:1", "--polcy", "key=per-attempt"]));
    said.push(refusal(
        &room,
        &["run", "storm:choreography+key=per-attempt:1", "--policy", "key=per-operation"],
    ));
    let replays: [&[&str]; 6] = [
        &["--until", "soon"],
        &["--until", "event:last"],
        &["--without", "9"],
        &["--without", "psp"],
        &["--until", "1s", "--without", "1"],
        &["--without", "1", "--diff", "calm:choreography:1"],
    ];
    for arguments in replays {
        said.push(refusal(&room, &[&["replay", "storm:choreography:1"], arguments].concat()));
    }
    said.push(refusal(&room, &["replay", "calm:choreography:1", "--without", "1"]));
    said.push(refusal(&room, &["replay", "calm:choreography:1", "--diff", "nowhere.toml"]));
    for seeds in ["7..7", "9..3", "1..=3", "many"] {
        said.push(refusal(&room, &["sweep", "--seeds", seeds]));
    }
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn refusals_of_files() {
    let room = Room::new();
    let plan = |fault: &str| {
        format!("format = 2\ncase = \"storm:choreography:0x1\"\nfault = [\n    {{ {fault} }},\n]\n")
    };
    let files = [
        ("another-format.toml", "format = 1\nfancy = true\n".to_owned()),
        ("no-format.toml", "case = \"storm:choreography:0x1\"\n".to_owned()),
        ("malformed.toml", "format = 2\ncase = \"storm:choreography:0x1\nfault = []\n".to_owned()),
        ("unknown-field.toml", "format = 2\ncase = \"storm:choreography:0x1\"\nseeds = 3\n".to_owned()),
        ("node.toml", plan(&FAULT.replace("payments", "payment"))),
        ("elsewhere.toml", plan(&FAULT.replace("payments", "engine"))),
        ("operation.toml", plan(&FAULT.replace("charge", "chage"))),
        ("order.toml", plan(&FAULT.replace("order 0", "order 77"))),
        ("verb.toml", plan(&FAULT.replace("drop", "dorp"))),
        ("pause.toml", plan("from_us = 0, for_us = 9, strike = { pause = { node = \"inventory-3\" } }")),
    ];
    for (name, text) in &files {
        room.write(name, text);
    }
    let mut said: Vec<String> = files.iter().map(|(name, _)| refusal(&room, &["replay", name])).collect();
    room.write("scenario.toml", "about = \"no customers\"\n[workload]\norders = 0\n");
    said.push(refusal(&room, &["run", "scenario.toml:choreography:1"]));
    room.write("malformed-scenario.toml", "about = \"oops\"\n[workload]\norders = ten\n");
    said.push(refusal(&room, &["run", "malformed-scenario.toml:choreography:1"]));
    room.write("dear.toml", "about = \"dear\"\n[workload]\nprice_cents = [0, 9223372036854775807]\n");
    said.push(refusal(&room, &["run", "dear.toml:choreography:1"]));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_run_that_holds_exits_0_and_is_the_latest() {
    let room = Room::new();
    let said = room.stormcart(&["run", "calm:orchestrated-saga:7"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.ends_with("\nstormcart run calm:orchestrated-saga:0x7\n"), "{}", said.out);
    let again = room.stormcart(&["run", "latest"]);
    assert_eq!((again.code, again.out), (0, said.out));
}

#[test]
fn a_violation_is_told_as_a_story_and_exits_1() {
    let room = Room::new();
    let said = room.stormcart(&["run", BUGGY]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert!(said.out.ends_with(&format!("\nstormcart run {BUGGY}\n")));
    insta::assert_snapshot!(said.out);
}

#[test]
fn a_failure_is_kept_and_replays() {
    let room = Room::new();
    assert_eq!(room.stormcart(&["run", BUGGY]).code, 1);
    let latest = room.stormcart(&["replay", "latest", "--format", "json"]);
    assert_eq!(latest.code, 1);
    let document: serde_json::Value = serde_json::from_str(&latest.out).unwrap();
    assert_eq!((&document["case"], &document["identical"]), (&BUGGY.into(), &true.into()));
    for field in ["case", "verdict", "violations", "digest", "events", "messages", "virtual_ms", "faults"] {
        assert!(!document[field].is_null(), "{field} is missing");
    }
    for field in ["property", "event", "at_ms", "order", "explanation"] {
        assert!(!document["violations"][0][field].is_null(), "violations[].{field} is missing");
    }
    for field in ["name", "fired"] {
        assert!(!document["faults"][0][field].is_null(), "faults[].{field} is missing");
    }
    let case = room.stormcart(&["replay", BUGGY, "--format", "json"]);
    let other: serde_json::Value = serde_json::from_str(&case.out).unwrap();
    assert_eq!(other["digest"], document["digest"]);
}

/// The plan of the buggy run, as it is kept, with something replaced.
fn kept(room: &Room, find: &str, replace: &str) -> String {
    assert_eq!(room.stormcart(&["run", BUGGY]).code, 1);
    let folder = room.0.path().join("target/stormcart/latest");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_plan = |path: &std::path::PathBuf| path.extension().is_some_and(|kind| kind == "toml");
    let text = std::fs::read_to_string(entries.into_iter().find(is_plan).unwrap()).unwrap();
    assert!(text.contains(find), "{text}");
    text.replace(find, replace)
}

#[test]
fn a_plan_of_another_build_replays_and_says_so() {
    let room = Room::new();
    room.write("older.toml", &kept(&room, "build = \"", "build = \"0.0.9-"));
    let said = room.stormcart(&["replay", "older.toml", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &document["identical"]), (1, &serde_json::Value::Null));
}

#[test]
fn a_digest_that_differs_exits_3() {
    let room = Room::new();
    room.write("other.toml", &kept(&room, "digest = \"0x", "digest = \"1x"));
    for (arguments, last) in [
        (&["other.toml"][..], "other.toml"),
        (&["other.toml", "--without", "1"], "other.toml --without 1"),
        (&[BUGGY, "--diff", "other.toml"], &format!("{BUGGY} --diff other.toml")),
    ] {
        let said = room.stormcart(&[&["replay"], arguments].concat());
        assert_eq!(said.code, 3, "{arguments:?}");
        assert!(said.out.contains("not deterministic"), "{}", said.out);
        assert!(said.out.ends_with(&format!("\nstormcart replay {last}\n")), "{}", said.out);
    }
}

#[test]
fn a_planted_nondeterminism_exits_3_even_where_a_property_is_broken() {
    let room = Room::new();
    for case in ["calm:choreography:1", BUGGY] {
        let said = room.stormcart(&["run", case, "--plant-nondeterminism", "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!((said.code, &document["identical"]), (3, &false.into()), "{case}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_loses_no_verdict() {
    let room = Room::new();
    room.write("target", "a file where the folder should be");
    let said = room.stormcart(&["run", BUGGY]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("cannot write `target/stormcart/"), "{}", said.err);
    assert!(said.out.ends_with(&format!("\nstormcart run {BUGGY}\n")));
}

#[test]
fn the_log_is_in_virtual_time_and_goes_to_stderr() {
    let room = Room::new();
    let said = room.stormcart(&["replay", "calm:choreography:1", "-v", "--until", "150ms"]);
    assert_eq!(said.code, 0);
    let moments = said.err.lines().map(|line| line.trim().split('.').next().unwrap().parse::<u64>());
    let moments: Vec<u64> = moments.collect::<Result<_, _>>().unwrap();
    assert!(moments.len() > 10 && moments.is_sorted() && moments.iter().all(|ms| *ms <= 150), "{}", said.err);
    insta::assert_snapshot!(said.out);
}

const UNDECIDED: &str = "partition:call-chain+care=naive:3";

#[test]
fn a_moment_is_shown_whole() {
    let room = Room::new();
    let said = room.stormcart(&["replay", UNDECIDED, "--until", "event:131"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    insta::assert_snapshot!(said.out);
    let late = room.stormcart(&["replay", "calm:choreography:1", "--until", "9s"]);
    assert_eq!(
        late.out.lines().next(),
        Some("the run ended at 877.330 ms, with event 1300; this is how it left things")
    );
}

#[test]
fn what_a_fault_changes() {
    let room = Room::new();
    let said = room.stormcart(&["replay", UNDECIDED, "--without", "isolate psp"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert!(
        said.out.ends_with("\nstormcart replay partition:call-chain+level=first-written:0x3 --without 1\n")
    );
    insta::assert_snapshot!(said.out);
}

#[test]
fn what_a_fault_that_never_struck_changes() {
    let room = Room::new();
    let (format, fault) = (stormcart::harness::plan_file::FORMAT, FAULT.replace("charge", "refund"));
    let text = format!("format = {format}\ncase = \"calm:choreography:1\"\nfault = [{{ {fault} }}]\n");
    room.write("armed.toml", &text);
    let said = room.stormcart(&["replay", "armed.toml", "--without", "1"]);
    assert_eq!(said.code, 0);
    insta::assert_snapshot!(said.out);
}

#[test]
fn where_two_runs_part() {
    let room = Room::new();
    let case = |what: &str| format!("lost-replies:choreography{what}:0x13");
    let said = room.stormcart(&["replay", BUGGY, "--diff", &case("")]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    insta::assert_snapshot!(said.out);
    let back = room.stormcart(&["replay", &case(""), "--diff", BUGGY, "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&back.out).unwrap();
    assert_eq!((back.code, &document["verdict"]), (0, &"held".into()));
    let diff = &document["diff"];
    for field in ["plans", "common", "first", "then", "more", "ends"] {
        assert!(!diff[field].is_null(), "diff.{field} is missing");
    }
    assert_eq!(diff["ends"][1]["verdict"], "violated");
    assert_eq!(diff["first"][0][0]["at_us"], diff["first"][1][0]["at_us"]);
}

#[test]
fn everything_that_has_a_name() {
    let room = Room::new();
    let said = room.stormcart(&["list"]);
    assert_eq!((said.code, room.names().len()), (0, 0));
    insta::assert_snapshot!(said.out);
    let json = room.stormcart(&["list", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    for field in ["scenarios", "architectures", "policies", "bugs", "properties"] {
        assert!(document[field].as_array().is_some_and(|rows| !rows.is_empty()), "{field} is missing");
    }
}

#[test]
fn help_is_a_result_and_no_arguments_are_a_refusal() {
    let room = Room::new();
    let help = room.stormcart(&["--help"]);
    assert_eq!((help.code, help.err.as_str()), (0, ""));
    let nothing = room.stormcart(&[]);
    assert_eq!((nothing.code, nothing.out.as_str()), (64, ""));
    assert!(room.0.path().exists() && room.names().is_empty());
}

/// A call chain that takes no care breaks in this one.
const CARELESS: &str = "partition:call-chain+care=naive:0x3";

#[test]
fn what_cannot_be_shrunk_is_refused() {
    let room = Room::new();
    room.write("short.toml", "about = \"too short\"\n[limits]\nevents = 30\n");
    let table: [(&[&str], &str); 5] = [
        (&["calm:choreography:0x1"], "calm:choreography:0x1 breaks no property: there is nothing to shrink"),
        (
            &["short.toml:choreography:0x1"],
            "short.toml:choreography:0x1 is inconclusive (more than 30 events): there is nothing to shrink",
        ),
        (&[CARELESS, "--property", "S1"], "does not break S1: there is nothing to shrink"),
        (&[CARELESS, "--property", "S99"], "unknown property `S99`: did you mean `S9`?"),
        (&["nowhere.toml"], "cannot read `nowhere.toml`"),
    ];
    for (arguments, sentence) in table {
        let said = refusal(&room, &[&["shrink"], arguments].concat());
        assert!(said.contains(sentence), "{said}");
    }
}

/// Pending until somebody accepts it; then it is replayed under its own name, and breaks the same.
#[test]
fn what_was_shrunk_is_pending_until_it_is_accepted() {
    let room = Room::new();
    std::fs::create_dir_all(room.0.path().join("scenarios/regressions")).unwrap();
    let name = "partition_call-chain+level=first-written_0x3-S11.toml";
    let kept = |folder: &str| -> Vec<String> {
        let entries = std::fs::read_dir(room.0.path().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    };
    let table: [(&[&str], &str, String); 3] = [
        (&[], "scenarios/regressions", format!("{name}.new")),
        (&["--accept"], "scenarios/regressions", name.into()),
        (&["--into", "ours"], "ours", format!("{name}.new")),
    ];
    for (arguments, folder, file) in table {
        let Said { code, out, err } = room.stormcart(&[&["shrink", CARELESS], arguments].concat());
        assert_eq!(code, 1, "{err}");
        assert_eq!(kept(folder), [file.as_str()], "{arguments:?}");
        let again = format!("{folder}/{file}");
        assert_eq!(out.lines().last(), Some(format!("stormcart replay {again}").as_str()));
        let Said { code, out, .. } = room.stormcart(&["replay", &again]);
        assert!(code == 1 && out.contains("verdict   violated: S11"), "{out}");
    }
}

#[test]
fn what_was_shrunk_as_a_document() {
    let room = Room::new();
    let Said { code, out, .. } = room.stormcart(&["shrink", CARELESS, "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    let number = |field: &str| document[field].as_u64().unwrap_or_else(|| panic!("{field} in {out}"));
    for (before, after) in [
        ("faults_before", "faults_after"),
        ("orders_before", "orders_after"),
        ("events_before", "events_after"),
    ] {
        assert!(number(before) >= number(after) && number(after) > 0, "{before} {after}");
    }
    assert!(code == 1 && number("executions") > 2 && document["minimal"] == true);
    assert_eq!(document["plan"]["broke"][0], "S11");
}
