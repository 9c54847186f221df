//! Named points of a run, as the story prints them: `payments sale order 3 attempt 1, answer`.

use serde::{Deserialize, Serialize};
use stormcart_models::words::{Op, Party, VOCABULARY};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind};

use crate::error::Error;

use super::{find, named};

/// A site in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlaceText(String);

impl PlaceText {
    /// The words for a site.
    pub fn write(site: &InjectionPoint) -> PlaceText {
        PlaceText(VOCABULARY.site(site).to_string())
    }

    /// The site these words mean.
    ///
    /// # Errors
    /// If they are no site, or one of somebody who does not take part.
    pub fn read(&self, physics: &Physics) -> Result<InjectionPoint, Error> {
        let (words, occurrence) = self.occurrence()?;
        let (service, rest) = words.split_once(' ').ok_or_else(|| self.malformed())?;
        let party = named("service", service, Party::ALL, Party::NAMES)?;
        if physics.roles[party as usize].instances == 0 {
            let here = Party::ALL.iter().filter(|party| physics.roles[**party as usize].instances > 0);
            return Err(Error::unknown("node", service, here.map(|party| party.name())));
        }
        let identity = if rest == "recovery" { Identity::RECOVERY } else { self.identity(rest)? };
        Ok(InjectionPoint { role: party.role(), identity, occurrence })
    }

    /// What comes before `(2nd time)`, and the number in it.
    fn occurrence(&self) -> Result<(&str, u8), Error> {
        let Some((words, time)) = self.0.split_once(" (") else { return Ok((&self.0, 1)) };
        let digits =
            time.strip_suffix(" time)").map(|nth| nth.trim_end_matches(|c: char| !c.is_ascii_digit()));
        let nth = digits.and_then(|digits| digits.parse().ok()).filter(|nth| *nth > 0);
        Ok((words, nth.ok_or_else(|| self.malformed())?))
    }

    /// `sale order 3 attempt 1, answer`; the first attempt need not be said.
    fn identity(&self, words: &str) -> Result<Identity, Error> {
        let (what, kind) = words.split_once(", ").ok_or_else(|| self.malformed())?;
        let kind = find("leg", kind, &MessageKind::ALL[..MessageKind::Restart as usize])?;
        let words: Vec<&str> = what.split(' ').collect();
        let (operation, subject, attempt) = match words[..] {
            [operation, "order", subject] => (operation, subject, "1"),
            [operation, "order", subject, "attempt", attempt] => (operation, subject, attempt),
            _ => return Err(self.malformed()),
        };
        let operation = named("operation", operation, Op::ALL, Op::NAMES)?.operation();
        let subject = subject.parse().map_err(|_| self.malformed())?;
        let attempt = attempt.parse().ok().filter(|attempt| *attempt > 0).ok_or_else(|| self.malformed())?;
        Ok(Identity { operation, kind, subject, attempt })
    }

    fn malformed(&self) -> Error {
        let like = "`payments sale order 3 attempt 1, answer`, with ` (2nd time)` if it is not the first, or `payments recovery`";
        Error::Plain(format!("`{}` is no place of a run: write it like {like}", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn physics() -> Physics {
        let stage = crate::plan::LoadedScenario::load("calm").unwrap();
        let variant = crate::variant::Variant::best(stormcart_models::architecture::ARCHITECTURES[0]);
        (*stage.plan(&variant, crate::seeds::Seed(0)).physics).clone()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let physics = physics();
        for words in [
            "payments sale order 3 attempt 1, answer",
            "inventory reserve order 12 attempt 2, ask (3rd time)",
            "broker redeliver order 0 attempt 1, timer (12th time)",
            "payments recovery",
            "payments recovery (2nd time)",
        ] {
            let site = PlaceText(words.into()).read(&physics).unwrap();
            assert_eq!(PlaceText::write(&site).0, words);
        }
    }

    #[test]
    fn refusals_name_the_word() {
        let physics = physics();
        let refused = |words: &str| PlaceText(words.into()).read(&physics).expect_err("refused").to_string();
        assert!(
            refused("payment sale order 1, ask")
                .starts_with("unknown service `payment`: did you mean `payments`?")
        );
        assert!(
            refused("payments salee order 1, ask")
                .starts_with("unknown operation `salee`: did you mean `sale`?")
        );
        assert!(refused("payments sale order 1, aks").starts_with("unknown leg `aks`"));
        assert!(refused("engine sale order 1, ask").starts_with("unknown node `engine`"));
        for words in [
            "payments",
            "payments sale",
            "payments sale order x, ask",
            "payments sale order 1 attempt 0, ask",
            "payments sale order 1, ask (0th time)",
            "payments sale order 1, ask (twice)",
        ] {
            assert!(refused(words).contains("is no place of a run"), "{words}: {}", refused(words));
        }
    }
}
