//! The case: the one token a person copies to run a world again.
//!
//! `[model/]scenario:architecture[+bug-slug][+policy=choice]...:seed[@backend]`
//!
//! **Invariant:** a case is complete. What `Display` writes, `FromStr` reads back as the same value, and
//! nothing else is needed to repeat the run. Names are kept as written; who owns a list of names checks
//! them against it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::seeds::Seed;

/// One world, by name. In files it is the token itself, a string.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Case {
    /// A name of the catalogue, or a path to a file, which may contain anything, even `:`.
    pub scenario: String,
    /// The architecture under the storm.
    pub architecture: String,
    /// Planted bugs, in the order given.
    pub bugs: Vec<String>,
    /// Choices that differ from the architecture's own, `(policy, choice)`, in the order given.
    pub policies: Vec<(String, String)>,
    /// The hardening level, written like a policy: `+level=first-written`.
    pub level: Option<String>,
    /// All the randomness.
    pub seed: Seed,
    /// Which backend runs it; `None` is the default one.
    pub backend: Option<String>,
}

impl FromStr for Case {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |what: String| Error::BadCase { text: text.to_owned(), what };
        let word = |part: &'static str, word: &str| match is_word(word) {
            true => Ok(word.to_owned()),
            false if word.is_empty() => Err(bad(format!("the {part} is missing"))),
            false => Err(bad(format!("`{word}` cannot be the name of {}", a(part)))),
        };

        // From the right, because a path may contain `:` and the rest may not.
        let (body, tail) = text.rsplit_once(':').ok_or_else(|| bad("it has no `:`".to_owned()))?;
        let Some((scenario, system)) = body.rsplit_once(':') else {
            let is_seed = tail.split('@').next().is_some_and(|seed| seed.parse::<Seed>().is_ok());
            return Err(bad(format!("the {} is missing", if is_seed { "architecture" } else { "seed" })));
        };
        let (seed, backend) = match tail.split_once('@') {
            Some((seed, backend)) => (seed, Some(word("backend", backend)?)),
            None => (tail, None),
        };
        if scenario.is_empty() {
            return Err(bad("the scenario is missing".to_owned()));
        }
        if seed.is_empty() {
            return Err(bad("the seed is missing".to_owned()));
        }

        let mut parts = system.split('+');
        let mut case = Self {
            scenario: scenario.to_owned(),
            architecture: word("architecture", parts.next().unwrap_or(""))?,
            bugs: Vec::new(),
            policies: Vec::new(),
            level: None,
            seed: seed.parse().map_err(|error: Error| bad(error.to_string()))?,
            backend,
        };
        for part in parts {
            let again = match part.split_once('=') {
                None => {
                    let bug = word("bug", part)?;
                    let again = case.bugs.contains(&bug);
                    case.bugs.push(bug);
                    again
                }
                Some(("level" | "care", level)) => {
                    case.level.replace(word("hardening level", level)?).is_some()
                }
                Some((policy, choice)) => {
                    let (policy, choice) = (word("policy", policy)?, word("choice", choice)?);
                    let again = case.policies.iter().any(|(earlier, _)| *earlier == policy);
                    case.policies.push((policy, choice));
                    again
                }
            };
            if again {
                let name = part.split('=').next().unwrap_or(part);
                return Err(bad(format!("`{name}` is said twice")));
            }
        }
        Ok(case)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scenario, self.architecture)?;
        for bug in &self.bugs {
            write!(f, "+{bug}")?;
        }
        for (policy, choice) in &self.policies {
            write!(f, "+{policy}={choice}")?;
        }
        if let Some(level) = &self.level {
            write!(f, "+level={level}")?;
        }
        write!(f, ":{}", self.seed)?;
        if let Some(backend) = &self.backend {
            write!(f, "@{backend}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Case {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Case> for String {
    fn from(case: Case) -> Self {
        case.to_string()
    }
}

/// Letters, digits and `-` `_` `.`: nothing that the grammar or a shell gives a meaning.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
}

