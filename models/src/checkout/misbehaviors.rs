//! Which party misbehaves how, and where.
//!
//! The provider, the carrier and the mailer answer badly; customers are impatient; the log keeps its promises to the
//! letter only. A late webhook is one that is delayed on its way, and a mailer that is down for a time is cut off:
//! those are faults of the link, and need no misbehavior.
//!
//! **Invariant:** this table is the only list: the simulator, fault generators, explorations, plan files and `list`
//! derive from it. `models/tests/registries/misbehaviors.rs` checks that every row does something.

use stormcart_sim::site::{Identity, MessageKind, MisbehaviorId, Role};

use crate::checkout::setup::ProviderCapabilities;
use crate::checkout::vocabulary::{Misbehavior, Op, Party};

/// One misbehavior of one party, and where it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MisbehaviorSite {
    /// The party that misbehaves.
    pub party: Party,
    /// What the party does.
    pub misbehavior: Misbehavior,
    /// The operations at which it shows; any, if none is named.
    pub at: &'static [Op],
    /// The part of these operations at which it shows.
    pub kind: MessageKind,
}

/// Rows of one party at one kind of place.
macro_rules! misbehavior_sites {
    ($($party:ident, $kind:ident of $at:expr => $($misbehavior:ident),+;)*) => {
        /// Every misbehavior of every party.
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
    /// The misbehaviors of this party.
    pub fn misbehavior_sites(self) -> impl Iterator<Item = &'static MisbehaviorSite> {
        MISBEHAVIORS.iter().filter(move |misbehavior_site| misbehavior_site.party == self)
    }

    /// The misbehaviors that this party can show at this part of an operation.
    pub fn misbehaviors_at(self, op: Option<Op>, kind: MessageKind) -> impl Iterator<Item = Misbehavior> {
        self.misbehavior_sites()
            .filter(move |misbehavior_site| misbehavior_site.shows(op, kind))
            .map(|misbehavior_site| misbehavior_site.misbehavior)
    }
}

impl Misbehavior {
    /// Whether a provider with these capabilities can do that: one without webhooks cannot call twice.
    pub fn within(self, capabilities: &ProviderCapabilities) -> bool {
        capabilities.webhooks || !matches!(self, Misbehavior::WebhookTwice | Misbehavior::WebhookFirst)
    }

    /// Whether no architecture here is safe from it at any level: what a log has dropped is gone, and a record that
    /// cannot be read is a person's work.
    pub fn beyond_hardening(self) -> bool {
        matches!(self, Misbehavior::Poison | Misbehavior::Expire)
    }
}

/// Whether a node of this role can show this misbehavior where this arrives.
pub fn admits(role: Role, misbehavior: MisbehaviorId, identity: Identity) -> bool {
    let op = Op::ALL.get(identity.operation.0 as usize).copied();
    Party::of(role).misbehaviors_at(op, identity.kind).any(|known| known.misbehavior() == misbehavior)
}
