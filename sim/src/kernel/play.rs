//! A script, run in the kernel from its start to its end.

use std::sync::Arc;

use crate::fault::Fault;
use crate::script::{Ended, HealingStep, Limit, Script};
use crate::service::{Service, Truth};
use crate::trace::Trace;

use super::world::World;

impl<S: Service> Script<S> {
    /// Runs it in the kernel.
    pub fn play(&self, trace: Trace<S>) -> Ended<S> {
        self.finish(self.world(trace))
    }

    /// What a run with these faults instead leaves behind, if the truth finds anything wrong.
    pub fn breaks(&self, faults: &[Fault]) -> Option<Ended<S>> {
        let ended = self.with_faults(faults).play(Trace::off());
        (!ended.truth.violations().is_empty()).then_some(ended)
    }

    /// The kernel's world before anything has happened.
    pub fn world(&self, trace: Trace<S>) -> World<S> {
        let services = |role, instance| (self.services)(role, instance);
        let genesis = |role| (self.genesis)(role);
        let (physics, faults) = (Arc::clone(&self.physics), Arc::clone(&self.faults));
        World::new(physics, self.truth.clone(), services, genesis, faults, trace)
    }

    /// Takes a world of this script from where it is to its end.
    pub fn finish(&self, mut world: World<S>) -> Ended<S> {
        let limit = self.phases(&mut world).err();
        world.check_all_replays();
        if limit.is_none() {
            world.judge(self.rest);
        }
        world.end(limit)
    }

    fn phases(&self, world: &mut World<S>) -> Result<(), Limit> {
        for step in &self.healing {
            if !world.run_until(step.at, self.events) {
                return Err(Limit::Events);
            }
            step.take(world);
        }
        match world.run_until(self.until, self.events) {
            false => Err(Limit::Events),
            true if world.next_at().is_some() => Err(Limit::Time),
            true => Ok(()),
        }
    }
}

impl<T> HealingStep<T> {
    /// Does it to a world in which nothing happens any more before its time.
    pub fn take<S: Service<Truth = T>>(&self, world: &mut World<S>) {
        world.wait_until(self.at);
        if let Some(judge) = self.judge {
            world.judge(judge);
        }
        world.heal(self.heals);
    }
}

impl<S: Service> World<S> {
    /// What the run left behind; `limit` is what ended it, if it is not at rest.
    fn end(self, limit: Option<Limit>) -> Ended<S> {
        Ended {
            digest: self.digest(),
            truth: self.truth.get().clone(),
            events: self.journal.events,
            at: self.journal.now,
            limit,
            fired: self.adversary.faults.fired,
            counts: self.journal.counts,
            probes: self.journal.probes,
            trace: self.journal.trace,
        }
    }
}
