//! What an exploration is asked for.

use crate::mask::FingerprintMask;
use crate::time::Micros;

use super::fault_set::FaultSet;
use super::outcome::Limits;

/// What is tried, and how much of it.
#[derive(Clone, Debug)]
pub struct Explorer<'a> {
    /// What is tried at each place.
    pub fault_set: &'a FaultSet,
    /// When to give up.
    pub limits: Limits,
    /// Whether states are remembered. Without it everything is executed that can be: the proof that the memo is honest.
    pub memo: bool,
    /// Where no fault is left to place, states are remembered only when nothing happened for so long: elsewhere it is
    /// cheaper to run than to look, and where all has been quiet runs that went different ways meet again.
    pub quiet: Micros,
    /// What the memo deliberately does not see: nothing, but in the proofs that it must see everything.
    pub mask: FingerprintMask,
}
