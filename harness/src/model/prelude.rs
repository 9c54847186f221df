//! What a model names, in one line: `use stormcart_harness::model::prelude::*;`.

pub use stormcart_sim::physics::{Isolation, RoleSpec};
pub use stormcart_sim::property::{Modality, Violation};
pub use stormcart_sim::service::Moment;
pub use stormcart_sim::site::{Identity, MessageKind, Node, Operation, Role, Vocabulary};
pub use stormcart_sim::{Context, Instant, Message, Micros, Service, To};

pub use super::{
    Content, Draw, Drawn, Facts, Letter, Model, Sentence, Subject, SubjectEnd, SubjectSummary, Timing,
    Totals, TruthOf,
};
pub use crate::catalog::Catalog;
pub use crate::error::Error;
pub use crate::scenario::Physics;
pub use crate::scenario::section;
pub use crate::story::state_tree::words;
