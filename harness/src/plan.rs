//! A plan: every random choice of a run, drawn into a value. Printed, saved, diffed, shrunk, paired.
//!
//! **Invariant:** a run is a function of its plan alone (`tests/determinism.rs` runs one in another process).

use std::cell::LazyCell;
use std::sync::Arc;

use stormcart_sim::draw::{Draws, Purpose};
use stormcart_sim::fault::{Fault, Nodes};
use stormcart_sim::physics::{Physics, RoleSpec, Spread};
use stormcart_sim::site::{Operation, Role};
use stormcart_sim::{Instant, Micros};

use crate::backend::{Backend, ExternalServices};
use crate::case::Case;
use crate::error::Error;
use crate::fault_generator::{FaultGenerator, Topology, Workload};
use crate::fault_text::Names;
use crate::model::{Draw, Model, ServiceOf};
use crate::reduction::Reduction;
use crate::scenario::{Limits, Scenario};
use crate::seeds::Seed;
use crate::variant::Variant;

/// A scenario that has been read and opened, ready to make plans.
#[derive(Clone, Debug)]
pub struct LoadedScenario<M: Model> {
    /// What every scenario says.
    pub scenario: Scenario,
    /// What the model's own sections say.
    pub own: M::Scenario,
    generator: FaultGenerator,
}

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct Plan<M: Model> {
    /// The seed it was drawn from.
    pub seed: Seed,
    /// What runs it.
    pub backend: Backend,
    /// Processes in the places of services; only madsim has room for them.
    pub externals: ExternalServices<ServiceOf<M>>,
    /// What the run is about, and the configuration of the model.
    pub setup: Arc<M::Setup>,
    /// Nodes, links, times.
    pub physics: Arc<Physics>,
    /// What was kept of the scenario.
    pub reduction: Reduction,
    /// Setup and physics as the scenario has them, where not all of it was kept.
    pub(crate) uncut: Option<Arc<Uncut<M>>>,
    /// What goes wrong.
    pub faults: Arc<[Fault]>,
    /// The nodes that are healed first.
    pub core: Nodes,
    /// When the safety phase is over.
    pub safety_until: Instant,
    /// When to stop.
    pub limits: Limits,
}

/// What a reduction leaves out.
#[derive(Clone, Debug)]
pub(crate) struct Uncut<M: Model> {
    setup: Arc<M::Setup>,
    physics: Arc<Physics>,
}

impl<M: Model> LoadedScenario<M> {
    /// Loads and opens a scenario of the catalog or a file.
    ///
    /// # Errors
    /// If there is none, or it is refused.
    pub fn load(name: &str) -> Result<Self, Error> {
        Self::parse(name, &Scenario::text(M::catalog(), name)?)
    }

    /// Opens a scenario from its text; `name` is for messages.
    ///
    /// # Errors
    /// If it is refused, with the place in the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, Error> {
        let catalog = M::catalog();
        let scenario = Scenario::read(catalog, name, text)?;
        let own = M::read(catalog.own(name), text)?;
        FaultGenerator::check(M::vocabulary(), &scenario, text)?;
        Self::open(scenario, own)
    }

    /// Opens a scenario whose sections have been read, or were changed since.
    ///
    /// # Errors
    /// If a place or a misbehavior in it does not exist.
    pub fn open(scenario: Scenario, own: M::Scenario) -> Result<Self, Error> {
        let catalog = M::catalog();
        // What misbehaves is said by a setup; a scenario in which nobody may misbehave needs to draw none.
        let any = LazyCell::new(|| {
            let variant = Variant::best(catalog, &catalog.architectures[0]);
            let draws = Draws::new(0);
            M::draw(&own, &Draw { draws: &draws, physics: &scenario.physics, variant: &variant })
        });
        let misbehaves = |misbehavior| M::misbehaves(&any, misbehavior);
        let generator = FaultGenerator::of(catalog, M::vocabulary(), &scenario, misbehaves)?;
        Ok(LoadedScenario { scenario, own, generator })
    }

    /// Refuses a variant whose backend cannot express everything that may be drawn here.
    ///
    /// # Errors
    /// With the family of the fault that it cannot express.
    pub fn admits(&self, variant: &Variant) -> Result<(), Error> {
        let Variant { backend, architecture, .. } = *variant;
        let Plan { setup, physics, .. } = self.plan(variant, Seed(0));
        let topology = Topology { architecture, physics: &physics };
        let subjects = M::subjects(&setup);
        let comes_by = |subject, operation: Operation| M::comes_by(&setup, subject, operation);
        let workload = Workload { subjects: &subjects, comes_by: &comes_by };
        let refused = self.generator.refused(workload, topology, |fault| backend.inexpressible(fault));
        refused.map_or(Ok(()), |(family, kind, why)| {
            Err(Error::Plain(format!(
                "scenario `{}` may {}, of the family `{}`, which {} cannot express: {why}; leave that family out of its \
                 `faults.families`, or run it in the kernel",
                self.scenario.name,
                kind.words(M::vocabulary()),
                family.name(),
                backend.name()
            )))
        })
    }

    /// Draws the plan of a seed for a variant. Whatever is drawn is the same for all variants.
    pub fn plan(&self, variant: &Variant, seed: Seed) -> Plan<M> {
        let draws = Draws::new(seed.0);
        let scenario = &self.scenario;
        let setup = M::draw(&self.own, &Draw { draws: &draws, physics: &scenario.physics, variant });
        let subjects = M::subjects(&setup);
        let span = subjects.last().map_or(Micros::ZERO, |last| last.at) + Micros::millis(500);
        let physics = Arc::new(physics::<M>(scenario, &setup, draws));
        let topology = Topology { architecture: variant.architecture, physics: &physics };
        let comes_by = |subject, operation: Operation| M::comes_by(&setup, subject, operation);
        let workload = Workload { subjects: &subjects, comes_by: &comes_by };
        let faults = self.generator.draw(&mut draws.stream(Purpose::Plan, 0, 0), workload, topology);
        Plan {
            seed,
            backend: variant.backend,
            externals: ExternalServices::none(),
            setup: Arc::new(setup),
            core: core(&physics, &draws),
            physics,
            reduction: Reduction::default(),
            uncut: None,
            faults: faults.into(),
            safety_until: Instant::ZERO + span + Micros::millis(scenario.limits.safety_ms),
            limits: scenario.limits.clone(),
        }
    }
}

