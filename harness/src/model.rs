//! What the harness knows of a model: its names as data, its part of a scenario, its script, its words.
//!
//! A model is a type without values of its own (`#[derive(Clone, Debug)] struct Booking;`): everything is an associated
//! item, so a verb that works for one model works for all of them by the same code. A model has to say what exists
//! ([`Catalog`]), what a scenario file says about it ([`Model::read`]), what one run is about ([`Model::draw`]), and what
//! takes part ([`Model::service`]). Words have defaults that are read from `Serialize` and the vocabulary; a model replaces
//! those that it can say better. `examples/own_model` is a small one to copy.
//!
//! A small model is one file of services and properties, and one of names: it takes everything from the [`prelude`], reads
//! its [`Catalog`] from TOML ([`Catalog::read`]), draws [`Drawn`], speaks in [`Letter`]s, and has [`Facts`] for a truth. The
//! model of a trip in the project's models is one of 300 lines, to copy.
//!
//! **Invariant:** no file of this crate names an operation, a party, a policy or a property of any model; the crate depends
//! on `stormcart-sim` alone, which the compiler checks.

mod data;
mod facts;
pub mod prelude;

use std::fmt::Debug;
use std::sync::Arc;

use serde::Serialize;
use stormcart_sim::fault::Fault;
use stormcart_sim::physics::RoleSpec;
use stormcart_sim::property::Violation;
use stormcart_sim::service::{Message, Moment, Service, Timer};
use stormcart_sim::site::{Identity, MessageKind, MisbehaviorId, Operation, Role, Vocabulary};

use crate::catalog::Catalog;
use crate::error::Error;
use crate::scenario;
use crate::story::state_tree::StateTree;
use crate::variant::Variant;

pub use data::{
    About, Content, Draw, Drawn, Knob, Letter, Progress, Sentence, Subject, SubjectEnd, SubjectSummary,
    Timing, Totals, Weight, about,
};
pub use facts::Facts;

/// The service of a model.
pub type ServiceOf<M> = <M as Model>::Service;
/// The ground truth of a model.
pub type TruthOf<M> = <ServiceOf<M> as Service>::Truth;
/// A message of a model.
pub type MessageOf<M> = <ServiceOf<M> as Service>::Message;
/// A timer of a model.
pub type TimerOf<M> = <ServiceOf<M> as Service>::Timer;
/// A record of a model.
pub type RecordOf<M> = <ServiceOf<M> as Service>::Record;
/// A fact of a model.
pub type FactOf<M> = <ServiceOf<M> as Service>::Fact;

