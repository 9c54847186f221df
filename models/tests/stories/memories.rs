//! What every memory is serialized as: the first value that each of its tables has in a small run.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use stormcart_models::checkout::service::CheckoutService;
use stormcart_models::checkout::setup::{ProviderCapabilities, Setup};
use stormcart_models::checkout::vocabulary::{Misbehavior, Op, Party, PartyKind};
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Node};

use super::json;
use super::world::{Shop, open_with, setup};

/// The first value of every table of every party: table, then its first key and value.
type Tables = BTreeMap<(&'static str, String), Value>;

/// Whose memory it is; the exhaustive match asks for a representative of every kind of memory.
fn kind(memory: &CheckoutService) -> PartyKind {
    match memory {
        CheckoutService::Business(_) => PartyKind::Service,
        CheckoutService::Engine(_) | CheckoutService::Broker(_) => PartyKind::Platform,
        CheckoutService::Customers(_) => PartyKind::Customers,
        CheckoutService::Psp(_) | CheckoutService::Carrier(_) | CheckoutService::Mailer => PartyKind::Outside,
    }
}

fn misbehave(party: Party, op: Op, kind: MessageKind, order: u32, misbehavior: Misbehavior) -> Fault {
    let identity = Identity { operation: op.operation(), kind, subject: order, attempt: 1 };
    Fault::At {
        site: InjectionPoint { role: party.role(), identity, occurrence: 1 },
        point_fault: PointFault::Misbehave(misbehavior.misbehavior()),
    }
}

/// Everything that is remembered in a run of this shop, as it was when it first was.
fn tables(shop: Shop) -> Tables {
    let capabilities = ProviderCapabilities { replays_errors: true, look_up: true, webhooks: true };
    let faults = [
        misbehave(Party::Psp, Op::Sale, MessageKind::Ask, 0, Misbehavior::WebhookFirst),
        misbehave(Party::Customers, Op::Arrive, MessageKind::Timer, 4, Misbehavior::Reload),
        misbehave(Party::Customers, Op::Arrive, MessageKind::Timer, 5, Misbehavior::Abandon),
    ];
    let setup = Setup { capabilities, ..setup(shop, 3) };
    let mut world = open_with(setup, shop, 1, 7, Arc::from(faults));
    let mut tables = Tables::new();
    while world.step() {
        for node in (0..world.physics().nodes() as u8).map(Node) {
            let party = Party::of(world.physics().role(node));
            let memory = world.memory(node);
            assert_eq!(kind(memory), party.kind());
            for (_, fields) in json(memory).as_object().into_iter().flatten() {
                collect(&mut tables, party, fields);
            }
        }
    }
    tables
}

/// Tables lie in fields, and in fields of fields that have no table around them.
fn collect(tables: &mut Tables, party: Party, fields: &Value) {
    for (field, table) in fields.as_object().into_iter().flatten() {
        match table.as_object().and_then(|table| table.iter().next()) {
            Some((_, Value::Object(inner))) if field == "chain" => {
                let running = inner.iter().next().map(|(order, value)| json!({ order: value }));
                running.map(|first| tables.entry((party.name(), "running".into())).or_insert(first));
            }
            Some((key, value)) => {
                tables.entry((party.name(), field.clone())).or_insert(json!({ key: value }));
            }
            None => assert!(table.is_object(), "{party}: {field} is no table: {table}"),
        }
    }
}

#[track_caller]
fn check(shop: Shop, expected: &str) {
    let line = |((party, table), first): ((&str, String), Value)| format!("{party} {table} {first}\n");
    let found: String = tables(shop).into_iter().map(line).collect();
    assert_eq!(found, expected, "found:\n{found}");
}

#[test]
fn memories_of_a_choreography() {
    check(
        Shop::Choreography,
        r#"broker lanes {"inventory in partition 0":{"next":0,"since":1,"under_way":1}}
customers gone {"5":true}
customers reloads {"4":1}
customers tries {"0":1}
inventory relays {"0":1}
notifications tries {"4":"mail, attempt 1"}
orders relays {"0":1}
payments relays {"0":1}
payments tries {"0":"sale, attempt 1"}
psp withheld {"0":{"attempt":1,"from":3}}
shipping relays {"0":1}
shipping tries {"0":"dispatch, attempt 1"}
"#,
    );
}

#[test]
fn memories_of_a_saga() {
    check(
        Shop::Saga,
        r#"customers gone {"5":true}
customers reloads {"4":1}
customers tries {"0":1}
engine tries {"0":1}
notifications tries {"4":"mail, attempt 1"}
notifications waiting {"4":[{"attempt":1,"from":6,"key":0,"op":"notify"}]}
orders relays {"0":1}
payments tries {"0":"sale, attempt 1"}
payments waiting {"0":[{"attempt":1,"from":6,"key":0,"op":"charge"}]}
psp withheld {"0":{"attempt":1,"from":3}}
shipping tries {"0":"dispatch, attempt 1"}
shipping waiting {"0":[{"attempt":1,"from":6,"key":0,"op":"ship"}]}
"#,
    );
}

#[test]
fn memories_of_a_call_chain() {
    check(
        Shop::Chain,
        r#"customers gone {"5":true}
customers reloads {"4":1}
customers tries {"0":1}
notifications tries {"4":"mail, attempt 1"}
notifications waiting {"4":[{"attempt":1,"from":1,"key":0,"op":"notify"}]}
orders running {"0":{"asked":"reserve, attempt 1","basket":"5.00 for 1 of article 0","flow":{"Doing":0}}}
orders waiting {"0":[{"attempt":1,"from":0,"key":0,"op":"place"}]}
payments tries {"0":"sale, attempt 1"}
payments waiting {"0":[{"attempt":1,"from":1,"key":0,"op":"charge"}]}
psp withheld {"0":{"attempt":1,"from":3}}
shipping tries {"0":"dispatch, attempt 1"}
shipping waiting {"0":[{"attempt":1,"from":1,"key":0,"op":"ship"}]}
"#,
    );
}

/// A fresh memory is nothing but empty tables: configuration is no part of it.
#[test]
fn a_fresh_memory_is_empty() {
    let setup = Arc::new(setup(Shop::Choreography, 3));
    for party in Party::ALL {
        let fresh = json(&CheckoutService::fresh(*party, 0, &setup));
        let expected = match party {
            Party::Orders | Party::Inventory | Party::Payments | Party::Shipping | Party::Notifications => {
                json!({
                    "Business": { "waiting": {}, "tries": {}, "relays": {}, "unsent": {}, "chain": { "running": {} } },
                })
            }
            Party::Engine => json!({ "Engine": { "tries": {} } }),
            Party::Broker => json!({ "Broker": { "lanes": {} } }),
            Party::Customers => json!({ "Customers": { "tries": {}, "reloads": {}, "gone": {} } }),
            Party::Psp => json!({ "Psp": { "withheld": {} } }),
            Party::Carrier => json!({ "Carrier": {} }),
            Party::Mailer => json!("Mailer"),
        };
        assert_eq!(fresh, expected, "{party}");
    }
}
