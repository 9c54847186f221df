//! Who misbehaves how, and where: everybody who is no service, with the bad habits they have.
//!
//! The provider, the carrier and the mailer answer badly; customers are impatient; the log keeps its promises to the
//! letter only. A late webhook is one that is delayed on its way, and a mailer that is down for a time is cut off: those
//! are faults of the link, and need no habit.
//!
//! **Invariant:** this table is the only list. The kernel, the menu of storms, the alphabet of explorations, plan files
//! and `list` derive from it.

use stormcart_sim::site::{Identity, MessageKind, MisbehaviorId, Role};

use crate::checkout::setup::ProviderCapabilities;
use crate::checkout::vocabulary::{Misbehavior, Op, Party};

/// One bad habit of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MisbehaviorSite {
    /// Whose.
    pub party: Party,
    /// What they do.
    pub misbehavior: Misbehavior,
    /// At which operations; any, if none is named.
    pub at: &'static [Op],
    /// At which part of them.
    pub kind: MessageKind,
}

/// Habits of one party at one kind of place.
macro_rules! misbehavior_sites {
    ($($party:ident, $kind:ident of $at:expr => $($misbehavior:ident),+;)*) => {
        /// Every bad habit there is.
        pub const MISBEHAVIORS: &[MisbehaviorSite] = &[$($(
            MisbehaviorSite { party: Party::$party, misbehavior: Misbehavior::$misbehavior, at: $at, kind: MessageKind::$kind },
        )+)*];
    };
}

misbehavior_sites! {
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

impl MisbehaviorSite {
    /// Where it shows, in words: `sale, ask`.
    pub fn places(&self) -> impl Iterator<Item = String> + use<> {
        let kind = self.kind.word();
        let any = self.at.is_empty().then_some("any operation");
        any.into_iter().chain(self.at.iter().map(|op| op.name())).map(move |op| format!("{op}, {kind}"))
    }

    /// Whether it can show where this arrives.
    pub fn shows(&self, op: Option<Op>, kind: MessageKind) -> bool {
        self.kind == kind && (self.at.is_empty() || op.is_some_and(|op| self.at.contains(&op)))
    }
}

impl Party {
    /// Their bad habits.
    pub fn misbehavior_sites(self) -> impl Iterator<Item = &'static MisbehaviorSite> {
        MISBEHAVIORS.iter().filter(move |misbehavior_site| misbehavior_site.party == self)
    }

    /// How they can misbehave at this part of an operation.
    pub fn misbehaviors_at(self, op: Option<Op>, kind: MessageKind) -> impl Iterator<Item = Misbehavior> {
        self.misbehavior_sites()
            .filter(move |misbehavior_site| misbehavior_site.shows(op, kind))
            .map(|misbehavior_site| misbehavior_site.misbehavior)
    }
}

impl Misbehavior {
    /// Whether a provider with this contract can do that: who never calls cannot call twice.
    pub fn within(self, capabilities: &ProviderCapabilities) -> bool {
        capabilities.webhooks || !matches!(self, Misbehavior::WebhookTwice | Misbehavior::WebhookFirst)
    }

    /// Whether no architecture here is safe from it, however careful: what a log has dropped is gone, and a record that
    /// nobody can read is a person's work.
    pub fn beyond_care(self) -> bool {
        matches!(self, Misbehavior::Poison | Misbehavior::Expire)
    }
}

/// Whether somebody of this role has this manner where this arrives.
pub fn admits(role: Role, misbehavior: MisbehaviorId, identity: Identity) -> bool {
    let op = Op::ALL.get(identity.operation.0 as usize).copied();
    Party::of(role).misbehaviors_at(op, identity.kind).any(|known| known.misbehavior() == misbehavior)
}
