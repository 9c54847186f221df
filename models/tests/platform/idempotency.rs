//! The idempotency store and the outbox against a model: maps and queues that can be checked by eye.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use stormcart_models::checkout::domain::{Basket, Line, Status};
use stormcart_models::checkout::platform::idempotency::{DedupState, IdempotencyRecord, IdempotencyStore};
use stormcart_models::checkout::vocabulary::{Event, Op, Outcome};

/// What a service asks of its store; the store decides whether anything is written.
#[derive(Clone, Copy, Debug)]
enum Move {
    /// A command comes: it is taken on if nothing is known of it.
    Command(u32, Op, u8),
    /// It ends, if it was begun.
    End(u32, Op, u8, Outcome),
    /// Its undoing comes: what was never seen is fenced.
    Undo(u32, Op),
    Queue(u32, Event),
    Relay(u32),
    Park(u32),
}

#[derive(Debug, Default)]
struct Model {
    known: BTreeMap<(u32, Op, u8), DedupState>,
    fenced: Vec<(u32, Op)>,
    outbox: BTreeMap<u32, VecDeque<(Event, Status)>>,
    parked: Vec<u32>,
}

const OPS: [Op; 3] = [Op::Reserve, Op::Charge, Op::Ship];
const ORDERS: u32 = 3;
const KEYS: u8 = 3;

fn turn() -> impl Strategy<Value = Move> {
    let order = 0..ORDERS;
    let op = proptest::sample::select(&OPS[..]);
    let outcome = proptest::sample::select(Outcome::ALL);
    let event = proptest::sample::select(Event::ALL);
    prop_oneof![
        (order.clone(), op.clone(), 0..KEYS).prop_map(|(order, op, key)| Move::Command(order, op, key)),
        (order.clone(), op.clone(), 0..KEYS, outcome)
            .prop_map(|(o, op, key, outcome)| Move::End(o, op, key, outcome)),
        (order.clone(), op).prop_map(|(order, op)| Move::Undo(order, op)),
        (order.clone(), event).prop_map(|(order, event)| Move::Queue(order, event)),
        order.clone().prop_map(Move::Relay),
        order.prop_map(Move::Park),
    ]
}

fn basket() -> Basket {
    Basket::new(vec![Line { sku: 0, quantity: 1, price_cents: 100 }])
}

/// One turn at the store and in the model.
fn take(store: &mut IdempotencyStore, model: &mut Model, turn: Move) {
    match turn {
        Move::Command(order, op, key) => {
            if store.dedup_state(order, op, key).is_none() {
                store.apply(&IdempotencyRecord::Begun(order, op, key, basket()));
                model.known.insert((order, op, key), DedupState::Begun);
            }
        }
        Move::End(order, op, key, outcome) => {
            if store.begun(order, op).any(|begun| begun == key) {
                store.apply(&IdempotencyRecord::Answered(order, op, key, outcome, None, basket()));
                model.known.insert((order, op, key), DedupState::Answered(outcome));
            }
        }
        Move::Undo(order, op) => {
            if !store.seen(order, op) {
                store.apply(&IdempotencyRecord::Fenced(order, op));
                model.fenced.push((order, op));
            }
        }
        Move::Queue(order, event) => {
            store.apply(&IdempotencyRecord::Queued(order, event, event.verdict()));
            model.outbox.entry(order).or_default().push_back((event, event.verdict()));
        }
        Move::Relay(order) => {
            store.apply(&IdempotencyRecord::Relayed(order));
            model.outbox.entry(order).or_default().pop_front();
        }
        Move::Park(order) => {
            store.apply(&IdempotencyRecord::DeadLettered(order));
            model.parked.push(order);
        }
    }
}

