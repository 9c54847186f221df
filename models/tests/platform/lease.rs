//! The lease of a replicated part, and that only its holder writes.

use std::sync::Arc;

use proptest::prelude::*;
use stormcart_models::checkout::platform::event_log;
use stormcart_models::checkout::platform::lease::Lease;
use stormcart_models::checkout::service::Record;
use stormcart_models::checkout::service::engine::JournalEntry;
use stormcart_models::checkout::vocabulary::Party;
use stormcart_sim::trace::Happening;

use super::world::{Shop, cases, run, storm};

proptest! {
    /// Every change of hands is an epoch of its own, also one to the holder.
    #[test]
    fn epochs_count_changes_of_hands(holders in proptest::collection::vec(0..3u8, 0..10)) {
        let lease = holders.iter().fold(Lease::default(), |lease, holder| lease.taken_by(*holder));
        prop_assert_eq!(lease.epoch as usize, holders.len());
        prop_assert_eq!(lease.holder, holders.last().copied().unwrap_or(0));
    }

}

proptest! {
    #![proptest_config(cases(60))]

    /// Two instances, crashes, pauses and isolation: whoever comes back writes nothing until it leads again.
    #[test]
    fn only_the_holder_writes(
        shop in proptest::sample::select(&[Shop::Choreography, Shop::Saga][..]),
        faults in storm(2), seed in 0..1_000u64,
    ) {
        let world = run(shop, 2, 2, seed, Arc::from(faults));
        let part = shop.coordinator();
        let mut lease = Lease::default();
        for entry in world.trace().entries() {
            let Happening::Written { node, record } = &entry.what else { continue };
            if Party::of(world.physics().role(*node)) != part {
                continue;
            }
            let writer = world.physics().instance(*node);
            match record {
                Record::Log(event_log::LogRecord::Leased(taken)) | Record::Engine(JournalEntry::Leased(taken)) => {
                    prop_assert_eq!(*taken, lease.taken_by(writer), "a lease is taken from the last one");
                    lease = *taken;
                }
                _ => prop_assert_eq!(writer, lease.holder, "{} wrote {:?}", entry.at, record),
            }
        }
    }
}
