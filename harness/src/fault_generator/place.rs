//! Places in business words, shared by all architectures: where a storm may strike, and between whom.
//!
//! **Invariant:** `coordinator` is whoever coordinates (the engine, the log, or the order service); who that is is
//! looked up last, when everything has been drawn.

use stormcart_models::architecture::Architecture;
use stormcart_models::setup::Intent;
use stormcart_models::words::{Op, Party};
use stormcart_sim::draw::Stream;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Role};

use crate::error::Error;

/// Somebody, in words that fit every architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// This party.
    Party(Party),
    /// Whoever coordinates.
    Coordinator,
}

/// A place where a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where something arrives.
    pub who: Who,
    /// The operation.
    pub op: Op,
    /// Which part of it.
    pub kind: MessageKind,
}

const fn place(party: Party, op: Op, kind: MessageKind) -> Place {
    Place { who: Who::Party(party), op, kind }
}

const fn coordinator(op: Op, kind: MessageKind) -> Place {
    Place { who: Who::Coordinator, op, kind }
}

/// Everywhere: just before and after the writes and sends of every step, more often on the way forward than on the way
/// back, and where somebody's bad manners show.
pub(super) const EVERYWHERE: &[(f64, Place)] = &[
    (3.0, place(Party::Orders, Op::Place, MessageKind::Ask)),
    (3.0, place(Party::Inventory, Op::Reserve, MessageKind::Ask)),
    (4.0, place(Party::Payments, Op::Charge, MessageKind::Ask)),
    (4.0, place(Party::Inventory, Op::Confirm, MessageKind::Ask)),
    (3.0, place(Party::Shipping, Op::Ship, MessageKind::Ask)),
    (3.0, place(Party::Orders, Op::Close, MessageKind::Ask)),
    (1.0, place(Party::Notifications, Op::Notify, MessageKind::Ask)),
    (2.0, coordinator(Op::Place, MessageKind::Answer)),
    (2.0, coordinator(Op::Reserve, MessageKind::Answer)),
    (2.0, coordinator(Op::Charge, MessageKind::Answer)),
    (2.0, coordinator(Op::Confirm, MessageKind::Answer)),
    (2.0, coordinator(Op::Ship, MessageKind::Answer)),
    (1.0, coordinator(Op::Close, MessageKind::Answer)),
    (0.5, coordinator(Op::Reserve, MessageKind::Ack)),
    (0.5, coordinator(Op::Charge, MessageKind::Ack)),
    (0.5, coordinator(Op::Confirm, MessageKind::Ack)),
    (4.0, place(Party::Psp, Op::Sale, MessageKind::Ask)),
    (4.0, place(Party::Payments, Op::Sale, MessageKind::Answer)),
    (2.0, place(Party::Carrier, Op::Dispatch, MessageKind::Ask)),
    (2.0, place(Party::Shipping, Op::Dispatch, MessageKind::Answer)),
    (1.0, place(Party::Mailer, Op::Mail, MessageKind::Ask)),
    (1.0, place(Party::Customers, Op::Place, MessageKind::Answer)),
    (1.0, place(Party::Customers, Op::Arrive, MessageKind::Timer)),
    (0.5, place(Party::Customers, Op::Patience, MessageKind::Timer)),
    (1.0, place(Party::Orders, Op::Cancel, MessageKind::Ask)),
    (1.0, coordinator(Op::Cancel, MessageKind::Answer)),
    (1.0, place(Party::Payments, Op::Withdraw, MessageKind::Ask)),
    (1.0, place(Party::Inventory, Op::Release, MessageKind::Ask)),
    (1.0, place(Party::Payments, Op::Refund, MessageKind::Ask)),
    (1.0, place(Party::Psp, Op::Reverse, MessageKind::Ask)),
    (1.0, place(Party::Payments, Op::Reverse, MessageKind::Answer)),
    (1.0, place(Party::Payments, Op::Webhook, MessageKind::Ask)),
];

/// Who runs on nodes of ours.
pub(super) const INSIDE: &[Who] = &[
    Who::Coordinator,
    Who::Party(Party::Orders),
    Who::Party(Party::Inventory),
    Who::Party(Party::Payments),
    Who::Party(Party::Shipping),
    Who::Party(Party::Notifications),
];

