//! The models of Stormcart: each a system of services over [`stormcart_sim`], with its ground truth and its properties.
//!
//! [`checkout`] is the first: its front page says what it is and how to add to it. [`booking`] is a small one, to copy.
//!
//! **Invariant:** a model depends on the simulator and on nothing else of this project; the crate's `Cargo.toml` holds
//! that.

pub mod booking;
pub mod checkout;

// Old paths, until every user has moved.
pub use checkout::{
    architecture, domain, fact, message, misbehaviors, outside as external, policy, setup,
    vocabulary as words,
};

/// Old names of the properties.
pub mod invariant {
    pub use crate::checkout::property::{PROPERTIES as INVARIANTS, Property as Invariant, *};
}

/// Old names in the ground truth.
pub mod ledger {
    pub use crate::checkout::ledger::{ShelfTruth as Shelf, *};
}

/// Old names of the platform.
pub mod platform {
    pub use crate::checkout::platform::*;

    /// Old names of the idempotency store.
    pub mod desk {
        pub use crate::checkout::platform::idempotency::{
            DedupState as Known, IdempotencyRecord as Entry, IdempotencyStore as Desk,
        };
    }
}

/// Old names of the services.
pub mod service {
    pub use crate::checkout::service::*;

    /// Old names of payments.
    pub mod payments {
        pub use crate::checkout::domain::PaymentStatus as Row;
        pub use crate::checkout::service::payments::{PaymentChange as Entry, State as Books, *};
    }

    /// Old names of shipping.
    pub mod shipping {
        pub use crate::checkout::domain::ShipmentStatus as Row;
        pub use crate::checkout::service::shipping::{ShipmentChange as Entry, State as Books, *};
    }

    /// Old names of the rules.
    pub mod rules {
        pub use crate::checkout::service::rules::{Change as Entry, State as Books, *};
    }
}

/// Old names that were members of a type.
mod members {
    #![expect(non_snake_case, non_upper_case_globals, missing_docs, reason = "they stand for variants")]

    use crate::checkout::architecture::Level;
    use crate::checkout::domain::Basket;
    use crate::checkout::message::Order;
    use crate::checkout::platform::idempotency::{DedupState, IdempotencyRecord, IdempotencyStore};
    use crate::checkout::service::{Record, rules};
    use crate::checkout::vocabulary::Op;

    impl Level {
        pub const Naive: Level = Level::FirstWritten;
    }

    impl Record {
        pub fn Desk(record: IdempotencyRecord) -> Record {
            Record::Idempotency(record)
        }

        pub fn Book(change: rules::Change) -> Record {
            Record::State(change)
        }
    }

    impl IdempotencyRecord {
        pub fn Parked(order: Order) -> IdempotencyRecord {
            IdempotencyRecord::DeadLettered(order)
        }
    }

    /// An entry of the idempotency store under its old name.
    pub struct File<'a> {
        pub basket: &'a Option<Basket>,
        pub parked: bool,
    }

    impl IdempotencyStore {
        pub fn file(&self, order: Order) -> Option<File<'_>> {
            let entry = self.entry(order)?;
            Some(File { basket: &entry.basket, parked: entry.dead_lettered })
        }

        pub fn files(&self) -> impl Iterator<Item = (Order, File<'_>)> {
            self.entries().filter_map(|(order, _)| Some((order, self.file(order)?)))
        }

        pub fn known(&self, order: Order, op: Op, key: u8) -> Option<DedupState> {
            self.dedup_state(order, op, key)
        }
    }
}
