//! The second backend, as the product has it: everybody in every scenario, what it costs, and what it refuses.
//!
//! **Invariant:** without the backend everything else builds and passes, and asking for it gives one sentence with the cure.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::Command;

use tempfile::TempDir;

#[cfg(madsim)]
mod played;
#[cfg(madsim)]
mod shell;

/// A folder of its own for every call, removed afterwards.
struct Room(TempDir);

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Room {
    fn new() -> Room {
        Room(tempfile::tempdir().unwrap())
    }

    fn stormcart(&self, arguments: &str) -> Said {
        let output = Command::new(env!("CARGO_BIN_EXE_stormcart"))
            .args(arguments.split_whitespace())
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The sentence of a refusal, having seen that it is one.
    #[track_caller]
    fn refusal(&self, arguments: &str) -> String {
        let Said { code, out, err } = self.stormcart(arguments);
        assert_eq!((code, out.as_str(), err.trim_end().lines().count()), (64, "", 1), "{arguments}: {err}");
        format!("{arguments}\n    {}", err.trim_end())
    }
}

#[test]
#[cfg(not(madsim))]
fn a_build_without_it_says_so() {
    let room = Room::new();
    for asked in [
        "run calm:choreography:1@madsim",
        "run calm:choreography:1 --backend madsim",
        "sweep --scenario calm --seeds 0..1 --backend madsim",
        "compare --scenario calm --seeds 0..1 --backend madsim",
        "replay calm:choreography:1@madsim",
        "shrink calm:choreography:1@madsim",
        "explore --backend madsim",
        "list --backend madsim",
    ] {
        let said = room.refusal(asked);
        assert!(said.contains("this build has no madsim backend: it needs `--cfg madsim`"), "{said}");
    }
}
