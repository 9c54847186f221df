//! The replicated event log: keyed partitions, consumer groups, committed offsets, at least once.
//!
//! An event is acknowledged when it is durable. Each group reads each partition in order, one delivery at a time; a
//! delivery that is not acknowledged is repeated, to another instance of the group. Offsets are written lazily, so
//! a crash of the log delivers again what had been consumed. A rebalance, or the eviction of one consumer, begins a new
//! generation: what those of the old one acknowledge is not heard.
//!
//! **Invariant:** within a partition a group sees events in order, and none is skipped that the log still has;
//! `models/tests/platform/event_log.rs` checks that against a model.

mod log;

use std::sync::Arc;

use serde::Serialize;
use smallvec::SmallVec;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::{DenseMap, To};

use crate::checkout::architecture::Process;
use crate::checkout::message::{Body, Command, Message, Slot, Timer};
use crate::checkout::service::{Context, Record, Store};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{CoverageGoal, Event, Misbehavior, Op, Party, misbehaviors};

pub use log::{Announced, Log, LogRecord, apply, fact, reader};
use log::{Partition, by_lane, lane};

/// The memory of the leader of the log.
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

/// Where a group stands in a partition.
#[derive(Clone, Copy, Debug, Default, Hash, Serialize)]
#[serde(rename = "")]
struct Lane {
    /// The offset that is delivered next, or is being delivered.
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

    /// Which group reacts to which event, and how.
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

    /// The memory is fresh, the log is not: if this instance leads, it goes on.
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
