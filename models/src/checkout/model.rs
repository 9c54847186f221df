//! The checkout as a [`Model`]: what the harness asks of it.
//!
//! **Invariant:** nothing here decides anything: each answer is that of the file that owns it.

mod catalog;
mod orders_csv;
mod places;
mod section;
mod totals;
mod words;
mod workload;

use std::sync::Arc;

use stormcart_harness::catalog::{Catalog, Place};
use stormcart_harness::error::Error;
use stormcart_harness::model::{
    Content, Draw, Knob, Model, Progress, Sentence, Subject, SubjectSummary, Timing, Totals,
};
use stormcart_harness::plan;
use stormcart_harness::plan_file;
use stormcart_harness::scenario;
use stormcart_harness::story::state_tree::StateTree;
use stormcart_harness::variant::{Variant, VariantArgs};
use stormcart_sim::Micros;
use stormcart_sim::fault::{CrashPoint, Fault, PointFault};
use stormcart_sim::physics::{Isolation, RoleSpec, Spread};
use stormcart_sim::property::Violation;
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, MisbehaviorId, Operation, Role};

use crate::checkout::architecture::{ARCHITECTURES, Architecture};
use crate::checkout::domain::{Basket, Line};
use crate::checkout::fact::Fact;
use crate::checkout::ledger::Ledger;
use crate::checkout::message::{Message, Timer};
use crate::checkout::policy::Allocate;
use crate::checkout::service::{CheckoutService, Store};
use crate::checkout::setup::Setup;
use crate::checkout::vocabulary::{CoverageGoal, Misbehavior, Op, Party, PartyKind};

pub use section::{Idempotency, LookUp, Sections};

/// The checkout of a shop.
#[derive(Clone, Copy, Debug)]
pub struct Checkout;

/// What a scenario says about the checkout, with the orders it names opened.
#[derive(Clone, Debug)]
pub struct OpenedSections {
    /// What the sections say.
    pub sections: Sections,
    source: workload::Source,
}

/// What a plan can be reduced by: simpler baskets, and less on the shelf.
const KNOBS: &[Knob<Setup>] = &[
    Knob {
        name: "items_max",
        scarcity: false,
        most: |setup| {
            let pieces = setup.intents.iter().flat_map(|intent| intent.basket.lines());
            pieces.map(|line| u32::from(line.quantity)).max().unwrap_or(0)
        },
        limit: |setup, most| {
            let most = u16::try_from(most).unwrap_or(u16::MAX);
            setup.intents.iter_mut().for_each(|intent| intent.basket = smaller(&intent.basket, most));
        },
    },
    Knob {
        name: "stock_max",
        scarcity: true,
        most: |setup| setup.stock.iter().max().copied().unwrap_or(0),
        limit: |setup, most| setup.stock.iter_mut().for_each(|stock| *stock = (*stock).min(most)),
    },
];

impl Model for Checkout {
    type Service = CheckoutService;
    type Scenario = OpenedSections;
    type Setup = Setup;

