//! What a party outside, or the log, can do wrong.

use stormcart_sim::site::MisbehaviorId;

words! {
    /// A misbehavior of customers, of a provider or of the log; [`crate::checkout::misbehaviors`] says which party
    /// shows which, and where.
    Misbehavior {
        /// The card is declined, this once.
        Decline = "decline",
        /// A 5xx instead of the effect.
        ErrorBefore = "answer 5xx before the effect",
        /// The effect, and then a 5xx.
        ErrorAfter = "answer 5xx after the effect",
        /// No answer; the effect comes later.
        LateSuccess = "succeed late",
        /// Two webhooks at once about one capture.
        WebhookTwice = "call twice about one capture",
        /// The answer waits until the webhook was acknowledged.
        WebhookFirst = "call before it answers",
        /// The button is pressed twice.
        SubmitTwice = "submit twice at once",
        /// The page is loaded again, with a new key, and submitted.
        Reload = "reload the page and submit again",
        /// The order is cancelled as soon as it is on its way.
        CancelAtOnce = "cancel right after placing",
        /// The customer neither asks again nor listens.
        Abandon = "go away and hear nothing more",
        /// The acknowledgement is lost inside.
        Redeliver = "forget it and deliver again",
        /// The group's deliveries go to other instances, and its old acknowledgements count no more.
        Rebalance = "rebalance the consumer group",
        /// The delivery is given to another instance while the first still works on it.
        Evict = "evict the consumer, which works on",
        /// What is appended cannot be read.
        Poison = "store it damaged",
        /// Whatever came before in its partition is dropped.
        Expire = "drop everything older",
    }
}

/// Misbehaviors as patterns, by the kind of party that shows them: a new one has to be decided about wherever
/// misbehaviors are.
macro_rules! misbehaviors {
    (of providers) => {
        Misbehavior::Decline
            | Misbehavior::ErrorBefore
            | Misbehavior::ErrorAfter
            | Misbehavior::LateSuccess
            | Misbehavior::WebhookTwice
            | Misbehavior::WebhookFirst
    };
    (of customers) => {
        Misbehavior::SubmitTwice | Misbehavior::Reload | Misbehavior::CancelAtOnce | Misbehavior::Abandon
    };
    (of the log) => {
        Misbehavior::Redeliver
            | Misbehavior::Rebalance
            | Misbehavior::Evict
            | Misbehavior::Poison
            | Misbehavior::Expire
    };
}
pub(in crate::checkout) use misbehaviors;

impl Misbehavior {
    /// Its number in the world.
    pub const fn misbehavior(self) -> MisbehaviorId {
        MisbehaviorId(self as u8)
    }

    /// The misbehavior of a number, if there is one.
    pub fn of(misbehavior: MisbehaviorId) -> Option<Misbehavior> {
        Misbehavior::ALL.get(misbehavior.0 as usize).copied()
    }
}