/// Whatever can be asked of the store is what the model says.
fn agree(store: &IdempotencyStore, model: &Model) -> Result<(), TestCaseError> {
    for order in 0..ORDERS {
        for op in OPS {
            let fenced = model.fenced.contains(&(order, op));
            let under = |key: u8| model.known.get(&(order, op, key)).copied();
            for key in 0..=u8::MAX {
                let expected = if fenced { Some(DedupState::Fenced) } else { under(key) };
                prop_assert_eq!(
                    store.dedup_state(order, op, key),
                    expected,
                    "order {} {} key {}",
                    order,
                    op,
                    key
                );
            }
            let begun: Vec<u8> = (0..KEYS).filter(|key| under(*key) == Some(DedupState::Begun)).collect();
            let mut found: Vec<u8> = store.begun(order, op).collect();
            found.sort_unstable();
            prop_assert_eq!(found, begun);
            prop_assert_eq!(store.seen(order, op), fenced || (0..KEYS).any(|key| under(key).is_some()));
        }
        let outbox: VecDeque<_> = store
            .entry(order)
            .iter()
            .flat_map(|entry| entry.outbox.events())
            .map(|queued| (queued.event, queued.status))
            .collect();
        prop_assert_eq!(outbox, model.outbox.get(&order).cloned().unwrap_or_default());
        prop_assert_eq!(
            store.entry(order).is_some_and(|file| file.dead_lettered),
            model.parked.contains(&order)
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn an_idempotency_store_is_what_it_was_told(moves in proptest::collection::vec(turn(), 0..40)) {
        let (mut store, mut model) = (IdempotencyStore::default(), Model::default());
        for turn in moves {
            take(&mut store, &mut model, turn);
            agree(&store, &model)?;
        }
    }

    /// Events of one order leave in the order they were written, however those of others are interleaved.
    #[test]
    fn an_outbox_is_first_in_first_out(
        queued in proptest::collection::vec((0..ORDERS, proptest::sample::select(Event::ALL)), 0..30),
        relays in proptest::collection::vec(0..ORDERS, 0..30),
    ) {
        let mut store = IdempotencyStore::default();
        for (order, event) in &queued {
            store.apply(&IdempotencyRecord::Queued(*order, *event, Status::Pending));
        }
        let oldest = |store: &IdempotencyStore, order| {
            store.entry(order).and_then(|entry| entry.outbox.oldest()).map(|oldest| oldest.event)
        };
        let mut left: Vec<(u32, Event)> = Vec::new();
        for order in relays {
            left.extend(oldest(&store, order).map(|event| (order, event)));
            store.apply(&IdempotencyRecord::Relayed(order));
        }
        for order in 0..ORDERS {
            let of = |rows: &[(u32, Event)]| -> Vec<Event> {
                rows.iter().filter(|row| row.0 == order).map(|row| row.1).collect()
            };
            prop_assert!(of(&queued).starts_with(&of(&left)));
        }
    }

    /// What was undone before it came is refused under every key, also under those nobody has thought of yet.
    #[test]
    fn a_tombstone_stops_any_key(
        moves in proptest::collection::vec(turn(), 0..20), op in proptest::sample::select(&OPS[..]), key: u8,
    ) {
        let (mut store, mut model) = (IdempotencyStore::default(), Model::default());
        take(&mut store, &mut model, Move::Undo(0, op));
        moves.into_iter().for_each(|turn| take(&mut store, &mut model, turn));
        prop_assert_eq!(store.dedup_state(0, op, key), Some(DedupState::Fenced));
        prop_assert_eq!(store.begun(0, op).count(), 0);
    }
}

/// A tombstone is for what never came: what was begun before its undoing is answered as what it is.
#[test]
fn what_was_seen_is_not_fenced() {
    let (mut store, mut model) = (IdempotencyStore::default(), Model::default());
    take(&mut store, &mut model, Move::Command(0, Op::Reserve, 1));
    take(&mut store, &mut model, Move::Undo(0, Op::Reserve));
    assert_eq!(store.dedup_state(0, Op::Reserve, 1), Some(DedupState::Begun));
    assert_eq!(store.dedup_state(0, Op::Reserve, 2), None, "another key is another operation");
}
