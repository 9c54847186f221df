//! The second backend on the command line.

use super::{Room, Said};

/// A bug that a shell finds on madsim within a few seeds.
const BUGGY: &str = "lost-replies:choreography+fresh-key-per-attempt";

#[test]
fn refusals() {
    let room = Room::new();
    std::fs::write(
        room.0.path().join("overtaken.toml"),
        "format = 2\ncase = \"calm:choreography:0x1@madsim\"\nfault = [\n    \
         { at = \"payments charge order 0 attempt 1, ask\", do = \"drop\" },\n    \
         { at = \"payments charge order 1 attempt 1, ask\", do = \"overtaken\" },\n]\n",
    )
    .unwrap();
    let said = [
        "run calm:choreography:1@madsin",
        "run calm:choreography:1@madsim --backend kernel",
        "run calm:choreography:1@kernel --backend madsim",
        "replay overtaken.toml",
        "replay overtaken.toml --backend kernel",
        "replay calm:choreography:1@madsim --until 1s",
        "replay calm:choreography:1 --backend madsim --until event:5",
        "replay storm:choreography:1@madsim --without 1",
        "replay calm:choreography:1@madsim --diff calm:choreography:1",
        "replay calm:choreography:1 --diff calm:choreography:1@madsim",
        "explore --backend madsim",
        "sweep --scenario calm --seeds 0..2 --backend madsim --adequacy",
        "shrink calm:choreography:1@madsim",
        "shrink partition:call-chain+level=first-written:3@madsim",
        "shrink partition:call-chain+level=first-written:3 --backend madsim --property S2",
    ]
    .map(|asked| room.refusal(asked));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_it_cannot_express_is_listed() {
    let room = Room::new();
    let (plain, said) = (room.stormcart("list"), room.stormcart("list --backend madsim"));
    assert_eq!((plain.code, said.code, said.err.as_str()), (0, 0, ""));
    insta::assert_snapshot!(said.out.strip_prefix(plain.out.trim_end()).unwrap());
    let kernel = room.stormcart("list --backend kernel");
    assert!(kernel.out.ends_with("none  it can express them all\n"), "{}", kernel.out);
    let document: serde_json::Value =
        serde_json::from_str(&room.stormcart("list --backend madsim --format json").out).unwrap();
    assert_eq!(document["limits"]["backend"], "madsim");
    assert!(document["limits"]["inexpressible"][0]["why"].is_string());
}

/// The case of the first run that fails, found by a sweep that repeats itself on any number of threads.
fn failing(room: &Room) -> String {
    let sweep = "sweep --scenario lost-replies --arch choreography --bug fresh-key-per-attempt --seeds 0..64 --backend madsim";
    let Said { code, out, err } = room.stormcart(&format!("{sweep} --jobs 1"));
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.starts_with("   sweep  lost-replies on madsim, seeds 0..64: "), "{out}");
    assert!(err.contains(" per second"), "{err}");
    assert_eq!(room.stormcart(&format!("{sweep} --jobs 2")).out, out);
    let case = out.lines().last().unwrap().strip_prefix("stormcart run ").unwrap().to_owned();
    assert!(case.starts_with(BUGGY) && case.ends_with("@madsim"), "{case}");
    let json = room.stormcart(&format!("{sweep} --format json"));
    let document: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (&document["backend"], &document["failures"][0]["case"]),
        (&"madsim".into(), &case.as_str().into())
    );
    assert_eq!(
        (&document["determinism"]["checked"], &document["determinism"]["differed"]),
        (&1.into(), &0.into())
    );
    case
}

/// From a sweep to a run to the file it leaves, and to the same run again: all of it says madsim.
#[test]
fn a_failure_is_found_told_kept_and_replayed() {
    let room = Room::new();
    let case = failing(&room);
    let latest = room.stormcart("replay latest --format json");
    let document: serde_json::Value = serde_json::from_str(&latest.out).unwrap();
    assert_eq!(
        (latest.code, &document["identical"], &document["backend"]),
        (1, &true.into(), &"madsim".into())
    );
    assert_eq!(document["case"], case.as_str());
    let told = room.stormcart(&format!("run {case}"));
    assert_eq!((told.code, told.err.as_str()), (1, ""));
    assert!(told.out.contains(", on madsim\n"), "{}", told.out);
    assert!(told.out.ends_with(&format!("\nstormcart run {case}\n")), "{}", told.out);
    let replayed = room.stormcart("replay latest");
    let again = replayed.out.lines().last().unwrap();
    assert!(replayed.code == 1 && again.ends_with("@madsim.toml"), "{again}");
    let flag = room.stormcart(&format!("run {} --backend madsim", case.trim_end_matches("@madsim")));
    assert_eq!((flag.code, flag.out), (1, told.out));
    let shrunk = room.refusal("shrink latest");
    assert!(shrunk.contains("@madsim.toml` without the backend in its case"), "{shrunk}");
}

/// What was kept of a run of the kernel is played on madsim, as another run: its digest is not compared.
#[test]
fn a_plan_of_the_kernel_is_confirmed_on_madsim() {
    let room = Room::new();
    let said = room.stormcart("shrink partition:call-chain+level=first-written:3 --into here");
    let replay = said.out.lines().last().unwrap().strip_prefix("stormcart ").unwrap();
    let kernel = room.stormcart(&format!("{replay} --format json"));
    let madsim = room.stormcart(&format!("{replay} --backend madsim --format json"));
    let [kernel, madsim] =
        [kernel, madsim].map(|said| serde_json::from_str::<serde_json::Value>(&said.out).unwrap());
    assert_eq!([&kernel["backend"], &madsim["backend"]], ["kernel", "madsim"]);
    assert_eq!((&kernel["identical"], &madsim["identical"]), (&true.into(), &true.into()));
    assert_eq!(madsim["again"], format!("stormcart {replay} --backend madsim"));
    assert!(madsim["case"].as_str().unwrap().ends_with("@madsim"));
    let broke = |document: &serde_json::Value| document["violations"][0]["property"].clone();
    assert_eq!((broke(&kernel), broke(&madsim)), ("S11".into(), "S11".into()));
}

#[test]
fn a_planted_nondeterminism_exits_3() {
    let room = Room::new();
    for point_fault in [
        "run calm:choreography:1@madsim",
        "sweep --scenario calm --arch call-chain --seeds 0..2 --backend madsim",
    ] {
        assert_eq!(room.stormcart(&format!("{point_fault} --plant-nondeterminism")).code, 3, "{point_fault}");
    }
}

#[test]
fn a_comparison_says_which_backend_it_was() {
    let room = Room::new();
    let said = room.stormcart(
        "compare choreography orchestrated-saga --scenario lost-replies --seeds 0..8 --backend madsim",
    );
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("lost-replies on madsim, seeds 0..8, 8 pairs: "), "{}", said.out);
    assert!(
        said.out.contains("report: target/stormcart/compare-lost-replies-0..8@madsim/report.md"),
        "{}",
        said.out
    );
    let summary =
        std::fs::read_to_string(room.0.path().join("target/stormcart/latest/summary.json")).unwrap();
    assert!(summary.contains("\"backend\": \"madsim\""), "{summary}");
}
