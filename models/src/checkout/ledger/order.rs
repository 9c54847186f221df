//! What is true of one order, and when it became true.
//!
//! Plain numbers, so that before and after can be compared. Times are for metrics only: [`Times`] implements no `Hash`.

use stormcart_sim::Instant;

use crate::checkout::architecture::Process;
use crate::checkout::domain::{HoldEnd, PaymentStatus, ShipmentStatus, Status};
use crate::checkout::fact::Fact;
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{Event, Op, Outcome, Party, ops};

/// What is true of one order. Plain numbers, so that before and after can be compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrderTruth {
    /// The quoted total, in cents.
    pub quote_cents: u64,
    /// How often it was accepted.
    pub placed: u8,
    /// Its status, once one was set, and how often one was.
    pub status: Option<Status>,
    /// Live, or how it ended; `None` if nothing was ever held.
    pub hold: Option<Option<HoldEnd>>,
    /// How often stock was held for it, and how often a hold ended.
    pub holds: u8,
    /// How often a hold was released, confirmed or expired.
    pub hold_ends: u8,
    /// What payments wrote down last.
    pub payment: Option<PaymentStatus>,
    /// Money the provider took, in cents, and how often.
    pub captured_cents: u64,
    /// How often the provider took money.
    pub captures: u8,
    /// Money the provider gave back, in cents, and how often.
    pub reversed_cents: u64,
    /// How often the provider gave money back.
    pub reversals: u8,
    /// Money that payments believes to have been taken, in cents.
    pub booked_in_cents: u64,
    /// Money that payments believes to have gone back, in cents.
    pub booked_out_cents: u64,
    /// What shipping wrote down last.
    pub shipment: Option<ShipmentStatus>,
    /// How often the carrier took the goods.
    pub dispatched: u8,
    /// Final statuses the customer was mailed, as bits, and whether one was mailed twice.
    pub mailed: u8,
    /// A kind of notice was delivered twice.
    pub mailed_twice: bool,
    /// Answers the customer got from the shop, as bits of [`Outcome`].
    pub told: u32,
    /// The customer changed their mind.
    pub regretted: bool,
    /// Operations taken on, ended and stopped for good, as bits of [`Op`].
    pub begun: u32,
    /// Operations that ended.
    pub ended: u32,
    /// Operations that were undone before they came.
    pub fenced: u32,
    /// Events that follow from what was committed, as bits.
    pub implied: u32,
    /// Events that the log or the engine has.
    pub announced: u32,
    /// Undoing that is on its way in the log, as bits of [`Op`].
    pub owed: u32,
    /// The engine is undoing.
    pub engine_undoes: bool,
    /// A service or the engine has given up trying: a person must act.
    pub parked: bool,
}

/// When things happened to one order; for metrics only, no part of any hash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// When the customer came.
    pub came: Option<Instant>,
    /// When the customer first had a definitive answer.
    pub answered: Option<Instant>,
    /// When the status became final.
    pub closed: Option<Instant>,
}

impl OrderTruth {
    /// Money that is with the shop, in cents.
    pub fn net_cents(&self) -> i64 {
        self.captured_cents as i64 - self.reversed_cents as i64
    }

    /// Ended without goods.
    pub fn given_up(&self) -> bool {
        self.status.is_some_and(Status::given_up)
    }

    /// Stock is held and the hold has not ended.
    pub fn hold_lives(&self) -> bool {
        self.hold == Some(None)
    }

    /// Something durable and visible will undo what is left of it.
    pub fn undoing(&self) -> bool {
        let paying = self.payment.is_some_and(|row| {
            matches!(row, PaymentStatus::Charging { given_up: true } | PaymentStatus::Refunding)
        });
        self.owed != 0 || self.engine_undoes || paying
    }

    /// Between its first effect and its end, or with an outcome that no service knows.
    pub(super) fn in_flight(&self) -> bool {
        let unknown = self.payment.is_some_and(PaymentStatus::outstanding);
        self.placed > 0 && (unknown || self.status.is_none() || self.undoing())
    }

