//! A plan: every random choice of a run, drawn into a value. Printed, saved, diffed, shrunk, paired.
//!
//! **Invariant:** a run is a function of its plan alone.

use std::sync::Arc;

use stormcart_models::policy::Allocate;
use stormcart_models::setup::{ProviderCapabilities, Setup, Timeouts};
use stormcart_models::words::Party;
use stormcart_sim::draw::{Draws, Purpose};
use stormcart_sim::fault::{Fault, Nodes};
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::{Instant, Micros};

use crate::backend::{Backend, ExternalServices};
use crate::error::Error;
use crate::fault_generator::{FaultGenerator, Topology};
use crate::reduction::Reduction;
use crate::scenario::{Idempotency, Limits, LookUp, Scenario};
use crate::seeds::Seed;
use crate::variant::Variant;
use crate::workload::Source;

/// A scenario that has been read and opened, ready to make plans.
#[derive(Clone, Debug)]
pub struct LoadedScenario {
    /// The file.
    pub scenario: Scenario,
    source: Source,
    pub(crate) menu: FaultGenerator,
}

/// Everything a run depends on.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed it was drawn from.
    pub seed: Seed,
    /// Who plays it.
    pub backend: Backend,
    /// Who sits in the place of a service; only madsim has room for them.
    pub externals: ExternalServices,
    /// Customers, terms, policies.
    pub setup: Arc<Setup>,
    /// Nodes, links, times.
    pub physics: Arc<Physics>,
    /// What was kept of the scenario.
    pub reduction: Reduction,
    /// Customers and latencies as the scenario has them, where not all of it was kept.
    pub(crate) uncut: Option<Arc<Uncut>>,
    /// What goes wrong.
    pub faults: Arc<[Fault]>,
    /// What heals first.
    pub core: Nodes,
    /// When the safety phase is over.
    pub safety_until: Instant,
    /// When to stop.
    pub limits: Limits,
}

impl LoadedScenario {
    /// Opens a scenario.
    ///
    /// # Errors
    /// If its orders or its menu of faults are refused.
    pub fn open(scenario: Scenario) -> Result<LoadedScenario, Error> {
        let source = Source::open(&scenario)?;
        let menu = FaultGenerator::of(&scenario, &capabilities(&scenario))?;
        Ok(LoadedScenario { scenario, source, menu })
    }

    /// Loads and opens a scenario of the catalogue or a file.
    ///
    /// # Errors
    /// If there is none, or it is refused.
    pub fn load(name: &str) -> Result<LoadedScenario, Error> {
        LoadedScenario::open(Scenario::load(name)?)
    }

    /// Refuses a contender whose engine cannot express everything that may be drawn here.
    ///
    /// # Errors
    /// With the family of the fault that it cannot express.
    pub fn admits(&self, variant: &Variant) -> Result<(), Error> {
        let Variant { backend, architecture, .. } = *variant;
        let Plan { setup, physics, .. } = self.plan(variant, Seed(0));
        let topology = Topology { architecture, physics: &physics };
        let refused = self.menu.refused(&setup.intents, topology, |fault| backend.inexpressible(fault));
        refused.map_or(Ok(()), |(family, kind, why)| {
            Err(Error::Plain(format!(
                "scenario `{}` may {}, of the family `{}`, which {} cannot express: {why}; leave that family out of its \
                 `faults.families`, or run it in the kernel",
                self.scenario.name,
                kind.words(),
                family.name(),
                backend.name()
            )))
        })
    }

