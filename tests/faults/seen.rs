//! A run with faults next to its twin without, and what a trace says about places and nodes.

use stormcart::harness::run::{Run, Verdict, run_traced};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::architecture::Architecture;
use stormcart_models::checkout::ledger::{Ledger, OrderTruth};
use stormcart_models::checkout::model::{Checkout, LoadedScenario, Plan};
use stormcart_models::checkout::service::CheckoutService;
use stormcart_models::checkout::vocabulary::{CoverageGoal, Party};
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::physics::Physics;
use stormcart_sim::script::Ended;
use stormcart_sim::site::{InjectionPoint, Node};
use stormcart_sim::trace::{Entry, Happening, Loss, Trace};
use stormcart_sim::{Counts, Instant, Message, Micros};

/// The order that faults at a site strike; nothing about it is special.
pub const ORDER: u32 = 3;

/// A run with faults, and its twin without.
pub struct Seen {
    pub plan: Plan,
    pub run: Run,
    pub world: Past,
    pub twin: Past,
}

/// A world that has come to its end.
pub struct Past {
    plan: Plan,
    ended: Ended<CheckoutService>,
}

impl Past {
    fn of(plan: &Plan) -> (Run, Past) {
        let (run, ended) = run_traced(plan);
        (run, Past { plan: plan.clone(), ended })
    }

    pub fn physics(&self) -> &Physics {
        &self.plan.physics
    }

    pub fn truth(&self) -> &Ledger {
        &self.ended.truth
    }

    pub fn counts(&self) -> &Counts {
        &self.ended.counts
    }

    pub fn trace(&self) -> &Trace<CheckoutService> {
        &self.ended.trace
    }
}

/// The first try of an operation for [`ORDER`], in words: `payments charge ask`.
pub fn site(place: &str, architecture: &Architecture) -> InjectionPoint {
    Checkout::site(place, architecture.name, ORDER, 1).unwrap()
}

pub fn at(place: &str, architecture: &Architecture, point_fault: PointFault) -> Fault {
    Fault::At { site: site(place, architecture), point_fault }
}

impl Seen {
    /// Runs `calm`, or a text like it, with these faults; all of them strike, and who claims safety is safe.
    #[track_caller]
    pub fn of(scenario: &str, architecture: &'static Architecture, faults: &[Fault]) -> Seen {
        let scenario = match scenario.contains('=') {
            true => LoadedScenario::parse("a text", scenario),
            false => LoadedScenario::load(scenario),
        };
        let plan = scenario.unwrap().plan(&Checkout::variant(architecture.name).unwrap(), Seed(1));
        let (_, twin) = Past::of(&plan);
        let plan = plan.with_faults(faults.to_vec());
        let (run, world) = Past::of(&plan);
        let name = architecture.name;
        assert_eq!(run.fired.len(), faults.len(), "{name}: {faults:?} struck only at {:?}", run.fired);
        match &run.verdict {
            Verdict::Inconclusive(reason) => panic!("{name}: {faults:?} does not heal: {reason}"),
            verdict => {
                assert!(*verdict == Verdict::Held || !architecture.claims_safety(), "{name}: {verdict:?}")
            }
        }
        Seen { plan, run, world, twin }
    }

    /// When the fault of this number struck.
    pub fn struck(&self, fault: u16) -> Instant {
        let fired = self.run.fired.iter().find(|fired| fired.fault == fault);
        fired.unwrap_or_else(|| panic!("fault {fault} did not strike")).moment.at
    }

    /// What is true of the order in the end.
    pub fn order(&self) -> &OrderTruth {
        &self.world.truth().orders()[ORDER as usize]
    }

    /// Whether something rare was reached.
    pub fn saw(&self, goal: CoverageGoal) -> bool {
        self.run.goals >> goal as u64 & 1 == 1
    }

    pub fn entries(&self) -> &[Entry<CheckoutService>] {
        self.world.trace().entries()
    }

    /// The node at which a party's only instance runs.
    pub fn node(&self, party: Party) -> Node {
        self.world.physics().instances(party.role()).next().unwrap()
    }

