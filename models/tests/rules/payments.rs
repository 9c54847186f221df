//! Payments: every state that a charge and its undoing can reach, whatever the provider says and when.
//!
//! **Invariant:** the walk is exhaustive: three commands, each carried out at most once and a charge never after its
//! tombstone, interleaved with every answer of the provider.

use std::collections::BTreeSet;

use proptest::prelude::*;
use stormcart_models::checkout::domain::{Basket, PaymentStatus};
use stormcart_models::checkout::policy::{LateSuccess, Policies};
use stormcart_models::checkout::service::decision::Decision;
use stormcart_models::checkout::service::payments::{
    PaymentChange, State, apply, conclude, decide, outstanding,
};
use stormcart_models::checkout::vocabulary::{Op, Outcome};

use super::basket;

const ORDER: u32 = 2;
const COMMANDS: [Op; 3] = [Op::Charge, Op::Withdraw, Op::Refund];

/// A payment in the middle of its life, and what a careful bystander wrote down about it.
#[derive(Clone, Debug, Default)]
struct Payment {
    state: State,
    /// Operations that were taken on, and how those ended that did.
    begun: Vec<Op>,
    ended: Vec<(Op, Outcome)>,
    /// How often the state say that money came and went.
    charged: u32,
    refunded: u32,
}

/// What can happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Asked(Op),
    Said(Op, Outcome),
}

fn moves() -> Vec<Move> {
    let said = |op| Outcome::ALL.iter().map(move |outcome| Move::Said(op, *outcome));
    COMMANDS.into_iter().map(Move::Asked).chain(said(Op::Sale)).chain(said(Op::Reverse)).collect()
}

impl Payment {
    fn row(&self) -> Option<PaymentStatus> {
        self.state.get(ORDER).copied()
    }

    /// What this turn makes of it; `None` if it cannot happen now.
    fn after(&self, turn: Move, basket: &Basket, policies: &Policies) -> Option<Payment> {
        let mut next = self.clone();
        let decision = match turn {
            Move::Asked(op) => {
                let undone = self.begun.iter().any(|begun| *begun != Op::Charge);
                if self.begun.contains(&op) || op == Op::Charge && undone {
                    return None;
                }
                next.begun.push(op);
                decide(&self.state, op, ORDER, basket, policies)
            }
            Move::Said(op, outcome) => {
                let decision = conclude(&self.state, op, ORDER, outcome, basket.total_cents());
                let awaited = self.row().and_then(|row| outstanding(&row)) == Some(op);
                assert!(awaited || decision.is_none(), "{op} {outcome} is not awaited: {self:?}");
                decision?
            }
        };
        next.carry_out(decision);
        Some(next)
    }

    fn carry_out(&mut self, decision: Decision<PaymentChange>) {
        for entry in &decision.entries {
            apply(&mut self.state, entry);
            self.charged += u32::from(entry.1 == PaymentStatus::Charged);
            self.refunded += u32::from(entry.1 == PaymentStatus::Refunded);
        }
        let taken_on = |(op, _): &(Op, Outcome)| self.begun.contains(op);
        let fresh: Vec<(Op, Outcome)> = decision.answers.iter().copied().filter(taken_on).collect();
        for (op, outcome) in fresh {
            if self.ended.iter().all(|(ended, _)| *ended != op) {
                self.ended.push((op, outcome));
            }
        }
        if let Some(asked) = decision.ask {
            assert_eq!(
                self.row().and_then(|row| outstanding(&row)),
                Some(asked),
                "what is asked for is awaited"
            );
        }
    }

    fn ended(&self, op: Op) -> Option<Outcome> {
        self.ended.iter().find(|(ended, _)| *ended == op).map(|(_, outcome)| *outcome)
    }

    /// What must hold whatever happened.
    fn check(&self) {
        assert!(self.charged <= 1 && self.refunded <= 1, "{self:?}");
        let unanswered = self.begun.iter().any(|op| self.ended(*op).is_none());
        let awaits = self.row().and_then(|row| outstanding(&row)).is_some();
        assert!(awaits || !unanswered, "nobody is asked, and somebody waits for ever: {self:?}");
        if awaits {
            return;
        }
        let undone = [Op::Withdraw, Op::Refund].map(|op| self.ended(op));
        let given_up = undone.iter().flatten().any(|outcome| *outcome != Outcome::TooLate);
        let kept = self.row() == Some(PaymentStatus::Charged);
        assert!(!(given_up && kept), "it was given up, and the money was kept: {self:?}");
    }
}

