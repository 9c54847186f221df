//! How operations end.

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
        /// Certainly not executed: no instance was there to listen.
        NotExecuted = "not executed",
        /// No answer in time: whether it happened is unknown.
        Unanswered = "no answer",
    }
}

/// Outcomes as patterns, beside `Done`, `Declined` and `Refused`: a new outcome has to be decided about wherever
/// outcomes are.
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
pub(in crate::checkout) use outcomes;