/// A business that is put through the storm.
pub trait Model: Clone + Debug + Send + Sync + 'static {
    /// Every participant, as one type.
    type Service: Service<
            Store: Serialize,
            Record: Serialize,
            Message: Serialize,
            Timer: Serialize,
            Fact: Serialize + Clone,
            Truth: Debug,
        > + Serialize
        + Debug;
    /// What the model's own sections of a scenario file say, with whatever they refer to opened.
    type Scenario: Clone + Debug + Send + Sync;
    /// What one run is about: the workload that was drawn, and the configuration.
    type Setup: Clone + Debug + Send + Sync;

    /// Everything of the model that has a name.
    fn catalog() -> &'static Catalog;

    /// Reads the model's sections from the text of a scenario; `name` is for messages.
    ///
    /// # Errors
    /// If a section is malformed or refers to what does not exist, with the place in the file.
    fn read(name: &str, text: &str) -> Result<Self::Scenario, Error>;

    /// Draws what a run is about. Whatever is drawn must not depend on the variant, so that variants are paired.
    fn draw(scenario: &Self::Scenario, draw: &Draw<'_>) -> Self::Setup;

    /// The subjects of a run (orders, trips), by number.
    fn subjects(setup: &Self::Setup) -> Vec<Subject>;

    /// Who takes part in a run, by role; a role without instances does not.
    fn roles(physics: &scenario::Physics, setup: &Self::Setup) -> Vec<RoleSpec>;

    /// The memory of an instance that was never up.
    fn service(setup: &Arc<Self::Setup>, role: Role, instance: u8) -> Self::Service;

    /// The first store of a role.
    fn store(setup: &Self::Setup, role: Role) -> <Self::Service as Service>::Store;

    /// Ground truth before anything has happened: often [`Facts`], with the judge of what must always hold.
    fn truth(setup: &Arc<Self::Setup>) -> TruthOf<Self>;

    /// Judges the truth when all has come to rest: what is wrong becomes one of its violations. A truth that has to know
    /// the setup for that keeps it. What must hold with a core must hold then, too, and is not judged by itself: a model
    /// that has such properties calls [`Model::with_core`] here.
    fn at_rest(truth: &mut TruthOf<Self>, moment: Moment);

    /// Judges the truth while only a viable core is healthy: the properties that say `with_core`.
    fn with_core(_truth: &mut TruthOf<Self>, _moment: Moment) {}

    /// How often each property had something to check, in the order of the catalog.
    fn exercised(truth: &TruthOf<Self>) -> Vec<u32>;

    /// How the subjects of a run ended.
    fn totals(setup: &Self::Setup, truth: &TruthOf<Self>) -> Totals;

    /// The time limits that faults are measured against.
    fn timing(setup: &Self::Setup) -> Timing;

    /// Whether a subject is likely to come by an operation: a fault there is not in vain.
    fn comes_by(_setup: &Self::Setup, _subject: u32, _operation: Operation) -> bool {
        true
    }

    /// Whether a participant of this setup can misbehave like this at all.
    fn misbehaves(_setup: &Self::Setup, _misbehavior: MisbehaviorId) -> bool {
        true
    }

    /// The coverage goal that a fault meets by striking, by position in the catalog.
    fn goal_met_by(_fault: &Fault) -> Option<usize> {
        None
    }

    /// Whether a variant leaves a way for a coverage goal to be met: without a defence nobody sees it at work.
    fn goal_possible(_goal: usize, _variant: &Variant) -> bool {
        true
    }

    /// How far a subject has come, for the chaos-adequacy ledger.
    fn progress(_truth: &TruthOf<Self>, _subject: u32) -> Option<Progress> {
        None
    }

    /// What a plan can be reduced by, beside subjects and latencies.
    fn knobs() -> &'static [Knob<Self::Setup>] {
        &[]
    }

    /// Leaves only these subjects; they keep their numbers.
    fn keep_subjects(setup: &mut Self::Setup, subjects: &[u32]);

    /// Takes the luck out of whatever time the model draws itself.
    fn constant_latency(_setup: &mut Self::Setup) {}

    /// What a run is about, in a line: `6 customers within 137 ms; 8 articles, 100 of each on the shelf`.
    fn workload(setup: &Self::Setup) -> String {
        let subjects = Self::subjects(setup);
        let there = subjects.iter().filter(|subject| subject.comes).count();
        let span = subjects.last().map_or(0, |last| last.at.as_millis());
        let s = if there == 1 { "" } else { "s" };
        format!("{there} {}{s} within {span} ms", Self::vocabulary().subject)
    }

    /// What a run is about, in full: a part for each subject and for what they share.
    fn workload_in_full(setup: &Self::Setup) -> Vec<String> {
        vec![Self::workload(setup)]
    }

    /// The subject that a message or timer is about; nothing for a recovery and for what is about a machine.
    fn subject_of(identity: &Identity) -> Option<u32> {
        (*identity != Identity::RECOVERY).then_some(identity.subject)
    }

    /// Whether this is how a subject comes into the world: it follows from nothing. Attempts count from 1, so what is
    /// before the first one is a subject that comes.
    fn begins(identity: &Identity) -> bool {
        identity.attempt == 0
    }

    /// The subject that a fact is about.
    fn fact_subject(fact: &FactOf<Self>) -> Option<u32>;

    /// A fact in words.
    fn fact(fact: &FactOf<Self>) -> Sentence {
        Sentence { weight: Weight::Key, text: StateTree::of(fact).words() }
    }

    /// Whether a fact about another subject belongs to the story of a violation: they compete for something.
    fn competes(_setup: &Self::Setup, _fact: &FactOf<Self>, _violation: &Violation) -> bool {
        false
    }

    /// What a message says beside its name. By default an answer says all of its fields; one that holds the identity
    /// leaves that out by `#[serde(skip)]`.
    fn content(message: &MessageOf<Self>) -> Content {
        match message.identity().kind {
            MessageKind::Ask => Content::Request,
            MessageKind::Answer => Content::Reply(StateTree::of(message).words()),
            MessageKind::Ack => Content::Acknowledgement("it".into()),
            MessageKind::Timer | MessageKind::Restart => Content::Request,
        }
    }

    /// A timer that fires, in words: a subject comes, or somebody has waited long enough.
    fn timer(_role: Role, timer: &TimerOf<Self>) -> Sentence {
        match Self::begins(&timer.identity()) {
            true => {
                Sentence::key(format!("{} {} comes", Self::vocabulary().subject, timer.identity().subject))
            }
            // An answer may have come to another attempt: nothing else is known here.
            false => Sentence::key(format!("{}: the wait is over", Self::timer_name(timer))),
        }
    }

    /// What a timer is called: `sale order 3`.
    fn timer_name(timer: &TimerOf<Self>) -> String {
        let Identity { operation, subject, .. } = timer.identity();
        let vocabulary = Self::vocabulary();
        format!("{} {} {subject}", vocabulary.operation(operation), vocabulary.subject)
    }

    /// How all subjects stand, in truth.
    fn summaries(_setup: &Self::Setup, _truth: &TruthOf<Self>) -> Vec<SubjectSummary> {
        Vec::new()
    }

    /// A value that everybody knows for a subject, and that state need not repeat.
    fn implied(_setup: &Self::Setup, _subject: u32) -> Option<StateTree> {
        None
    }

    /// How things are called.
    fn vocabulary() -> &'static Vocabulary {
        Self::Service::VOCABULARY
    }
}
