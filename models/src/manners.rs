//! Who misbehaves how, and where: everybody who is no service, with the bad habits they have.
//!
//! The provider, the carrier and the mailer answer badly; customers are impatient; the log keeps its promises to the
//! letter only. A late webhook is one that is delayed on its way, and a mailer that is down for a time is cut off: those
//! are faults of the link, and need no habit.
//!
//! **Invariant:** this table is the only list. The kernel, the menu of storms, the alphabet of explorations, plan files
//! and `list` derive from it.

use stormcart_sim::site::{Identity, Leg, Manner, Role};

use crate::setup::Contract;
use crate::words::{Manners, Op, Party};

/// One bad habit of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// Whose.
    pub party: Party,
    /// What they do.
    pub manner: Manners,
    /// At which operations; any, if none is named.
    pub at: &'static [Op],
    /// At which part of them.
    pub leg: Leg,
}

/// Habits of one party at one kind of place.
macro_rules! habits {
    ($($party:ident, $leg:ident of $at:expr => $($manner:ident),+;)*) => {
        /// Every bad habit there is.
        pub const HABITS: &[Habit] = &[$($(
            Habit { party: Party::$party, manner: Manners::$manner, at: $at, leg: Leg::$leg },
        )+)*];
    };
}

habits! {
    Psp, Ask of &[Op::Sale] => Decline;
    Psp, Ask of &[Op::Sale, Op::Reverse] => ErrorBefore, ErrorAfter;
    Psp, Ask of &[Op::Sale] => LateSuccess, WebhookTwice, WebhookFirst;
    Carrier, Ask of &[Op::Dispatch] => Decline, ErrorBefore, ErrorAfter;
    Mailer, Ask of &[Op::Mail] => ErrorBefore, ErrorAfter;
    Customers, Timer of &[Op::Arrive] => SubmitTwice, CancelAtOnce;
    Customers, Timer of &[Op::Arrive, Op::Patience] => Reload, Abandon;
    Customers, Answer of &[Op::Place] => Reload, Abandon;
    Broker, Ack of &[] => Redeliver, Rebalance;
    Broker, Answer of &[] => Evict, Poison, Expire;
}

impl Habit {
    /// Where it shows, in words: `sale, ask`.
    pub fn places(&self) -> impl Iterator<Item = String> + use<> {
        let leg = self.leg.word();
        let any = self.at.is_empty().then_some("any operation");
        any.into_iter().chain(self.at.iter().map(|op| op.name())).map(move |op| format!("{op}, {leg}"))
    }

    /// Whether it can show where this arrives.
    pub fn shows(&self, op: Option<Op>, leg: Leg) -> bool {
        self.leg == leg && (self.at.is_empty() || op.is_some_and(|op| self.at.contains(&op)))
    }
}

impl Party {
    /// Their bad habits.
    pub fn habits(self) -> impl Iterator<Item = &'static Habit> {
        HABITS.iter().filter(move |habit| habit.party == self)
    }

    /// How they can misbehave at this part of an operation.
    pub fn manners_at(self, op: Option<Op>, leg: Leg) -> impl Iterator<Item = Manners> {
        self.habits().filter(move |habit| habit.shows(op, leg)).map(|habit| habit.manner)
    }
}

impl Manners {
    /// Whether a provider with this contract can do that: who never calls cannot call twice.
    pub fn within(self, contract: &Contract) -> bool {
        contract.webhooks || !matches!(self, Manners::WebhookTwice | Manners::WebhookFirst)
    }

    /// Whether no architecture here is safe from it, however careful: what a log has dropped is gone, and a record that
    /// nobody can read is a person's work.
    pub fn beyond_care(self) -> bool {
        matches!(self, Manners::Poison | Manners::Expire)
    }
}

/// Whether somebody of this role has this manner where this arrives.
pub fn admits(role: Role, manner: Manner, identity: Identity) -> bool {
    let op = Op::ALL.get(identity.operation.0 as usize).copied();
    Party::of(role).manners_at(op, identity.leg).any(|known| known.manner() == manner)
}