    /// How long a crash keeps a node away: a replicated part comes back after its failover gap.
    pub fn away(&self, node: Node, down: Micros) -> Micros {
        let spec = self.world.physics().spec(node);
        spec.failover.filter(|_| spec.instances == 1).unwrap_or(down)
    }

    /// When something like this happened.
    pub fn when(&self, what: impl Fn(&Happening<CheckoutService>) -> bool) -> Vec<Instant> {
        self.entries().iter().filter(|entry| what(&entry.what)).map(|entry| entry.at).collect()
    }

    /// What a node did strictly between two moments.
    pub fn doings(&self, node: Node, from: Instant, until: Instant) -> Vec<&Entry<CheckoutService>> {
        let does = |what: &Happening<CheckoutService>| match what {
            Happening::Delivered { to, .. } => *to == node,
            Happening::Timer { node: who, .. } | Happening::Written { node: who, .. } => *who == node,
            _ => false,
        };
        self.entries()
            .iter()
            .filter(|entry| from < entry.at && entry.at < until && does(&entry.what))
            .collect()
    }

    /// Messages from one of these nodes to one of those that arrived strictly between two moments.
    pub fn passed(&self, link: impl Fn(Node, Node) -> bool, from: Instant, until: Instant) -> usize {
        let passes = |entry: &&Entry<CheckoutService>| match &entry.what {
            Happening::Delivered { from: sender, to, .. } => {
                sender != to && link(*sender, *to) && from < entry.at && entry.at < until
            }
            _ => false,
        };
        self.entries().iter().filter(passes).count()
    }

    /// The handler of a delivery at a site: the records it wrote, and the messages it sent.
    pub fn handled(&self, site: &InjectionPoint) -> (usize, usize) {
        let arrived = |entry: &Entry<CheckoutService>| here(&self.world, site, entry) && delivered(entry);
        let handler = self.entries().iter().position(arrived).expect("it arrived") as u32;
        let caused = || self.entries().iter().filter(|entry| entry.cause == handler);
        let written = caused().filter(|entry| matches!(entry.what, Happening::Written { .. })).count();
        let sent = |what: &Happening<CheckoutService>| {
            matches!(what, Happening::Delivered { .. } | Happening::Lost { .. })
        };
        (written, caused().filter(|entry| sent(&entry.what)).count())
    }
}

/// When what is named by a site arrived.
pub fn arrivals(world: &Past, site: &InjectionPoint) -> Vec<Instant> {
    let arrived = |entry: &&Entry<CheckoutService>| here(world, site, entry) && delivered(entry);
    world.trace().entries().iter().filter(arrived).map(|entry| entry.at).collect()
}

/// When what is named by a site did not arrive, and why.
pub fn losses(world: &Past, site: &InjectionPoint) -> Vec<(Instant, Loss)> {
    let lost = |entry: &Entry<CheckoutService>| match entry.what {
        Happening::Lost { why, .. } if here(world, site, entry) => Some((entry.at, why)),
        _ => None,
    };
    world.trace().entries().iter().filter_map(lost).collect()
}

/// Between whom what is named by a site travels.
pub fn travels(world: &Past, site: &InjectionPoint) -> (Node, Node) {
    let between = |entry: &Entry<CheckoutService>| match &entry.what {
        Happening::Delivered { from, to, .. } if here(world, site, entry) => Some((*from, *to)),
        _ => None,
    };
    world.trace().entries().iter().find_map(between).expect("it arrives when nothing goes wrong")
}

fn delivered(entry: &Entry<CheckoutService>) -> bool {
    matches!(entry.what, Happening::Delivered { .. })
}

fn here(world: &Past, site: &InjectionPoint, entry: &Entry<CheckoutService>) -> bool {
    match &entry.what {
        Happening::Delivered { to, message, .. } | Happening::Lost { to, message, .. } => {
            message.identity() == site.identity && world.physics().role(*to) == site.role
        }
        _ => false,
    }
}
