//! Stories told to the ghost ledger: how an order goes when all is well, and how it goes when one thing is wrong.
//!
//! **Property:** a broken story differs from a sound one in as few facts as the property needs.

use std::sync::Arc;

use stormcart_models::checkout::architecture::Architecture;
use stormcart_models::checkout::domain::PaymentStatus as Payment;
use stormcart_models::checkout::domain::ShipmentStatus as Shipment;
use stormcart_models::checkout::domain::{Basket, HoldEnd, Line, Status};
use stormcart_models::checkout::fact::Fact;
use stormcart_models::checkout::ledger::Ledger;
use stormcart_models::checkout::policy::Policies;
use stormcart_models::checkout::setup::{Intent, ProviderCapabilities, Setup, Timeouts};
use stormcart_models::checkout::vocabulary::{Event, Op, Outcome, Party};
use stormcart_sim::Micros;

/// What every order costs, in cents.
pub const PRICE: u64 = 1_000;

pub type Story = Vec<Fact>;

/// Two pieces of the one article there is.
pub fn basket() -> Basket {
    Basket::new(vec![Line { sku: 0, quantity: 2, price_cents: PRICE }])
}

/// A ledger of two orders, with three pieces in stock, under this provider.
pub fn ledger(capabilities: ProviderCapabilities) -> Ledger {
    let none = Micros::ZERO;
    let intent = |customer| Intent {
        comes: true,
        at: none,
        customer,
        basket: basket(),
        declines: false,
        undeliverable: false,
        cancels_after: None,
    };
    let timeouts = Timeouts {
        call_timeout: none,
        backoff_cap: none,
        jitter_percent: 0,
        park_after: 0,
        poison_after: 0,
        deadline: none,
        hold_ttl: none,
        patience: none,
        resubmissions: 0,
        late_success: none,
    };
    Ledger::new(Arc::new(Setup {
        architecture: Architecture::named("choreography").unwrap(),
        policies: Policies::default(),
        timeouts,
        capabilities,
        intents: (0..2).map(intent).collect(),
        stock: vec![3],
        partitions: 1,
    }))
}

/// An operation ends, and the log has the event that announces it.
fn ends(op: Op, order: u32, outcome: Outcome, event: Event) -> [Fact; 2] {
    [Fact::Answered(op.owner(), order, op, outcome, Some(event)), Fact::Announced(order, event)]
}

/// Accepted, and stock is held.
fn begun(order: u32) -> Story {
    let mut story = vec![Fact::Placed(order, PRICE)];
    story.extend(ends(Op::Place, order, Outcome::Accepted, Event::OrderPlaced));
    story.extend([Fact::Told(order, Outcome::Accepted), Fact::Held(order, basket())]);
    story.extend(ends(Op::Reserve, order, Outcome::Done, Event::StockReserved));
    story.extend([Fact::Begun(order, Op::Charge)]);
    story.extend([Fact::Booked(order, Payment::Charging { given_up: false }, PRICE)]);
    story
}

/// Paid and picked.
fn picked(order: u32) -> Story {
    let mut story = begun(order);
    story.extend([Fact::Captured(order, PRICE), Fact::Booked(order, Payment::Charged, PRICE)]);
    story.extend(ends(Op::Charge, order, Outcome::Done, Event::PaymentCaptured));
    story.extend([Fact::HoldEnded(order, HoldEnd::Confirmed, basket())]);
    story.extend(ends(Op::Confirm, order, Outcome::Done, Event::StockConfirmed));
    story.extend([Fact::Begun(order, Op::Ship), Fact::Shipped(order, Shipment::Dispatching)]);
    story
}

fn closed(order: u32, status: Status) -> Story {
    let mut story = vec![Fact::Closed(order, status)];
    story.extend(ends(Op::Close, order, Outcome::Done, Event::OrderClosed));
    story.extend([Fact::Begun(order, Op::Notify), Fact::Mailed(order, status)]);
    story.extend([Fact::Answered(Party::Notifications, order, Op::Notify, Outcome::Done, None)]);
    story
}

/// An order that goes all the way.
pub fn completed(order: u32) -> Story {
    let mut story = picked(order);
    story.extend([Fact::Dispatched(order), Fact::Shipped(order, Shipment::Dispatched)]);
    story.extend(ends(Op::Ship, order, Outcome::Done, Event::Dispatched));
    story.extend(closed(order, Status::Completed));
    story
}

/// The card did not pay.
pub fn rejected(order: u32) -> Story {
    let mut story = begun(order);
    story.extend([Fact::Booked(order, Payment::Declined, PRICE)]);
    story.extend(ends(Op::Charge, order, Outcome::Declined, Event::PaymentDeclined));
    story.extend(closed(order, Status::Rejected));
    story.extend([Fact::HoldEnded(order, HoldEnd::Released, basket())]);
    story.extend([Fact::Answered(Party::Inventory, order, Op::Release, Outcome::Done, None)]);
    story
}

/// The carrier did not take it.
pub fn refunded(order: u32) -> Story {
    let mut story = picked(order);
    story.extend([Fact::ShipmentRefused(order), Fact::Shipped(order, Shipment::Refused)]);
    story.extend(ends(Op::Ship, order, Outcome::Refused, Event::ShipmentRefused));
    story.extend([Fact::Begun(order, Op::Refund), Fact::Booked(order, Payment::Refunding, PRICE)]);
    story.extend([Fact::Reversed(order, PRICE), Fact::Booked(order, Payment::Refunded, PRICE)]);
    story.extend(ends(Op::Refund, order, Outcome::Refunded, Event::PaymentRefunded));
    story.extend([Fact::HoldEnded(order, HoldEnd::Returned, basket())]);
    story.extend([Fact::Answered(Party::Inventory, order, Op::Release, Outcome::Done, None)]);
    story.extend(closed(order, Status::Refunded));
    story
}

/// Given up before anybody had begun: what comes late finds tombstones.
pub fn cancelled(order: u32) -> Story {
    let mut story = vec![Fact::Placed(order, PRICE)];
    story.extend(ends(Op::Place, order, Outcome::Accepted, Event::OrderPlaced));
    story.extend([Fact::Told(order, Outcome::Accepted), Fact::Regretted(order), Fact::CancelAsked(order)]);
    story.extend(ends(Op::Cancel, order, Outcome::Accepted, Event::CancelAsked));
    story.extend([Fact::Fenced(order, Op::Charge), Fact::Booked(order, Payment::Withdrawn, PRICE)]);
    story.extend(ends(Op::Withdraw, order, Outcome::Withdrawn, Event::PaymentWithdrawn));
    story.extend([Fact::Fenced(order, Op::Reserve)]);
    story.extend([Fact::Answered(Party::Inventory, order, Op::Release, Outcome::Done, None)]);
    story.extend(closed(order, Status::Cancelled));
    story
}

/// The story with other facts in the place of one.
#[track_caller]
pub fn instead(mut story: Story, of: Fact, facts: &[Fact]) -> Story {
    let at =
        story.iter().position(|fact| *fact == of).unwrap_or_else(|| panic!("{of:?} is not in the story"));
    story.splice(at..=at, facts.iter().cloned());
    story
}

/// The story with one fact just before another that it came after.
#[track_caller]
pub fn sooner(story: Story, what: Fact, before: Fact) -> Story {
    let there = |fact: &Fact| story.iter().position(|known| known == fact);
    assert!(there(&what) > there(&before) && there(&before).is_some(), "{what:?} comes before {before:?}");
    instead(instead(story, what.clone(), &[]), before.clone(), &[what, before])
}
