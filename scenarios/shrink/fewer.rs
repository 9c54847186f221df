//! Fewer faults: those that never struck, then as few as will do.

use stormcart_sim::fault::Fault;

use crate::run::Run;

use super::Trial;

impl Trial {
    /// Faults that never struck go, if the property is broken without them.
    pub(super) fn unfired(&mut self, run: &Run) {
        let struck = |number: usize| run.fired.iter().any(|fired| usize::from(fired.fault) == number);
        let left: Vec<Fault> = self
            .faults
            .iter()
            .enumerate()
            .filter(|(number, _)| struck(*number))
            .map(|(_, fault)| *fault)
            .collect();
        if left.len() < self.faults.len() && self.breaks(&left, &self.excerpt.clone()).is_some() {
            self.faults = left;
        }
    }

    /// None, then one fault, then two, then all but one, until one less is too few: most failures need no more than
    /// two, and what is left of the others is small.
    pub(super) fn fewer_faults(&mut self) {
        let (faults, excerpt) = (self.faults.clone(), self.excerpt.clone());
        if faults.is_empty() || self.accepts(&[], &excerpt) {
            return;
        }
        let pairs = (0..faults.len()).flat_map(|a| (a + 1..faults.len()).map(move |b| (a, b)));
        let few =
            faults.iter().map(|fault| vec![*fault]).chain(pairs.map(|(a, b)| vec![faults[a], faults[b]]));
        for some in few.filter(|some| some.len() < faults.len()) {
            if self.accepts(&some, &excerpt) {
                return;
            }
        }
        let mut number = 0;
        while number < self.faults.len() {
            let mut left = self.faults.clone();
            left.remove(number);
            number = if self.accepts(&left, &excerpt) { 0 } else { number + 1 };
        }
    }
}
