//! Orders: accepted, perhaps asked to be given up, closed.

use proptest::prelude::*;
use stormcart_models::checkout::domain::Status;
use stormcart_models::checkout::service::orders::{OrderRow, State, apply, decide};
use stormcart_models::checkout::vocabulary::{Op, Outcome};

use super::basket;

const ENDS: [Status; 4] = [Status::Completed, Status::Rejected, Status::Cancelled, Status::Refunded];

fn carry_out(state: &mut State, op: Op, order: u32, status: Status) -> Outcome {
    let decision = decide(state, op, order, &basket(0, 1), status);
    decision.entries.iter().for_each(|entry| apply(state, entry));
    let [(ended, outcome)] = decision.answers[..] else { panic!("one operation, one end: {decision:?}") };
    assert_eq!(ended, op);
    outcome
}

/// Carries out operations of one order; how each ended, and what is known of the order then.
#[track_caller]
fn check(moves: &[(Op, Status, Outcome)], row: Option<(Status, bool)>) {
    let mut state = State::default();
    for (op, status, expected) in moves {
        assert_eq!(carry_out(&mut state, *op, 3, *status), *expected, "{op} {status}");
    }
    let expected = row.map(|(status, cancel_asked)| OrderRow { status, cancel_asked });
    assert_eq!(state.get(3), expected.as_ref());
}

#[test]
fn histories_of_an_order() {
    use Op::{Cancel, Close, Place};
    use Outcome::{Accepted, Done, TooLate};
    use Status::{Completed, Pending, Refunded};
    check(&[], None);
    check(&[(Place, Pending, Accepted)], Some((Pending, false)));
    check(&[(Place, Pending, Accepted), (Cancel, Pending, Accepted)], Some((Pending, true)));
    check(&[(Place, Pending, Accepted), (Close, Completed, Done)], Some((Completed, false)));
    check(
        &[(Place, Pending, Accepted), (Close, Completed, Done), (Cancel, Pending, TooLate)],
        Some((Completed, false)),
    );
    check(
        &[(Place, Pending, Accepted), (Cancel, Pending, Accepted), (Close, Refunded, Done)],
        Some((Refunded, true)),
    );
    // Nobody knows it: there is nothing to give up.
    check(&[(Cancel, Pending, TooLate)], None);
}

/// A second order replaces the first, and a second end the first end.
#[test]
fn the_rules_do_not_deduplicate() {
    use Op::{Close, Place};
    use Outcome::{Accepted, Done};
    use Status::{Cancelled, Completed, Pending};
    check(
        &[(Place, Pending, Accepted), (Close, Completed, Done), (Place, Pending, Accepted)],
        Some((Pending, false)),
    );
    check(&[(Close, Completed, Done), (Close, Cancelled, Done)], Some((Cancelled, false)));
}

proptest! {
    /// However the cancellations of several orders fall, each order's history is a path in the status graph, and
    /// nothing that happens to one order is seen by another.
    #[test]
    fn statuses_move_forward(
        ends in proptest::collection::vec(proptest::sample::select(&ENDS[..]), 4),
        moves in Just((0..4u32).flat_map(|order| [(order, Op::Cancel), (order, Op::Close)]).collect::<Vec<_>>())
            .prop_shuffle(),
    ) {
        let mut state = State::default();
        (0..4).for_each(|order| { carry_out(&mut state, Op::Place, order, Status::Pending); });
        for (order, op) in moves {
            let before = state.clone();
            let outcome = carry_out(&mut state, op, order, ends[order as usize]);
            let row = |state: &State, order: u32| *state.get(order).expect("every order was placed");
            let (was, is) = (row(&before, order).status, row(&state, order).status);
            prop_assert!(was == is || was.may_become(is), "{was} became {is}");
            prop_assert_eq!(outcome == Outcome::TooLate, op == Op::Cancel && was != Status::Pending);
            for other in (0..4).filter(|other| *other != order) {
                prop_assert_eq!(row(&before, other), row(&state, other));
            }
        }
        prop_assert!((0..4u32).all(|order| state.get(order).map(|row| row.status) == Some(ends[order as usize])));
    }
}

#[test]
fn the_status_graph_has_one_move() {
    for from in ENDS {
        assert!(Status::Pending.may_become(from));
        assert!(ENDS.iter().chain([&Status::Pending]).all(|to| !from.may_become(*to)), "{from} is final");
    }
    assert!(!Status::Pending.may_become(Status::Pending));
}
