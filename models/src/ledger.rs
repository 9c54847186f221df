//! The ghost ledger: what really happened, folded from facts that no service can see.
//!
//! **Invariant:** nothing here is asked of a service; money is posted by two observers, the provider's ledger and the
//! books of payments, which know nothing of each other.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use stormcart_sim::service::{Moment, Truth};
use stormcart_sim::site::Role;
use stormcart_sim::{Instant, Micros};

use crate::domain::{HoldEnd, Status};
use crate::fact::Fact;
use crate::invariant::{self, Finding, Seen};
use crate::message::Order;
use crate::service::{payments, shipping};
use crate::setup::Setup;
use crate::words::{Op, Outcome, Party};

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
    pub payment: Option<payments::Row>,
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
    pub shipment: Option<shipping::Row>,
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
    /// Somebody gave up trying.
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

/// One article, as it really is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shelf {
    /// At the start.
    pub initial: i64,
    /// What the counters of inventory add up to.
    pub on_hand: i64,
    /// What the counters of inventory add up to.
    pub reserved: i64,
    /// Held by live holds.
    pub live: i64,
    /// Picked and not returned.
    pub picked: i64,
}

/// A broken property.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Its id.
    pub property: &'static str,
    /// Where in the run it was noticed.
    pub moment: Moment,
    /// The order it concerns, if one.
    pub order: Option<Order>,
    /// What is wrong, in a sentence.
    pub explanation: String,
}

/// Ground truth of one run.
#[derive(Clone, Debug)]
pub struct Ledger {
    setup: Arc<Setup>,
    orders: Vec<OrderTruth>,
    times: Vec<Times>,
    shelves: Vec<Shelf>,
    violations: Vec<Violation>,
    exercised: [u32; invariant::INVARIANTS.len()],
    in_flight: u32,
}

/// Times and counts of what was checked leave no trace in the future.
impl Hash for Ledger {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.orders.hash(hasher);
        self.shelves.hash(hasher);
        self.violations.iter().for_each(|violation| (violation.property, violation.order).hash(hasher));
    }
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
            matches!(row, payments::Row::Charging { given_up: true } | payments::Row::Refunding)
        });
        self.owed != 0 || self.engine_undoes || paying
    }

    /// Between its first effect and its end, or with an outcome that nobody knows.
    fn in_flight(&self) -> bool {
        let unknown = self.payment.is_some_and(|row| payments::outstanding(&row).is_some());
        self.placed > 0 && (unknown || self.status.is_none() || self.undoing())
    }
}

impl Ledger {
    /// The truth before anything has happened.
    pub fn new(setup: Arc<Setup>) -> Self {
        let quoted = |intent: &crate::setup::Intent| OrderTruth {
            quote_cents: intent.basket.total_cents(),
            ..OrderTruth::default()
        };
        let shelf = |stock: &u32| {
            let initial = i64::from(*stock);
            Shelf { initial, on_hand: initial, ..Shelf::default() }
        };
        Ledger {
            orders: setup.intents.iter().map(quoted).collect(),
            times: vec![Times::default(); setup.intents.len()],
            shelves: setup.stock.iter().map(shelf).collect(),
            violations: Vec::new(),
            exercised: [0; invariant::INVARIANTS.len()],
            in_flight: 0,
            setup,
        }
    }

    /// What is true of each order.
    pub fn orders(&self) -> &[OrderTruth] {
        &self.orders
    }

    /// When things happened to each order.
    pub fn times(&self) -> &[Times] {
        &self.times
    }

    /// What is true of each article.
    pub fn shelves(&self) -> &[Shelf] {
        &self.shelves
    }

    /// What was broken.
    pub fn broken(&self) -> &[Violation] {
        &self.violations
    }

    /// How often each invariant had something to check, in the order of the registry.
    pub fn exercised(&self) -> &[u32] {
        &self.exercised
    }

