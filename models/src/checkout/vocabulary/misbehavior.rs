//! What a party outside, or the log, can do wrong.

use stormcart_sim::site::MisbehaviorId;

words! {
    /// What somebody does wrong who is no service; [`crate::checkout::misbehaviors`] says who does what, and where.
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
        /// Nobody asks again or listens.
        Abandon = "go away and hear nothing more",
        /// The acknowledgement is lost inside.
        Redeliver = "forget it and deliver again",
        /// The group's deliveries go to other instances, and its old acknowledgements count no more.
        Rebalance = "rebalance the consumer group",
        /// The delivery is given to another instance while the first still works on it.
        Evict = "evict the consumer, which works on",
        /// What is appended can be read by nobody.
        Poison = "store it damaged",
        /// Whatever came before in its partition is dropped.
        Expire = "drop everything older",
    }
}

/// Misbehaviors as patterns, by who shows them.
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

    /// The manner of a number.
    pub fn of(misbehavior: MisbehaviorId) -> Option<Misbehavior> {
        Misbehavior::ALL.get(misbehavior.0 as usize).copied()
    }
}
