//! What one run is about, and what a scenario file says about that: the section `[transfers]`.
//!
//! **Invariant:** a transfer is drawn at its own address, so one more of them changes no other, and no policy is looked at.

use serde::Deserialize;
use stormcart::harness::error::Error;
use stormcart::harness::scenario::section::{self, Checks};
use stormcart::sim::Micros;
use stormcart::sim::draw::{Draws, Purpose};

use crate::saga::{Answer, Step};

/// What the coordinator takes silence for, in the order of the catalog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Silence {
    Unknown,
    Refusal,
    Nothing,
}

/// What one run is about.
#[derive(Clone, Debug, Hash)]
pub struct Setup {
    pub silence: Silence,
    pub call_timeout: Micros,
    pub transfers: Vec<Transfer>,
}

/// A transfer that is to be made.
#[derive(Clone, Copy, Debug, Hash)]
pub struct Transfer {
    pub comes: bool,
    pub cents: u64,
    /// The step that a bank will not do.
    pub refused: Option<Step>,
}

/// The sections of a scenario file that are ours.
#[derive(Clone, Debug, Deserialize)]
pub struct Sections {
    #[serde(default)]
    pub transfers: Transfers,
}

/// Which transfers are to be made. Every field has a default, so a scenario says only what it is about.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transfers {
    pub count: u32,
    /// `[least, greatest]`.
    pub amount_cents: [u64; 2],
    /// Debits refused: the giver has not enough.
    pub poor_percent: f64,
    /// Credits refused: the taker has no such account.
    pub nobody_percent: f64,
    /// How long the coordinator waits for an answer.
    pub call_timeout_ms: u64,
}

impl Default for Transfers {
    fn default() -> Self {
        Transfers {
            count: 4,
            amount_cents: [1_00, 900_00],
            poor_percent: 20.0,
            nobody_percent: 30.0,
            call_timeout_ms: 100,
        }
    }
}

impl Sections {
    pub fn read(name: &str, text: &str) -> Result<Sections, Error> {
        let sections: Sections = section::read(name, text)?;
        let (checks, Transfers { count, amount_cents, call_timeout_ms, .. }) =
            (Checks { name, text }, &sections.transfers);
        checks.ordered(&[("amount_cents", *amount_cents)])?;
        checks.at_least_one(&[("count", u64::from(*count)), ("call_timeout_ms", *call_timeout_ms)])?;
        checks.not_too_great(&[("amount_cents", amount_cents[1]), ("call_timeout_ms", *call_timeout_ms)])?;
        Ok(sections)
    }
}

impl Transfers {
    pub fn draw(&self, draws: &Draws, number: u32) -> Transfer {
        let mut stream = draws.stream(Purpose::Workload, u64::from(number), 0);
        let [least, greatest] = self.amount_cents;
        let cents = least + stream.below(greatest - least + 1);
        let poor = stream.chance(self.poor_percent / 100.0);
        let nobody = stream.chance(self.nobody_percent / 100.0);
        let refused = if poor { Some(Step::Debit) } else { nobody.then_some(Step::Credit) };
        Transfer { comes: true, cents, refused }
    }
}

impl Setup {
    /// What a bank will say to a step, if it has not said it already.
    pub fn answer(&self, transfer: u32, step: Step) -> Answer {
        let refused = self.transfers.get(transfer as usize).and_then(|transfer| transfer.refused);
        if refused == Some(step) { Answer::Refused } else { Answer::Done }
    }

    /// The transfers that come, by number.
    pub fn coming(&self) -> impl Iterator<Item = (u32, &Transfer)> {
        (0..).zip(&self.transfers).filter(|(_, transfer)| transfer.comes)
    }
}