    /// The configuration it judges.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Checks what must hold when all has come to rest.
    pub fn rest(&mut self, moment: Moment) {
        self.settle(moment, |invariant| invariant.rest);
    }

    /// Checks, while only a viable core is healthy, that every order has an end.
    pub fn core(&mut self, moment: Moment) {
        self.settle(moment, |invariant| invariant.core);
    }

    fn settle(&mut self, moment: Moment, check: impl Fn(&invariant::Invariant) -> Option<invariant::AtRest>) {
        for (index, invariant) in invariant::INVARIANTS.iter().enumerate() {
            let Some(check) = check(invariant) else { continue };
            for order in 0..self.orders.len() {
                let finding = check(self, &self.orders[order]);
                self.note(index, moment, Some(order as Order), finding);
            }
        }
    }

    fn note(&mut self, index: usize, moment: Moment, order: Option<Order>, finding: Finding) {
        match finding {
            Finding::Silent => {}
            Finding::Held => self.exercised[index] += 1,
            Finding::Broken(explanation) => {
                self.exercised[index] += 1;
                let property = invariant::INVARIANTS[index].id;
                let known = |known: &Violation| known.property == property && known.order == order;
                if !self.violations.iter().any(known) {
                    self.violations.push(Violation { property, moment, order, explanation });
                }
            }
        }
    }

    fn apply(&mut self, at: Instant, fact: &Fact) {
        let order = &mut self.orders[fact.order() as usize];
        let times = &mut self.times[fact.order() as usize];
        let before = *order;
        match fact {
            Fact::Placed(..) => order.placed = order.placed.saturating_add(1),
            Fact::Closed(_, status) => {
                order.status = Some(*status);
                times.closed.get_or_insert(at);
            }
            Fact::Held(..) => {
                order.holds += 1;
                order.hold = Some(None);
            }
            Fact::HoldEnded(_, end, _) => {
                order.hold_ends += u8::from(*end != HoldEnd::Returned);
                order.hold = Some(Some(*end));
            }
            Fact::Booked(_, row, cents) => book(order, *row, *cents),
            Fact::Shipped(_, row) => order.shipment = Some(*row),
            Fact::Answered(_, _, op, outcome, event) => {
                order.ended |= op.bit();
                order.owed &= !op.bit();
                order.implied |= event.map_or(0, |event| event.bit());
                order.fenced |= stops(order, *op, *outcome);
            }
            Fact::Begun(_, op) => order.begun |= op.bit(),
            Fact::Fenced(_, op) => order.fenced |= op.bit(),
            Fact::Announced(_, event) => {
                order.announced |= event.bit();
                order.owed |= undoing_caused_by(&self.setup, *event) & !order.ended;
            }
            Fact::Undoing(_, undoes) => order.engine_undoes = *undoes,
            Fact::Parked(_) => order.parked = true,
            Fact::Captured(_, cents) => {
                order.captures += 1;
                order.captured_cents += cents;
            }
            Fact::Reversed(_, cents) => {
                order.reversals += 1;
                order.reversed_cents += cents;
            }
            Fact::Dispatched(_) => order.dispatched += 1,
            Fact::Mailed(_, status) => {
                order.mailed_twice |= order.mailed & 1 << *status as u8 != 0;
                order.mailed |= 1 << *status as u8;
                times.answered.get_or_insert(at);
            }
            Fact::Told(_, outcome) => {
                order.told |= 1 << *outcome as u32;
                if *outcome != Outcome::Accepted {
                    times.answered.get_or_insert(at);
                }
            }
            Fact::Regretted(_) => order.regretted = true,
            Fact::CancelAsked(_) | Fact::Queued(..) | Fact::ShipmentRefused(_) => {}
        }
        let after = *order;
        self.in_flight = self.in_flight + u32::from(after.in_flight()) - u32::from(before.in_flight());
        self.move_stock(fact, &before);
    }

