//! Named points of a run, as the story prints them: `payments sale order 3 attempt 1, answer`.

use serde::{Deserialize, Serialize};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Operation, Role, Vocabulary};

use crate::error::Error;

use super::{Names, find, position};

/// A site in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaceText(String);

impl PlaceText {
    /// The words for a site.
    pub fn write(site: &InjectionPoint, vocabulary: &Vocabulary) -> PlaceText {
        PlaceText(vocabulary.site(site).to_string())
    }

    /// The site these words mean.
    ///
    /// # Errors
    /// If they are no site, or one of somebody who does not take part.
    pub fn read(&self, names: Names<'_>) -> Result<InjectionPoint, Error> {
        let Names { vocabulary, physics, .. } = names;
        let (words, occurrence) = self.occurrence(vocabulary)?;
        let (service, rest) = words.split_once(' ').ok_or_else(|| self.malformed(vocabulary))?;
        let role = Role(position("service", service, vocabulary.roles)?);
        let there = |role: usize| physics.roles.get(role).is_some_and(|role| role.instances > 0);
        if !there(usize::from(role.0)) {
            let here = vocabulary.roles.iter().enumerate().filter(|(role, _)| there(*role));
            return Err(Error::unknown("node", service, here.map(|(_, name)| *name)));
        }
        let recovery = rest == vocabulary.operation(Operation::RECOVERY);
        let identity = if recovery { Identity::RECOVERY } else { self.identity(rest, vocabulary)? };
        Ok(InjectionPoint { role, identity, occurrence })
    }

    /// What comes before `(2nd time)`, and the number in it.
    fn occurrence(&self, vocabulary: &Vocabulary) -> Result<(&str, u8), Error> {
        let Some((words, time)) = self.0.split_once(" (") else { return Ok((&self.0, 1)) };
        let digits =
            time.strip_suffix(" time)").map(|nth| nth.trim_end_matches(|c: char| !c.is_ascii_digit()));
        let nth = digits.and_then(|digits| digits.parse().ok()).filter(|nth| *nth > 0);
        Ok((words, nth.ok_or_else(|| self.malformed(vocabulary))?))
    }

    /// `sale order 3 attempt 1, answer`; the first attempt need not be said.
    fn identity(&self, words: &str, vocabulary: &Vocabulary) -> Result<Identity, Error> {
        let (what, kind) = words.split_once(", ").ok_or_else(|| self.malformed(vocabulary))?;
        let kind = find("message kind", kind, &MessageKind::ALL[..MessageKind::Restart as usize])?;
        let words: Vec<&str> = what.split(' ').collect();
        let (operation, subject, attempt) = match words[..] {
            [operation, word, subject] if word == vocabulary.subject => (operation, subject, "1"),
            [operation, word, subject, "attempt", attempt] if word == vocabulary.subject => {
                (operation, subject, attempt)
            }
            _ => return Err(self.malformed(vocabulary)),
        };
        let operation = Operation(position("operation", operation, vocabulary.operations)?);
        let subject = subject.parse().map_err(|_| self.malformed(vocabulary))?;
        let attempt =
            attempt.parse().ok().filter(|attempt| *attempt > 0).ok_or_else(|| self.malformed(vocabulary))?;
        Ok(Identity { operation, kind, subject, attempt })
    }

    fn malformed(&self, vocabulary: &Vocabulary) -> Error {
        let Vocabulary { roles, operations, subject, .. } = vocabulary;
        let word = |names: &[&'static str]| names.first().copied().unwrap_or("?");
        let (role, operation) = (word(roles), word(operations));
        Error::Plain(format!(
            "`{}` is no place of a run: write it like `{role} {operation} {subject} 3 attempt 1, answer`, with ` (2nd \
             time)` if it is not the first, or `{role} recovery`",
            self.0
        ))
    }
}
