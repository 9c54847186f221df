//! Orchestrated saga: a durable workflow engine owns the process, which is a value.

use crate::platform::workflow::Step;
use crate::policy::{Confirm, Dedup, Fence, Key, LateSuccess, Policies, Publish, TimeoutMeans, Undo};
use crate::words::{Event, Op, Outcome};

use super::{Architecture, Care, Process, Style};

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
    care: &[(Care::Hardened, HARDENED), (Care::Matched, MATCHED), (Care::Naive, NAIVE)],
    missing_care: None,
};

const HARDENED: Policies = super::SAFE;

/// The same keys, retries, inbox and deadlines as everybody; nothing stops a command that comes too late, and the
/// workflow is started from memory.
const MATCHED: Policies = Policies { publish: Publish::CommitThenPublish, fence: Fence::None, ..super::SAFE };

const NAIVE: Policies = Policies {
    key: Key::PerAttempt,
    timeout: TimeoutMeans::Failed,
    publish: Publish::CommitThenPublish,
    dedup: Dedup::None,
    fence: Fence::None,
    confirm: Confirm::Blind,
    undo: Undo::OnFailure,
    late: LateSuccess::Ignore,
    ..super::SAFE
};