    fn move_stock(&mut self, fact: &Fact, before: &OrderTruth) {
        let (basket, end) = match fact {
            Fact::Held(_, basket) => (basket, None),
            Fact::HoldEnded(_, end, basket) => (basket, Some(*end)),
            _ => return,
        };
        let lived = i64::from(before.hold_lives());
        let was_picked = i64::from(before.hold == Some(Some(HoldEnd::Confirmed)));
        let (on_hand, reserved, live, picked) = match end {
            None => (0, 1, 1 - lived, 0),
            Some(HoldEnd::Released | HoldEnd::Expired) => (0, -1, -lived, -was_picked),
            Some(HoldEnd::Confirmed) => (-1, -1, -lived, 1 - was_picked),
            Some(HoldEnd::Returned) => (1, 0, -lived, -was_picked),
        };
        for line in basket.lines() {
            let Some(shelf) = self.shelves.get_mut(line.sku as usize) else { continue };
            let quantity = i64::from(line.quantity);
            shelf.on_hand += on_hand * quantity;
            shelf.reserved += reserved * quantity;
            shelf.live += live * quantity;
            shelf.picked += picked * quantity;
        }
    }

    /// How long customers waited for a definitive answer, for each order that got one.
    pub fn waits(&self) -> impl Iterator<Item = Micros> {
        (self.setup.intents.iter().zip(&self.times))
            .filter_map(|(intent, times)| Some(times.answered? - (Instant::ZERO + intent.at)))
    }
}

fn book(order: &mut OrderTruth, row: payments::Row, cents: u64) {
    order.payment = Some(row);
    match row {
        payments::Row::Charged => order.booked_in_cents += cents,
        payments::Row::Refunded => order.booked_out_cents += cents,
        _ => {}
    }
}

/// What an undoing that came first stops for good, whether or not anybody set a tombstone.
fn stops(order: &OrderTruth, op: Op, outcome: Outcome) -> u32 {
    match op {
        Op::Release if order.hold.is_none() => Op::Reserve.bit(),
        Op::Withdraw | Op::Refund if outcome == Outcome::Withdrawn && order.begun & Op::Charge.bit() == 0 => {
            Op::Charge.bit()
        }
        _ => 0,
    }
}

/// Operations that undo something and are on their way once this event is in the log.
fn undoing_caused_by(setup: &Setup, event: crate::words::Event) -> u32 {
    let crate::architecture::Process::Reactions(reactions) = setup.architecture.process else { return 0 };
    let undoes = |row: &&(crate::words::Event, Party, Op)| row.0 == event && row.2.undoes().is_some();
    reactions.iter().filter(undoes).fold(0, |owed, row| owed | row.2.bit())
}

impl Truth for Ledger {
    type Fact = Fact;

    fn observe(&mut self, moment: Moment, fact: Fact) {
        let order = fact.order();
        if order as usize >= self.orders.len() {
            return;
        }
        let before = self.orders[order as usize];
        self.apply(moment.at, &fact);
        for (index, invariant) in invariant::INVARIANTS.iter().enumerate() {
            let Some(check) = invariant.always else { continue };
            let now = &self.orders[order as usize];
            let finding = check(&Seen { ledger: self, before: &before, now, fact: &fact });
            if !matches!(finding, Finding::Silent) {
                self.note(index, moment, Some(order), finding);
            }
        }
    }

    fn replayed(&mut self, moment: Moment, role: Role, equal: bool) {
        let index = invariant::position("S18");
        let finding = match equal {
            true => Finding::Held,
            false => Finding::Broken(format!("the log of {} does not add up to its state", Party::of(role))),
        };
        self.note(index, moment, None, finding);
    }

    fn exposed(&self, subject: Option<u32>) -> bool {
        match subject.and_then(|order| self.orders.get(order as usize)) {
            Some(order) => order.in_flight(),
            None => self.in_flight > 0,
        }
    }

    fn violations(&self) -> usize {
        self.violations.len()
    }
}
