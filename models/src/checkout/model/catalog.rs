//! Everything of the checkout that has a name, in the form in which the harness knows it.
//!
//! **Invariant:** nothing is listed here that is not listed where it is defined; each table is made from the other.

use std::sync::LazyLock;

use stormcart_harness::catalog::{
    Architecture, Catalog, Choices, Level, MisbehaviorSite, Participant, ParticipantKind, Policy,
    PolicyChoice, Property, Usual, read_changes,
};
use stormcart_sim::site::Operation;

use crate::checkout::architecture::{self, ARCHITECTURES};
use crate::checkout::misbehaviors::{self, MISBEHAVIORS};
use crate::checkout::policy::{POLICIES, Policies};
use crate::checkout::property::{self, PROPERTIES};
use crate::checkout::vocabulary::{CoverageGoal, Misbehavior, Op, Party, PartyKind, VOCABULARY};

use super::places::{INSIDE, PLACES, SIDES};
use super::section::SECTIONS;
use super::totals::ENDS;

/// Everything of the checkout that has a name.
pub static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    const BUGS: &str = include_str!("../../../bugs.toml");
    let architectures: Vec<Architecture> = ARCHITECTURES.iter().map(|known| architecture(known)).collect();
    let policies: Vec<Policy> = POLICIES.iter().map(policy).collect();
    let properties: Vec<Property> = PROPERTIES.iter().map(property).collect();
    let changes = read_changes("models/bugs.toml", BUGS, &architectures, &policies, &properties);
    Catalog {
        name: "checkout",
        prefix: "",
        about: "a checkout of orders, inventory, payments, shipping and notifications",
        subject: VOCABULARY.subject,
        command: "stormcart",
        regressions: "stormcart::testing::regressions",
        architectures,
        policies,
        // A bug in the catalogue is one of this crate, which its tests find.
        changes: changes.unwrap_or_else(|error| panic!("{error}")),
        properties,
        absent: ABSENT,
        goals: CoverageGoal::NAMES,
        ends: ENDS,
        scenarios: SCENARIOS,
        usual: Usual { sweep: "storm", explore: "exploration", compare: &["partition", "storm"] },
        sections: SECTIONS,
        participants: Party::ALL.iter().map(|party| participant(*party)).collect(),
        places: PLACES.to_vec(),
        inside: INSIDE.to_vec(),
        sides: SIDES.to_vec(),
        misbehaviors: MISBEHAVIORS.iter().map(misbehavior).collect(),
    }
});

/// The scenarios that come with the checkout.
const SCENARIOS: &[(&str, &str)] = &[
    ("calm", include_str!("../../../scenarios/checkout/calm.toml")),
    ("declines-and-stockouts", include_str!("../../../scenarios/checkout/declines-and-stockouts.toml")),
    ("lost-replies", include_str!("../../../scenarios/checkout/lost-replies.toml")),
    ("partition", include_str!("../../../scenarios/checkout/partition.toml")),
    ("rolling-crash", include_str!("../../../scenarios/checkout/rolling-crash.toml")),
    ("impatient-customers", include_str!("../../../scenarios/checkout/impatient-customers.toml")),
    ("flaky-links", include_str!("../../../scenarios/checkout/flaky-links.toml")),
    ("bad-disks", include_str!("../../../scenarios/checkout/bad-disks.toml")),
    ("bad-clocks", include_str!("../../../scenarios/checkout/bad-clocks.toml")),
    ("log-trouble", include_str!("../../../scenarios/checkout/log-trouble.toml")),
    ("nobody-repairs", include_str!("../../../scenarios/checkout/nobody-repairs.toml")),
    ("storm", include_str!("../../../scenarios/checkout/storm.toml")),
    ("cdnow", include_str!("../../../scenarios/checkout/cdnow.toml")),
    ("exploration", include_str!("../../../scenarios/checkout/exploration.toml")),
    ("cancelled-in-flight", include_str!("../../../scenarios/checkout/cancelled-in-flight.toml")),
    ("racing-webhook", include_str!("../../../scenarios/checkout/racing-webhook.toml")),
];

