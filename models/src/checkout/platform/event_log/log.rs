//! What the log keeps: partitions of events, and how far each group has read.

use serde::{Serialize, Serializer};
use stormcart_sim::DenseMap;

use crate::checkout::domain::{Basket, Status};
use crate::checkout::fact::Fact;
use crate::checkout::message::{Order, Slot};
use crate::checkout::platform::lease::Lease;
use crate::checkout::story::{by_partition, keyed_by};
use crate::checkout::vocabulary::{Event, Party};

/// An announced event.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Announced {
    /// The event.
    #[serde(rename = "")]
    pub event: Event,
    /// The order it is about.
    pub order: Order,
    /// The basket of that order.
    pub basket: Basket,
    /// The final status it is about or leads to.
    pub status: Status,
    /// It was stored so that no more of it than its key can be read.
    pub damaged: bool,
}

/// A partition: what is still there of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub(super) struct Partition {
    /// The offset of the oldest event that is still there.
    pub(super) first: u32,
    events: Vec<Announced>,
}

impl Partition {
    pub(super) fn get(&self, offset: u32) -> Option<&Announced> {
        self.events.get(offset.checked_sub(self.first)? as usize)
    }

    pub(super) fn end(&self) -> u32 {
        self.first + self.events.len() as u32
    }

    /// What stands at or after an offset, with where it stands.
    pub(super) fn since(&self, offset: u32) -> impl Iterator<Item = (u32, &Announced)> {
        (self.first..).zip(&self.events).skip(offset.saturating_sub(self.first) as usize)
    }
}

/// What the log keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Log {
    pub(super) lease: Lease,
    #[serde(serialize_with = "by_partition")]
    pub(super) partitions: DenseMap<Partition>,
    /// The next offset of each group and partition, by [`lane`].
    #[serde(serialize_with = "by_lane")]
    pub(super) offsets: DenseMap<u32>,
}

/// A change to the log.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum LogRecord {
    /// An event is durable.
    Appended(u8, Announced),
    /// Everything before this slot is dropped.
    Dropped(Slot),
    /// A group has consumed everything before this slot.
    Consumed(Party, Slot),
    /// Another instance leads from here on.
    Leased(Lease),
}

/// Applies a change.
pub fn apply(log: &mut Log, entry: &LogRecord) {
    match entry {
        LogRecord::Appended(partition, announced) => {
            log.partitions.entry(u32::from(*partition)).events.push(announced.clone());
        }
        LogRecord::Dropped(slot) => {
            let partition = log.partitions.entry(u32::from(slot.partition));
            let old = slot.offset.saturating_sub(partition.first) as usize;
            partition.events.drain(..old.min(partition.events.len()));
            partition.first = partition.first.max(slot.offset);
        }
        LogRecord::Consumed(group, slot) => {
            log.offsets.insert(lane(*group, slot.partition), slot.offset);
        }
        LogRecord::Leased(lease) => log.lease = *lease,
    }
}

/// The truth in a change.
pub fn fact(entry: &LogRecord) -> Option<Fact> {
    match entry {
        LogRecord::Appended(_, announced) => Some(Fact::Announced(announced.order, announced.event)),
        LogRecord::Dropped(_) | LogRecord::Consumed(..) | LogRecord::Leased(_) => None,
    }
}

/// A group's reading of one partition: numbered densely, as tables want it.
pub(super) const fn lane(group: Party, partition: u8) -> u32 {
    partition as u32 * GROUPS + group as u32
}

/// The group and the partition of a lane.
pub const fn reader(lane: u32) -> (Party, u8) {
    (Party::ALL[(lane % GROUPS) as usize], (lane / GROUPS) as u8)
}

/// Serializes a map by [`lane`]: `payments in partition 2`.
pub(super) fn by_lane<V: Serialize, S: Serializer>(
    map: &DenseMap<V>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let key = |lane: u32| {
        let (group, partition) = reader(lane);
        format!("{group} in partition {partition}")
    };
    keyed_by(map, key, serializer)
}

const GROUPS: u32 = Party::ALL.len() as u32;
