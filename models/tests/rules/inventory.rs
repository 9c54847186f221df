//! Stock: S4 and S5 as plain arithmetic over whatever the rules decide.

use proptest::prelude::*;
use stormcart_models::checkout::domain::HoldEnd;
use stormcart_models::checkout::service::inventory::{Shelf, State, apply, decide};
use stormcart_models::checkout::vocabulary::{Op, Outcome};

use super::basket;

const OPS: [Op; 4] = [Op::Reserve, Op::Confirm, Op::Release, Op::Expiry];

/// Carries an operation out; how it ended.
fn carry_out(state: &mut State, op: Op, order: u32, sku: u16, quantity: u16) -> Outcome {
    let decision = decide(state, op, order, &basket(sku, quantity));
    decision.entries.iter().for_each(|entry| apply(state, entry));
    assert_eq!(decision.ask, None, "nobody outside is asked for stock");
    let [(ended, outcome)] = decision.answers[..] else { panic!("one operation, one end: {decision:?}") };
    assert_eq!(ended, op);
    outcome
}

/// The pieces of a sku in holds that ended like this.
fn held(state: &State, sku: u16, end: Option<HoldEnd>) -> i64 {
    let holds = state.holds.iter().filter(|(_, hold)| hold.end == end);
    let lines = holds.flat_map(|(_, hold)| hold.basket.lines().iter().filter(|line| line.sku == sku));
    lines.map(|line| i64::from(line.quantity)).sum()
}

/// S4: nothing is promised that is not there. S5: what is gone was picked, what is reserved is held.
fn conserves(state: &State, stock: &[u32]) -> Result<(), TestCaseError> {
    for (sku, initial) in (0u16..).zip(stock) {
        let Shelf { on_hand, reserved } = *state.shelves.get(u32::from(sku)).expect("every sku has a shelf");
        prop_assert!(0 <= reserved && reserved <= on_hand, "sku {sku}: {reserved} of {on_hand}");
        prop_assert_eq!(reserved, held(state, sku, None), "sku {}", sku);
        prop_assert_eq!(
            on_hand,
            i64::from(*initial) - held(state, sku, Some(HoldEnd::Confirmed)),
            "sku {}",
            sku
        );
    }
    Ok(())
}

proptest! {
    /// Each operation of an order at most once, in any order: what an idempotency store around the rules guarantees.
    #[test]
    fn stock_is_conserved_by_operations_carried_out_once(
        moves in Just(()).prop_flat_map(|()| {
            let all: Vec<(u32, Op)> = (0..6).flat_map(|order| OPS.map(|op| (order, op))).collect();
            let some = 0..=all.len();
            (proptest::sample::subsequence(all, some).prop_shuffle(), proptest::collection::vec((0..2u16, 1..4u16), 6))
        }),
        stock in proptest::collection::vec(0..8u32, 2),
    ) {
        let (moves, wanted) = moves;
        let mut state = State::stocked(&stock);
        for (order, op) in moves {
            let (sku, quantity) = wanted[order as usize];
            let before = state.clone();
            let outcome = carry_out(&mut state, op, order, sku, quantity);
            conserves(&state, &stock)?;
            if matches!(outcome, Outcome::OutOfStock | Outcome::HoldLost) {
                prop_assert_eq!(&state, &before, "what was refused changed something");
            }
        }
    }

    /// However a hold ends, it ends: afterwards it is not live, and a confirmed one can only come back.
    #[test]
    fn a_hold_ends_once(ends in Just(OPS[1..].to_vec()).prop_shuffle()) {
        let mut state = State::stocked(&[5]);
        carry_out(&mut state, Op::Reserve, 0, 0, 2);
        let mut seen = None;
        for op in ends {
            carry_out(&mut state, op, 0, 0, 2);
            let end = state.holds.get(0).and_then(|hold| hold.end);
            let back = (seen, end) == (Some(HoldEnd::Confirmed), Some(HoldEnd::Returned));
            prop_assert!(end.is_some() && (seen.is_none() || seen == end || back), "{seen:?} became {end:?}");
            seen = end;
        }
    }
}

/// Carries out operations of one order for two pieces of five; how each ended, and what the shelf says then.
#[track_caller]
fn check(moves: &[(Op, Outcome)], on_hand: i64, reserved: i64) {
    let mut state = State::stocked(&[5]);
    let ended: Vec<(Op, Outcome)> =
        moves.iter().map(|(op, _)| (*op, carry_out(&mut state, *op, 7, 0, 2))).collect();
    assert_eq!(ended, moves);
    assert_eq!(state.shelves.get(0), Some(&Shelf { on_hand, reserved }));
}

#[test]
fn a_hold_and_its_ends() {
    use Outcome::{Done, HoldLost};
    check(&[(Op::Reserve, Done)], 5, 2);
    check(&[(Op::Reserve, Done), (Op::Confirm, Done)], 3, 0);
    check(&[(Op::Reserve, Done), (Op::Release, Done)], 5, 0);
    check(&[(Op::Reserve, Done), (Op::Expiry, Done)], 5, 0);
    check(&[(Op::Reserve, Done), (Op::Confirm, Done), (Op::Release, Done)], 5, 0);
    check(&[(Op::Reserve, Done), (Op::Confirm, Done), (Op::Expiry, Done)], 3, 0);
    check(&[(Op::Reserve, Done), (Op::Expiry, Done), (Op::Confirm, HoldLost)], 5, 0);
    check(&[(Op::Reserve, Done), (Op::Release, Done), (Op::Confirm, HoldLost)], 5, 0);
    check(&[(Op::Release, Done)], 5, 0);
    check(&[(Op::Confirm, HoldLost)], 5, 0);
    check(&[(Op::Expiry, Done)], 5, 0);
}

/// If they were idempotent, they would hide that nobody else is.
#[test]
fn the_rules_do_not_deduplicate() {
    use Outcome::{Done, OutOfStock};
    check(&[(Op::Reserve, Done), (Op::Reserve, Done)], 5, 4);
    check(&[(Op::Reserve, Done), (Op::Reserve, Done), (Op::Reserve, OutOfStock)], 5, 4);
    check(&[(Op::Reserve, Done), (Op::Confirm, Done), (Op::Confirm, Done)], 1, -2);
    check(&[(Op::Reserve, Done), (Op::Release, Done), (Op::Reserve, Done)], 5, 2);
    check(&[(Op::Release, Done), (Op::Reserve, Done)], 5, 2);
}

#[test]
fn an_empty_basket_gets_nothing() {
    let nothing = stormcart_models::checkout::domain::Basket::new(vec![]);
    let decision = decide(&State::stocked(&[5]), Op::Reserve, 0, &nothing);
    assert_eq!(
        (decision.entries.len(), &decision.answers[..]),
        (0, &[(Op::Reserve, Outcome::OutOfStock)][..])
    );
}
