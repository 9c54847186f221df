//! Modules of the crates: their imports, and the length of their functions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const CRATES: [&str; 4] = ["sim", "harness", "models", "."];

/// The modules of a crate, by path (`kernel::world`), with their code up to their tests, comments left out.
fn modules(of: &str) -> BTreeMap<String, (PathBuf, String)> {
    let sources = Path::new(super::ROOT).join(of).join("src");
    let module = |file: PathBuf| {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines: Vec<&str> = code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
        let name = file.strip_prefix(&sources).unwrap().with_extension("").display().to_string();
        (name.replace('/', "::").replace("lib", ""), (file, lines.join("\n")))
    };
    rust_files(&sources).into_iter().map(module).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    folders.iter().flat_map(|folder| rust_files(folder)).chain(files).collect()
}

/// `a::{b, c::d}` is `a::b` and `a::c::d`.
fn imports(tree: &str) -> Vec<String> {
    let Some((before, inside)) = tree.split_once('{') else {
        return tree.split(" as ").next().map(|import| import.trim().to_owned()).into_iter().collect();
    };
    let inside = inside.trim_end().trim_end_matches('}');
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for letter in inside.chars() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        match letter {
            ',' if depth == 0 => parts.push(String::new()),
            letter => parts.last_mut().unwrap().push(letter),
        }
    }
    let all = parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| imports(part));
    all.map(|part| format!("{}{part}", before.trim())).collect()
}

/// The modules that a module imports from.
fn imported(of: &str, code: &str, modules: &BTreeMap<String, (PathBuf, String)>) -> BTreeSet<String> {
    let uses = code.split("use ").skip(1).filter_map(|rest| rest.split(';').next());
    let resolve = |import: String| {
        let mut path: Vec<&str> = of.split("::").filter(|part| !part.is_empty()).collect();
        let mut parts = import.split("::").map(str::trim).peekable();
        match parts.peek()? {
            &"crate" => path.clear(),
            &"super" => {}
            local if modules.contains_key([&path[..], &[local]].concat().join("::").as_str()) => {}
            _ => return None,
        }
        for part in parts {
            match part {
                "crate" | "self" => {}
                "super" => drop(path.pop()),
                part => path.push(part),
            }
        }
        let prefixes = (0..=path.len()).rev().map(|length| path[..length].join("::"));
        prefixes.into_iter().find(|name| modules.contains_key(name)).filter(|name| name != of)
    };
    uses.flat_map(imports).filter_map(resolve).collect()
}

/// Taking away what imports nothing that is left, again and again, takes everything away.
#[test]
fn imports_go_in_no_circle() {
    CRATES.into_iter().for_each(no_circle);
}

/// A module and what it is made of may know each other; the modules of `sim` do without even that.
fn may_know(of: &str, module: &str, imported: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with("::"))
    };
    of != "sim" && (within(module, imported) || within(imported, module))
}

fn no_circle(of: &str) {
    let modules = modules(of);
    let mut left: BTreeMap<&String, BTreeSet<String>> =
        modules.iter().map(|(name, (_, code))| (name, imported(name, code, &modules))).collect();
    for (module, imports) in &mut left {
        imports.retain(|imported| !may_know(of, module, imported));
    }
    let found: usize = left.values().map(BTreeSet::len).sum();
    assert!(found + 1 >= modules.len() / 2, "imports of {of} are found");
    loop {
        let free: Vec<&String> = left
            .iter()
            .filter(|(_, imports)| !imports.iter().any(|import| left.contains_key(import)))
            .map(|(name, _)| *name)
            .collect();
        if free.is_empty() {
            break;
        }
        free.into_iter().for_each(|name| drop(left.remove(name)));
    }
    assert!(left.is_empty(), "these of {of} import each other: {:#?}", left);
}

#[test]
fn files_and_functions_are_short() {
    for (name, (file, code)) in CRATES.into_iter().flat_map(modules) {
        assert_ne!(file.file_name().unwrap(), "mod.rs", "`name.rs` stands beside `name/`");
        assert!(code.lines().count() <= 500, "{name} is long");
        let mut begun: Option<(usize, &str)> = None;
        for (number, line) in code.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            if line.contains("fn ") && line.trim_end().ends_with(['{', '(']) {
                begun = begun.or(Some((number, &line[..indent])));
            }
            if let Some((from, start)) = begun
                && line.trim_end() == format!("{start}}}")
            {
                assert!(number - from < 70, "{name} has a long function at line {}", from + 1);
                begun = None;
            }
        }
    }
}
