//! The vocabulary of the checkout: who takes part, what they do, how it ends, what is announced.
//!
//! Sites, stories, tables and policies all speak these words; every list here is data.

use crate::checkout::domain::Status;
use stormcart_sim::site::{MisbehaviorId, Operation, Role, Vocabulary};

/// Defines an enum of words with a table of their names.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$item])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

words! {
    /// Who takes part.
    Party {
        /// The customers, with their purchase intents.
        Customers = "customers",
        /// Accepts orders and knows their status.
        Orders = "orders",
        /// Knows the stock and the holds on it.
        Inventory = "inventory",
        /// Knows what was charged.
        Payments = "payments",
        /// Knows what was shipped.
        Shipping = "shipping",
        /// Tells customers.
        Notifications = "notifications",
        /// The workflow engine.
        Engine = "engine",
        /// The event log.
        Broker = "broker",
        /// The payment provider.
        Psp = "psp",
        /// The carrier.
        Carrier = "carrier",
        /// The mail provider.
        Mailer = "mailer",
    }
}

/// What kind of party somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartyKind {
    /// People with purchase intents.
    Customers,
    /// A business service of the shop.
    Service,
    /// What services stand on.
    Platform,
    /// A provider the shop depends on and does not own.
    Outside,
}

words! {
    /// What is done. The first group are operations of services, the second of outside parties, the third timers.
    Op {
        /// Accept an order.
        Place = "place",
        /// Ask for an order to be given up.
        Cancel = "cancel",
        /// Hold stock.
        Reserve = "reserve",
        /// Give held or picked stock back.
        Release = "release",
        /// Take the money: the pivot.
        Charge = "charge",
        /// Give a charge up, unless it has happened.
        Withdraw = "withdraw",
        /// Give the money back.
        Refund = "refund",
        /// Pick the held stock.
        Confirm = "confirm",
        /// Hand the goods to the carrier.
        Ship = "ship",
        /// Set the final status.
        Close = "close",
        /// Tell the customer the final status.
        Notify = "notify",
        /// The provider takes money.
        Sale = "sale",
        /// The provider gives money back.
        Reverse = "reverse",
        /// The provider says what became of a sale.
        LookUp = "look-up",
        /// The provider says what became of a refund.
        LookUpRefund = "look-up-refund",
        /// The provider calls us.
        Webhook = "webhook",
        /// The carrier takes goods.
        Dispatch = "dispatch",
        /// The mailer delivers.
        Mail = "mail",
        /// A customer comes.
        Arrive = "arrive",
        /// A customer has waited long enough.
        Patience = "patience",
        /// An order is overdue.
        Deadline = "deadline",
        /// A hold has been held long enough.
        Expiry = "expiry",
        /// An event is published once more.
        Relay = "relay",
        /// An event is delivered once more.
        Redeliver = "redeliver",
    }
}

words! {
    /// How an operation ended, as its caller hears it.
    Outcome {
        /// As wished.
        Done = "done",
        /// Taken on; the end will be told.
        Accepted = "accepted",
        /// The card does not pay.
        Declined = "declined",
        /// Not enough on the shelf.
        OutOfStock = "out of stock",
        /// The carrier will never take it.
        Refused = "refused",
        /// Nothing was charged, and nothing will be.
        Withdrawn = "withdrawn",
        /// What was charged has been given back.
        Refunded = "refunded",
        /// It has happened already and is not undone this way.
        TooLate = "too late",
        /// A tombstone stopped it.
        Fenced = "fenced",
        /// The hold is gone.
        HoldLost = "hold lost",
        /// The order is confirmed.
        Confirmed = "confirmed",
        /// The order was given up.
        Rejected = "rejected",
        /// The provider knows nothing of it.
        NotFound = "not found",
        /// The provider is still at it.
        InFlight = "in flight",
        /// Something broke: whether it happened is unknown.
        Error = "error",
        /// Certainly not executed: nobody listened.
        NotExecuted = "not executed",
        /// No answer in time: whether it happened is unknown.
        Unanswered = "no answer",
    }
}

words! {
    /// What is announced on the log. The past tense of an operation and its outcome.
    Event {
        /// An order was accepted.
        OrderPlaced = "OrderPlaced",
        /// The customer or the deadline wants it given up.
        CancelAsked = "CancelAsked",
        /// Stock is held.
        StockReserved = "StockReserved",
        /// There was not enough.
        StockMissing = "StockMissing",
        /// Money was taken.
        PaymentCaptured = "PaymentCaptured",
        /// The card did not pay.
        PaymentDeclined = "PaymentDeclined",
        /// No money was taken and none will be.
        PaymentWithdrawn = "PaymentWithdrawn",
        /// The money went back.
        PaymentRefunded = "PaymentRefunded",
        /// The goods are picked.
        StockConfirmed = "StockConfirmed",
        /// The hold was gone when it was to be confirmed.
        HoldLost = "HoldLost",
        /// The goods are on their way.
        Dispatched = "Dispatched",
        /// The carrier will never take them.
        ShipmentRefused = "ShipmentRefused",
        /// The status is final.
        OrderClosed = "OrderClosed",
    }
}

