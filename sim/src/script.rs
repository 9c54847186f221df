//! What an engine is given, and what it gives back.
//!
//! An engine runs a script to its end: everybody starts, faults strike, somebody heals the world in turns, and at rest
//! the truth is judged. [`crate::World`] is one engine; another one runs the same services on a runtime of its own.
//!
//! **Invariant:** what an engine gives back is a function of the script alone.

use std::fmt;
use std::sync::Arc;

use crate::fault::{Fault, Nodes};
use crate::kernel::{Counts, World};
use crate::nemesis::Fired;
use crate::physics::Physics;
use crate::service::{Moment, Service, Truth};
use crate::site::Role;
use crate::time::Instant;
use crate::trace::Trace;

/// A judge of the truth: what it finds wrong, the truth keeps.
pub type Judge<T> = fn(&mut T, Moment);

/// Makes the memory of an instance that was never up.
pub type Services<S> = Arc<dyn Fn(Role, u8) -> S + Send + Sync>;

/// Makes the first store of a role.
pub type Genesis<S> = Arc<dyn Fn(Role) -> <S as Service>::Store + Send + Sync>;

/// Everything a run needs.
#[derive(Clone)]
pub struct Script<S: Service> {
    /// Who is where, and how long things take.
    pub physics: Arc<Physics>,
    /// Ground truth before anything has happened.
    pub truth: S::Truth,
    /// Who starts.
    pub services: Services<S>,
    /// On what stores.
    pub genesis: Genesis<S>,
    /// What goes wrong.
    pub faults: Arc<[Fault]>,
    /// What is done while it runs, in order of time.
    pub healing: Vec<HealingStep<S::Truth>>,
    /// When it must have come to rest.
    pub until: Instant,
    /// Most events.
    pub events: u64,
    /// Judges it at rest.
    pub rest: Judge<S::Truth>,
}

/// Something that is done to the world at a moment.
#[derive(Clone, Copy, Debug)]
pub struct HealingStep<T> {
    /// When.
    pub at: Instant,
    /// A judge who looks first.
    pub judge: Option<Judge<T>>,
    /// Who is healed then.
    pub heals: Nodes,
}

/// Why a run ended before it came to rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// More events than allowed.
    Events,
    /// Not at rest in time.
    Time,
}

/// What a run left behind.
#[derive(Clone, Debug)]
pub struct Ended<S: Service> {
    /// Ground truth.
    pub truth: S::Truth,
    /// The digest of everything that happened.
    pub digest: u64,
    /// How many events there were.
    pub events: u64,
    /// When the last of them happened, or the world was healed.
    pub at: Instant,
    /// The limit that ended it, if one did.
    pub limit: Option<Limit>,
    /// The faults that struck.
    pub fired: Vec<Fired>,
    /// What it cost.
    pub counts: Counts,
    /// What services noted to have reached, as bits.
    pub probes: u64,
    /// What was recorded.
    pub trace: Trace<S>,
}

impl<S: Service> Script<S> {
    /// Runs it in the kernel.
    pub fn play(&self, trace: Trace<S>) -> Ended<S> {
        self.finish(self.world(trace))
    }

    /// The same with other faults.
    pub fn with_faults(&self, faults: &[Fault]) -> Self {
        Script { faults: faults.into(), ..self.clone() }
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
        for turn in &self.healing {
            if !world.run_until(turn.at, self.events) {
                return Err(Limit::Events);
            }
            turn.take(world);
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

impl<S: Service> fmt::Debug for Script<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("faults", &self.faults).finish_non_exhaustive()
    }
}
