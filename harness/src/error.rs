//! Everything a person can get wrong, each as one sentence: where it is, what was found, what to write
//! instead.
//!
//! **Invariant:** an error changes nothing. Input is refused before a run begins, so that no result exists
//! which a mistyped name has silently made easier to pass.

use std::cmp::Reverse;

/// The example that every refused case is answered with.
pub const CASE_EXAMPLE: &str = "storm:orchestrated-saga+fresh-key-per-attempt:0x2a";

/// A refusal. `Display` is the whole message: callers print it and add nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A name that is not in its list.
    #[error("unknown {kind} `{name}`: {}", suggestion(nearest.as_deref(), known))]
    Unknown {
        /// What the name should have been: `scenario`, `architecture`, `policy`, `bug`...
        kind: &'static str,
        /// What was written.
        name: String,
        /// The likeliest intended name, if any is near enough to be worth saying.
        nearest: Option<String>,
        /// All valid names, separated by commas.
        known: String,
    },
    /// A file whose content is refused. An editor can jump to the place.
    #[error("{path}:{line}:{column}: {what}")]
    BadFile {
        /// The file as the user named it.
        path: String,
        /// Counted from 1.
        line: usize,
        /// Counted from 1, in characters.
        column: usize,
        /// What was found and what was expected.
        what: String,
    },
    /// A file that could not be opened, read or written at all.
    #[error("cannot {doing} `{path}`: {what}")]
    Io {
        /// `read` or `write`.
        doing: &'static str,
        /// The file as the user named it.
        path: String,
        /// The operating system's reason.
        what: String,
    },
    /// A case token that does not follow the grammar.
    #[error("bad case `{text}`: {what}; a case looks like `{CASE_EXAMPLE}`")]
    BadCase {
        /// What was written.
        text: String,
        /// The part that is wrong.
        what: String,
    },
    /// A range of seeds, a count or a slice of them that is empty, reversed or unreadable.
    #[error("bad range `{text}`: {what}")]
    BadRange {
        /// What was written.
        text: String,
        /// What is wrong, and what to write instead.
        what: String,
    },
    /// A seed that is not a 64-bit number.
    #[error("bad seed `{text}`: {what}")]
    BadSeed {
        /// What was written.
        text: String,
        /// What is wrong, and what to write instead.
        what: String,
    },
    /// A refusal whose place is an environment variable.
    #[error("environment variable {variable}: {cause}")]
    Environment {
        /// The variable's name.
        variable: &'static str,
        /// What is wrong with its value.
        cause: Box<Error>,
    },
    /// A choice that exists, but makes no difference where it was asked for.
    #[error("{kind} `{name}` changes nothing in `{architecture}`: {}", alternatives(valid))]
    NotHere {
        /// `policy` or `bug`.
        kind: &'static str,
        /// What was chosen.
        name: String,
        /// Where it has no effect.
        architecture: String,
        /// What does have an effect there, separated by commas.
        valid: String,
    },
    /// Any other refusal, already a sentence.
    #[error("{0}")]
    Plain(String),
    /// Not the user's doing: an assumption of the tool itself does not hold.
    #[error("internal error: {0}; this is a bug in stormcart")]
    Internal(String),
}

impl Error {
    /// The process's exit code: 64 for what the user can mend, 70 for a bug in the tool.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Internal(_) => 70,
            _ => 64,
        }
    }

    /// Refuses a name, suggesting the nearest of the names that exist.
    pub fn unknown<'a>(
        kind: &'static str,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        let nearest = nearest(name, candidates.iter().copied()).map(str::to_owned);
        Self::Unknown { kind, name: name.to_owned(), nearest, known: candidates.join(", ") }
    }

    /// Refuses a file's content at a byte offset of its text.
    pub fn in_file(path: &str, text: &str, offset: usize, what: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Self::BadFile { path: path.to_owned(), line, column, what: what.into() }
    }

    /// Refuses a TOML file where its parser stopped.
    pub fn in_toml(path: &str, text: &str, error: &toml::de::Error) -> Self {
        let sentence = error.message().lines().collect::<Vec<_>>().join(", ");
        Self::in_file(path, text, error.span().map_or(0, |span| span.start), sentence)
    }
}

