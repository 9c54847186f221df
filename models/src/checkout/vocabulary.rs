//! The vocabulary of the checkout: who takes part, what they do, how it ends, what is announced.
//!
//! Injection points, stories, tables and policies all speak these words; every list here is data.

use stormcart_sim::site::Vocabulary;

/// Defines an enum of words with a table of their names.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$item])* $variant,)* }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];
            /// Their names, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                Self::NAMES[self as usize]
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

mod coverage_goal;
mod event;
mod misbehavior;
mod operation;
mod outcome;
mod party;

pub use coverage_goal::CoverageGoal;
pub use event::Event;
pub use misbehavior::Misbehavior;
pub use operation::Op;
pub use outcome::Outcome;
pub use party::{Party, PartyKind};

pub(super) use misbehavior::misbehaviors;
pub(super) use operation::ops;
pub(super) use outcome::outcomes;

/// How things are called in the world of the checkout.
pub const VOCABULARY: Vocabulary = Vocabulary {
    roles: Party::NAMES,
    operations: Op::NAMES,
    misbehaviors: Misbehavior::NAMES,
    subject: "order",
};