/// The loaded scenario, the variant and the seed of a case.
///
/// # Errors
/// If a name in it is unknown, a choice changes nothing there, or its backend cannot express what may be drawn.
pub fn open<M: Model>(case: &Case) -> Result<(LoadedScenario<M>, Variant, Seed), Error> {
    let loaded = LoadedScenario::load(&case.scenario)?;
    let variant = Variant::of(M::catalog(), case)?;
    loaded.admits(&variant)?;
    Ok((loaded, variant, case.seed))
}

impl<M: Model> Plan<M> {
    /// The names of the model and of this plan's nodes.
    pub fn names(&self) -> Names<'_> {
        Names { catalog: M::catalog(), vocabulary: M::vocabulary(), physics: &self.physics }
    }

    /// The subjects that come, by number, with when they do.
    pub fn subjects(&self) -> Vec<(u32, Micros)> {
        let subjects = (0..).zip(M::subjects(&self.setup));
        subjects.filter(|(_, subject)| subject.comes).map(|(number, subject)| (number, subject.at)).collect()
    }

    /// The same run with all of its scenario.
    pub fn whole(&self) -> Plan<M> {
        let Some(uncut) = &self.uncut else { return self.clone() };
        let Uncut { setup, physics } = (**uncut).clone();
        Plan { setup, physics, reduction: Reduction::default(), uncut: None, ..self.clone() }
    }

    /// The same run with other faults.
    pub fn with_faults(&self, faults: Vec<Fault>) -> Plan<M> {
        Plan { faults: faults.into(), ..self.clone() }
    }

    /// The same run with processes of others in the places of services.
    pub fn with_externals(&self, externals: ExternalServices<ServiceOf<M>>) -> Plan<M> {
        Plan { externals, ..self.clone() }
    }

    /// The same run with the first so many subjects.
    pub fn with_subjects(&self, subjects: u32) -> Plan<M> {
        if subjects as usize >= M::subjects(&self.setup).len() {
            return self.clone();
        }
        self.reduced(&Reduction::of_subjects(0..subjects))
    }

    /// What a reduction leaves of this plan, which is whole.
    pub fn reduced(&self, reduction: &Reduction) -> Plan<M> {
        debug_assert!(self.reduction.is_whole(), "a reduction is taken from the whole");
        if reduction.is_whole() {
            return self.clone();
        }
        let mut setup = (*self.setup).clone();
        if let Some(subjects) = &reduction.subjects {
            M::keep_subjects(&mut setup, subjects);
        }
        for knob in M::knobs() {
            if let Some(most) = reduction.most.get(knob.name) {
                (knob.limit)(&mut setup, *most);
            }
        }
        if reduction.constant_latency {
            M::constant_latency(&mut setup);
        }
        let physics = match reduction.constant_latency {
            true => Arc::new(constant((*self.physics).clone())),
            false => Arc::clone(&self.physics),
        };
        let uncut = Uncut { setup: Arc::clone(&self.setup), physics: Arc::clone(&self.physics) };
        let uncut = Some(Arc::new(uncut));
        Plan { setup: Arc::new(setup), physics, reduction: reduction.clone(), uncut, ..self.clone() }
    }
}

/// Everything takes the least time it can take.
fn constant(mut physics: Physics) -> Physics {
    let least = |spread: &mut Spread| *spread = Spread::constant(spread.base);
    [&mut physics.link, &mut physics.outside_link, &mut physics.sync].into_iter().for_each(least);
    physics.roles.iter_mut().for_each(|role| least(&mut role.service));
    physics
}

/// One instance of every role, drawn: enough for every subject, while the other instances stay as they are.
fn core(physics: &Physics, draws: &Draws) -> Nodes {
    let mut stream = draws.stream(Purpose::Healing, 0, 0);
    let roles = physics.roles.iter().enumerate().filter(|(_, role)| role.instances > 0);
    let mut one_of = |(index, _): (usize, &RoleSpec)| {
        let instances: Vec<_> = physics.instances(Role(index as u8)).collect();
        stream.pick(&instances).map_or(Nodes::default(), |node| Nodes::one(*node))
    };
    roles.fold(Nodes::default(), |core, role| core.and(one_of(role)))
}

fn physics<M: Model>(scenario: &Scenario, setup: &M::Setup, draws: Draws) -> Physics {
    let given = &scenario.physics;
    let mut physics = Physics::new(draws, M::roles(given, setup));
    physics.link = given.link();
    physics.outside_link = given.outside_link();
    physics.sync = given.sync();
    physics.workers = given.workers;
    physics.inbox = given.inbox;
    physics.takeover = Micros::millis(given.failover_gap_ms);
    physics.lost_per_mille = given.caught_lost_percent * 10;
    physics
}
