//! Fewer faults: those that never struck, then as few as will do.

use crate::fault::Fault;
use crate::nemesis::Fired;

use super::{Breaks, accepted};

/// Faults that never struck go, if the others break it without them.
pub fn struck(faults: &[Fault], fired: &[Fired], breaks: &mut Breaks<'_>) -> Vec<Fault> {
    let struck = |number: usize| fired.iter().any(|fired| usize::from(fired.fault) == number);
    let numbered = faults.iter().enumerate();
    let left: Vec<Fault> = numbered.filter(|(number, _)| struck(*number)).map(|(_, fault)| *fault).collect();
    if left.len() < faults.len() && breaks(&left).is_some() { left } else { faults.to_vec() }
}

/// None, then one fault, then two, then all but one, until one less is too few: most failures need no more than two, and
/// what is left of the others is small.
pub fn fewer(faults: &[Fault], breaks: &mut Breaks<'_>) -> Vec<Fault> {
    let pairs = (0..faults.len()).flat_map(|a| (a + 1..faults.len()).map(move |b| (a, b)));
    let few = (faults.iter().map(|fault| vec![*fault])).chain(pairs.map(|(a, b)| vec![faults[a], faults[b]]));
    for some in std::iter::once(Vec::new()).chain(few).filter(|some| some.len() < faults.len()) {
        if let Some(left) = accepted(&some, breaks) {
            return left;
        }
    }
    let mut left = faults.to_vec();
    let mut number = 0;
    while number < left.len() {
        let mut less = left.clone();
        less.remove(number);
        match accepted(&less, breaks) {
            Some(less) => (left, number) = (less, 0),
            None => number += 1,
        }
    }
    left
}
