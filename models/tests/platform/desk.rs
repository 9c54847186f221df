//! The desk against a model: maps and queues that anybody can check by eye.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use stormcart_models::domain::{Basket, Line, Status};
use stormcart_models::platform::desk::{Desk, Entry, Known};
use stormcart_models::words::{Event, Op, Outcome};

/// What a service asks of its desk; the desk decides whether anything is written.
#[derive(Clone, Copy, Debug)]
enum HealingStep {
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
    known: BTreeMap<(u32, Op, u8), Known>,
    fenced: Vec<(u32, Op)>,
    outbox: BTreeMap<u32, VecDeque<(Event, Status)>>,
    parked: Vec<u32>,
}

const OPS: [Op; 3] = [Op::Reserve, Op::Charge, Op::Ship];
const ORDERS: u32 = 3;
const KEYS: u8 = 3;

fn turn() -> impl Strategy<Value = HealingStep> {
    let order = 0..ORDERS;
    let op = proptest::sample::select(&OPS[..]);
    let outcome = proptest::sample::select(Outcome::ALL);
    let event = proptest::sample::select(Event::ALL);
    prop_oneof![
        (order.clone(), op.clone(), 0..KEYS)
            .prop_map(|(order, op, key)| HealingStep::Command(order, op, key)),
        (order.clone(), op.clone(), 0..KEYS, outcome)
            .prop_map(|(o, op, key, outcome)| HealingStep::End(o, op, key, outcome)),
        (order.clone(), op).prop_map(|(order, op)| HealingStep::Undo(order, op)),
        (order.clone(), event).prop_map(|(order, event)| HealingStep::Queue(order, event)),
        order.clone().prop_map(HealingStep::Relay),
        order.prop_map(HealingStep::Park),
    ]
}

fn basket() -> Basket {
    Basket::new(vec![Line { sku: 0, quantity: 1, price_cents: 100 }])
}

/// One turn at the desk and in the model.
fn take(desk: &mut Desk, model: &mut Model, turn: HealingStep) {
    match turn {
        HealingStep::Command(order, op, key) => {
            if desk.known(order, op, key).is_none() {
                desk.apply(&Entry::Begun(order, op, key, basket()));
                model.known.insert((order, op, key), Known::Begun);
            }
        }
        HealingStep::End(order, op, key, outcome) => {
            if desk.begun(order, op).any(|begun| begun == key) {
                desk.apply(&Entry::Answered(order, op, key, outcome, None, basket()));
                model.known.insert((order, op, key), Known::Answered(outcome));
            }
        }
        HealingStep::Undo(order, op) => {
            if !desk.seen(order, op) {
                desk.apply(&Entry::Fenced(order, op));
                model.fenced.push((order, op));
            }
        }
        HealingStep::Queue(order, event) => {
            desk.apply(&Entry::Queued(order, event, event.verdict()));
            model.outbox.entry(order).or_default().push_back((event, event.verdict()));
        }
        HealingStep::Relay(order) => {
            desk.apply(&Entry::Relayed(order));
            model.outbox.entry(order).or_default().pop_front();
        }
        HealingStep::Park(order) => {
            desk.apply(&Entry::Parked(order));
            model.parked.push(order);
        }
    }
}

/// Whatever can be asked of the desk is what the model says.
fn agree(desk: &Desk, model: &Model) -> Result<(), TestCaseError> {
    for order in 0..ORDERS {
        for op in OPS {
            let fenced = model.fenced.contains(&(order, op));
            let under = |key: u8| model.known.get(&(order, op, key)).copied();
            for key in 0..=u8::MAX {
                let expected = if fenced { Some(Known::Fenced) } else { under(key) };
                prop_assert_eq!(desk.known(order, op, key), expected, "order {} {} key {}", order, op, key);
            }
            let begun: Vec<u8> = (0..KEYS).filter(|key| under(*key) == Some(Known::Begun)).collect();
            let mut found: Vec<u8> = desk.begun(order, op).collect();
            found.sort_unstable();
            prop_assert_eq!(found, begun);
            prop_assert_eq!(desk.seen(order, op), fenced || (0..KEYS).any(|key| under(key).is_some()));
        }
        let outbox: VecDeque<_> = desk.file(order).iter().flat_map(|file| &file.outbox).copied().collect();
        prop_assert_eq!(outbox, model.outbox.get(&order).cloned().unwrap_or_default());
        prop_assert_eq!(desk.file(order).is_some_and(|file| file.parked), model.parked.contains(&order));
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_desk_is_what_it_was_told(healing in proptest::collection::vec(turn(), 0..40)) {
        let (mut desk, mut model) = (Desk::default(), Model::default());
        for turn in healing {
            take(&mut desk, &mut model, turn);
            agree(&desk, &model)?;
        }
    }

    /// Events of one order leave in the order they were written, however those of others are interleaved.
    #[test]
    fn an_outbox_is_first_in_first_out(
        queued in proptest::collection::vec((0..ORDERS, proptest::sample::select(Event::ALL)), 0..30),
        relays in proptest::collection::vec(0..ORDERS, 0..30),
    ) {
        let mut desk = Desk::default();
        queued.iter().for_each(|(order, event)| desk.apply(&Entry::Queued(*order, *event, Status::Pending)));
        let oldest = |desk: &Desk, order| desk.file(order).and_then(|file| file.outbox.first()).map(|row| row.0);
        let mut left: Vec<(u32, Event)> = Vec::new();
        for order in relays {
            left.extend(oldest(&desk, order).map(|event| (order, event)));
            desk.apply(&Entry::Relayed(order));
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
        healing in proptest::collection::vec(turn(), 0..20), op in proptest::sample::select(&OPS[..]), key: u8,
    ) {
        let (mut desk, mut model) = (Desk::default(), Model::default());
        take(&mut desk, &mut model, HealingStep::Undo(0, op));
        healing.into_iter().for_each(|turn| take(&mut desk, &mut model, turn));
        prop_assert_eq!(desk.known(0, op, key), Some(Known::Fenced));
        prop_assert_eq!(desk.begun(0, op).count(), 0);
    }
}

/// A tombstone is for what never came: what was begun before its undoing is answered as what it is.
#[test]
fn what_was_seen_is_not_fenced() {
    let (mut desk, mut model) = (Desk::default(), Model::default());
    take(&mut desk, &mut model, HealingStep::Command(0, Op::Reserve, 1));
    take(&mut desk, &mut model, HealingStep::Undo(0, Op::Reserve));
    assert_eq!(desk.known(0, Op::Reserve, 1), Some(Known::Begun));
    assert_eq!(desk.known(0, Op::Reserve, 2), None, "another key is another operation");
}
