//! Names the build by the text it is made of: a plan file from another build may run differently.

use std::fs;
use std::path::{Path, PathBuf};

/// Everything a run depends on.
const SOURCES: [&str; 5] = ["src", "../sim/src", "../models", "../scenarios", "../Cargo.lock"];

fn main() {
    let mut files = Vec::new();
    for source in SOURCES.iter().filter(|source| Path::new(source).exists()) {
        println!("cargo::rerun-if-changed={source}");
        collect(Path::new(source), &mut files);
    }
    files.sort();
    let digest = files.iter().filter_map(|file| fs::read(file).ok()).fold(0xcbf2_9ce4_8422_2325, fnv);
    let version = env!("CARGO_PKG_VERSION");
    println!("cargo::rustc-env=STORMCART_BUILD={version}+{:08x}", digest >> 32);
}

/// Sources and data below a path; what tests and the command line say changes no run.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    let skipped = ["tests", "target", "cli", "regressions"];
    if path.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
        for entry in entries.filter(|entry| !skipped.iter().any(|name| entry.ends_with(name))) {
            collect(&entry, files);
        }
    } else if path
        .extension()
        .is_some_and(|kind| ["rs", "toml", "csv", "lock"].iter().any(|known| kind == *known))
    {
        files.push(path.to_owned());
    }
}

/// FNV-1a (Fowler, Noll and Vo): short, and the same everywhere.
fn fnv(digest: u64, bytes: Vec<u8>) -> u64 {
    bytes.iter().fold(digest, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}
