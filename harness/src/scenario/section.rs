//! Sections of a scenario file, as the harness and a model read them: with the place of whatever is refused.
//!
//! **Invariant:** a section is refused as a whole; a value that makes no sense is never replaced by another one.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::error::Error;

use super::GREATEST;

/// Reads what a type knows of a text; other sections are somebody else's.
///
/// # Errors
/// If the text is malformed, with the place in it.
pub fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Error> {
    toml::from_str(text).map_err(|error| Error::in_toml(name, text, &error))
}

/// Reads the one section of a model that has no other; it must be there.
///
/// # Errors
/// If the text is malformed, with the place in it, or the section is missing.
pub fn read_one<T: DeserializeOwned>(name: &str, text: &str, section: &str) -> Result<T, Error> {
    let mut all: BTreeMap<String, Spanned<toml::Value>> = read(name, text)?;
    let one = all.remove(section);
    let one =
        one.ok_or_else(|| Error::in_file(name, text, 0, format!("the section [{section}] is missing")))?;
    let offset = one.span().start;
    let value = one.into_inner().try_into();
    value.map_err(|error: toml::de::Error| Error::in_file(name, text, offset, error.message()))
}

/// Checks of numbers that know where the fields stand.
#[derive(Clone, Copy, Debug)]
pub struct Checks<'a> {
    /// The scenario, for messages.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

impl Checks<'_> {
    /// The refusal of a field.
    pub fn refused(&self, field: &str, what: &str) -> Error {
        let offset = self.text.find(field).unwrap_or(0);
        Error::in_file(self.name, self.text, offset, format!("{field}: {what}"))
    }

    /// Refuses a range whose ends are reversed.
    ///
    /// # Errors
    /// With the first such field.
    pub fn ordered(&self, ranges: &[(&str, [u64; 2])]) -> Result<(), Error> {
        let reversed = ranges.iter().find(|(_, [least, greatest])| least > greatest);
        reversed
            .map_or(Ok(()), |(field, _)| Err(self.refused(field, "the least comes first: [least, greatest]")))
    }

    /// Refuses zero.
    ///
    /// # Errors
    /// With the first such field.
    pub fn at_least_one(&self, counts: &[(&str, u64)]) -> Result<(), Error> {
        let zero = counts.iter().find(|(_, count)| *count == 0);
        zero.map_or(Ok(()), |(field, _)| Err(self.refused(field, "must be at least 1")))
    }

    /// Refuses a time or an amount that would overflow somewhere.
    ///
    /// # Errors
    /// With the first such field.
    pub fn not_too_great(&self, values: &[(&str, u64)]) -> Result<(), Error> {
        let great = values.iter().find(|(_, value)| *value > GREATEST);
        great.map_or(Ok(()), |(field, _)| Err(self.refused(field, "at most a thousand million")))
    }
}