fn a(noun: &str) -> String {
    format!("{} {noun}", if noun.starts_with(['a', 'e']) { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::btree_set, option, prelude::*};

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let found = text.parse::<Case>().map(|case| {
            let Case { scenario, architecture, bugs, policies, level, seed, backend } = case;
            format!("{scenario} {architecture} {bugs:?} {policies:?} {level:?} {seed} {backend:?}")
        });
        let tail = "; a case looks like `storm:orchestrated-saga+fresh-key-per-attempt:0x2a`";
        let expected = expected
            .map(|case| case.replace('\'', "\""))
            .map_err(|what| format!("bad case `{text}`: {what}{tail}"));
        assert_eq!(found.map_err(|error| error.to_string()), expected);
    }

    #[test]
    fn cases() {
        check("storm:call-chain:42", Ok("storm call-chain [] [] None 0x2a None"));
        check("storm:saga+no-inbox:0x2a@madsim", Ok("storm saga ['no-inbox'] [] None 0x2a Some('madsim')"));
        check("s:a+key=fresh+b:1", Ok("s a ['b'] [('key', 'fresh')] None 0x1 None"));
        check("s:a+level=matched+k=v:1", Ok("s a [] [('k', 'v')] Some('matched') 0x1 None"));
        check("./my/x.toml:saga:7", Ok("./my/x.toml saga [] [] None 0x7 None"));
        check("C:\\x\\s.toml:saga:7", Ok("C:\\x\\s.toml saga [] [] None 0x7 None"));
        check("a+b=c@d:saga:7", Ok("a+b=c@d saga [] [] None 0x7 None"));
        check("s:a:da39a3ee5e6b4b0d3255bfef95601890afd80709", Ok("s a [] [] None 0xe86c1c0164d35494 None"));
    }

    #[test]
    fn refusals() {
        check("", Err("it has no `:`"));
        check("storm", Err("it has no `:`"));
        check("storm:saga", Err("the seed is missing"));
        check("storm:42", Err("the architecture is missing"));
        check("storm:saga:", Err("the seed is missing"));
        check("storm:saga:@madsim", Err("the seed is missing"));
        check("storm::42", Err("the architecture is missing"));
        check(":saga:42", Err("the scenario is missing"));
        check("storm:saga:42@", Err("the backend is missing"));
        check("storm:saga:4@a@b", Err("`a@b` cannot be the name of a backend"));
        check("storm:a saga:42", Err("`a saga` cannot be the name of an architecture"));
        check("storm:saga+:42", Err("the bug is missing"));
        check("storm:saga+=x:42", Err("the policy is missing"));
        check("storm:saga+key=:42", Err("the choice is missing"));
        check("storm:saga+key=a=b:42", Err("`a=b` cannot be the name of a choice"));
        check("storm:saga+level=:42", Err("the hardening level is missing"));
        check("storm:saga+b+b:42", Err("`b` is said twice"));
        check("storm:saga+key=a+key=b:42", Err("`key` is said twice"));
        check("storm:saga+level=a+level=b:42", Err("`level` is said twice"));
        check("storm:saga+care=a:42", Ok("storm saga [] [] Some('a') 0x2a None"));
        let seed = "bad seed `x`: write decimal, `0x` hexadecimal or a 40-digit commit hash";
        check("storm:saga:x", Err(seed));
    }

    #[test]
    fn a_file_holds_the_token() {
        let token = "\"storm:saga+level=matched:0x2a\"";
        let case: Case = serde_json::from_str(token).unwrap();
        assert_eq!(serde_json::to_string(&case).unwrap(), token);
        assert!(
            serde_json::from_str::<Case>("\"storm\"").unwrap_err().to_string().contains("bad case `storm`")
        );
    }

    const WORD: &str = "[a-z][a-z0-9._-]{0,9}";

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(
            scenario in "[ -~é]{1,20}", architecture in WORD, bugs in btree_set(WORD, 0..3),
            policies in btree_set(WORD, 0..3), choice in WORD, level in option::of(WORD), seed: u64,
            backend in option::of(WORD),
        ) {
            let chosen = policies.into_iter().filter(|policy| !["care", "level"].contains(&policy.as_str()));
            let policies = chosen.map(|policy| (policy, choice.clone())).collect();
            let bugs = bugs.into_iter().collect();
            let case = Case { scenario, architecture, bugs, policies, level, seed: Seed(seed), backend };
            prop_assert_eq!(case.to_string().parse(), Ok(case));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "[a-z0-9:+=@. é]{0,40}") {
            if let Ok(case) = text.parse::<Case>() {
                prop_assert_eq!(case.to_string().parse(), Ok(case));
            }
        }
    }
}