    fn catalog() -> &'static Catalog {
        &catalog::CATALOG
    }

    fn read(name: &str, text: &str) -> Result<OpenedSections, Error> {
        let sections = Sections::read(name, text)?;
        let source = workload::Source::open(name, &sections.workload)?;
        Ok(OpenedSections { sections, source })
    }

    fn draw(scenario: &OpenedSections, draw: &Draw<'_>) -> Setup {
        let OpenedSections { sections: Sections { workload, timeouts, provider }, source } = scenario;
        Setup {
            architecture: architecture(draw.variant),
            policies: catalog::policies(&draw.variant.choices),
            timeouts: timeouts.limits(),
            capabilities: provider.capabilities(),
            intents: source.intents(workload, draw.draws),
            stock: vec![workload.stock; usize::from(workload.skus)],
            partitions: draw.physics.partitions,
        }
    }

    fn subjects(setup: &Setup) -> Vec<Subject> {
        setup.intents.iter().map(|intent| Subject { at: intent.at, comes: intent.comes }).collect()
    }

    fn roles(physics: &scenario::Physics, setup: &Setup) -> Vec<RoleSpec> {
        Party::ALL.iter().map(|party| role(*party, physics, setup)).collect()
    }

    fn service(setup: &Arc<Setup>, role: Role, instance: u8) -> CheckoutService {
        CheckoutService::fresh(Party::of(role), instance, setup)
    }

    fn store(setup: &Setup, role: Role) -> Store {
        Store::genesis(Party::of(role), setup)
    }

    fn truth(setup: &Arc<Setup>) -> Ledger {
        Ledger::new(Arc::clone(setup))
    }

    fn at_rest(truth: &mut Ledger, moment: Moment) {
        truth.rest(moment);
    }

    fn with_core(truth: &mut Ledger, moment: Moment) {
        truth.core(moment);
    }

    fn exercised(truth: &Ledger) -> Vec<u32> {
        truth.exercised().to_vec()
    }

    fn totals(_setup: &Setup, truth: &Ledger) -> Totals {
        totals::totals(truth)
    }

    fn timing(setup: &Setup) -> Timing {
        Timing { call_timeout: setup.timeouts.call_timeout, deadline: setup.timeouts.deadline }
    }

    fn comes_by(setup: &Setup, order: u32, operation: Operation) -> bool {
        let op = Op::ALL.get(usize::from(operation.0));
        op.is_none_or(|op| comes_by(setup, order, *op))
    }

    fn misbehaves(setup: &Setup, misbehavior: MisbehaviorId) -> bool {
        Misbehavior::of(misbehavior).is_none_or(|misbehavior| misbehavior.within(&setup.capabilities))
    }

    fn goal_met_by(fault: &Fault) -> Option<usize> {
        let goal = match fault {
            Fault::At {
                point_fault: PointFault::Crash(CrashPoint::AfterCommit | CrashPoint::AfterSend, _),
                ..
            } => CoverageGoal::CrashBeforeSend,
            Fault::At { point_fault: PointFault::Crash(CrashPoint::DuringSync, _), .. } => {
                CoverageGoal::CrashDuringSync
            }
            Fault::At { site, point_fault: PointFault::Drop }
                if site.identity.kind == MessageKind::Answer =>
            {
                CoverageGoal::ReplyLost
            }
            Fault::At { .. } | Fault::During { .. } => return None,
        };
        Some(goal as usize)
    }

    fn goal_possible(goal: usize, variant: &Variant) -> bool {
        let goal = CoverageGoal::ALL.get(goal);
        let policies = catalog::policies(&variant.choices);
        goal.is_none_or(|goal| goal.possible(architecture(variant), &policies))
    }

    fn progress(truth: &Ledger, order: u32) -> Option<Progress> {
        let order = truth.orders().get(order as usize)?;
        let progress = order.progress();
        let also = order.regretted.then_some("cancel wanted");
        Some(Progress { rank: progress as u8, word: progress.word(), also })
    }

    fn knobs() -> &'static [Knob<Setup>] {
        KNOBS
    }

    fn keep_subjects(setup: &mut Setup, orders: &[u32]) {
        for (number, intent) in (0..).zip(&mut setup.intents) {
            intent.comes &= orders.contains(&number);
        }
        let left = setup.intents.iter().rposition(|intent| intent.comes).map_or(0, |last| last + 1);
        setup.intents.truncate(left);
    }

    fn constant_latency(setup: &mut Setup) {
        setup.timeouts.jitter_percent = 0;
    }

    fn workload(setup: &Setup) -> String {
        words::workload(setup)
    }

    fn workload_in_full(setup: &Setup) -> Vec<String> {
        words::workload_in_full(setup)
    }

    fn subject_of(identity: &Identity) -> Option<u32> {
        // A redelivery is about a partition of the log, and a recovery about everything.
        let about = *identity != Identity::RECOVERY && identity.operation != Op::Redeliver.operation();
        about.then_some(identity.subject)
    }

    fn begins(identity: &Identity) -> bool {
        identity.operation == Op::Arrive.operation()
    }

    fn fact_subject(fact: &Fact) -> Option<u32> {
        Some(fact.order())
    }

    fn fact(fact: &Fact) -> Sentence {
        words::fact(fact)
    }

    fn competes(setup: &Setup, fact: &Fact, violation: &Violation) -> bool {
        competes(setup, fact, violation)
    }

    fn content(message: &Message) -> Content {
        words::content(message)
    }

    fn timer(role: Role, timer: &Timer) -> Sentence {
        words::timer(Party::of(role), *timer)
    }

    fn timer_name(timer: &Timer) -> String {
        words::timer_name(timer)
    }

    fn summaries(setup: &Setup, truth: &Ledger) -> Vec<SubjectSummary> {
        words::summaries(setup, truth)
    }

    fn implied(setup: &Setup, order: u32) -> Option<StateTree> {
        setup.intents.get(order as usize).map(|intent| StateTree::of(&intent.basket))
    }
}

/// The architecture of a variant.
fn architecture(variant: &Variant) -> &'static Architecture {
    let named = ARCHITECTURES.iter().find(|known| known.name == variant.architecture.name);
    named.unwrap_or_else(|| unreachable!("the catalog is made from these architectures"))
}