/// The candidate a person most likely meant, or `None` if nothing is near.
///
/// Near is: one edit in three letters (Damerau-Levenshtein), or much the same beginning (Jaro-Winkler), or
/// one of the candidate's own words. Case and `_` for `-` do not count. The first of equals wins.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let name = plain(name);
    let scored = candidates.into_iter().filter_map(|candidate| {
        let other = plain(candidate);
        let edits = strsim::damerau_levenshtein(&name, &other);
        let likeness = (strsim::jaro_winkler(&name, &other) * 1000.0) as u32;
        let longest = name.chars().count().max(other.chars().count());
        let near = edits * 3 <= longest || likeness > 870 || other.split('-').any(|word| word == name);
        near.then_some((edits, Reverse(likeness), candidate))
    });
    scored.min_by_key(|&(edits, likeness, _)| (edits, likeness)).map(|(.., candidate)| candidate)
}

fn suggestion(nearest: Option<&str>, known: &str) -> String {
    match nearest {
        _ if known.is_empty() => "there is none to choose from".to_owned(),
        Some(nearest) => format!("did you mean `{nearest}`? (known: {known})"),
        None => format!("choose one of {known}"),
    }
}

fn alternatives(valid: &str) -> String {
    if valid.is_empty() { "nothing of its kind does".to_owned() } else { format!("choose one of {valid}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCENARIOS: [&str; 3] = ["calm", "storm", "black-friday"];
    const ARCHITECTURES: [&str; 5] =
        ["call-chain", "in-memory-orchestrator", "choreography", "orchestrated-saga", "two-phase-commit"];

    #[track_caller]
    fn check(error: Error, code: u8, sentence: &str) {
        assert_eq!((error.exit_code(), error.to_string().as_str()), (code, sentence));
    }

    #[test]
    fn each_refusal_is_one_sentence() {
        let unknown = |name| Error::unknown("scenario", name, SCENARIOS);
        check(
            unknown("stom"),
            64,
            "unknown scenario `stom`: did you mean `storm`? (known: calm, storm, black-friday)",
        );
        check(unknown("zzz"), 64, "unknown scenario `zzz`: choose one of calm, storm, black-friday");
        check(Error::unknown("bug", "x", []), 64, "unknown bug `x`: there is none to choose from");
        check(Error::in_file("a/x.toml", "é\nab\n", 4, "no"), 64, "a/x.toml:2:2: no");
        check(Error::in_file("x", "", 99, "empty"), 64, "x:1:1: empty");
        let io = Error::Io { doing: "read", path: "x".into(), what: "no such file".into() };
        check(io, 64, "cannot read `x`: no such file");
        let not_here = |valid: &str| Error::NotHere {
            kind: "policy",
            name: "publish".into(),
            architecture: "call-chain".into(),
            valid: valid.into(),
        };
        check(
            not_here("key, dedup"),
            64,
            "policy `publish` changes nothing in `call-chain`: choose one of key, dedup",
        );
        check(not_here(""), 64, "policy `publish` changes nothing in `call-chain`: nothing of its kind does");
        check(Error::Plain("no.".into()), 64, "no.");
        check(Error::Internal("lost".into()), 70, "internal error: lost; this is a bug in stormcart");
    }

    #[test]
    fn toml_errors_keep_their_place() {
        let text = "a = 1\nb = oops\n";
        let error = toml::from_str::<toml::Table>(text).expect_err("not TOML");
        let sentence = Error::in_toml("x.toml", text, &error).to_string();
        assert!(sentence.starts_with("x.toml:2:5: ") && !sentence.contains('\n'), "{sentence}");
    }

    #[test]
    fn nearest_name() {
        #[track_caller]
        fn check(name: &str, expected: Option<&str>) {
            assert_eq!(nearest(name, ARCHITECTURES.into_iter().chain(SCENARIOS)), expected, "for {name}");
        }
        check("stom", Some("storm"));
        check("sotrm", Some("storm"));
        check("Storm", Some("storm"));
        check("saga", Some("orchestrated-saga"));
        check("orchestrated_saga", Some("orchestrated-saga"));
        check("choreograhpy", Some("choreography"));
        check("in-memory", Some("in-memory-orchestrator"));
        check("two-phase", Some("two-phase-commit"));
        check("friday", Some("black-friday"));
        check("", None);
        check("x", None);
        check("kubernetes", None);
    }
}
