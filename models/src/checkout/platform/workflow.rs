//! The workflow: where an order stands in the process, and what each answer does to that.
//!
//! A process is a value, a list of [`Step`]s: what can be compensated, then the pivot, then what is retried until it
//! succeeds (Garcia-Molina and Salem 1987; the naming of steps follows Richardson). [`Flow::after`] is the whole
//! logic, pure; the durable engine and the in-memory call chain differ in where they keep the [`Flow`].
//!
//! **Invariant:** before the pivot everything can be undone in reverse; the owner of the pivot decides whether it
//! happened; after it only a refusal that is final turns the process round. `models/tests/platform/workflow.rs` walks
//! through every process with a list of done steps beside it.

use crate::checkout::domain::Status;
use crate::checkout::policy::Undo;
use crate::checkout::vocabulary::{Op, Outcome, outcomes};

/// One step of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Done by the first operation, undone by the second.
    Compensatable(Op, Op),
    /// The point of no return: given up by the second while it has not happened, undone by the third.
    Pivot(Op, Op, Op),
    /// Retried until it succeeds or is refused for good.
    Retriable(Op),
}

impl Step {
    /// The operation that does it.
    pub const fn forward(self) -> Op {
        match self {
            Step::Compensatable(op, _) | Step::Pivot(op, _, _) | Step::Retriable(op) => op,
        }
    }

    /// The operation that undoes it.
    pub const fn backward(self) -> Option<Op> {
        match self {
            Step::Compensatable(_, op) | Step::Pivot(_, _, op) => Some(op),
            Step::Retriable(_) => None,
        }
    }
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub enum Flow {
    /// This step is being done.
    Doing(u8),
    /// The pivot's owner has been asked to give it up.
    GivingUp(u8),
    /// This step is being undone; the order will end like this.
    Undoing(u8, Status),
    /// The status is being set.
    Closing(Status),
    /// The customer is being told.
    Telling(Status),
    /// Nothing is left to do.
    Ended,
}

/// What happens to a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The current operation ended like this.
    Answer(Outcome),
    /// The customer or the deadline wants it given up.
    GiveUp,
}

impl Flow {
    /// Where every order starts.
    pub const START: Flow = Flow::Doing(0);

    /// The operation to ask for now, and the status it is about.
    pub fn wants(self, process: &[Step]) -> Option<(Op, Status)> {
        match self {
            Flow::Doing(step) => Some((process[step as usize].forward(), Status::Pending)),
            Flow::GivingUp(step) => match process[step as usize] {
                Step::Pivot(_, give_up, _) => Some((give_up, Status::Pending)),
                Step::Compensatable(..) | Step::Retriable(_) => None,
            },
            Flow::Undoing(step, status) => Some((process[step as usize].backward()?, status)),
            Flow::Closing(status) => Some((Op::Close, status)),
            Flow::Telling(status) => Some((Op::Notify, status)),
            Flow::Ended => None,
        }
    }

    /// Where the order stands after this.
    pub fn after(self, input: Input, process: &[Step], undo: Undo) -> Flow {
        match (self, input) {
            (Flow::Doing(step), Input::Answer(outcome)) => forward(step, outcome, process),
            (Flow::Doing(step), Input::GiveUp) => give_up(step, process, undo),
            (Flow::GivingUp(step), Input::Answer(outcome)) => match outcome {
                Outcome::Withdrawn => undo_below(step, Status::Cancelled, process),
                Outcome::Refunded => undo_below(step, Status::Refunded, process),
                Outcome::TooLate => done(step, process),
                Outcome::Done | Outcome::Declined | Outcome::Refused | outcomes!(unknown) => self,
                outcomes!(told to customers) | Outcome::OutOfStock | Outcome::Fenced | Outcome::HoldLost => {
                    self
                }
            },
            (Flow::Undoing(step, status), Input::Answer(_)) => undo_below(step, status, process),
            (Flow::Closing(status), Input::Answer(_)) => Flow::Telling(status),
            (Flow::Telling(_), Input::Answer(_)) => Flow::Ended,
            (unmoved @ (Flow::GivingUp(_) | Flow::Undoing(..)), Input::GiveUp)
            | (unmoved @ (Flow::Closing(_) | Flow::Telling(_)), Input::GiveUp)
            | (unmoved @ Flow::Ended, Input::Answer(_) | Input::GiveUp) => unmoved,
        }
    }

    /// Whether forward effects are on their way to being undone.
    pub fn undoing(self) -> bool {
        matches!(self, Flow::GivingUp(_) | Flow::Undoing(..))
    }
}

fn forward(step: u8, outcome: Outcome, process: &[Step]) -> Flow {
    let failed = match process[step as usize] {
        Step::Retriable(_) => Status::Refunded,
        Step::Compensatable(..) | Step::Pivot(..) => Status::Rejected,
    };
    match outcome {
        Outcome::Done => done(step, process),
        Outcome::Declined | Outcome::Refused | outcomes!(unknown) | outcomes!(of a service) => {
            undo_below(step, failed, process)
        }
    }
}

fn done(step: u8, process: &[Step]) -> Flow {
    match step + 1 {
        next if (next as usize) < process.len() => Flow::Doing(next),
        _ => Flow::Closing(Status::Completed),
    }
}

/// Undoes the nearest step below this one that has something to undo.
fn undo_below(step: u8, status: Status, process: &[Step]) -> Flow {
    match (0..step).rev().find(|below| process[*below as usize].backward().is_some()) {
        Some(below) => Flow::Undoing(below, status),
        None => Flow::Closing(status),
    }
}

/// The step under way may or may not have happened: it is undone, or its owner is asked, or it is too late.
fn give_up(step: u8, process: &[Step], undo: Undo) -> Flow {
    match process[step as usize] {
        Step::Retriable(_) => Flow::Doing(step),
        _ if undo == Undo::OnFailure => Flow::Closing(Status::Cancelled),
        Step::Pivot(..) => Flow::GivingUp(step),
        Step::Compensatable(..) => Flow::Undoing(step, Status::Cancelled),
    }
}
