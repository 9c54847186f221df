//! The records that fill every store of the checkout once, and what each is serialized as.

use serde_json::{Value, json};
use stormcart_models::checkout::domain::{HoldEnd, PaymentStatus, ShipmentStatus, Status};
use stormcart_models::checkout::message::Slot;
use stormcart_models::checkout::outside::{carrier, customer, mailer, psp};
use stormcart_models::checkout::platform::event_log::{Announced, LogRecord};
use stormcart_models::checkout::platform::idempotency::IdempotencyRecord;
use stormcart_models::checkout::platform::lease::Lease;
use stormcart_models::checkout::platform::workflow::Flow;
use stormcart_models::checkout::service::engine::JournalEntry;
use stormcart_models::checkout::service::notifications::{Notice, NoticeChange};
use stormcart_models::checkout::service::rules::Change;
use stormcart_models::checkout::service::{Record, inventory, orders, payments, shipping};
use stormcart_models::checkout::vocabulary::{Event, Op, Outcome, Party, PartyKind};

use super::{BASKET, basket};

/// Two operations, one of them under another key, an event that waits, a tombstone, and a person who must act.
fn messages() -> Vec<(Record, Value)> {
    let change = |record, value| (Record::Idempotency(record), json!({ "Idempotency": value }));
    vec![
        change(
            IdempotencyRecord::Begun(3, Op::Charge, 1, basket()),
            json!({ "Begun": [3, "charge", 1, BASKET] }),
        ),
        change(
            IdempotencyRecord::Answered(
                3,
                Op::Reserve,
                0,
                Outcome::OutOfStock,
                Some(Event::StockMissing),
                basket(),
            ),
            json!({ "Answered": [3, "reserve", 0, "out of stock", "StockMissing", BASKET] }),
        ),
        change(IdempotencyRecord::Fenced(3, Op::Ship), json!({ "Fenced": [3, "ship"] })),
        change(
            IdempotencyRecord::Queued(3, Event::StockReserved, Status::Pending),
            json!({ "Queued": [3, "StockReserved", "pending"] }),
        ),
        change(IdempotencyRecord::Relayed(3), json!({ "Relayed": 3 })),
        change(
            IdempotencyRecord::Queued(3, Event::OrderClosed, Status::Completed),
            json!({ "Queued": [3, "OrderClosed", "completed"] }),
        ),
        change(IdempotencyRecord::DeadLettered(3), json!({ "Parked": 3 })),
    ]
}

/// What the rule of a business service writes.
fn state(party: Party) -> Vec<(Record, Value)> {
    let change = |change, value| (Record::State(change), json!({ "State": value }));
    match party {
        Party::Orders => vec![
            change(
                Change::Orders(orders::OrderChange::Placed(3, basket())),
                json!({ "Orders": { "Placed": [3, BASKET] } }),
            ),
            change(
                Change::Orders(orders::OrderChange::CancelAsked(3)),
                json!({ "Orders": { "CancelAsked": 3 } }),
            ),
        ],
        Party::Inventory => vec![
            change(
                Change::Inventory(inventory::StockChange::Held(3, basket())),
                json!({ "Inventory": { "Held": [3, BASKET] } }),
            ),
            change(
                Change::Inventory(inventory::StockChange::Held(4, basket())),
                json!({ "Inventory": { "Held": [4, BASKET] } }),
            ),
            change(
                Change::Inventory(inventory::StockChange::Ended(4, HoldEnd::Confirmed, basket())),
                json!({ "Inventory": { "Ended": [4, "confirmed", BASKET] } }),
            ),
        ],
        Party::Payments => vec![
            change(
                Change::Payments(payments::PaymentChange(
                    3,
                    PaymentStatus::Charging { given_up: true },
                    1302,
                )),
                json!({ "Payments": [3, { "Charging": { "given_up": true } }, 1302] }),
            ),
            change(
                Change::Payments(payments::PaymentChange(4, PaymentStatus::NotNeeded, 0)),
                json!({ "Payments": [4, "NotNeeded", 0] }),
            ),
        ],
        Party::Shipping => vec![change(
            Change::Shipping(shipping::ShipmentChange(3, ShipmentStatus::Dispatching)),
            json!({ "Shipping": [3, "Dispatching"] }),
        )],
        Party::Notifications => vec![change(
            Change::Notifications(NoticeChange(3, Notice { status: Status::Completed, mailed: true })),
            json!({ "Notifications": [3, { "status": "completed", "mailed": true }] }),
        )],
        Party::Customers | Party::Engine | Party::Broker | Party::Psp | Party::Carrier | Party::Mailer => {
            panic!("{party} has no business rule")
        }
    }
}

fn engine() -> Vec<(Record, Value)> {
    let entry = |entry, value| (Record::Engine(entry), json!({ "Engine": value }));
    vec![
        entry(JournalEntry::Started(3, basket()), json!({ "Started": [3, BASKET] })),
        entry(JournalEntry::Heard(3, Event::CancelAsked), json!({ "Heard": [3, "CancelAsked"] })),
        entry(
            JournalEntry::Moved(3, Flow::Undoing(1, Status::Cancelled)),
            json!({ "Moved": [3, { "Undoing": [1, "cancelled"] }] }),
        ),
        entry(JournalEntry::DeadLettered(3), json!({ "Parked": 3 })),
        entry(
            JournalEntry::Leased(Lease { holder: 1, epoch: 2 }),
            json!({ "Leased": { "holder": 1, "epoch": 2 } }),
        ),
    ]
}