/// Who may be parted from others.
pub(super) const SIDES: &[Who] = &[
    Who::Coordinator,
    Who::Party(Party::Orders),
    Who::Party(Party::Inventory),
    Who::Party(Party::Payments),
    Who::Party(Party::Shipping),
    Who::Party(Party::Notifications),
    Who::Party(Party::Psp),
    Who::Party(Party::Carrier),
    Who::Party(Party::Mailer),
];

impl Who {
    /// The party it is in an architecture.
    pub fn party(self, architecture: &Architecture) -> Party {
        match self {
            Who::Party(party) => party,
            Who::Coordinator => architecture.platform().unwrap_or(Party::Orders),
        }
    }

    /// Whose manners are drawn for it: of those who coordinate, the log has some.
    pub(super) fn mannered(self) -> Party {
        match self {
            Who::Party(party) => party,
            Who::Coordinator => Party::Broker,
        }
    }

    /// Whether it runs on nodes that can crash.
    pub(super) fn outside(self) -> bool {
        matches!(self, Who::Party(party) if party.outside())
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Who::Party(party) => party.name(),
            Who::Coordinator => "coordinator",
        }
    }

    /// Whoever has this name.
    ///
    /// # Errors
    /// If nobody has.
    pub fn named(name: &str) -> Result<Who, Error> {
        let parties = Party::ALL.iter().map(|party| Who::Party(*party));
        let mut everybody = parties.chain([Who::Coordinator]);
        everybody
            .find(|who| who.name() == name)
            .ok_or_else(|| Error::unknown("node", name, Party::NAMES.iter().copied().chain(["coordinator"])))
    }
}

impl Place {
    /// The place of this name: `service operation leg`.
    ///
    /// # Errors
    /// If there is no such place.
    pub fn named(name: &str) -> Result<Place, Error> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let [who, op, kind] = words[..] else {
            return Err(Error::Plain(format!("`{name}` is not a place: say `service operation leg`")));
        };
        let op = Op::ALL.iter().find(|known| known.name() == op);
        let op = op.ok_or_else(|| Error::unknown("operation", words[1], Op::NAMES.iter().copied()))?;
        let leg_named = MessageKind::ALL.iter().find(|(_, word)| *word == kind);
        let kind = leg_named
            .ok_or_else(|| Error::unknown("leg", kind, MessageKind::ALL.iter().map(|(_, word)| *word)))?
            .0;
        Ok(Place { who: Who::named(who)?, op: *op, kind })
    }

    /// The site of this place on the way of one order, in an architecture.
    pub fn site(self, architecture: &Architecture, order: u32, attempt: u8) -> InjectionPoint {
        let identity = Identity { operation: self.op.operation(), kind: self.kind, subject: order, attempt };
        InjectionPoint { role: Role(self.who.party(architecture) as u8), identity, occurrence: 1 }
    }

    /// Whether an order is likely to come by here: nobody withdraws a payment that everybody wants.
    pub(super) fn comes_by(&self, intent: &Intent) -> bool {
        match self.op {
            Op::Cancel | Op::Withdraw => intent.cancels_after.is_some(),
            Op::Release => intent.cancels_after.is_some() || intent.declines || intent.undeliverable,
            Op::Refund | Op::Reverse => intent.undeliverable && !intent.declines,
            Op::Sale => intent.basket.total_cents() > 0,
            Op::Webhook => intent.basket.total_cents() > 0 && !intent.declines,
            Op::Confirm | Op::Ship | Op::Dispatch => !intent.declines,
            _ => true,
        }
    }

    /// An order that is likely to come by here.
    pub(super) fn order(&self, stream: &mut Stream, intents: &[Intent]) -> u32 {
        let comes = (0..).zip(intents).filter(|(_, intent)| self.comes_by(intent));
        let likely: Vec<u32> = comes.map(|(order, _)| order).collect();
        stream.pick(&likely).copied().unwrap_or_else(|| stream.below(intents.len() as u64) as u32)
    }
}
