//! What every store is serialized as, once its representative records were applied.

use serde_json::{Value, json};
use stormcart_models::checkout::service::rules::State;
use stormcart_models::checkout::service::{CheckoutService, Store};
use stormcart_models::checkout::vocabulary::Party;
use stormcart_sim::Service;

use super::world::{Shop, setup};
use super::{BASKET, records};

fn store(party: Party) -> Store {
    let mut store = Store::genesis(party, &setup(Shop::Choreography, 3));
    records::of(party).iter().for_each(|(record, _)| CheckoutService::apply(&mut store, record));
    store
}

/// The two tables of a business service: what it remembers about messages, and the state of its rule.
fn business(state: Value) -> Value {
    let entry = json!({
        "": ["charge (key 1) begun", "reserve answered out of stock", "ship fenced"],
        "outbox": ["OrderClosed (completed)"],
        "basket": BASKET,
        "parked": true,
    });
    json!({ "Business": [{ "idempotency": { "3": entry } }, state] })
}

fn expected(party: Party) -> Value {
    match party {
        Party::Customers => json!({ "Customers": { "3": "accepted" } }),
        Party::Orders => {
            business(json!({ "Orders": { "3": { "status": "pending", "cancel_asked": true } } }))
        }
        Party::Inventory => business(json!({ "Inventory": {
            "shelves": {
                "article 0": { "on_hand": 0, "reserved": 2 },
                "article 1": { "on_hand": 50, "reserved": 0 },
                "article 3": { "on_hand": -1, "reserved": 1 },
            },
            "holds": {
                "3": { "basket": BASKET, "end": null },
                "4": { "basket": BASKET, "end": "confirmed" },
            },
        } })),
        Party::Payments => business(json!({ "Payments": {
            "3": { "Charging": { "given_up": true } },
            "4": "NotNeeded",
        } })),
        Party::Shipping => business(json!({ "Shipping": { "3": "Dispatching" } })),
        Party::Notifications => {
            business(json!({ "Notifications": { "3": { "status": "completed", "mailed": true } } }))
        }
        Party::Engine => json!({ "Engine": {
            "lease": { "holder": 1, "epoch": 2 },
            "flows": { "3": { "flow": { "Undoing": [1, "cancelled"] }, "basket": BASKET, "parked": true } },
        } }),
        Party::Broker => json!({ "Log": {
            "lease": { "holder": 1, "epoch": 2 },
            "partitions": { "partition 2": { "first": 1, "events": [
                { "": "PaymentRefunded", "order": 5, "basket": BASKET, "status": "refunded", "damaged": true },
            ] } },
            "offsets": { "payments in partition 2": 1 },
        } }),
        Party::Psp => json!({ "Psp": {
            "3": {
                "answered": ["sale (key 1) done"],
                "late": null,
                "captured": true,
                "reversed": true,
                "webhook": 2,
            },
            "4": {
                "answered": [],
                "late": { "amount_cents": 1302, "key": 1 },
                "captured": false,
                "reversed": false,
                "webhook": null,
            },
        } }),
        Party::Carrier => json!({ "Carrier": { "3": "refused" } }),
        Party::Mailer => json!({ "Mailer": { "3": ["completed"] } }),
    }
}

/// Whose store it is; the exhaustive match asks for a representative of every kind of store.
fn owner(store: &Store) -> Party {
    match store {
        Store::Business(_, State::Orders(_)) => Party::Orders,
        Store::Business(_, State::Inventory(_)) => Party::Inventory,
        Store::Business(_, State::Payments(_)) => Party::Payments,
        Store::Business(_, State::Shipping(_)) => Party::Shipping,
        Store::Business(_, State::Notifications(_)) => Party::Notifications,
        Store::Engine(_) => Party::Engine,
        Store::Log(_) => Party::Broker,
        Store::Customers(_) => Party::Customers,
        Store::Psp(_) => Party::Psp,
        Store::Carrier(_) => Party::Carrier,
        Store::Mailer(_) => Party::Mailer,
    }
}

#[test]
fn every_store_is_serialized_as_its_tables() {
    for party in Party::ALL {
        let store = store(*party);
        assert_eq!(owner(&store), *party);
        assert_eq!(super::json(&store), expected(*party), "{party}");
    }
}
