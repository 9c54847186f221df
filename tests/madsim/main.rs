//! The second engine, as the product has it: everybody in every scenario, what it costs, and what it refuses.
//!
//! **Invariant:** without the engine everything else builds and passes, and asking for it gives one sentence with the cure.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

#[cfg(madsim)]
mod played;
#[cfg(madsim)]
mod shell;

/// A folder of its own for every call, removed afterwards.
struct Room(PathBuf);

struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Room {
    fn new() -> Room {
        static ROOMS: AtomicU32 = AtomicU32::new(0);
        let number = ROOMS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("stormcart-madsim-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Room(path)
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

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
#[cfg(not(madsim))]
fn a_build_without_it_says_so() {
    let room = Room::new();
    for asked in [
        "run calm:choreography:1@madsim",
        "run calm:choreography:1 --engine madsim",
        "sweep --scenario calm --seeds 0..1 --engine madsim",
        "compare --scenario calm --seeds 0..1 --engine madsim",
        "replay calm:choreography:1@madsim",
        "shrink calm:choreography:1@madsim",
        "explore --engine madsim",
        "list --engine madsim",
    ] {
        let said = room.refusal(asked);
        assert!(said.contains("this build has no madsim engine: it needs `--cfg madsim`"), "{said}");
    }
}
