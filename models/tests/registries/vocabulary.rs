//! Parties, operations, levels and policies.

use std::panic::catch_unwind;

use stormcart_models::checkout::architecture::{ARCHITECTURES, Level};
use stormcart_models::checkout::domain::{Basket, Line, Status};
use stormcart_models::checkout::message::Command;
use stormcart_models::checkout::policy::{POLICIES, Policies};
use stormcart_models::checkout::service::Store;
use stormcart_models::checkout::vocabulary::{Event, Op, Outcome, Party, PartyKind};

use super::world::{Shop, setup};

#[test]
fn every_party_is_of_one_kind() {
    let of = |kind| Party::of_kind(kind).collect::<Vec<_>>();
    use Party::{
        Broker, Carrier, Customers, Engine, Inventory, Mailer, Notifications, Orders, Payments, Psp, Shipping,
    };
    assert_eq!(of(PartyKind::Customers), [Customers]);
    assert_eq!(of(PartyKind::Service), [Orders, Inventory, Payments, Shipping, Notifications]);
    assert_eq!(of(PartyKind::Platform), [Engine, Broker]);
    assert_eq!(of(PartyKind::Outside), [Psp, Carrier, Mailer]);
    for party in Party::ALL {
        assert_eq!(Party::of(party.role()), *party);
    }
}

/// The platform part that an architecture names is of the platform.
#[test]
fn an_architecture_stands_on_the_platform() {
    for architecture in ARCHITECTURES {
        let platform = architecture.platform();
        assert!(platform.is_none_or(|party| party.kind() == PartyKind::Platform), "{}", architecture.name);
    }
}

/// A service decides about every operation it owns, except for those that are no commands.
#[test]
fn every_command_is_decided_by_its_owner() {
    let no_command = [Op::Deadline, Op::Webhook];
    let setup = setup(Shop::Saga, 1);
    let basket = Basket::new(vec![Line { sku: 0, quantity: 1, price_cents: 100 }]);
    for op in Op::ALL.iter().filter(|op| op.owner().kind() == PartyKind::Service) {
        let Store::Business(_, state) = Store::genesis(op.owner(), &setup) else {
            panic!("{} is a service", op.owner())
        };
        let command = Command { key: 0, basket: basket.clone(), status: Status::Completed, via: None };
        let decided = catch_unwind(|| state.decide(*op, 0, &command, &Policies::default())).is_ok();
        assert_eq!(decided, !no_command.contains(op), "{op}");
    }
}

/// An operation is asked for by a process or a reaction, or it is one of those that customers, services and clocks
/// start.
#[test]
fn every_operation_is_used() {
    use stormcart_models::checkout::architecture::Process;
    let started = [
        Op::Place,
        Op::Cancel,
        Op::Close,
        Op::Notify,
        Op::Sale,
        Op::Reverse,
        Op::LookUp,
        Op::LookUpRefund,
        Op::Webhook,
        Op::Dispatch,
        Op::Mail,
        Op::Arrive,
        Op::Patience,
        Op::Deadline,
        Op::Expiry,
        Op::Relay,
        Op::Redeliver,
    ];
    for op in Op::ALL {
        let used = ARCHITECTURES.iter().any(|architecture| match architecture.process {
            Process::Reactions(rows) => rows.iter().any(|row| row.2 == *op),
            Process::Engine(steps) | Process::Memory(steps) => {
                steps.iter().any(|step| step.forward() == *op || step.backward() == Some(*op))
            }
        });
        assert!(used || started.contains(op), "{op}");
    }
}

/// Names are read back from cases and files, so no two may be the same.
#[test]
fn names_are_unique() {
    for names in [Party::NAMES, Op::NAMES, Outcome::NAMES, Event::NAMES] {
        let mut sorted = names.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len(), "{names:?}");
    }
}

#[test]
fn a_level_is_found_by_its_name_and_by_its_old_one() {
    for (level, name) in Level::ALL {
        assert_eq!(Level::named(name), Some(level));
        assert_eq!(level.name(), name);
    }
    assert_eq!(Level::named("naive"), Some(Level::FirstWritten));
    assert_eq!(Level::named("careless"), None);
}

/// The first choice of every policy is the default, and every choice can be made and read back.
#[test]
fn every_choice_of_a_policy_can_be_made() {
    for policy in POLICIES {
        assert_eq!(policy.chosen(&Policies::default()), 0, "{}", policy.name);
        for choice in 0..policy.choices.len() {
            let mut policies = Policies::default();
            policy.choose(&mut policies, choice);
            assert_eq!(policy.chosen(&policies), choice, "{}", policy.name);
            assert_eq!(policies.unusual().count(), usize::from(choice != 0), "{}", policy.name);
        }
    }
}
