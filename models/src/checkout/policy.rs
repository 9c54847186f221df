//! Policies: a bug is a choice somebody made.
//!
//! Every defence is a mechanism that can be chosen. The first choice of each policy is the safe one and the default;
//! correct code carries no `if bug`. A policy that changes nothing in an architecture is refused there.
//!
//! **Invariant:** this table is the only list of policies; the command line, `list` and the catalogue of bugs derive
//! from it. `models/tests/registries/vocabulary.rs` checks that every choice can be made, and the first is the default.

use crate::checkout::architecture::style::Style;

/// One choice of a policy.
#[derive(Debug)]
pub struct Choice {
    /// How it is written.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
}

/// One policy.
#[derive(Debug)]
pub struct Policy {
    /// How it is written.
    pub name: &'static str,
    /// What is decided.
    pub about: &'static str,
    /// The architectures in which the decision matters.
    pub matters_in: &'static [Style],
    /// The safe choice first.
    pub choices: &'static [Choice],
    set: fn(&mut Policies, usize),
    get: fn(&Policies) -> usize,
}

impl Policy {
    /// Makes the choice of this number.
    pub fn choose(&self, policies: &mut Policies, choice: usize) {
        (self.set)(policies, choice);
    }

    /// The number of the choice that was made.
    pub fn chosen(&self, policies: &Policies) -> usize {
        (self.get)(policies)
    }

    /// The policy of this name.
    pub fn named(name: &str) -> Option<&'static Policy> {
        POLICIES.iter().find(|policy| policy.name == name)
    }
}

macro_rules! policies {
    ($($(#[$doc:meta])* $field:ident $name:literal $kind:ident in $matters:expr, $about:literal {
        $($(#[$item:meta])* $variant:ident $text:literal $words:literal,)*
    })*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum $kind { #[default] $($(#[$item])* #[doc = $words] $variant,)* }

        impl $kind {
            const ALL: &'static [$kind] = &[$($kind::$variant),*];
        })*

        /// One choice for every policy; the default is safe.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct Policies { $($(#[$doc])* pub $field: $kind,)* }

        /// Every policy there is.
        pub const POLICIES: &[Policy] = &[$(Policy {
            name: $name,
            about: $about,
            matters_in: $matters,
            choices: &[$(Choice { name: $text, about: $words }),*],
            set: |policies, choice| policies.$field = $kind::ALL[choice],
            get: |policies| policies.$field as usize,
        }),*];
    };
}

const ALL: &[Style] = &[Style::Choreography, Style::OrchestratedSaga, Style::CallChain];
const LOG: &[Style] = &[Style::Choreography];
const RELAYED: &[Style] = &[Style::Choreography, Style::OrchestratedSaga];
const ENGINE: &[Style] = &[Style::OrchestratedSaga];

policies! {
    /// What an idempotency key names.
    key "key" Key in ALL, "what an idempotency key names" {
        PerOperation "per-operation" "one key for one logical effect, whatever the attempt",
        PerAttempt "per-attempt" "a new key in every turn of the retry loop (akash-network/console PR#3449)",
    }
    /// What is concluded when no answer comes.
    timeout "timeout" TimeoutMeans in ALL, "what is concluded when no answer comes" {
        Unknown "unknown" "ask again or look it up until the outcome is known",
        Failed "failed" "it did not happen (the common root of many bugs)",
    }
    /// How an event gets from a database to the log or to the engine.
    publish "publish" Publish in RELAYED, "how an event leaves the service that caused it" {
        Outbox "outbox" "a row in the same transaction, relayed until it is acknowledged",
        CommitThenPublish "commit-then-publish" "sent after the commit, from memory (event-sourcing-microservices-example#28)",
        PublishThenCommit "publish-then-commit" "sent before the commit (MassTransit#1089)",
    }
    /// How a repeated command is recognised.
    dedup "dedup" Dedup in ALL, "how a repeated command is recognised" {
        SameTransaction "same-transaction" "its outcome is remembered in the transaction of its effect",
        None "none" "it is not: every delivery is executed",
    }
    /// What stops a command that arrives after it was given up.
    fence "fence" Fence in ALL, "what stops a command that arrives after it was given up" {
        Tombstone "tombstone" "undoing what never came leaves a tombstone",
        None "none" "nothing: the late command is executed (seata#2711, tcc-transaction#299)",
    }
    /// How a hold is confirmed.
    confirm "confirm" Confirm in ALL, "how confirming a hold is made safe to repeat" {
        ByOperation "by-operation" "like every operation: once per key",
        Blind "blind" "reserved -= quantity at every delivery (MarketplaceOnDapr StockService)",
    }
    /// In what transaction availability is read.
    allocate "allocate" Allocate in ALL, "in what transaction availability is read" {
        OneTransaction "one-transaction" "read and allocated at one instant",
        CheckThenAllocate "check-then-allocate" "read first, allocated later, unchecked (vendure PR#4930)",
    }
    /// What a consumer does with an error.
    errors "errors" Errors in LOG, "what a consumer does when its database fails" {
        Redeliver "redeliver" "does not acknowledge: the log delivers again",
        SwallowAndAck "swallow-and-ack" "logs and acknowledges (MarketplaceOnDapr EventController)",
    }
    /// What the engine does after a restart.
    timers "engine-timers" EngineTimers in ENGINE, "what the workflow engine does after a restart" {
        Rebuild "rebuild" "resumes every workflow and arms its timers from the journal",
        Forget "forget" "waits for something to happen (dapr#6880)",
    }
    /// What makes the engine undo.
    undo "undo" Undo in ENGINE, "what makes the workflow engine compensate" {
        Always "always" "failure, deadline and cancellation alike",
        OnFailure "on-failure" "failures only; a timeout or a cancellation just ends it (Netflix/conductor#1750)",
    }
    /// What becomes of a charge that succeeds after its order was given up.
    late "late-success" LateSuccess in ALL, "what becomes of a charge that succeeds after its order was given up" {
        Reconcile "reconcile" "it is asked for until known, then refunded",
        Ignore "ignore" "nobody asks again",
    }
    /// What makes two submissions the same purchase.
    resubmission "resubmission" Resubmission in ALL, "what makes two submissions of a basket one purchase" {
        ByIntent "by-intent" "the intent they carry, whatever their key: a reloaded page has a new one",
        ByKey "by-key" "the idempotency key and nothing else",
    }
    /// How eagerly callers repeat themselves.
    retry "retry" Retry in ALL, "how soon a caller asks again" {
        Backoff "backoff" "exponential backoff with jitter",
        Eager "eager" "twice as soon, without backoff: benign, with the right key",
        Doubled "doubled" "every timeout doubled: benign",
    }
    /// How often an event is handed to the log.
    relay "relay" Relay in RELAYED, "how often an event is handed on" {
        Once "once" "until it is acknowledged",
        Twice "twice" "every event is published twice: benign, with the inbox",
    }
}

impl Policies {
    /// The policies in which this differs from the default, as `(policy, choice)`.
    pub fn unusual(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let this = *self;
        POLICIES.iter().filter_map(move |policy| {
            let chosen = policy.chosen(&this);
            (chosen != 0).then(|| (policy.name, policy.choices[chosen].name))
        })
    }
}
