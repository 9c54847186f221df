//! Properties are named values with a modality; a violation names the property, the moment and the subject.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::time::Moment;

/// A property that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The id of the property.
    pub property: &'static str,
    /// The moment of the run at which it was detected.
    pub moment: Moment,
    /// The number of the subject (an order, a transfer) that it concerns, if one.
    pub subject: Option<u32>,
    /// What is wrong, in a sentence.
    pub explanation: String,
}

/// When a violation was detected leaves no trace in the future, so it is no part of a state.
impl Hash for Violation {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.property, self.subject).hash(hasher);
    }
}

/// When a property must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Modality {
    /// At every event.
    Always,
    /// From its cause on, a durable and visible obligation exists until it is met.
    Obligation,
    /// When all has come to rest.
    Rest,
    /// Within a bound after healing.
    ByDeadline,
    /// It must be seen at least once in a sweep.
    Sometimes,
}

impl fmt::Display for Modality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Modality::Always => "always",
            Modality::Obligation => "obligation",
            Modality::Rest => "rest",
            Modality::ByDeadline => "by D",
            Modality::Sometimes => "sometimes",
        })
    }
}