words! {
    /// What a sweep must have seen to have tested anything.
    CoverageGoal {
        /// Something was undone.
        Compensated = "a compensation ran",
        /// A call succeeded that had to be repeated.
        Retried = "a retry succeeded",
        /// The effect happened, and nobody heard of it.
        ReplyLost = "a reply was lost after its effect",
        /// A process died between its commit and its message.
        CrashBeforeSend = "a crash fell between a commit and a send",
        /// A process died while the disk was writing.
        CrashDuringSync = "a crash fell on a forced write",
        /// A command came twice and took effect once.
        DuplicateSuppressed = "a duplicate was suppressed",
        /// Money was taken for an order that had been given up.
        LateSuccess = "a late success met a given-up order",
        /// Not enough on the shelf.
        OutOfStock = "out of stock",
        /// The card does not pay.
        Declined = "card declined",
        /// After a crash, what was under way went on.
        Resumed = "recovery resumed a half-done order",
        /// A command came after it had been given up.
        TombstoneStopped = "a tombstone stopped a late action",
        /// One got it, the other did not.
        LastItem = "two orders wanted the last item",
        /// One purchase came under two keys, and became one order.
        SamePurchase = "a purchase was recognised under a new key",
        /// The provider called before it answered.
        WebhookFirst = "a webhook came before its answer",
        /// The hold was gone when it was to be confirmed.
        HoldLost = "a hold ended before it was confirmed",
        /// Who leads no longer was asked to act, and did not.
        ZombieRefused = "a leader of the past was refused",
        /// A consumer of an old generation acknowledged, and was not heard.
        GenerationOver = "an acknowledgement of an old generation was refused",
        /// Nobody could read a record: it was put aside, and the partition went on.
        PoisonParked = "a poison record was parked",
        /// The log had dropped what a group had not read.
        ReadTooLate = "a group came too late for a record",
    }
}

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

/// The operations of one owner, as a pattern: a new operation has to stand in one of them, and wherever it then has to be
/// decided about, the compiler says so.
macro_rules! ops {
    (of orders) => { Op::Place | Op::Cancel | Op::Close | Op::Deadline };
    (of inventory) => { Op::Reserve | Op::Release | Op::Confirm | Op::Expiry };
    (of payments) => { Op::Charge | Op::Withdraw | Op::Refund | Op::Webhook };
    (of shipping) => { Op::Ship };
    (of notifications) => { Op::Notify };
    (of psp) => { Op::Sale | Op::Reverse | Op::LookUp | Op::LookUpRefund };
    (of carrier) => { Op::Dispatch };
    (of mailer) => { Op::Mail };
    (of customers) => { Op::Arrive | Op::Patience };
    (of broker) => { Op::Relay | Op::Redeliver };
    (not of a service) => { ops!(of psp) | ops!(of carrier) | ops!(of mailer) | ops!(of customers) | ops!(of broker) };
    (not of orders) => { ops!(of inventory) | ops!(of payments) | ops!(of shipping) | ops!(of notifications) | ops!(not of a service) };
    (not of inventory) => { ops!(of orders) | ops!(of payments) | ops!(of shipping) | ops!(of notifications) | ops!(not of a service) };
    (not of payments) => { ops!(of orders) | ops!(of inventory) | ops!(of shipping) | ops!(of notifications) | ops!(not of a service) };
    (not of psp) => {
        ops!(of orders) | ops!(of inventory) | ops!(of payments) | ops!(of shipping) | ops!(of notifications)
            | ops!(of carrier) | ops!(of mailer) | ops!(of customers) | ops!(of broker)
    };
}
pub(super) use ops;

/// Outcomes as patterns, beside `Done`, `Declined` and `Refused`: a new outcome has to be decided about wherever outcomes
/// are.
macro_rules! outcomes {
    (unknown) => {
        Outcome::NotFound | Outcome::InFlight | Outcome::Error | Outcome::NotExecuted | Outcome::Unanswered
    };
    (told to customers) => { Outcome::Accepted | Outcome::Confirmed | Outcome::Rejected };
    (of a service) => {
        outcomes!(told to customers) | Outcome::OutOfStock | Outcome::Withdrawn | Outcome::Refunded
            | Outcome::TooLate | Outcome::Fenced | Outcome::HoldLost
    };
}
pub(super) use outcomes;

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
pub(super) use misbehaviors;

