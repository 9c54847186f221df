//! `sweep` and `compare`, as a shell sees them.
//!
//! **Invariant:** the number of threads changes no byte of what is printed.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::process::Command;

struct Said {
    code: i32,
    out: String,
    err: String,
}

fn stormcart(folder: &Path, arguments: &str) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stormcart"));
    let output = command.args(arguments.split_whitespace()).current_dir(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// What is printed, having seen that one thread and two print the same, and nothing of it to stderr.
#[track_caller]
fn said(arguments: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let alone = stormcart(folder.path(), &format!("{arguments} --jobs 1"));
    let two = stormcart(folder.path(), &format!("{arguments} --jobs 2"));
    assert_eq!((alone.code, &alone.out, alone.err.as_str()), (two.code, &two.out, ""), "{arguments}");
    let out = alone.out.replace(stormcart::harness::BUILD, "[build]");
    format!("$ stormcart {arguments}\n{out}exit {}", alone.code)
}

/// The document that is printed, and the exit code.
#[track_caller]
fn document(arguments: &str) -> (serde_json::Value, i32) {
    let said = said(&format!("{arguments} --format json"));
    let (_, said) = said.split_once('\n').unwrap();
    let (json, code) = said.rsplit_once("exit ").unwrap();
    (serde_json::from_str(json).unwrap(), code.parse().unwrap())
}

#[test]
fn a_green_sweep() {
    insta::assert_snapshot!(said("sweep --scenario partition --seeds 0..130"));
}

#[test]
fn a_red_sweep() {
    insta::assert_snapshot!(said(
        "sweep --scenario lost-replies --arch call-chain --seeds 0..60 --bug fresh-key-per-attempt"
    ));
}

#[test]
fn a_sweep_as_a_document() {
    insta::assert_snapshot!(said(
        "sweep --scenario lost-replies --arch call-chain --care naive --seeds 0..3 --format json"
    ));
}

#[test]
fn a_comparison() {
    insta::assert_snapshot!(said("compare --scenario partition --seeds 0..40"));
}

#[test]
fn a_comparison_as_a_document() {
    insta::assert_snapshot!(said("compare call-chain --scenario calm --seeds 0..4 --format json"));
}

#[test]
fn the_exit_code_says_what_it_was() {
    #[track_caller]
    fn check(arguments: &str, code: i32) {
        assert!(said(arguments).ends_with(&format!("exit {code}")), "{arguments}");
    }
    check("sweep --scenario calm --seeds 0..2", 0);
    check("sweep --scenario calm --seeds 0..1 --partition slice:1/2", 2);
    check("sweep --scenario lost-replies --seeds 0..30 --bug fresh-key-per-attempt", 1);
    check("compare --scenario lost-replies --seeds 0..30", 0);
    check("compare --scenario lost-replies --seeds 0..30 --strict", 1);
    check("compare choreography orchestrated-saga --scenario calm --seeds 0..3 --strict", 0);
}

#[test]
fn a_planted_nondeterminism_exits_3() {
    let folder = tempfile::tempdir().unwrap();
    let Said { code, out, .. } = stormcart(
        folder.path(),
        "sweep --scenario calm --arch call-chain --seeds 0..2 --plant-nondeterminism",
    );
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("repeated  1 of 2 runs, 1 DIFFERED"), "{out}");
    assert!(out.ends_with("stormcart run calm:call-chain:0x0 --plant-nondeterminism\n"), "{out}");
}

#[test]
fn documents_have_the_fields_of_the_contract() {
    let (sweep, code) = document("sweep --scenario storm --seeds 0..70");
    assert_eq!((code, &sweep["runs"], &sweep["determinism"]["checked"]), (0, &140.into(), &4.into()));
    let fields =
        "build runs held violated inconclusive failures misses sometimes exposure vacuous determinism digest";
    for field in fields.split(' ') {
        assert!(!sweep[field].is_null(), "{field}");
        let parts = sweep["sweeps"].as_array().unwrap();
        assert!(field == "build" || parts.iter().all(|part| !part[field].is_null()), "{field}");
    }
    let (compare, _) = document("compare --scenario partition --seeds 0..20 --care hardened");
    assert_eq!((&compare["pairs"], compare["rows"].as_array().unwrap().len()), (&20.into(), 2));
    for row in compare["rows"].as_array().unwrap() {
        let completed = &row["metrics"]["completed"];
        assert!(completed["lo"].as_f64() <= completed["value"].as_f64(), "{row}");
    }
    let verdict = compare["verdict"].as_str().unwrap();
    assert!(verdict.starts_with("In 20 paired runs of `partition` nobody lost money"), "{verdict}");
    assert!(compare["worst"].is_null(), "{}", compare["worst"]);
}

#[test]
fn the_ledger_of_what_no_fault_met() {
    let text = said("sweep --scenario lost-replies --arch orchestrated-saga --seeds 0..20 --adequacy");
    let lines = |word: &str| text.lines().filter(|line| line.trim_start().starts_with(word)).count();
    assert_eq!((lines("adequacy"), lines("hit/reachable"), lines("UNHIT")), (1, 2, 8), "{text}");
    let (sweep, _) = document("sweep --scenario calm --seeds 0..2 --adequacy");
    for part in sweep["sweeps"].as_array().unwrap() {
        let adequacy = &part["adequacy"];
        let missed = adequacy["missed"].as_array().unwrap();
        assert_eq!((adequacy["runs"].as_u64(), adequacy["hit"].as_u64()), (Some(2), Some(0)));
        assert_eq!(adequacy["reachable"].as_u64(), Some(missed.len() as u64));
        assert!(missed.len() > 100, "{}", missed.len());
        for field in ["family", "site", "order", "passed", "case", "fault"] {
            assert!(!missed[0][field].is_null(), "{field}");
        }
    }
}

#[test]
fn slices_add_up_to_the_whole() {
    let digest = |arguments: &str| {
        let (sweep, _) =
            document(&format!("sweep --scenario storm --arch call-chain --seeds 0..50 {arguments}"));
        u64::from_str_radix(sweep["digest"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
    };
    let slices = (1..=3).map(|slice| digest(&format!("--partition slice:{slice}/3")));
    assert_eq!(slices.fold(0, u64::wrapping_add), digest(""));
}

#[test]
fn the_page_and_the_failures_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let kept = |name: &str| {
        std::fs::read_to_string(folder.path().join("target/stormcart/latest").join(name)).unwrap()
    };
    stormcart(folder.path(), "compare call-chain --scenario lost-replies --seeds 0..20");
    let page = kept("report.md");
    let latest = kept("summary.json");
    assert!(latest.contains("\"worst\": \"lost-replies:call-chain+level=first-written:0x"), "{latest}");
    assert!(page.starts_with("# Architectures compared\n\n## lost-replies\n"), "{page}");
    assert!(
        page.contains("**In 20 paired runs of `lost-replies` money was lost by first-written call-chain"),
        "{page}"
    );
    let red =
        stormcart(folder.path(), "sweep --scenario lost-replies --seeds 0..20 --bug fresh-key-per-attempt");
    let summary: serde_json::Value = serde_json::from_str(&kept("summary.json")).unwrap();
    let case = summary["failures"][0]["case"].as_str().unwrap().to_owned();
    assert_eq!(red.out.lines().last(), Some(format!("stormcart run {case}").as_str()));
    assert_eq!(stormcart(folder.path(), "replay latest").code, 1, "{case}");
}
