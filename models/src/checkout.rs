//! The checkout of a shop: five business services, how they are coordinated, what can be chosen wrongly, and what must
//! hold.
//!
//! A customer places an order. Inventory holds the stock, payments charges the card, shipping hands the goods to the
//! carrier, notifications tells the customer, and the order service knows the status. How the services are wired is an
//! [`architecture`]; each defence they have is a [`policy`], so a bug is a policy chosen badly.
//!
//! # Map
//!
//! | file | holds |
//! |---|---|
//! | [`vocabulary`] | the parties, operations, outcomes, events, misbehaviors and coverage goals, as data |
//! | [`domain`] | baskets, order statuses, ends of a hold |
//! | [`message`] | messages and timers |
//! | [`setup`] | the configuration of one run: architecture, policies, timeouts, purchase intents, stock |
//! | [`policy`] | every choice a team makes, the safe one first |
//! | [`architecture`] | who reacts to what, or which steps a process has; the hardening levels |
//! | [`service`] | the business rules, and everything around them that makes them a service |
//! | [`platform`] | idempotency store, outbox, event log, workflow, lease |
//! | [`outside`] | customers, payment provider, carrier, mailer |
//! | [`misbehaviors`] | how the platform and the outside parties misbehave, and where |
//! | [`fact`], [`ledger`] | what really happened, folded from durable records |
//! | [`property`] | what must hold, one file each |
//!
//! How all of it is serialized for stories stands in `story.rs`.
//!
//! # How to add
//!
//! What is left out does not compile, or fails a test of `models/tests/registries` or `models/tests/stories` by name.
//!
//! - **A party**: a word in [`vocabulary::Party`] and a kind in [`vocabulary::Party::kind`]; its memory in
//!   [`service::CheckoutService`], its store in [`service::Store`], its records in [`service::Record`].
//! - **An operation**: a word in [`vocabulary::Op`], and a place among those of its owner; the rule in the file of the
//!   service that does it; a row in each architecture that uses it.
//! - **An event or an outcome**: a word in [`vocabulary`], and in the tables of the architectures that announce it.
//! - **A policy**: a row in the table of [`policy`], and the place that reads it. `models/bugs.toml` lists the choices
//!   that are bugs.
//! - **A misbehavior**: a word in [`vocabulary::Misbehavior`], a row in [`misbehaviors`], and the place that does it.
//! - **A property**: a file in [`property`] with one constant, and its line in [`property::PROPERTIES`].

pub mod architecture;
pub mod domain;
pub mod fact;
pub mod ledger;
pub mod message;
pub mod misbehaviors;
pub mod model;
pub mod outside;
pub mod platform;
pub mod policy;
pub mod property;
pub mod service;
pub mod setup;
mod story;
pub mod vocabulary;
