//! What happens to one delivery.

use std::fmt;

use crate::site::MisbehaviorId;
use crate::time::Micros;

/// A point inside the handling of one message, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CrashPoint {
    /// The handler decided; nothing is durable, nothing was sent.
    BeforeCommit,
    /// The forced write was on its way: whether it is durable is drawn, and unknown to every participant until
    /// recovery.
    DuringSync,
    /// Half of the transaction is on the disk: recovery finds a record without the mark of its commit, and cuts it off.
    MidWrite,
    /// Durable, but nothing of what follows was sent.
    AfterCommit,
    /// The first message after it is out, the rest (an acknowledgement, say) is not.
    AfterSend,
    /// While the node was coming back.
    DuringRecovery,
}

impl CrashPoint {
    /// All points with the words for them.
    pub const ALL: [(CrashPoint, &'static str); 6] = [
        (CrashPoint::BeforeCommit, "before commit"),
        (CrashPoint::DuringSync, "during sync"),
        (CrashPoint::MidWrite, "in the middle of a write"),
        (CrashPoint::AfterCommit, "after commit, before send"),
        (CrashPoint::AfterSend, "after send, before acknowledgement"),
        (CrashPoint::DuringRecovery, "during recovery"),
    ];

    /// The words for it.
    pub fn words(self) -> &'static str {
        CrashPoint::ALL[self as usize].1
    }
}

/// How far a clock is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Leap {
    /// It shows a later time.
    Ahead(Micros),
    /// It shows an earlier time.
    Behind(Micros),
}

impl fmt::Display for Leap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Leap::Ahead(by) => write!(f, "{by} ahead"),
            Leap::Behind(by) => write!(f, "{by} behind"),
        }
    }
}

/// What happens to one delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PointFault {
    /// The message is lost. On an answer: the effect happened and its caller does not hear of it.
    Drop,
    /// The message arrives, and once more after this long.
    Duplicate(Micros),
    /// The message arrives this much later.
    Delay(Micros),
    /// The message arrives right after the next one on its link that is delivered, or after this long if none is.
    Reorder(Micros),
    /// The next message for the same role arrives first, from whichever sender: one inversion of the order of messages.
    ReorderInbox,
    /// The message arrives damaged: the receiver detects that and refuses it, and its sender hears so.
    Corrupt,
    /// What else happens at the same instant happens first.
    LoseTie,
    /// The receiver crashes at this point and comes back after this long.
    Crash(CrashPoint, Micros),
    /// The receiver's database aborts the transaction. A node that was coming back gives up, and comes back again.
    FailWrite,
    /// The sender is cut off from every other node, before the message gets through.
    IsolateSender(Micros),
    /// The receiver is cut off from every other node, right after it got the message.
    IsolateReceiver(Micros),
    /// The receiver stops for this long, then continues as if nothing had happened.
    Pause(Micros),
    /// The clock of the receiver leaps, and back after this long.
    Leap(Leap, Micros),
    /// Another instance of the receiver's role takes over from it, as if it were lost; it works on and does not know.
    /// Does not strike where no instance could take over.
    SplitBrain,
    /// The receiver misbehaves: an outside party, a customer, the log.
    Misbehave(MisbehaviorId),
}

impl PointFault {
    /// The family under which it is counted.
    pub fn family(&self) -> &'static str {
        match self {
            PointFault::Drop => "drop",
            PointFault::Duplicate(_) => "duplicate",
            PointFault::Delay(_) => "delay",
            PointFault::Reorder(_) => "reorder",
            PointFault::ReorderInbox => "order",
            PointFault::Corrupt => "corrupt",
            PointFault::LoseTie => "tie",
            PointFault::Crash(..) => "crash",
            PointFault::FailWrite => "abort",
            PointFault::IsolateSender(_) | PointFault::IsolateReceiver(_) => "isolate",
            PointFault::Pause(_) => "pause",
            PointFault::Leap(..) => "clock",
            PointFault::SplitBrain => "split_brain",
            PointFault::Misbehave(_) => "misbehavior",
        }
    }

    /// Whether it strikes a handler's transaction, and so nothing where a handler commits nothing.
    pub fn strikes_commit(&self) -> bool {
        if let PointFault::Crash(point, _) = self {
            return !matches!(point, CrashPoint::AfterSend | CrashPoint::DuringRecovery);
        }
        *self == PointFault::FailWrite
    }

    /// Whether one of the two finds nothing left to strike at one place, this one coming first.
    pub(super) fn contradicts(&self, later: &PointFault) -> bool {
        let stops = |fault: &PointFault| matches!(fault, PointFault::Drop | PointFault::Corrupt);
        let crashes = |fault: &PointFault| matches!(fault, PointFault::Crash(..));
        let inside = crashes(self) || *self == PointFault::FailWrite;
        stops(self) || inside && stops(later) || crashes(self) && crashes(later) || self == later
    }
}

const MS: Micros = Micros::millis(5);

samples! { PointFault, 15:
    PointFault::Drop => PointFault::Drop,
    PointFault::Duplicate(_) => PointFault::Duplicate(MS),
    PointFault::Delay(_) => PointFault::Delay(MS),
    PointFault::Reorder(_) => PointFault::Reorder(MS),
    PointFault::ReorderInbox => PointFault::ReorderInbox,
    PointFault::Corrupt => PointFault::Corrupt,
    PointFault::LoseTie => PointFault::LoseTie,
    PointFault::Crash(..) => PointFault::Crash(CrashPoint::BeforeCommit, MS),
    PointFault::FailWrite => PointFault::FailWrite,
    PointFault::IsolateSender(_) => PointFault::IsolateSender(MS),
    PointFault::IsolateReceiver(_) => PointFault::IsolateReceiver(MS),
    PointFault::Pause(_) => PointFault::Pause(MS),
    PointFault::Leap(..) => PointFault::Leap(Leap::Ahead(MS), MS),
    PointFault::SplitBrain => PointFault::SplitBrain,
    PointFault::Misbehave(_) => PointFault::Misbehave(MisbehaviorId(0)),
}