    /// Draws the plan of a seed for a contender. Whatever is drawn is the same for all contenders.
    pub fn plan(&self, variant: &Variant, seed: Seed) -> Plan {
        let draws = Draws::new(seed.0);
        let scenario = &self.scenario;
        let intents = self.source.intents(&scenario.workload, &draws);
        let span = intents.last().map_or(Micros::ZERO, |last| last.at) + Micros::millis(500);
        let physics = Arc::new(physics(scenario, variant, draws));
        let topology = Topology { architecture: variant.architecture, physics: &physics };
        let faults = self.menu.draw(&mut draws.stream(Purpose::Plan, 0, 0), &intents, topology);
        let setup = Arc::new(Setup {
            architecture: variant.architecture,
            policies: variant.policies,
            timeouts: timeouts(scenario),
            capabilities: capabilities(scenario),
            intents,
            stock: vec![scenario.workload.stock; scenario.workload.skus as usize],
            partitions: scenario.physics.partitions,
        });
        Plan {
            seed,
            backend: variant.backend,
            externals: ExternalServices::none(),
            setup,
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

/// What an excerpt leaves out.
#[derive(Clone, Debug)]
pub(crate) struct Uncut {
    pub setup: Arc<Setup>,
    pub physics: Arc<Physics>,
}

impl Plan {
    /// The same run with all of its scenario.
    pub fn whole(&self) -> Plan {
        let Some(uncut) = &self.uncut else { return self.clone() };
        let Uncut { setup, physics } = (**uncut).clone();
        Plan { setup, physics, reduction: Reduction::default(), uncut: None, ..self.clone() }
    }

    /// The same run with other faults.
    pub fn with_faults(&self, faults: Vec<Fault>) -> Plan {
        Plan { faults: faults.into(), ..self.clone() }
    }

    /// The same run with others in the places of services.
    pub fn with_guests(&self, externals: ExternalServices) -> Plan {
        Plan { externals, ..self.clone() }
    }

    /// The same run with the first so many customers.
    pub fn with_orders(&self, orders: u32) -> Plan {
        if orders as usize >= self.setup.intents.len() {
            return self.clone();
        }
        Reduction::of_orders(0..orders).from(self)
    }
}

/// One instance of everybody, drawn: enough for every order, while the other instances stay as they are.
fn core(physics: &Physics, draws: &Draws) -> Nodes {
    let mut stream = draws.stream(Purpose::Healing, 0, 0);
    let roles = physics.roles.iter().enumerate().filter(|(_, role)| role.instances > 0);
    let mut one_of = |(index, _): (usize, &RoleSpec)| {
        let instances: Vec<_> = physics.instances(stormcart_sim::site::Role(index as u8)).collect();
        stream.pick(&instances).map_or(Nodes::default(), |node| Nodes::one(*node))
    };
    roles.fold(Nodes::default(), |core, role| core.and(one_of(role)))
}

fn physics(scenario: &Scenario, variant: &Variant, draws: Draws) -> Physics {
    let given = &scenario.physics;
    let spread =
        |[least, greatest]: [u64; 2]| Spread { base: Micros(least), spread: Micros(greatest - least) };
    let platform = variant.architecture.platform();
    let role = |party: &Party| {
        let replicated = matches!(party, Party::Engine | Party::Broker);
        let late_check =
            variant.policies.allocate == Allocate::CheckThenAllocate && *party == Party::Inventory;
        RoleSpec {
            instances: match party {
                party if party.outside() => 1,
                party if replicated && platform != Some(*party) => 0,
                _ => given.instances,
            },
            outside: party.outside(),
            failover: replicated.then(|| Micros::millis(given.failover_gap_ms)),
            service: match party {
                Party::Customers => Spread::default(),
                party if party.outside() => spread(given.outside_service_us),
                _ => spread(given.service_us),
            },
            isolation: if late_check { Isolation::ReadCommitted } else { Isolation::Serializable },
        }
    };
    let mut physics = Physics::new(draws, Party::ALL.iter().map(role).collect());
    physics.link = spread(given.link_us);
    physics.outside_link = spread(given.outside_link_us);
    physics.sync = spread(given.sync_us);
    physics.workers = given.workers;
    physics.inbox = given.inbox;
    physics.takeover = Micros::millis(given.failover_gap_ms);
    physics.lost_per_mille = given.caught_lost_percent * 10;
    physics
}

fn timeouts(scenario: &Scenario) -> Timeouts {
    let given = &scenario.timeouts;
    Timeouts {
        call_timeout: Micros::millis(given.call_timeout_ms),
        backoff_cap: Micros::millis(given.backoff_cap_ms),
        jitter_percent: given.jitter_percent,
        park_after: given.park_after,
        poison_after: given.poison_after,
        deadline: Micros::millis(given.deadline_ms),
        hold_ttl: Micros::millis(given.hold_ttl_ms),
        patience: Micros::millis(given.patience_ms),
        resubmissions: given.resubmissions,
        late_success: Micros::millis(given.late_success_ms),
    }
}

fn capabilities(scenario: &Scenario) -> ProviderCapabilities {
    ProviderCapabilities {
        replays_errors: scenario.provider.idempotency == Idempotency::ReplaysEverything,
        look_up: scenario.provider.look_up == LookUp::Authoritative,
        webhooks: scenario.provider.webhooks,
    }
}
