//! Fewer faults and weaker ones, over what is left of the scenario.

use std::sync::Arc;

use stormcart_sim::Fired;
use stormcart_sim::fault::Fault;
use stormcart_sim::shrink;

use crate::model::Model;
use crate::run::Run;

use super::Trial;

impl<M: Model> Trial<M> {
    /// The faults that struck, if these break the property over what is left.
    fn fired(&mut self, faults: &[Fault]) -> Option<Vec<Fired>> {
        let reduction = self.reduction.clone();
        Some(self.breaks(faults, &reduction)?.fired)
    }

    /// Faults that never struck go, if the property is broken without them.
    pub(super) fn unfired(&mut self, run: &Run) {
        self.faults = shrink::without_unfired(&self.faults.clone(), &run.fired, &mut |some| self.fired(some));
    }

    /// As few faults as will do.
    pub(super) fn fewer_faults(&mut self) {
        self.faults = shrink::fewer(&self.faults.clone(), &mut |some| self.fired(some));
    }

    /// Each fault in turn as weak as it can be.
    pub(super) fn weaker_faults(&mut self) {
        let (faults, physics) = (self.faults.clone(), Arc::clone(&self.whole.physics));
        self.faults = shrink::weaker(&faults, &physics, &mut |some| self.fired(some));
    }
}
