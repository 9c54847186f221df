//! What happens to a delivery, in words.

use serde::{Deserialize, Serialize};
use stormcart_models::words::{Manners, VOCABULARY};
use stormcart_sim::Micros;
use stormcart_sim::fault::{CrashPoint, Verb};

use crate::error::Error;

use super::{ahead_us, bounded, find, forever, leap, named};

/// What happens to a delivery, in words; times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum VerbText {
    /// The message is lost.
    Drop,
    /// It arrives, and again after so long.
    Duplicate(u64),
    /// It arrives so much later.
    Delay(u64),
    /// The next on its link overtakes it; so long at most.
    Reorder(u64),
    /// The next message for the same service arrives first.
    Overtaken,
    /// It arrives damaged.
    Corrupt,
    /// What else happens at this instant goes first.
    Yield,
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
    Supersede,
    /// The receiver misbehaves like this.
    Manner(String),
}

impl VerbText {
    pub(super) fn read(&self) -> Result<Verb, Error> {
        Ok(match self {
            VerbText::Drop => Verb::Drop,
            VerbText::Duplicate(us) => Verb::Duplicate(Micros(*us)),
            VerbText::Delay(us) => Verb::Delay(Micros(*us)),
            VerbText::Reorder(us) => Verb::Reorder(Micros(*us)),
            VerbText::Overtaken => Verb::Overtaken,
            VerbText::Corrupt => Verb::Corrupt,
            VerbText::Yield => Verb::Yield,
            VerbText::Crash { point, down_us } => {
                Verb::Crash(find("crash point", point, &CrashPoint::ALL)?, forever(*down_us))
            }
            VerbText::FailWrite => Verb::FailWrite,
            VerbText::IsolateSender(us) => Verb::IsolateSender(Micros(*us)),
            VerbText::IsolateReceiver(us) => Verb::IsolateReceiver(Micros(*us)),
            VerbText::Pause(us) => Verb::Pause(Micros(*us)),
            VerbText::Leap { ahead_us, for_us } => Verb::Leap(leap(*ahead_us), Micros(*for_us)),
            VerbText::Supersede => Verb::Supersede,
            VerbText::Manner(manner) => {
                Verb::Manner(named("manner", manner, Manners::ALL, Manners::NAMES)?.manner())
            }
        })
    }

    pub(super) fn write(verb: Verb) -> VerbText {
        match verb {
            Verb::Drop => VerbText::Drop,
            Verb::Duplicate(time) => VerbText::Duplicate(time.0),
            Verb::Delay(time) => VerbText::Delay(time.0),
            Verb::Reorder(time) => VerbText::Reorder(time.0),
            Verb::Overtaken => VerbText::Overtaken,
            Verb::Corrupt => VerbText::Corrupt,
            Verb::Yield => VerbText::Yield,
            Verb::Crash(point, down) => {
                VerbText::Crash { point: point.words().into(), down_us: bounded(down) }
            }
            Verb::FailWrite => VerbText::FailWrite,
            Verb::IsolateSender(time) => VerbText::IsolateSender(time.0),
            Verb::IsolateReceiver(time) => VerbText::IsolateReceiver(time.0),
            Verb::Pause(time) => VerbText::Pause(time.0),
            Verb::Leap(leap, time) => VerbText::Leap { ahead_us: ahead_us(leap), for_us: time.0 },
            Verb::Supersede => VerbText::Supersede,
            Verb::Manner(manner) => VerbText::Manner(VOCABULARY.manner(manner).into()),
        }
    }
}
