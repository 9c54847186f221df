//! Orchestrated saga: a durable workflow engine owns the process, which is a value.

use crate::checkout::platform::workflow::Step;
use crate::checkout::policy::{Policies, Undo};
use crate::checkout::vocabulary::{Event, Op, Outcome};

use super::level::{FIRST_WRITTEN, HARDENED, MATCHED};
use super::{Architecture, Level, Process, Style};

/// The checkout. The call chain walks through the same steps.
pub(super) const CHECKOUT: &[Step] = &[
    Step::Compensatable(Op::Reserve, Op::Release),
    Step::Pivot(Op::Charge, Op::Withdraw, Op::Refund),
    Step::Retriable(Op::Confirm),
    Step::Retriable(Op::Ship),
];

/// A durable engine calls the services.
pub const ORCHESTRATED_SAGA: Architecture = Architecture {
    name: "orchestrated-saga",
    about: "a durable workflow engine owns the process and calls the services",
    style: Style::OrchestratedSaga,
    process: Process::Engine(CHECKOUT),
    announces: &[
        (Op::Place, Outcome::Accepted, Event::OrderPlaced),
        (Op::Cancel, Outcome::Accepted, Event::CancelAsked),
    ],
    levels: &[(Level::Hardened, HARDENED), (Level::Matched, MATCHED), (Level::FirstWritten, ON_FAILURE)],
    missing_level: None,
};

/// A first saga compensates where a step says no, and nowhere else.
const ON_FAILURE: Policies = Policies { undo: Undo::OnFailure, ..FIRST_WRITTEN };