fn log() -> Vec<(Record, Value)> {
    let record = |record, value| (Record::Log(record), json!({ "Log": value }));
    let announced = |order, damaged| Announced {
        event: Event::PaymentRefunded,
        order,
        basket: basket(),
        status: Status::Refunded,
        damaged,
    };
    let there = Slot { partition: 2, offset: 1 };
    let words = |order: u32, damaged: bool| json!({ "": "PaymentRefunded", "order": order, "basket": BASKET, "status": "refunded", "damaged": damaged });
    vec![
        record(LogRecord::Appended(2, announced(3, false)), json!({ "Appended": [2, words(3, false)] })),
        record(LogRecord::Appended(2, announced(5, true)), json!({ "Appended": [2, words(5, true)] })),
        record(LogRecord::Dropped(there), json!({ "Dropped": { "partition": 2, "offset": 1 } })),
        record(
            LogRecord::Consumed(Party::Payments, there),
            json!({ "Consumed": ["payments", { "partition": 2, "offset": 1 }] }),
        ),
        record(
            LogRecord::Leased(Lease { holder: 1, epoch: 2 }),
            json!({ "Leased": { "holder": 1, "epoch": 2 } }),
        ),
    ]
}

fn psp() -> Vec<(Record, Value)> {
    let posting = |posting, value| (Record::Psp(posting), json!({ "Psp": value }));
    vec![
        posting(psp::Posting::Captured(3, 1302), json!({ "Captured": [3, 1302] })),
        posting(psp::Posting::Reversed(3, 1302), json!({ "Reversed": [3, 1302] })),
        posting(
            psp::Posting::Answered(3, Op::Sale, 1, Outcome::Done),
            json!({ "Answered": [3, "sale", 1, "done"] }),
        ),
        posting(psp::Posting::Webhook(3, 2), json!({ "Webhook": [3, 2] })),
        posting(psp::Posting::Late(4, 1302, 1), json!({ "Late": [4, 1302, 1] })),
    ]
}

/// Records of a party, enough to fill its store, and what each is serialized as.
pub fn of(party: Party) -> Vec<(Record, Value)> {
    match party {
        Party::Orders | Party::Inventory | Party::Payments | Party::Shipping | Party::Notifications => {
            messages().into_iter().chain(state(party)).collect()
        }
        Party::Engine => engine(),
        Party::Broker => log(),
        Party::Psp => psp(),
        Party::Customers => vec![
            (
                Record::Customers(customer::CustomerRecord::Told(3, Outcome::Accepted)),
                json!({ "Customers": { "Told": [3, "accepted"] } }),
            ),
            (
                Record::Customers(customer::CustomerRecord::Regretted(3)),
                json!({ "Customers": { "Regretted": 3 } }),
            ),
        ],
        Party::Carrier => vec![(
            Record::Carrier(carrier::ConsignmentSettled(3, Outcome::Refused)),
            json!({ "Carrier": [3, "refused"] }),
        )],
        Party::Mailer => vec![(
            Record::Mailer(mailer::NoticeDelivered(3, Status::Completed)),
            json!({ "Mailer": [3, "completed"] }),
        )],
    }
}

/// Whose record it is; the exhaustive match asks for a representative of every kind of record.
fn kind_of_writer(record: &Record) -> (PartyKind, Option<Party>) {
    match record {
        Record::Idempotency(_) => (PartyKind::Service, None),
        Record::State(change) => {
            let party = match change {
                Change::Orders(_) => Party::Orders,
                Change::Inventory(_) => Party::Inventory,
                Change::Payments(_) => Party::Payments,
                Change::Shipping(_) => Party::Shipping,
                Change::Notifications(_) => Party::Notifications,
            };
            (PartyKind::Service, Some(party))
        }
        Record::Engine(_) => (PartyKind::Platform, Some(Party::Engine)),
        Record::Log(_) => (PartyKind::Platform, Some(Party::Broker)),
        Record::Customers(_) => (PartyKind::Customers, Some(Party::Customers)),
        Record::Psp(_) => (PartyKind::Outside, Some(Party::Psp)),
        Record::Carrier(_) => (PartyKind::Outside, Some(Party::Carrier)),
        Record::Mailer(_) => (PartyKind::Outside, Some(Party::Mailer)),
    }
}

#[test]
fn every_record_is_serialized_as_its_name_and_its_fields() {
    for party in Party::ALL {
        for (record, expected) in of(*party) {
            assert_eq!(super::json(&record), expected, "{party}: {record:?}");
            let (kind, writer) = kind_of_writer(&record);
            assert_eq!(kind, party.kind(), "{party}: {record:?}");
            assert_eq!(writer.unwrap_or(*party), *party, "{party}: {record:?}");
        }
    }
}
