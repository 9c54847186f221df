//! Who takes part.

use stormcart_sim::site::Role;

words! {
    /// A party that takes part.
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

/// The kind of a party.
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