/// A party's place in the world.
fn role(party: Party, physics: &scenario::Physics, setup: &Setup) -> RoleSpec {
    let platform = party.kind() == PartyKind::Platform;
    let late_check = setup.policies.allocate == Allocate::CheckThenAllocate && party == Party::Inventory;
    RoleSpec {
        instances: match party.kind() {
            PartyKind::Customers | PartyKind::Outside => 1,
            PartyKind::Platform if setup.architecture.platform() != Some(party) => 0,
            PartyKind::Platform | PartyKind::Service => physics.instances,
        },
        outside: party.outside(),
        failover: platform.then(|| Micros::millis(physics.failover_gap_ms)),
        service: match party.kind() {
            PartyKind::Customers => Spread::default(),
            PartyKind::Outside => physics.outside_service(),
            PartyKind::Platform | PartyKind::Service => physics.service(),
        },
        isolation: if late_check { Isolation::ReadCommitted } else { Isolation::Serializable },
    }
}

/// Whether an order is likely to come by an operation: nobody withdraws a payment that everybody wants.
fn comes_by(setup: &Setup, order: u32, op: Op) -> bool {
    let Some(intent) = setup.intents.get(order as usize) else { return false };
    match op {
        Op::Cancel | Op::Withdraw => intent.cancels_after.is_some(),
        Op::Release => intent.cancels_after.is_some() || intent.declines || intent.undeliverable,
        Op::Refund | Op::Reverse => intent.undeliverable && !intent.declines,
        Op::Sale => intent.basket.total_cents() > 0,
        Op::Webhook => intent.basket.total_cents() > 0 && !intent.declines,
        Op::Confirm | Op::Ship | Op::Dispatch => !intent.declines,
        Op::Place
        | Op::Reserve
        | Op::Charge
        | Op::Close
        | Op::Notify
        | Op::LookUp
        | Op::LookUpRefund
        | Op::Mail
        | Op::Arrive
        | Op::Patience
        | Op::Deadline
        | Op::Expiry
        | Op::Relay
        | Op::Redeliver => true,
    }
}

/// Of a shelf the others who took from it are part of the story.
fn competes(setup: &Setup, fact: &Fact, violation: &Violation) -> bool {
    let (Fact::Held(_, basket) | Fact::HoldEnded(_, _, basket)) = fact else { return false };
    let Some(order) = violation.subject.filter(|_| ["S4", "S5"].contains(&violation.property)) else {
        return false;
    };
    let wanted = setup.intents.get(order as usize).map_or(&[][..], |intent| intent.basket.lines());
    basket.lines().iter().any(|line| wanted.iter().any(|wanted| wanted.sku == line.sku))
}

/// The first lines of a basket, with fewer pieces at the same price each.
fn smaller(basket: &Basket, most: u16) -> Basket {
    let fewer = |line: &Line| {
        let quantity = line.quantity.min(most);
        let price_cents = line.price_cents / u64::from(line.quantity.max(1)) * u64::from(quantity);
        Line { quantity, price_cents, ..*line }
    };
    Basket::new(basket.lines().iter().take(usize::from(most)).map(fewer).collect())
}

/// A scenario of the checkout, read and opened.
pub type LoadedScenario = plan::LoadedScenario<Checkout>;
/// A plan of the checkout.
pub type Plan = plan::Plan<Checkout>;
/// A plan file of the checkout, read and made into a plan.
pub type Opened = plan_file::Opened<Checkout>;

/// Names of the checkout in Rust, for tests that place faults by hand.
impl Checkout {
    /// An architecture at its best level.
    ///
    /// # Errors
    /// If there is none of this name.
    pub fn variant(architecture: &str) -> Result<Variant, Error> {
        Checkout::variant_with(architecture, &VariantArgs::default())
    }

    /// An architecture with these choices.
    ///
    /// # Errors
    /// If a name is unknown, or a choice changes nothing there.
    pub fn variant_with(architecture: &str, args: &VariantArgs) -> Result<Variant, Error> {
        let catalog = Checkout::catalog();
        Variant::with(catalog, catalog.architecture(architecture)?, args)
    }

    /// The injection point of a place, `payments charge ask`, on the way of an order in an architecture.
    ///
    /// # Errors
    /// If there is no such place or architecture.
    pub fn site(place: &str, architecture: &str, order: u32, attempt: u8) -> Result<InjectionPoint, Error> {
        let architecture = Checkout::catalog().architecture(architecture)?;
        Ok(Place::named(place, Checkout::vocabulary())?.site(architecture, order, attempt))
    }

    /// The names of the scenarios that come with the checkout, in order.
    pub fn scenarios() -> impl Iterator<Item = &'static str> {
        Checkout::catalog().scenarios.iter().map(|(name, _)| *name)
    }
}
