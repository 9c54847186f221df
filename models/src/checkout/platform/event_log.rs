//! The replicated event log: keyed partitions, consumer groups, committed offsets, at least once.
//!
//! An event is acknowledged when it is durable. Each group reads each partition in order, one delivery at a time; a
//! delivery that is not acknowledged is repeated, to another instance of the group. Offsets are written lazily, so
//! a crash of the log delivers again what had been consumed. A rebalance, or the eviction of one consumer, begins a new
//! generation: what those of the old one acknowledge is not heard.
//!
//! **Invariant:** within a partition a group sees events in order, and none is skipped that the log still has.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use smallvec::SmallVec;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::{DenseMap, To};

use crate::checkout::architecture::Process;
use crate::checkout::domain::{Basket, Status};
use crate::checkout::fact::Fact;
use crate::checkout::message::{Body, Command, Message, Order, Slot, Timer};
use crate::checkout::platform::lease::Lease;
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::setup::Setup;
use crate::checkout::story::{by_partition, keyed_by};
use crate::checkout::vocabulary::{CoverageGoal, Event, Misbehavior, Op, Party, misbehaviors};

/// One announced event.
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
    /// It was stored so that nobody can read more of it than its key.
    pub damaged: bool,
}

/// A partition: what is still there of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
struct Partition {
    /// The offset of the oldest.
    first: u32,
    events: Vec<Announced>,
}

impl Partition {
    fn get(&self, offset: u32) -> Option<&Announced> {
        self.events.get(offset.checked_sub(self.first)? as usize)
    }

    fn end(&self) -> u32 {
        self.first + self.events.len() as u32
    }

    /// What stands at or after an offset, with where it stands.
    fn since(&self, offset: u32) -> impl Iterator<Item = (u32, &Announced)> {
        (self.first..).zip(&self.events).skip(offset.saturating_sub(self.first) as usize)
    }
}

/// What the log keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename = "")]
pub struct Log {
    lease: Lease,
    #[serde(serialize_with = "by_partition")]
    partitions: DenseMap<Partition>,
    /// The next offset of each group and partition, by [`lane`].
    #[serde(serialize_with = "by_lane")]
    offsets: DenseMap<u32>,
}

/// Changes to the log.
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
const fn lane(group: Party, partition: u8) -> u32 {
    partition as u32 * GROUPS + group as u32
}

/// The group and the partition of a lane.
pub const fn reader(lane: u32) -> (Party, u8) {
    (Party::ALL[(lane % GROUPS) as usize], (lane / GROUPS) as u8)
}

/// Serializes a map by [`lane`]: `payments in partition 2`.
fn by_lane<V: Serialize, S: Serializer>(map: &DenseMap<V>, serializer: S) -> Result<S::Ok, S::Error> {
    let key = |lane: u32| {
        let (group, partition) = reader(lane);
        format!("{group} in partition {partition}")
    };
    keyed_by(map, key, serializer)
}

const GROUPS: u32 = Party::ALL.len() as u32;

/// The memory of the log's leader.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Broker {
    #[serde(skip)]
    setup: Arc<Setup>,
    #[serde(skip)]
    instance: u8,
    /// Where each group stands in each partition: the next offset, and the delivery under way.
    #[serde(serialize_with = "by_lane")]
    lanes: DenseMap<Lane>,
}

#[derive(Clone, Copy, Debug, Default, Hash, Serialize)]
#[serde(rename = "")]
struct Lane {
    next: u32,
    /// The attempt of the delivery of `next`, if it is under way.
    under_way: Option<u8>,
    /// The first attempt of this generation: what came before is heard no more.
    since: u8,
}

impl Broker {
    /// A fresh leader.
    pub fn new(setup: Arc<Setup>, instance: u8) -> Self {
        Broker { setup, instance, lanes: DenseMap::default() }
    }

    fn leads(&self, cx: &Context<'_>) -> bool {
        Self::log(cx).lease.holder == self.instance
    }

    /// Whether this instance may not act: a leader that was away learns here that it no longer is one.
    fn deposed(&self, cx: &mut Context<'_>) -> bool {
        let deposed = !self.leads(cx);
        if deposed {
            cx.probe(CoverageGoal::ZombieRefused as u8);
        }
        deposed
    }

