//! The workflow, walked with a pen: what was done is ticked off, what was undone is crossed out.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use stormcart_models::checkout::architecture::{Architecture, Process};
use stormcart_models::checkout::domain::Status;
use stormcart_models::checkout::platform::workflow::{Flow, Input, Step};
use stormcart_models::checkout::policy::Undo;
use stormcart_models::checkout::vocabulary::{Op, Outcome, Party};
use stormcart_sim::site::Node;

use super::world::{Shop, open};

/// A list of done steps beside a flow.
#[derive(Clone, Debug)]
struct Walk {
    process: Vec<Step>,
    undo: Undo,
    flow: Flow,
    /// Steps that took effect and were not undone, in the order they were done.
    done: Vec<u8>,
    /// Steps in the order they were undone.
    undone: Vec<u8>,
    turned: bool,
}

impl Walk {
    fn new(process: &[Step], undo: Undo) -> Self {
        let (done, undone) = (vec![], vec![]);
        Walk { process: process.to_vec(), undo, flow: Flow::START, done, undone, turned: false }
    }

    fn pivot(&self) -> u8 {
        self.process.iter().position(|step| matches!(step, Step::Pivot(..))).unwrap_or(usize::MAX) as u8
    }

    /// One input, as the owners of the steps would have meant it.
    fn take(&mut self, input: Input) {
        match (self.flow, input) {
            (Flow::Doing(step), Input::Answer(Outcome::Done)) => self.done.push(step),
            (Flow::GivingUp(step), Input::Answer(Outcome::TooLate)) => self.done.push(step),
            (Flow::Undoing(step, _), Input::Answer(_)) => {
                self.done.retain(|done| *done != step);
                self.undone.push(step);
            }
            _ => {}
        }
        self.flow = self.flow.after(input, &self.process, self.undo);
        self.turned |= self.flow.undoing();
    }

    fn status(&self) -> Option<Status> {
        match self.flow {
            Flow::Closing(status) | Flow::Telling(status) => Some(status),
            _ => None,
        }
    }

    /// Steps that hold something back: done, not undone, and undoable.
    fn owed(&self) -> Vec<u8> {
        let undoable = |step: &&u8| self.process[**step as usize].backward().is_some();
        self.done.iter().filter(undoable).copied().collect()
    }
}

/// Compensatable steps, the pivot, retriable steps: any such process.
fn process() -> impl Strategy<Value = Vec<Step>> {
    (0..4usize, 0..4usize).prop_map(|(before, after)| {
        let before = std::iter::repeat_n(Step::Compensatable(Op::Reserve, Op::Release), before);
        let pivot = [Step::Pivot(Op::Charge, Op::Withdraw, Op::Refund)];
        before.chain(pivot).chain(std::iter::repeat_n(Step::Retriable(Op::Ship), after)).collect()
    })
}

/// Answers of owners, now and then a change of mind.
fn inputs() -> impl Strategy<Value = Vec<Input>> {
    let any = proptest::sample::select(Outcome::ALL).prop_map(Input::Answer);
    let input = prop_oneof![4 => Just(Input::Answer(Outcome::Done)), 2 => any, 1 => Just(Input::GiveUp)];
    proptest::collection::vec(input, 0..20)
}