/// Properties that are defined for a checkout and have nothing to look at here yet.
const ABSENT: &[(&str, &str)] = &[
    ("S15", "order per aggregate: the outbox keeps it by construction; S9 and S14 see what breaks it"),
    ("S17", "no decision on undone data: needs two-phase commit, which is not here"),
    ("S20", "optional stays optional: needs recommendations or analytics, which are not here"),
    ("S21", "the audit is complete: needs an audit service, which is not here"),
    ("S22", "keys are scoped: needs tenants, which are not here"),
    ("S23", "retries are bounded: every attempt up to the limit is legal; L7 sees what is given up silently"),
    ("L4", "others' faults are not mine: needs orders that share no service, which are not here"),
    ("L5", "goodput comes back: needs load, which is not here"),
    ("L6", "guards reopen: needs circuit breakers, which are not here"),
    ("L8", "queues drain: at rest S14 finds an event that was never handed on"),
    ("C1", "own writes: needs replicas that customers read, which are not here"),
    ("C2", "no going back: needs replicas that customers read, which are not here"),
    ("C3", "causal: needs replicas that customers read, which are not here"),
];

/// The choices of a model's policies, by position.
pub fn choices(policies: &Policies) -> Choices {
    let mut choices = Choices::default();
    POLICIES.iter().enumerate().for_each(|(number, policy)| choices.set(number, policy.chosen(policies)));
    choices
}

/// The policies that these choices are.
pub fn policies(choices: &Choices) -> Policies {
    let mut policies = Policies::default();
    POLICIES
        .iter()
        .enumerate()
        .for_each(|(number, policy)| policy.choose(&mut policies, choices.get(number)));
    policies
}

fn architecture(known: &architecture::Architecture) -> Architecture {
    let level = |level: architecture::Level| match level {
        architecture::Level::FirstWritten => Level::FirstWritten,
        architecture::Level::Matched => Level::Matched,
        architecture::Level::Hardened => Level::Hardened,
    };
    Architecture {
        name: known.name,
        about: known.about,
        levels: known.levels.iter().map(|(known, policies)| (level(*known), choices(policies))).collect(),
        missing_level: known.missing_level,
        coordinator: known.platform().unwrap_or(Party::Orders).role(),
    }
}

fn policy(known: &crate::checkout::policy::Policy) -> Policy {
    let here = |architecture: &&&architecture::Architecture| known.matters_in.contains(&architecture.style);
    Policy {
        name: known.name,
        about: known.about,
        matters_in: ARCHITECTURES.iter().filter(here).map(|architecture| architecture.name).collect(),
        choices: (known.choices.iter())
            .map(|choice| PolicyChoice { name: choice.name, about: choice.about })
            .collect(),
    }
}

fn property(known: &property::Property) -> Property {
    let property::Property { id, slug, name, modality, definition, core, .. } = *known;
    Property { id, slug, name, modality, definition, with_core: core.is_some() }
}

fn participant(party: Party) -> Participant {
    let kind = match party.kind() {
        PartyKind::Customers => ParticipantKind::Customers,
        PartyKind::Service => ParticipantKind::Service,
        PartyKind::Platform => ParticipantKind::Platform,
        PartyKind::Outside => ParticipantKind::Outside,
    };
    Participant { name: party.name(), kind }
}

fn misbehavior(known: &misbehaviors::MisbehaviorSite) -> MisbehaviorSite {
    let misbehaviors::MisbehaviorSite { party, misbehavior, at, kind } = *known;
    let operations: Vec<Operation> = at.iter().map(|op: &Op| op.operation()).collect();
    MisbehaviorSite {
        role: party.role(),
        misbehavior: Misbehavior::misbehavior(misbehavior),
        at: operations,
        kind,
        beyond_defence: misbehavior.beyond_care(),
        least: party == Party::Psp,
    }
}