    fn log<'a>(cx: &Context<'a>) -> &'a Log {
        match cx.store() {
            Store::Log(log) => log,
            other => unreachable!("the log over {other:?}"),
        }
    }

    /// Who reacts to what.
    fn reactions(&self) -> &'static [(Event, Party, Op)] {
        match self.setup.architecture.process {
            Process::Reactions(reactions) => reactions,
            Process::Engine(_) | Process::Memory(_) => &[],
        }
    }

    /// A message arrived.
    pub fn on_message(&mut self, cx: &mut Context<'_>, from: Node, message: Message) {
        if self.deposed(cx) {
            return;
        }
        let Message { op, order, attempt, body, .. } = message;
        let misbehavior = cx.misbehavior().and_then(Misbehavior::of);
        match body {
            Body::Publish(event, basket, status) => {
                let partition = (order % u32::from(self.setup.partitions)) as u8;
                let offset = Self::log(cx).partitions.get(u32::from(partition)).map_or(0, Partition::end);
                let slot = Slot { partition, offset };
                let damaged = misbehavior == Some(Misbehavior::Poison);
                let announced = Announced { event, order, basket, status, damaged };
                let appended = LogRecord::Appended(partition, announced.clone());
                let dropped = (misbehavior == Some(Misbehavior::Expire)).then_some(LogRecord::Dropped(slot));
                cx.commit([appended].into_iter().chain(dropped).map(Record::Log));
                cx.send(
                    To::Node(from),
                    Message { op, kind: MessageKind::Ack, order, attempt, body: Body::Ack(event, slot) },
                );
                self.spread(cx, slot, &announced);
            }
            Body::Ack(_, slot) => match misbehavior {
                Some(Misbehavior::Redeliver) => self.again(cx, op.owner(), slot.partition, false),
                Some(Misbehavior::Rebalance) => self.rebalance(cx, op.owner()),
                None
                | Some(Misbehavior::Evict | Misbehavior::Poison | Misbehavior::Expire)
                | Some(misbehaviors!(of providers) | misbehaviors!(of customers)) => {
                    self.consumed(cx, op.owner(), slot, attempt)
                }
            },
            Body::Command(_) | Body::Outcome(_) | Body::Damaged(..) => {}
        }
    }

    /// A group that has read everything before this event gets it now; the others when they come to it.
    fn spread(&mut self, cx: &mut Context<'_>, slot: Slot, announced: &Announced) {
        for (event, group, op) in self.reactions() {
            if *event == announced.event {
                let here = lane(*group, slot.partition);
                let lane = self.lanes.entry(here);
                if lane.under_way.is_none() {
                    *lane = Lane { next: slot.offset, under_way: Some(1), since: 1 };
                    self.deliver(cx, *group, *op, slot, announced, 1);
                    if cx.misbehavior().and_then(Misbehavior::of) == Some(Misbehavior::Evict) {
                        *self.lanes.entry(here) = Lane { next: slot.offset, under_way: Some(2), since: 2 };
                        self.deliver(cx, *group, *op, slot, announced, 2);
                    }
                }
            }
        }
    }

    fn deliver(
        &self,
        cx: &mut Context<'_>,
        group: Party,
        op: Op,
        slot: Slot,
        announced: &Announced,
        attempt: u8,
    ) {
        let Announced { event, order, basket, status, damaged } = announced.clone();
        let body = match damaged {
            true => Body::Damaged(event, slot),
            false => Body::Command(Command { key: 0, basket, status, via: Some((event, slot)) }),
        };
        cx.send(To::Role(group.role()), Message { op, kind: MessageKind::Ask, order, attempt, body });
        let (after, jitter) = self.setup.wait(attempt);
        cx.arm(redelivery(group, slot.partition), after, jitter);
    }

    /// A group has acknowledged a delivery: it gets the next event that concerns it.
    fn consumed(&mut self, cx: &mut Context<'_>, group: Party, slot: Slot, attempt: u8) {
        let lane = self.lanes.entry(lane(group, slot.partition));
        if lane.next != slot.offset || lane.under_way.is_none() {
            return;
        }
        if attempt < lane.since {
            return cx.probe(CoverageGoal::GenerationOver as u8);
        }
        let next = Slot { offset: slot.offset + 1, ..slot };
        cx.append(Record::Log(LogRecord::Consumed(group, next)));
        cx.disarm(redelivery(group, slot.partition));
        self.read_on(cx, group, next);
    }

    /// Delivers the first event at or after a slot that concerns a group.
    fn read_on(&mut self, cx: &mut Context<'_>, group: Party, from: Slot) {
        let Some(partition) = Self::log(cx).partitions.get(u32::from(from.partition)) else { return };
        if from.offset < partition.first {
            cx.probe(CoverageGoal::ReadTooLate as u8);
        }
        let reactions = self.reactions();
        let concerns = |announced: &Announced| {
            reactions
                .iter()
                .find(|(event, party, _)| *event == announced.event && *party == group)
                .map(|(.., op)| *op)
        };
        let found = partition
            .since(from.offset)
            .find_map(|(offset, announced)| Some((offset, announced, concerns(announced)?)));
        let lane = self.lanes.entry(lane(group, from.partition));
        *lane = match found {
            None => Lane { next: partition.end(), under_way: None, since: 1 },
            Some((offset, ..)) => Lane { next: offset, under_way: Some(1), since: 1 },
        };
        if let Some((offset, announced, op)) = found {
            self.deliver(cx, group, op, Slot { offset, ..from }, announced, 1);
        }
    }

    /// A delivery was not acknowledged in time: once more.
    pub fn on_timer(&mut self, cx: &mut Context<'_>, timer: Timer) {
        if !self.deposed(cx) {
            self.again(cx, timer.group, timer.order as u8, false);
        }
    }

    /// Everything a group has under way goes to other instances at once.
    fn rebalance(&mut self, cx: &mut Context<'_>, group: Party) {
        let busy = |(at, lane): (u32, &Lane)| Some(at).filter(|_| lane.under_way.is_some());
        let lanes: SmallVec<[u32; 8]> = self.lanes.iter().filter_map(busy).collect();
        for (_, partition) in lanes.into_iter().map(reader).filter(|(whose, _)| *whose == group) {
            self.again(cx, group, partition, true);
        }
    }

    /// What a group has under way in a partition is delivered once more, to another instance; if that begins a new
    /// generation, the first one's acknowledgement counts no more.
    fn again(&mut self, cx: &mut Context<'_>, group: Party, partition: u8, generation: bool) {
        let Some(lane) = self.lanes.get_mut(lane(group, partition)) else { return };
        let Some(attempt) = lane.under_way.as_mut() else { return };
        *attempt = attempt.saturating_add(1);
        let (attempt, slot) = (*attempt, Slot { partition, offset: lane.next });
        if generation {
            lane.since = attempt;
        }
        let there = Self::log(cx).partitions.get(u32::from(partition));
        let Some(announced) = there.and_then(|partition| partition.get(slot.offset)) else {
            return self.read_on(cx, group, slot);
        };
        let reaction = |row: &&(Event, Party, Op)| row.0 == announced.event && row.1 == group;
        if let Some((_, _, op)) = self.reactions().iter().find(reaction) {
            self.deliver(cx, group, *op, slot, announced, attempt);
        }
    }

    /// Another instance is lost: this one takes the lease, and every group reads on from it.
    pub fn on_takeover(&mut self, cx: &mut Context<'_>) {
        let lease = Self::log(cx).lease.taken_by(self.instance);
        cx.commit([Record::Log(LogRecord::Leased(lease))]);
        self.resume(cx);
    }

    /// A fresh memory over the log; whoever leads goes on.
    pub fn on_restart(&mut self, cx: &mut Context<'_>) {
        if self.leads(cx) {
            self.resume(cx);
        }
    }

    /// Every group reads on from its committed offset.
    fn resume(&mut self, cx: &mut Context<'_>) {
        let log = Self::log(cx);
        for (partition, _) in log.partitions.iter() {
            let partition = partition as u8;
            let reactions = self.reactions();
            for group in Party::ALL.iter().filter(|party| reactions.iter().any(|row| row.1 == **party)) {
                let offset = log.offsets.get(lane(*group, partition)).copied().unwrap_or(0);
                self.read_on(cx, *group, Slot { partition, offset });
            }
        }
    }

    /// What a crash leaves.
    pub fn wiped(&self) -> Self {
        Broker::new(Arc::clone(&self.setup), self.instance)
    }
}

fn redelivery(group: Party, partition: u8) -> Timer {
    Timer { op: Op::Redeliver, order: u32::from(partition), group }
}
