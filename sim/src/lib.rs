//! A deterministic world for services: what may go wrong in it, every way in which it may, and the least of it.
//!
//! The tour: a shop asks a bank to pay, once, and asks again while it hears nothing. The bank pays whenever it is
//! asked.
//!
//! ```
//! # use {std::sync::Arc, stormcart_sim::{draw::Draws, explore::FaultSet, script::Script, physics::*, site::*}};
//! # use stormcart_sim::{property::Violation, Context, FactCounter, Instant, Message, Micros, Service, To};
//! # #[derive(Clone, Debug, Hash)]
//! struct Pay(Identity);
//! impl Message for Pay {
//!     fn identity(&self) -> Identity { self.0 } // An operation, a kind, a subject, an attempt.
//! }
//! # #[derive(Clone, Hash)]
//! struct Party; // Shop or bank: its memory. What survives a crash is its store: here, a number.
//! impl Party {
//!     fn ask(cx: &mut Context<'_, Self>, attempt: u8) {
//!         let ask = Identity { operation: Operation(0), kind: MessageKind::Ask, subject: 1, attempt };
//!         cx.send(To::Role(Role(1)), Pay(ask));
//!         cx.arm(ask, Micros::millis(50), Micros::ZERO);
//!     }
//! }
//! impl Service for Party {
//!     type Store = u32;
//!     type Record = u32;
//!     type Message = Pay;
//!     type Timer = Identity;
//!     type Fact = Role;
//!     type Truth = FactCounter<Role>; // The ground truth: how often each role has really written.
//! #   const VOCABULARY: &'static Vocabulary =
//! #       &Vocabulary { roles: &["shop", "bank"], operations: &["pay"], misbehaviors: &[], subject: "order" };
//!     fn apply(store: &mut u32, add: &u32) { *store += add }
//!     fn fact(role: Role, _: &u32) -> Option<Role> { Some(role) }
//!     fn on_message(&mut self, cx: &mut Context<'_, Self>, from: Node, Pay(about): Pay) {
//!         if about.kind == MessageKind::Answer && *cx.store() > 0 { return }
//!         cx.commit([1]);
//!         if about.kind == MessageKind::Ask {
//!             cx.send(To::Node(from), Pay(Identity { kind: MessageKind::Answer, ..about }));
//!         }
//!     }
//!     fn on_timer(&mut self, cx: &mut Context<'_, Self>, ask: Identity) {
//!         if *cx.store() == 0 { Party::ask(cx, (ask.attempt + 1).min(3)) }
//!     }
//!     fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
//!         if cx.node() == Node(0) && *cx.store() == 0 { Party::ask(cx, 1) }
//!     }
//!     fn wiped(&self) -> Self { Party }
//! }
//!
//! let mut physics = Physics::new(Draws::new(7), vec![RoleSpec::ONE; 2]);
//! physics.link = Spread::constant(Micros::millis(1));
//! let script = Script::<Party> {
//!     rest: |paid, moment| if paid.times(&Role(1)) != 1 {
//!         let explanation = format!("paid {} times", paid.times(&Role(1)));
//!         paid.violated(Violation { property: "once", moment, subject: Some(1), explanation });
//!     },
//! #   physics: Arc::new(physics), truth: FactCounter::default(), services: Arc::new(|_, _| Party),
//! #   genesis: Arc::new(|_| 0), faults: Arc::new([]), healing: Vec::new(), until: Instant(60_000_000), events: 1_000,
//!     /* where each role runs, on what stores, until when */
//! };
//! // Every placement of one fault: one of them makes the bank pay twice, and is told by its name.
//! let explored = script.explore(&FaultSet::usual(Micros::millis(5), Micros::millis(200)), 1, 1_000);
//! let faults = script.named(&explored.broken[0].path).unwrap();
//! let words = Party::VOCABULARY.fault(&script.physics, &script.shrink(&faults).unwrap()[0]);
//! assert_eq!(words, "bank pay order 1 attempt 1, ask: duplicate after 5 ms");
//! ```
//!
//! From here: [`service`] (what a participant is), [`script`] (a run and what it leaves behind), [`fault`] (what may go
//! wrong), [`site`] (the names of places), [`draw`] (randomness with addresses, so that removing a fault moves
//! nothing the fault did not touch), [`World`] (a run as a value: cloned in the middle, fingerprinted, continued),
//! [`explore`], [`sweep`], [`shrink`]. `examples/transfer.rs` is a saga of 200 lines to copy.
//!
//! # Two backends
//!
//! The kernel runs a script as a discrete-event loop over a [`World`]; `madsim` runs the same services as processes
//! of an independent runtime. *Independent* are the order of what happens, the network, timers, kills and restarts,
//! and how the effects of a handler reach disk and network. *Shared* are the services and their stores, the script,
//! the ground truth, the addressed draws, and the adversary: what fails, until when, and what follows from it. So a
//! mistake in the order of effects or in a restart shows as a difference between the two; a mistake in the adversary
//! does not, and is left to the tests that state what each fault does.
//!
//! **Invariant:** equal inputs give equal digests, on every machine, in every build (`golden` in the kernel's tests).
//! **Invariant:** this crate knows no other crate of the workspace (`no_other_crate_of_the_workspace_is_known`).

mod adversary;
mod dense_map;
pub mod digest;
pub mod draw;
pub mod explore;
mod fact_counter;
pub mod fault;
mod journal;
mod kernel;
// The flags of rustdoc say `madsim` even where those of rustc, and with them the dependency, were replaced.
#[cfg(all(madsim, not(doctest)))]
pub mod madsim;
mod mask;
pub mod physics;
pub mod property;
mod queue;
pub mod script;
pub mod service;
pub mod shrink;
pub mod site;
mod store;
pub mod sweep;
mod task;
pub mod time;
pub mod trace;
mod words;

pub use adversary::{Cut, Fired};
pub use dense_map::DenseMap;
pub use fact_counter::FactCounter;
pub use journal::Counts;
pub use kernel::{Next, Pending, World};
pub use mask::FingerprintMask;
pub use service::{Context, Effect, Message, Service, Timer, To, Truth};
pub use store::Database;
pub use time::{Instant, Micros};
