//! The event log against a model: one list for each partition, and a finger of each group in it.
//!
//! The model hears what the log wrote and what it delivered, and nothing else; the faults strike the log, its leader
//! and its acknowledgements.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use stormcart_models::checkout::architecture::{Architecture, Process};
use stormcart_models::checkout::message::{Body, Slot};
use stormcart_models::checkout::platform::event_log::{Announced, LogRecord};
use stormcart_models::checkout::service::{CheckoutService, Record};
use stormcart_models::checkout::vocabulary::{Event, Op, Party};
use stormcart_sim::World;
use stormcart_sim::site::MessageKind;
use stormcart_sim::trace::Happening;

use super::world::{ORDERS, Shop, cases, run, storm};

/// What was appended, and which slots each group got, in order of their first delivery.
#[derive(Debug, Default)]
struct Model {
    partitions: BTreeMap<u8, Vec<Announced>>,
    first: BTreeMap<(Party, u8), Vec<u32>>,
    again: u32,
}

fn reaction(event: Event, group: Party) -> Option<Op> {
    let choreography = Architecture::named("choreography").expect("it is in the list");
    let Process::Reactions(reactions) = choreography.process else { panic!("services react") };
    reactions.iter().find(|row| (row.0, row.1) == (event, group)).map(|row| row.2)
}

impl Model {
    /// Listens to a whole run.
    fn of(world: &World<CheckoutService>, partitions: u8) -> Result<Model, TestCaseError> {
        let mut model = Model::default();
        for entry in world.trace().entries() {
            match &entry.what {
                Happening::Written {
                    record: Record::Log(LogRecord::Appended(partition, announced)), ..
                } => {
                    prop_assert_eq!(u32::from(*partition), announced.order % u32::from(partitions));
                    model.partitions.entry(*partition).or_default().push(announced.clone());
                }
                Happening::Delivered { to, message, .. } if message.kind == MessageKind::Ask => {
                    let Body::Command(command) = &message.body else { continue };
                    let Some((event, slot)) = command.via else { continue };
                    let group = Party::of(world.physics().role(*to));
                    prop_assert_eq!(
                        reaction(event, group),
                        Some(message.op),
                        "{} has no business here",
                        event
                    );
                    let there =
                        model.partitions.get(&slot.partition).and_then(|log| log.get(slot.offset as usize));
                    let said = there.map(|announced| (announced.event, announced.order, announced.status));
                    prop_assert_eq!(
                        said,
                        Some((event, message.order, command.status)),
                        "delivered is what is there"
                    );
                    model.delivered(group, slot)?;
                }
                _ => {}
            }
        }
        Ok(model)
    }

    /// A delivery: the next that concerns the group, or one that it had before.
    fn delivered(&mut self, group: Party, slot: Slot) -> Result<(), TestCaseError> {
        let concerns = self.concerning(group, slot.partition);
        let first = self.first.entry((group, slot.partition)).or_default();
        if first.contains(&slot.offset) {
            self.again += 1;
            return Ok(());
        }
        first.push(slot.offset);
        let expected = concerns.get(first.len() - 1);
        prop_assert_eq!(
            expected,
            Some(&slot.offset),
            "{} skipped or overtook something in {}",
            group,
            slot.partition
        );
        Ok(())
    }

    /// The slots of a partition in which something stands that a group reacts to.
    fn concerning(&self, group: Party, partition: u8) -> Vec<u32> {
        let log = self.partitions.get(&partition).map(Vec::as_slice).unwrap_or_default();
        let here = (0..).zip(log).filter(|(_, announced)| reaction(announced.event, group).is_some());
        here.map(|(offset, _)| offset).collect()
    }

    /// When all is quiet, every group has had everything that concerns it.
    fn at_rest(&self) -> Result<(), TestCaseError> {
        for partition in self.partitions.keys() {
            for group in Party::ALL {
                let had = self.first.get(&(*group, *partition)).cloned().unwrap_or_default();
                prop_assert_eq!(had, self.concerning(*group, *partition), "{} in {}", group, partition);
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(cases(250))]

    /// One instance stands for its whole group and comes back after the gap; of two, the other takes over.
    #[test]
    fn in_order_and_at_least_once_whoever_leads(
        partitions in 1..4u8, seed in 0..1_000u64, faults in storm(2),
    ) {
        let world = run(Shop::Choreography, 2, partitions, seed, Arc::from(faults));
        Model::of(&world, partitions)?.at_rest()?;
    }

    #[test]
    fn in_order_and_at_least_once_with_one_leader(
        partitions in 1..4u8, seed in 0..1_000u64, faults in storm(1),
    ) {
        let world = run(Shop::Choreography, 1, partitions, seed, Arc::from(faults));
        Model::of(&world, partitions)?.at_rest()?;
    }
}

/// Offsets are written lazily, so a leader that comes back delivers again what had been consumed; otherwise the
/// properties above would not have met a redelivery.
#[test]
fn a_leader_that_comes_back_delivers_again() {
    use stormcart_sim::fault::{Fault, Nodes, SustainedFault, When};
    use stormcart_sim::site::Node;
    use stormcart_sim::{Instant, Micros};
    let sustained = SustainedFault::Crash(Nodes::one(Node(6)));
    let crash = Fault::During { when: When::At(Instant(35_000)), lasting: Micros::millis(1), sustained };
    let model =
        |faults: Vec<Fault>| Model::of(&run(Shop::Choreography, 1, 1, 0, Arc::from(faults)), 1).unwrap();
    assert_eq!(model(vec![]).again, 0);
    assert!(model(vec![crash]).again > 0);
    let events = |model: &Model| model.partitions.values().map(Vec::len).sum::<usize>();
    assert!(events(&model(vec![])) > 4 * ORDERS as usize, "every order was talked about");
}
