//! The checkout's own sections of a scenario file: who buys what, the time limits, what the provider promises.
//!
//! **Invariant:** no number of a run lives in code; it stands here as a default, or in a file.

use serde::Deserialize;
use stormcart_harness::error::Error;
use stormcart_harness::scenario::section::{self, Checks};
use stormcart_sim::Micros;

use crate::checkout::setup::{ProviderCapabilities, Timeouts as Limits};

/// The sections by name; the second of two is an older name of the first.
pub const SECTIONS: &[&str] = &["workload", "timeouts", "terms", "provider"];

/// What the sections say.
#[derive(Clone, Debug, Deserialize)]
pub struct Sections {
    /// Who buys what.
    #[serde(default)]
    pub workload: Workload,
    /// Time limits of the business and of its platform.
    #[serde(default, alias = "terms")]
    pub timeouts: Timeouts,
    /// What the payment provider promises.
    #[serde(default)]
    pub provider: Provider,
}

impl Sections {
    /// Reads the sections from the text of a scenario; `name` is for messages.
    ///
    /// # Errors
    /// If a section is malformed, or a number makes no sense.
    pub fn read(name: &str, text: &str) -> Result<Sections, Error> {
        let sections: Sections = section::read(name, text)?;
        sections.check(&Checks { name, text })?;
        Ok(sections)
    }

    fn check(&self, checks: &Checks<'_>) -> Result<(), Error> {
        let Sections { workload, timeouts, .. } = self;
        checks.ordered(&[("price_cents", workload.price_cents)])?;
        checks.at_least_one(&[
            ("orders", u64::from(workload.orders)),
            ("skus", u64::from(workload.skus)),
            ("lines_max", u64::from(workload.lines_max)),
            ("quantity_max", u64::from(workload.quantity_max)),
            ("call_timeout_ms", timeouts.call_timeout_ms),
        ])?;
        checks.not_too_great(&[
            ("price_cents", workload.price_cents[1]),
            ("cancels_within_ms", workload.cancels_within_ms),
            ("call_timeout_ms", timeouts.call_timeout_ms),
            ("backoff_cap_ms", timeouts.backoff_cap_ms),
            ("jitter_percent", timeouts.jitter_percent),
            ("deadline_ms", timeouts.deadline_ms),
            ("hold_ttl_ms", timeouts.hold_ttl_ms),
            ("patience_ms", timeouts.patience_ms),
            ("late_success_ms", timeouts.late_success_ms),
        ])
    }
}

impl Timeouts {
    /// The time limits as a run has them.
    pub fn limits(&self) -> Limits {
        Limits {
            call_timeout: Micros::millis(self.call_timeout_ms),
            backoff_cap: Micros::millis(self.backoff_cap_ms),
            jitter_percent: self.jitter_percent,
            park_after: self.park_after,
            poison_after: self.poison_after,
            deadline: Micros::millis(self.deadline_ms),
            hold_ttl: Micros::millis(self.hold_ttl_ms),
            patience: Micros::millis(self.patience_ms),
            resubmissions: self.resubmissions,
            late_success: Micros::millis(self.late_success_ms),
        }
    }
}

impl Provider {
    /// What the provider can do as a run has it.
    pub fn capabilities(&self) -> ProviderCapabilities {
        ProviderCapabilities {
            replays_errors: self.idempotency == Idempotency::ReplaysEverything,
            look_up: self.look_up == LookUp::Authoritative,
            webhooks: self.webhooks,
        }
    }
}

/// Purchase intents: synthetic, or real orders from a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workload {
    /// Number of intents (with `orders_csv`, the most that are taken from the window).
    pub orders: u32,
    /// Mean time between two customers; they come as a Poisson process.
    pub mean_gap_ms: f64,
    /// Number of articles.
    pub skus: u16,
    /// Initial stock of each article.
    pub stock: u32,
    /// How unevenly articles are wanted: the exponent of Zipf's law, 0 for evenly.
    pub zipf: f64,
    /// Most lines in a basket.
    pub lines_max: u16,
    /// Most of one article in a basket.
    pub quantity_max: u16,
    /// Least and greatest price of one piece, in cents.
    pub price_cents: [u64; 2],
    /// Per cent of customers whose card does not pay.
    pub declines_percent: f64,
    /// Per cent of customers where no carrier goes.
    pub undeliverable_percent: f64,
    /// Per cent of customers who change their mind in flight.
    pub cancels_percent: f64,
    /// How soon they do, at the latest.
    pub cancels_within_ms: u64,
    /// Per cent of orders that cost nothing.
    pub free_percent: f64,
    /// Real orders instead of synthetic ones.
    pub orders_csv: Option<OrdersCsv>,
}

/// Real orders: date, customer, quantity and amount are real; articles, arrival within the day and the split of an
/// amount over lines are drawn.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdersCsv {
    /// Path of the file, relative to the scenario; `catalogue:cdnow` is the sample that comes with the project.
    pub file: String,
    /// How many days are taken; the seed draws which.
    pub days: u32,
    /// How many times faster than real the orders come.
    pub time_compression: f64,
}

/// Time limits.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Timeouts {
    /// How long the first attempt of a call waits.
    pub call_timeout_ms: u64,
    /// The longest a later attempt waits; waits double up to here.
    pub backoff_cap_ms: u64,
    /// How much later a retry may come, in per cent of its wait.
    pub jitter_percent: u64,
    /// After so many attempts a person must act.
    pub park_after: u8,
    /// After so many deliveries a record of the log that cannot be read is put aside.
    pub poison_after: u8,
    /// When an undecided order is overdue.
    pub deadline_ms: u64,
    /// How long stock is held.
    pub hold_ttl_ms: u64,
    /// How long a customer waits before resubmitting.
    pub patience_ms: u64,
    /// How often a customer resubmits.
    pub resubmissions: u8,
    /// How late a late success is.
    pub late_success_ms: u64,
}

/// What the payment provider promises.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// Which answers a repeated key gets again.
    pub idempotency: Idempotency,
    /// What can be looked up.
    pub look_up: LookUp,
    /// Whether captures are announced by webhook.
    pub webhooks: bool,
}

/// Which answers a repeated key gets again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Idempotency {
    /// Every answer, errors after the effect included.
    ReplaysEverything,
    /// Only successes: after an error the same key charges again.
    #[serde(rename = "remembers-only-2xx")]
    RemembersOnly2xx,
}

/// What can be looked up by merchant reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookUp {
    /// The truth.
    Authoritative,
    /// Nothing.
    Absent,
}

impl Default for Workload {
    fn default() -> Self {
        Workload {
            orders: 10,
            mean_gap_ms: 40.0,
            skus: 8,
            stock: 100,
            zipf: 1.0,
            lines_max: 3,
            quantity_max: 2,
            price_cents: [500, 9_900],
            declines_percent: 0.0,
            undeliverable_percent: 0.0,
            cancels_percent: 0.0,
            cancels_within_ms: 60,
            free_percent: 0.0,
            orders_csv: None,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts {
            call_timeout_ms: 1_000,
            backoff_cap_ms: 8_000,
            jitter_percent: 10,
            park_after: 60,
            poison_after: 5,
            deadline_ms: 30_000,
            hold_ttl_ms: 120_000,
            patience_ms: 3_000,
            resubmissions: 5,
            late_success_ms: 40_000,
        }
    }
}

impl Default for Provider {
    fn default() -> Self {
        Provider {
            idempotency: Idempotency::ReplaysEverything,
            look_up: LookUp::Authoritative,
            webhooks: false,
        }
    }
}