impl Party {
    /// Its number in the world.
    pub const fn role(self) -> Role {
        Role(self as u8)
    }

    /// The party of a role.
    pub fn of(role: Role) -> Party {
        Party::ALL[role.0 as usize]
    }

    /// What kind of party it is: every list of parties derives from this.
    pub const fn kind(self) -> PartyKind {
        match self {
            Party::Customers => PartyKind::Customers,
            Party::Orders | Party::Inventory | Party::Payments | Party::Shipping | Party::Notifications => {
                PartyKind::Service
            }
            Party::Engine | Party::Broker => PartyKind::Platform,
            Party::Psp | Party::Carrier | Party::Mailer => PartyKind::Outside,
        }
    }

    /// Whether the party is none of the shop's: it never crashes and keeps its own truth.
    pub const fn outside(self) -> bool {
        match self.kind() {
            PartyKind::Customers | PartyKind::Outside => true,
            PartyKind::Service | PartyKind::Platform => false,
        }
    }

    /// Every party of a kind, in the order of [`Party::ALL`].
    pub fn of_kind(kind: PartyKind) -> impl Iterator<Item = Party> {
        Party::ALL.iter().copied().filter(move |party| party.kind() == kind)
    }
}

impl Op {
    /// Its number in the world.
    pub const fn operation(self) -> Operation {
        Operation(self as u8)
    }

    /// Who does it.
    pub const fn owner(self) -> Party {
        match self {
            ops!(of orders) => Party::Orders,
            ops!(of inventory) => Party::Inventory,
            ops!(of payments) => Party::Payments,
            ops!(of shipping) => Party::Shipping,
            ops!(of notifications) => Party::Notifications,
            ops!(of psp) => Party::Psp,
            ops!(of carrier) => Party::Carrier,
            ops!(of mailer) => Party::Mailer,
            ops!(of customers) => Party::Customers,
            ops!(of broker) => Party::Broker,
        }
    }

    /// The operation whose late arrival this one must fence off.
    pub const fn undoes(self) -> Option<Op> {
        match self {
            Op::Release => Some(Op::Reserve),
            Op::Withdraw | Op::Refund => Some(Op::Charge),
            Op::Reserve | Op::Confirm | Op::Expiry | Op::Charge | Op::Webhook => None,
            ops!(of orders) | ops!(of shipping) | ops!(of notifications) => None,
            ops!(of psp) | ops!(of carrier) | ops!(of mailer) => None,
            ops!(of customers) | ops!(of broker) => None,
        }
    }

    /// The question that tells what became of this operation.
    pub const fn look_up(self) -> Option<Op> {
        match self {
            Op::Sale => Some(Op::LookUp),
            Op::Reverse => Some(Op::LookUpRefund),
            Op::LookUp | Op::LookUpRefund => None,
            ops!(not of psp) => None,
        }
    }

    /// The operation that this question is about.
    pub const fn looked_up(self) -> Option<Op> {
        match self {
            Op::LookUp => Some(Op::Sale),
            Op::LookUpRefund => Some(Op::Reverse),
            Op::Sale | Op::Reverse => None,
            ops!(not of psp) => None,
        }
    }

    /// The operation and its idempotency key in words: `charge`, or `charge (key 1)`.
    pub fn with_key(self, key: u8) -> impl std::fmt::Display {
        std::fmt::from_fn(move |f| match key {
            0 => write!(f, "{self}"),
            key => write!(f, "{self} (key {key})"),
        })
    }

    /// The bit of this operation in a set of operations.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl Event {
    /// The final status that an order takes because of it.
    pub const fn verdict(self) -> Status {
        match self {
            Event::StockMissing | Event::PaymentDeclined => Status::Rejected,
            Event::PaymentWithdrawn => Status::Cancelled,
            Event::PaymentRefunded => Status::Refunded,
            Event::Dispatched => Status::Completed,
            Event::OrderPlaced
            | Event::CancelAsked
            | Event::StockReserved
            | Event::PaymentCaptured
            | Event::StockConfirmed
            | Event::HoldLost
            | Event::ShipmentRefused
            | Event::OrderClosed => Status::Pending,
        }
    }

    /// The bit of this event in a set of events.
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl CoverageGoal {
    /// The sighting of this name.
    pub fn named(name: &str) -> Option<CoverageGoal> {
        CoverageGoal::ALL.iter().copied().find(|goal| goal.name() == name)
    }
}

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

/// How things are called in the world of the checkout.
pub const VOCABULARY: Vocabulary = Vocabulary {
    roles: Party::NAMES,
    operations: Op::NAMES,
    misbehaviors: Misbehavior::NAMES,
    subject: "order",
};
