//! Properties are named values with a modality.

use std::fmt;

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