    /// Applies a fact about this order.
    pub(super) fn apply(&mut self, fact: &Fact, setup: &Setup) {
        match fact {
            Fact::Placed(..) => self.placed = self.placed.saturating_add(1),
            Fact::Closed(_, status) => self.status = Some(*status),
            Fact::Held(..) => {
                self.holds = self.holds.saturating_add(1);
                self.hold = Some(None);
            }
            Fact::HoldEnded(_, end, _) => {
                self.hold_ends = self.hold_ends.saturating_add(u8::from(*end != HoldEnd::Returned));
                self.hold = Some(Some(*end));
            }
            Fact::Booked(_, row, cents) => self.book(*row, *cents),
            Fact::Shipped(_, row) => self.shipment = Some(*row),
            Fact::Answered(_, _, op, outcome, event) => {
                self.ended |= op.bit();
                self.owed &= !op.bit();
                self.implied |= event.map_or(0, |event| event.bit());
                self.fenced |= self.stops(*op, *outcome);
            }
            Fact::Begun(_, op) => self.begun |= op.bit(),
            Fact::Fenced(_, op) => self.fenced |= op.bit(),
            Fact::Announced(_, event) => {
                self.announced |= event.bit();
                self.owed |= undoing_caused_by(setup, *event) & !self.ended;
            }
            Fact::Undoing(_, undoes) => self.engine_undoes = *undoes,
            Fact::Parked(_) => self.parked = true,
            Fact::Captured(_, cents) => {
                self.captures = self.captures.saturating_add(1);
                self.captured_cents += cents;
            }
            Fact::Reversed(_, cents) => {
                self.reversals = self.reversals.saturating_add(1);
                self.reversed_cents += cents;
            }
            Fact::Dispatched(_) => self.dispatched = self.dispatched.saturating_add(1),
            Fact::Mailed(_, status) => {
                self.mailed_twice |= self.mailed & 1 << *status as u8 != 0;
                self.mailed |= 1 << *status as u8;
            }
            Fact::Told(_, outcome) => self.told |= 1 << *outcome as u32,
            Fact::Regretted(_) => self.regretted = true,
            Fact::CancelAsked(_) | Fact::Queued(..) | Fact::ShipmentRefused(_) => {}
        }
    }

    fn book(&mut self, row: PaymentStatus, cents: u64) {
        self.payment = Some(row);
        match row {
            PaymentStatus::Charged => self.booked_in_cents += cents,
            PaymentStatus::Refunded => self.booked_out_cents += cents,
            PaymentStatus::Charging { .. }
            | PaymentStatus::NotNeeded
            | PaymentStatus::Declined
            | PaymentStatus::Withdrawn
            | PaymentStatus::Refunding => {}
        }
    }

    /// What an undoing that came first stops for good, whether or not anybody set a tombstone.
    fn stops(&self, op: Op, outcome: Outcome) -> u32 {
        match op {
            Op::Release if self.hold.is_none() => Op::Reserve.bit(),
            Op::Withdraw | Op::Refund
                if outcome == Outcome::Withdrawn && self.begun & Op::Charge.bit() == 0 =>
            {
                Op::Charge.bit()
            }
            ops!(of inventory) | ops!(of payments) | ops!(of orders) | ops!(of shipping) => 0,
            ops!(of notifications) | ops!(not of a service) => 0,
        }
    }
}

impl Times {
    /// Notes when a fact happened.
    pub(super) fn apply(&mut self, at: Instant, fact: &Fact) {
        match fact {
            Fact::Closed(..) => self.closed = self.closed.or(Some(at)),
            Fact::Mailed(..) => self.answered = self.answered.or(Some(at)),
            Fact::Told(_, outcome) if *outcome != Outcome::Accepted => {
                self.answered = self.answered.or(Some(at))
            }
            _ => {}
        }
    }
}

/// Operations that undo something and are on their way once this event is in the log.
fn undoing_caused_by(setup: &Setup, event: Event) -> u32 {
    let Process::Reactions(reactions) = setup.architecture.process else { return 0 };
    let undoes = |row: &&(Event, Party, Op)| row.0 == event && row.2.undoes().is_some();
    reactions.iter().filter(undoes).fold(0, |owed, row| owed | row.2.bit())
}