/// Everything that can be reached from nothing, each state once.
fn reachable(basket: &Basket, policies: &Policies) -> Vec<Payment> {
    let mut seen = BTreeSet::new();
    let mut found = vec![Payment::default()];
    let mut next = 0;
    while let Some(payment) = found.get(next).cloned() {
        next += 1;
        for turn in moves() {
            if let Some(after) = payment.after(turn, basket, policies)
                && seen.insert(format!("{after:?}"))
            {
                found.push(after);
            }
        }
    }
    found
}

/// Checks every reachable state, and that exactly these rows are among them.
#[track_caller]
fn check(basket: &Basket, policies: &Policies, rows: &[PaymentStatus]) {
    let all = reachable(basket, policies);
    all.iter().for_each(Payment::check);
    let words = |rows: &mut dyn Iterator<Item = PaymentStatus>| {
        rows.map(|row| format!("{row:?}")).collect::<BTreeSet<_>>()
    };
    let found = words(&mut all.iter().filter_map(Payment::row));
    assert_eq!(found, words(&mut rows.iter().copied()));
}

#[test]
fn every_state_of_a_payment_is_sound() {
    let all = [
        PaymentStatus::Charging { given_up: false },
        PaymentStatus::Charging { given_up: true },
        PaymentStatus::Charged,
        PaymentStatus::Declined,
        PaymentStatus::Withdrawn,
        PaymentStatus::Refunding,
        PaymentStatus::Refunded,
    ];
    check(&basket(0, 1), &Policies::default(), &all);
}

/// Nobody outside hears of an order that costs nothing.
#[test]
fn every_state_of_a_payment_of_nothing_is_sound() {
    let free = Basket::new(vec![]);
    check(
        &free,
        &Policies::default(),
        &[PaymentStatus::NotNeeded, PaymentStatus::Withdrawn, PaymentStatus::Refunded],
    );
    assert!(reachable(&free, &Policies::default()).iter().all(|payment| payment.charged == 0));
}

/// Who ignores late successes answers a withdrawal at once, and never hears what became of the charge.
#[test]
fn ignoring_late_successes_ends_withdrawals_early() {
    let ignore = Policies { late: LateSuccess::Ignore, ..Policies::default() };
    let given_up = Payment::default()
        .after(Move::Asked(Op::Charge), &basket(0, 1), &ignore)
        .and_then(|charging| charging.after(Move::Asked(Op::Withdraw), &basket(0, 1), &ignore))
        .expect("both can be asked for");
    assert_eq!(
        (given_up.row(), given_up.ended(Op::Withdraw)),
        (Some(PaymentStatus::Withdrawn), Some(Outcome::Withdrawn))
    );
    assert!(given_up.after(Move::Said(Op::Sale, Outcome::Done), &basket(0, 1), &ignore).is_none());
}

/// A charge asked for twice is a second sale, a refund of a charged order a second reversal.
#[test]
fn the_rules_do_not_deduplicate() {
    let mut state = State::default();
    let twice = [1, 2].map(|_| {
        let decision = decide(&state, Op::Charge, ORDER, &basket(0, 1), &Policies::default());
        decision.entries.iter().for_each(|entry| apply(&mut state, entry));
        decision.ask
    });
    assert_eq!(twice, [Some(Op::Sale); 2]);
    apply(&mut state, &PaymentChange(ORDER, PaymentStatus::Charged, 1_000));
    let again = decide(&state, Op::Charge, ORDER, &basket(0, 1), &Policies::default());
    assert_eq!(again.ask, Some(Op::Sale), "charged, and charged again");
}

proptest! {
    /// Whatever was said before, an honest provider brings every payment to an end in two answers.
    #[test]
    fn an_honest_provider_ends_every_payment(
        moves in proptest::collection::vec(proptest::sample::select(moves()), 0..12), pays: bool,
    ) {
        let (basket, policies) = (basket(0, 1), Policies::default());
        let take = |payment: Payment, turn| payment.after(turn, &basket, &policies).unwrap_or(payment);
        let mut payment = moves.into_iter().fold(Payment::default(), take);
        for _ in 0..2 {
            if let Some(asked) = payment.row().and_then(|row| outstanding(&row)) {
                let said = if pays || asked == Op::Reverse { Outcome::Done } else { Outcome::Declined };
                payment = take(payment, Move::Said(asked, said));
            }
        }
        payment.check();
        prop_assert!(payment.begun.iter().all(|op| payment.ended(*op).is_some()), "{:?}", payment);
    }
}