proptest! {
    /// Whatever happened before, final answers bring it to its end, in as many turns as it has things to do and undo.
    #[test]
    fn it_terminates_when_answered(
        process in process(), inputs in inputs(),
        decided in proptest::sample::select(&[Outcome::Withdrawn, Outcome::Refunded, Outcome::TooLate][..]),
        good in proptest::collection::vec(proptest::bool::weighted(0.8), 24),
    ) {
        let mut walk = Walk::new(&process, Undo::Always);
        inputs.into_iter().for_each(|input| walk.take(input));
        let mut moves = 0;
        while walk.flow != Flow::Ended {
            prop_assert!(walk.flow.wants(&process).is_some(), "{:?} waits for nobody", walk.flow);
            let answer = match walk.flow {
                Flow::GivingUp(_) => decided,
                _ if good[moves] => Outcome::Done,
                _ => Outcome::Refused,
            };
            walk.take(Input::Answer(answer));
            moves += 1;
            prop_assert!(moves <= 2 * process.len() + 3, "{:?} goes round in circles", walk.flow);
        }
    }

    /// At the end of an order that was given up nothing is left, and it was undone last done first; a completed one has
    /// everything.
    #[test]
    fn all_or_nothing_in_reverse(process in process(), inputs in inputs()) {
        let mut walk = Walk::new(&process, Undo::Always);
        for input in inputs {
            let before = walk.clone();
            walk.take(input);
            prop_assert!(walk.undone.is_sorted_by(|later, earlier| later > earlier), "{:?}", walk.undone);
            if before.status().is_some() {
                let moved = matches!(walk.flow, Flow::Closing(_) | Flow::Telling(_) | Flow::Ended);
                prop_assert!(moved && before.status() == walk.status().or(before.status()), "{walk:?}");
            }
            match walk.status() {
                Some(Status::Completed) => {
                    prop_assert_eq!(&walk.done, &(0..process.len() as u8).collect::<Vec<_>>());
                    prop_assert!(walk.undone.is_empty(), "{:?}", walk);
                }
                Some(_) => prop_assert!(walk.owed().is_empty(), "{:?} is left", walk.owed()),
                None => {}
            }
        }
    }

    /// After the pivot nobody's change of mind turns it round, only a refusal; before it, any change of mind does.
    #[test]
    fn the_pivot_is_the_point_of_no_return(process in process(), inputs in inputs()) {
        let mut walk = Walk::new(&process, Undo::Always);
        for input in inputs {
            let before = walk.flow;
            walk.take(input);
            let Flow::Doing(step) = before else { continue };
            let turned = walk.flow.undoing() || matches!(walk.flow, Flow::Closing(status) if status.given_up());
            match (input, step > walk.pivot()) {
                (Input::GiveUp, past) => prop_assert_eq!(turned, !past),
                (Input::Answer(outcome), _) => prop_assert_eq!(turned, outcome != Outcome::Done),
            }
            if step == walk.pivot() && input == Input::GiveUp {
                prop_assert_eq!(walk.flow, Flow::GivingUp(step), "its owner decides, not the process");
            }
            let status = |flow| match flow { Flow::Undoing(_, status) | Flow::Closing(status) => Some(status), _ => None };
            if turned && let Some(status) = status(walk.flow) {
                let expected = match (input, step > walk.pivot()) {
                    (Input::GiveUp, _) => Status::Cancelled,
                    (_, true) => Status::Refunded,
                    (_, false) => Status::Rejected,
                };
                prop_assert_eq!(status, expected);
            }
        }
    }

    /// The bug: who compensates failures only leaves something behind whenever somebody else wants it given up.
    #[test]
    fn undoing_on_failure_only_differs_where_minds_change(process in process(), inputs in inputs()) {
        let (mut careful, mut careless) = (Walk::new(&process, Undo::Always), Walk::new(&process, Undo::OnFailure));
        for input in inputs {
            let same = careful.flow == careless.flow;
            careful.take(input);
            careless.take(input);
            if same && careful.flow != careless.flow {
                prop_assert_eq!(input, Input::GiveUp);
                prop_assert_eq!(careless.flow, Flow::Closing(Status::Cancelled));
                prop_assert_eq!(careless.undone.len(), 0);
                return Ok(());
            }
        }
    }
}

/// Walks the checkout through these inputs; where it stands then.
#[track_caller]
fn check(undo: Undo, inputs: &[Input], expected: Flow, wants: Option<Op>) {
    let saga = Architecture::named("orchestrated-saga").expect("there is one");
    let Process::Engine(process) = saga.process else { panic!("an engine owns the process") };
    let flow = inputs.iter().fold(Flow::START, |flow, input| flow.after(*input, process, undo));
    assert_eq!((flow, flow.wants(process).map(|(op, _)| op)), (expected, wants));
}

