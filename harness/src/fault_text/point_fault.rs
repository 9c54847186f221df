//! What happens to a delivery, in words.

use serde::{Deserialize, Serialize};
use stormcart_sim::Micros;
use stormcart_sim::fault::{CrashPoint, PointFault};
use stormcart_sim::site::{MisbehaviorId, Vocabulary};

use crate::error::Error;

use super::{ahead_us, bounded, find, forever, leap, position};

/// What happens to a delivery, in words; times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PointFaultText {
    /// The message is lost.
    Drop,
    /// It arrives, and again after so long.
    Duplicate(u64),
    /// It arrives so much later.
    Delay(u64),
    /// The next on its link overtakes it; so long at most.
    Reorder(u64),
    /// The next message for the same service arrives first.
    #[serde(alias = "overtaken")]
    ReorderInbox,
    /// It arrives damaged.
    Corrupt,
    /// What else happens at this instant goes first.
    #[serde(alias = "yield")]
    LoseTie,
    /// The receiver crashes.
    Crash {
        /// Where in its handler.
        point: String,
        /// For how long; until healed if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        down_us: Option<u64>,
    },
    /// The receiver's database aborts the transaction.
    FailWrite,
    /// The sender is cut off for so long.
    IsolateSender(u64),
    /// The receiver is cut off for so long.
    IsolateReceiver(u64),
    /// The receiver stops for so long.
    Pause(u64),
    /// The receiver's clock is wrong for so long.
    Leap {
        /// By so much; behind if negative.
        ahead_us: i64,
        /// For how long.
        for_us: u64,
    },
    /// Another instance takes over beside the receiver.
    #[serde(alias = "supersede")]
    SplitBrain,
    /// The receiver misbehaves like this.
    #[serde(alias = "manner")]
    Misbehave(String),
}

impl PointFaultText {
    pub(super) fn read(&self, vocabulary: &Vocabulary) -> Result<PointFault, Error> {
        Ok(match self {
            PointFaultText::Drop => PointFault::Drop,
            PointFaultText::Duplicate(us) => PointFault::Duplicate(Micros(*us)),
            PointFaultText::Delay(us) => PointFault::Delay(Micros(*us)),
            PointFaultText::Reorder(us) => PointFault::Reorder(Micros(*us)),
            PointFaultText::ReorderInbox => PointFault::ReorderInbox,
            PointFaultText::Corrupt => PointFault::Corrupt,
            PointFaultText::LoseTie => PointFault::LoseTie,
            PointFaultText::Crash { point, down_us } => {
                PointFault::Crash(find("crash point", point, &CrashPoint::ALL)?, forever(*down_us))
            }
            PointFaultText::FailWrite => PointFault::FailWrite,
            PointFaultText::IsolateSender(us) => PointFault::IsolateSender(Micros(*us)),
            PointFaultText::IsolateReceiver(us) => PointFault::IsolateReceiver(Micros(*us)),
            PointFaultText::Pause(us) => PointFault::Pause(Micros(*us)),
            PointFaultText::Leap { ahead_us, for_us } => PointFault::Leap(leap(*ahead_us), Micros(*for_us)),
            PointFaultText::SplitBrain => PointFault::SplitBrain,
            PointFaultText::Misbehave(misbehavior) => {
                let number = position("misbehavior", misbehavior, vocabulary.misbehaviors)?;
                PointFault::Misbehave(MisbehaviorId(number))
            }
        })
    }

    pub(super) fn write(point_fault: PointFault, vocabulary: &Vocabulary) -> PointFaultText {
        match point_fault {
            PointFault::Drop => PointFaultText::Drop,
            PointFault::Duplicate(time) => PointFaultText::Duplicate(time.0),
            PointFault::Delay(time) => PointFaultText::Delay(time.0),
            PointFault::Reorder(time) => PointFaultText::Reorder(time.0),
            PointFault::ReorderInbox => PointFaultText::ReorderInbox,
            PointFault::Corrupt => PointFaultText::Corrupt,
            PointFault::LoseTie => PointFaultText::LoseTie,
            PointFault::Crash(point, down) => {
                PointFaultText::Crash { point: point.words().into(), down_us: bounded(down) }
            }
            PointFault::FailWrite => PointFaultText::FailWrite,
            PointFault::IsolateSender(time) => PointFaultText::IsolateSender(time.0),
            PointFault::IsolateReceiver(time) => PointFaultText::IsolateReceiver(time.0),
            PointFault::Pause(time) => PointFaultText::Pause(time.0),
            PointFault::Leap(leap, time) => PointFaultText::Leap { ahead_us: ahead_us(leap), for_us: time.0 },
            PointFault::SplitBrain => PointFaultText::SplitBrain,
            PointFault::Misbehave(misbehavior) => {
                PointFaultText::Misbehave(vocabulary.misbehavior(misbehavior).into())
            }
        }
    }
}
