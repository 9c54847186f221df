//! Messages, timers and facts.

use serde_json::json;
use stormcart_models::checkout::domain::{HoldEnd, PaymentStatus, Status};
use stormcart_models::checkout::fact::Fact;
use stormcart_models::checkout::message::{Body, Command, Message, Slot, Timer};
use stormcart_models::checkout::vocabulary::{Event, Op, Outcome, Party};
use stormcart_sim::site::MessageKind;

use super::{BASKET, basket};

#[test]
fn a_message_names_its_operation_and_carries_its_body() {
    let slot = Slot { partition: 2, offset: 7 };
    let place = json!({ "partition": 2, "offset": 7 });
    let command = Command {
        key: 1,
        basket: basket(),
        status: Status::Pending,
        via: Some((Event::StockReserved, slot)),
    };
    let bodies = [
        (
            Body::Command(command),
            json!({ "Command": {
                "key": 1, "basket": BASKET, "status": "pending", "via": ["StockReserved", place],
            } }),
        ),
        (Body::Outcome(Outcome::Done), json!({ "Outcome": "done" })),
        (
            Body::Publish(Event::OrderClosed, basket(), Status::Completed),
            json!({ "Publish": ["OrderClosed", BASKET, "completed"] }),
        ),
        (Body::Ack(Event::OrderClosed, slot), json!({ "Ack": ["OrderClosed", place] })),
        (Body::Damaged(Event::OrderClosed, slot), json!({ "Damaged": ["OrderClosed", place] })),
    ];
    for (body, expected) in bodies {
        let message = Message { op: Op::Charge, kind: MessageKind::Ask, order: 3, attempt: 2, body };
        let expected = json!({ "op": "charge", "kind": "Ask", "order": 3, "attempt": 2, "body": expected });
        assert_eq!(super::json(&message), expected);
    }
}

#[test]
fn a_timer_names_its_operation() {
    let timer = Timer { op: Op::Redeliver, order: 2, group: Party::Payments };
    assert_eq!(super::json(&timer), json!({ "op": "redeliver", "order": 2, "group": "payments" }));
}

#[test]
fn a_fact_is_its_kind_and_what_it_is_about() {
    let facts = [
        (Fact::Closed(3, Status::Refunded), json!({ "Closed": [3, "refunded"] })),
        (Fact::HoldEnded(3, HoldEnd::Expired, basket()), json!({ "HoldEnded": [3, "expired", BASKET] })),
        (
            Fact::Booked(3, PaymentStatus::Charging { given_up: false }, 1302),
            json!({ "Booked": [3, { "Charging": { "given_up": false } }, 1302] }),
        ),
        (Fact::Dispatched(3), json!({ "Dispatched": 3 })),
    ];
    for (fact, expected) in facts {
        assert_eq!(super::json(&fact), expected);
    }
}