#[test]
fn the_checkout() {
    use Input::{Answer, GiveUp};
    use Outcome::{Declined, Done, HoldLost, OutOfStock, Refunded, Refused, TooLate, Withdrawn};
    let check = |inputs: &[Input], expected, wants| check(Undo::Always, inputs, expected, wants);
    check(&[], Flow::Doing(0), Some(Op::Reserve));
    check(&[Answer(Done)], Flow::Doing(1), Some(Op::Charge));
    check(&[Answer(OutOfStock)], Flow::Closing(Status::Rejected), Some(Op::Close));
    check(&[GiveUp], Flow::Undoing(0, Status::Cancelled), Some(Op::Release));
    check(&[Answer(Done), Answer(Declined)], Flow::Undoing(0, Status::Rejected), Some(Op::Release));
    check(&[Answer(Done), GiveUp], Flow::GivingUp(1), Some(Op::Withdraw));
    check(&[Answer(Done), GiveUp, GiveUp], Flow::GivingUp(1), Some(Op::Withdraw));
    check(&[Answer(Done), GiveUp, Answer(Withdrawn)], Flow::Undoing(0, Status::Cancelled), Some(Op::Release));
    check(&[Answer(Done), GiveUp, Answer(Refunded)], Flow::Undoing(0, Status::Refunded), Some(Op::Release));
    check(&[Answer(Done), GiveUp, Answer(TooLate)], Flow::Doing(2), Some(Op::Confirm));
    check(&[Answer(Done), Answer(Done), GiveUp], Flow::Doing(2), Some(Op::Confirm));
    check(
        &[Answer(Done), Answer(Done), Answer(HoldLost)],
        Flow::Undoing(1, Status::Refunded),
        Some(Op::Refund),
    );
    let refused = [Answer(Done), Answer(Done), Answer(Done), Answer(Refused)];
    check(&refused, Flow::Undoing(1, Status::Refunded), Some(Op::Refund));
    check(&[Answer(Done); 4], Flow::Closing(Status::Completed), Some(Op::Close));
    check(&[Answer(Done); 5], Flow::Telling(Status::Completed), Some(Op::Notify));
    check(&[Answer(Done); 6], Flow::Ended, None);
    check(&[Answer(Done); 9], Flow::Ended, None);
}

#[test]
fn the_checkout_that_undoes_failures_only() {
    use Input::{Answer, GiveUp};
    use Outcome::{Declined, Done};
    let check = |inputs: &[Input], expected, wants| check(Undo::OnFailure, inputs, expected, wants);
    check(&[GiveUp], Flow::Closing(Status::Cancelled), Some(Op::Close));
    check(&[Answer(Done), GiveUp], Flow::Closing(Status::Cancelled), Some(Op::Close));
    check(&[Answer(Done), Answer(Declined)], Flow::Undoing(0, Status::Rejected), Some(Op::Release));
    check(&[Answer(Done), Answer(Done), GiveUp], Flow::Doing(2), Some(Op::Confirm));
}

/// Whose memory or store holds a position in the process at some moment of a quiet day.
#[track_caller]
fn keeps_positions(shop: Shop, expected: &[Party]) {
    let mut world = open(shop, 1, 2, 0, Arc::new([]));
    let mut found = BTreeSet::new();
    while world.step() {
        let positions =
            |thing: String| ["flow: Doing(", "flow: GivingUp("].iter().any(|word| thing.contains(word));
        for node in (0..world.physics().nodes() as u8).map(Node) {
            let role = world.physics().role(node);
            let (memory, store) = (world.memory(node), world.database(role).state());
            if positions(format!("{memory:?}")) || positions(format!("{store:?}")) {
                found.insert(Party::of(role));
            }
        }
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn who_keeps_a_position_in_the_process() {
    keeps_positions(Shop::Choreography, &[]);
    keeps_positions(Shop::Saga, &[Party::Engine]);
    keeps_positions(Shop::Chain, &[Party::Orders]);
}
