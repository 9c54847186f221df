//! Everything about a checkout that is decided before it runs.
//!
//! **Invariant:** a setup is configuration: it survives crashes and is never changed, since every memory shares it
//! behind an `Arc`; it is no part of a world's state, since its `Hash` is empty.

use std::fmt;
use std::hash::{Hash, Hasher};

use stormcart_sim::Micros;

use crate::checkout::architecture::Architecture;
use crate::checkout::domain::Basket;
use crate::checkout::policy::{Policies, Retry};

/// The business's and the platform's time limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// How long the first attempt of a call waits for its answer.
    pub call_timeout: Micros,
    /// The longest a later attempt waits.
    pub backoff_cap: Micros,
    /// How much later a retry may come, in per cent of its wait.
    pub jitter_percent: u64,
    /// After so many attempts a person must act.
    pub park_after: u8,
    /// After so many deliveries a record that cannot be read is put aside.
    pub poison_after: u8,
    /// When an undecided order is overdue.
    pub deadline: Micros,
    /// How long stock is held.
    pub hold_ttl: Micros,
    /// How long a customer waits for the shop to answer.
    pub patience: Micros,
    /// How often a customer resubmits before going elsewhere.
    pub resubmissions: u8,
    /// How late a late success is.
    pub late_success: Micros,
}

/// What the payment provider promises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderCapabilities {
    /// A repeated key gets the same answer, errors after the effect included; otherwise only 2xx are remembered, and
    /// the same key charges again after an error that came after the effect.
    pub replays_errors: bool,
    /// Sales can be looked up by merchant reference.
    pub look_up: bool,
    /// Captures are announced by webhook, until acknowledged.
    pub webhooks: bool,
}

impl ProviderCapabilities {
    /// Whether a client has a way to know what became of a charge. Without one, a client cannot do better than one net
    /// charge at rest.
    pub fn tells(&self) -> bool {
        self.replays_errors || self.look_up
    }
}

/// What one customer is going to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Whether the customer comes at all: a run can be repeated with fewer customers, and the others keep their
    /// numbers.
    pub comes: bool,
    /// When the customer comes, since the start of the run.
    pub at: Micros,
    /// The number of the customer.
    pub customer: u32,
    /// What the customer wants, at the quoted price.
    pub basket: Basket,
    /// The card does not pay.
    pub declines: bool,
    /// The carrier does not deliver there.
    pub undeliverable: bool,
    /// The customer cancels so long after coming.
    pub cancels_after: Option<Micros>,
}

/// The whole configuration of a checkout.
#[derive(Clone)]
pub struct Setup {
    /// How the services are coordinated.
    pub architecture: &'static Architecture,
    /// The choices that were made.
    pub policies: Policies,
    /// Time limits.
    pub timeouts: Timeouts,
    /// The provider's promises.
    pub capabilities: ProviderCapabilities,
    /// Purchase intents, by number and by time.
    pub intents: Vec<Intent>,
    /// Pieces in stock at the start, by article.
    pub stock: Vec<u32>,
    /// How many partitions the log has.
    pub partitions: u8,
}

/// Every memory holds a setup, and it can be large: it is shown by name, without its content.
impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").field("architecture", &self.architecture.name).finish_non_exhaustive()
    }
}

/// Configuration is the same in every state of one run, so it adds nothing to a state's hash.
impl Hash for Setup {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Setup {
    /// The customers who come, from this number on.
    pub fn customers(&self, from: u32) -> impl Iterator<Item = (u32, &Intent)> {
        (from..).zip(self.intents.iter().skip(from as usize)).filter(|(_, intent)| intent.comes)
    }

    /// How long the given attempt waits for an answer, and how much jitter is added.
    pub fn wait(&self, attempt: u8) -> (Micros, Micros) {
        let timeouts = &self.timeouts;
        let wait = match self.policies.retry {
            Retry::Backoff => {
                Micros(timeouts.call_timeout.0 << (attempt.clamp(1, 16) - 1)).min(timeouts.backoff_cap)
            }
            Retry::Eager => Micros(timeouts.call_timeout.0 / 2),
            Retry::Doubled => {
                Micros(timeouts.call_timeout.0 << attempt.clamp(1, 16)).min(timeouts.backoff_cap.times(2))
            }
        };
        (wait, Micros(wait.0 * timeouts.jitter_percent / 100))
    }
}
