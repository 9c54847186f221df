//! Seeds as people write them: one, a range, a shard of a range, or what the environment asks for.
//!
//! **Invariant:** this is the only room that reads the environment, and no seed comes from a clock. Whatever
//! is not asked for has a fixed default, so two machines given the same words run the same worlds.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;

/// All the randomness of one run.
///
/// In every file it is a string: a JSON number above 2^53 would come back as another seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Seed(pub u64);

impl FromStr for Seed {
    type Err = Error;

    /// Decimal, `0x` hexadecimal, or a 40-digit commit hash, so that each commit can sweep seeds of its own.
    ///
    /// A hash is folded: its digits 1-16, 17-32 and 33-40 are read as three numbers and xored.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |what: &str| Error::BadSeed { text: text.to_owned(), what: what.to_owned() };
        let all_hex = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let hex = |digits: &str| {
            u64::from_str_radix(digits, 16).map_err(|_| bad("a seed has at most 16 hexadecimal digits"))
        };
        if text.len() == 40 && all_hex(text) {
            return Ok(Self(hex(&text[..16])? ^ hex(&text[16..32])? ^ hex(&text[32..])?));
        }
        match text.strip_prefix("0x") {
            Some(digits) if all_hex(digits) => hex(digits).map(Self),
            None if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
                text.parse().map(Self).map_err(|_| bad("the largest seed is 0xffffffffffffffff"))
            }
            _ => Err(bad("write decimal, `0x` hexadecimal or a 40-digit commit hash")),
        }
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl Serialize for Seed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Seed;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a seed as a string, for example \"0x2a\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Seed, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A half-open range of seeds. Nothing that is parsed is empty; a shard may be, if there are more shards
/// than seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Seeds {
    /// The first seed.
    pub start: u64,
    /// The first seed no longer in the range.
    pub end: u64,
}

impl Seeds {
    /// `count` seeds from `first` on. Zero, or more than there are, is refused.
    pub fn counted(first: Seed, count: u64) -> Result<Self, Error> {
        let bad = |what: &str| Error::BadRange { text: format!("{count} from {first}"), what: what.into() };
        match first.0.checked_add(count) {
            Some(_) if count == 0 => Err(bad("no seed would run; ask for at least 1")),
            Some(end) => Ok(Self { start: first.0, end }),
            None => Err(bad("it passes the last seed; start lower")),
        }
    }

    /// How many seeds.
    pub fn len(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// Whether there is nothing to run.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same as plain numbers, for a parallel iterator.
    pub fn range(&self) -> Range<u64> {
        self.start..self.end
    }

    /// Every seed in order.
    pub fn iter(&self) -> impl Iterator<Item = Seed> + use<> {
        self.range().map(Seed)
    }

    /// One machine's contiguous share. The shares of all parts are the whole range, each seed exactly once,
    /// and differ in size by at most one.
    pub fn shard(&self, shard: Shard) -> Self {
        let cut = |part: u64| {
            let offset = u128::from(self.len()) * u128::from(part) / u128::from(shard.of);
            self.start + offset as u64
        };
        Self { start: cut(shard.part - 1), end: cut(shard.part) }
    }

    /// What the environment asks for; the first that is set wins, and a blank one counts as unset.
    ///
    /// | variable | means |
    /// |---|---|
    /// | `STORMCART_SEED` | that one seed |
    /// | `STORMCART_SEEDS` | a range, or a count from 0 |
    /// | `MADSIM_TEST_SEED` | that seed, and those after it if `MADSIM_TEST_NUM` says how many |
    /// | `MADSIM_TEST_NUM` | a count from 0 |
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Option<Self>, Error> {
        Self::from_variables(|name| match std::env::var(name) {
            Ok(value) => Some(value),
            Err(std::env::VarError::NotUnicode(value)) => Some(value.to_string_lossy().into_owned()),
            Err(std::env::VarError::NotPresent) => None,
        })
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Error> {
        let read = |name: &'static str, parse: &dyn Fn(&str) -> Result<Self, Error>| {
            let value = variable(name).filter(|value| !value.trim().is_empty());
            let place = |cause| Error::Environment { variable: name, cause: Box::new(cause) };
            value.map(|value| parse(value.trim()).map_err(place)).transpose()
        };
        let one = |text: &str| Self::counted(text.parse()?, 1);
        let count = |text: &str| Self::counted(Seed(0), text.parse::<Seed>()?.0);
        let range_or_count = |text: &str| if text.contains("..") { text.parse() } else { count(text) };

        if let Some(seeds) = read("STORMCART_SEED", &one)? {
            return Ok(Some(seeds));
        }
        if let Some(seeds) = read("STORMCART_SEEDS", &range_or_count)? {
            return Ok(Some(seeds));
        }
        let first = read("MADSIM_TEST_SEED", &one)?;
        let number = read("MADSIM_TEST_NUM", &count)?;
        match (first, number) {
            (Some(first), Some(number)) => Self::counted(Seed(first.start), number.len()).map(Some),
            (first, number) => Ok(first.or(number)),
        }
    }
}

impl FromStr for Seeds {
    type Err = Error;

    /// `0..500`; each end is written as a seed is.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |what: String| Error::BadRange { text: text.to_owned(), what };
        let Some((start, end)) = text.split_once("..") else {
            return Err(bad("a range has two ends, for example `0..500`".to_owned()));
        };
        if end.starts_with('=') {
            return Err(bad("a range ends before its second number, so write `..` and one more".to_owned()));
        }
        let side = |side: &str| side.parse::<Seed>().map_err(|error| bad(error.to_string()));
        let (start, end) = (side(start)?.0, side(end)?.0);
        match start.cmp(&end) {
            std::cmp::Ordering::Less => Ok(Self { start, end }),
            std::cmp::Ordering::Equal => {
                Err(bad("it is empty, because its end is not part of it".to_owned()))
            }
            std::cmp::Ordering::Greater => Err(bad(format!("it is reversed; write `{end}..{start}`"))),
        }
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// Which share of a sweep a machine takes: `2/8` is the second of eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shard {
    part: u64,
    of: u64,
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = |what: &str| Error::BadRange { text: text.to_owned(), what: what.to_owned() };
        // Written `slice:1/4` once.
        let numbers = text.strip_prefix("slice:").unwrap_or(text).split_once('/');
        let Some((Ok(part), Ok(of))) = numbers.map(|(part, of)| (part.parse::<u64>(), of.parse::<u64>()))
        else {
            return Err(bad("a shard is written `K/N`, for example `1/4`"));
        };
        match part {
            0 => Err(bad("shards are counted from 1")),
            _ if part > of => Err(bad("there are fewer shards than its number; K is at most N")),
            _ => Ok(Self { part, of }),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

#[cfg(test)]
mod tests;
