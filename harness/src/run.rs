//! One run: a pure function from a plan to what happened.
//!
//! Safety phase with faults; then a viable core heals while the rest stays broken; then everything heals, and all must
//! come to rest. Limits give *inconclusive*, with the reason, never a hang.
//!
//! **Invariant:** equal plans give equal runs, whichever engine the plan names.

use std::sync::Arc;

use stormcart_models::domain::Status;
use stormcart_models::ledger::{Ledger, OrderTruth};
use stormcart_models::service::{Checkout, Store};
use stormcart_models::words::{CoverageGoal, Party};
use stormcart_sim::Truth;
use stormcart_sim::fault::{CrashPoint, Fault, Nodes, PointFault};
use stormcart_sim::property::Violation;
use stormcart_sim::script::{Ended, HealingStep, Judge, Limit, Script};
use stormcart_sim::site::MessageKind;
use stormcart_sim::trace::Trace;
use stormcart_sim::{Counts, Fired, Instant, Micros, World};

use crate::plan::Plan;

/// A world of the checkout.
pub type CheckoutWorld = World<Checkout>;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every property held.
    Held,
    /// Some did not.
    Violated(Vec<Violation>),
    /// A limit was hit first.
    Inconclusive(String),
}

/// What a run gave.
#[derive(Clone, Debug)]
pub struct Run {
    /// How it ended.
    pub verdict: Verdict,
    /// The digest of everything that happened.
    pub digest: u64,
    /// How many events there were.
    pub events: u64,
    /// When the last one happened.
    pub ended: Instant,
    /// The faults that struck.
    pub fired: Vec<Fired>,
    /// What it cost.
    pub counts: Counts,
    /// What was seen, as bits of [`CoverageGoal`].
    pub goals: u64,
    /// How often each property had something to check, in the order of the registry.
    pub exercised: Vec<u32>,
    /// How the orders ended.
    pub outcome: Outcome,
}

/// How the orders of a run ended, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Customers who came.
    pub intents: u64,
    /// Orders that were accepted.
    pub placed: u64,
    /// Orders by final status, in the order of [`Status`]; the first are those still pending.
    pub by_status: [u64; 5],
    /// Orders that wait for a person.
    pub parked: u64,
    /// Money that is not where the order's end says it should be, in cents; of parked orders nobody knows yet.
    pub misplaced_cents: u64,
    /// When the last accepted order had its final status; `None` if one never had.
    pub settled: Option<Instant>,
    /// How long customers waited for a definitive answer, one entry for each who got one.
    pub waits: Vec<Micros>,
}

/// Runs a plan.
pub fn run(plan: &Plan) -> Run {
    Run::of(plan, &plan.backend.play(plan, Trace::off()))
}

/// Runs a plan and keeps what it left behind, with its trace.
pub fn run_traced(plan: &Plan) -> (Run, Ended<Checkout>) {
    let ended = plan.backend.play(plan, Trace::on());
    (Run::of(plan, &ended), ended)
}

/// The kernel's world of a plan, before anything has happened.
pub fn world(plan: &Plan, trace: Trace<Checkout>) -> CheckoutWorld {
    plan.script().world(trace)
}

/// Takes a world of the kernel from where it is through all phases to its verdict.
pub fn finish(plan: &Plan, world: CheckoutWorld) -> Run {
    Run::of(plan, &plan.script().finish(world))
}

impl Plan {
    /// What an engine is given. Where nothing can go wrong, nothing heals.
    pub fn script(&self) -> Script<Checkout> {
        let limits = &self.limits;
        let core = self.safety_until + Micros::millis(limits.core_ms);
        let healing = [
            HealingStep { at: self.safety_until, judge: None, heals: self.core },
            HealingStep { at: core, judge: Some(Ledger::core as Judge<Ledger>), heals: Nodes::ALL },
        ];
        let (setup, stored) = (Arc::clone(&self.setup), Arc::clone(&self.setup));
        Script {
            physics: Arc::clone(&self.physics),
            truth: Ledger::new(Arc::clone(&self.setup)),
            services: Arc::new(move |role, instance| Checkout::fresh(Party::of(role), instance, &setup)),
            genesis: Arc::new(move |role| Store::genesis(Party::of(role), &stored)),
            faults: Arc::clone(&self.faults),
            healing: if self.faults.is_empty() { Vec::new() } else { healing.to_vec() },
            until: core + Micros::millis(limits.rest_ms),
            events: limits.events,
            rest: Ledger::rest,
        }
    }
}

impl Run {
    /// What is to be said of what a plan left behind.
    fn of(plan: &Plan, ended: &Ended<Checkout>) -> Run {
        let broken = ended.truth.violations();
        let verdict = match ended.limit {
            _ if !broken.is_empty() => Verdict::Violated(broken.to_vec()),
            Some(limit) => Verdict::Inconclusive(reason(plan, limit)),
            None => Verdict::Held,
        };
        Run {
            verdict,
            digest: ended.digest,
            events: ended.events,
            ended: ended.at,
            fired: ended.fired.clone(),
            counts: ended.counts.clone(),
            goals: ended.probes | struck(plan, &ended.fired),
            exercised: ended.truth.exercised().to_vec(),
            outcome: outcome(&ended.truth),
        }
    }
}

/// Why a run was not brought to its end.
fn reason(plan: &Plan, limit: Limit) -> String {
    let limits = &plan.limits;
    match limit {
        Limit::Events => format!("more than {} events", limits.events),
        Limit::Time => {
            let lasted =
                Micros::millis(limits.core_ms + limits.rest_ms) + (plan.safety_until - Instant::ZERO);
            format!("not at rest after {lasted} of virtual time")
        }
    }
}

/// The kernel's world of a plan right after a moment of its run: after everything that happened until then, and after
/// whatever was healed until then.
pub fn world_after(plan: &Plan, moment: Until) -> CheckoutWorld {
    let script = plan.script();
    let mut world = script.world(Trace::off());
    let healing = script.healing.iter().map(|turn| (turn.at, Some(turn)));
    for (at, turn) in healing.chain([(script.until, None)]) {
        let (time, events) = match moment {
            Until::Time(moment) => (at.min(moment + Micros(1)), script.events),
            Until::Event(event) => (at, script.events.min(event)),
        };
        let stopped = !world.run_until(time, events);
        if stopped || moment.reached(at, world.events()) {
            break;
        }
        if let Some(turn) = turn {
            turn.take(&mut world);
        }
    }
    if let Until::Time(moment) = moment
        && world.next_at().is_some_and(|next| next > moment)
    {
        world.wait_until(moment);
    }
    world
}

/// A moment of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Everything of this instant and before.
    Time(Instant),
    /// Everything up to the event of this number, which may share its instant with others.
    Event(u64),
}

impl Until {
    /// Whether the moment comes before a phase is over that ends then, after so many events.
    fn reached(self, end: Instant, events: u64) -> bool {
        match self {
            Until::Time(moment) => moment < end,
            Until::Event(event) => event <= events,
        }
    }

    /// Whether something that happened then is part of it.
    pub fn includes(self, at: Instant, event: u64) -> bool {
        match self {
            Until::Time(moment) => at <= moment,
            Until::Event(last) => event <= last,
        }
    }
}

/// Sightings that follow from which faults struck.
fn struck(plan: &Plan, fired: &[Fired]) -> u64 {
    let goal = |fired: &Fired| match plan.faults.get(fired.fault as usize)? {
        Fault::At {
            point_fault: PointFault::Crash(CrashPoint::AfterCommit | CrashPoint::AfterSend, _),
            ..
        } => Some(CoverageGoal::CrashBeforeSend),
        Fault::At { point_fault: PointFault::Crash(CrashPoint::DuringSync, _), .. } => {
            Some(CoverageGoal::CrashDuringSync)
        }
        Fault::At { site, point_fault: PointFault::Drop } if site.identity.kind == MessageKind::Answer => {
            Some(CoverageGoal::ReplyLost)
        }
        _ => None,
    };
    fired.iter().filter_map(goal).fold(0, |seen, goal| seen | 1 << goal as u64)
}

fn outcome(ledger: &Ledger) -> Outcome {
    let mut outcome = Outcome { intents: ledger.setup().customers(0).count() as u64, ..Outcome::default() };
    outcome.misplaced_cents = ledger.orders().iter().map(misplaced_cents).sum();
    let accepted = ledger.orders().iter().zip(ledger.times()).filter(|(order, _)| order.placed > 0);
    let closed = accepted.map(|(order, times)| order.status.and(times.closed));
    outcome.settled = closed.reduce(|last, closed| Some(last?.max(closed?))).flatten();
    for order in ledger.orders().iter().filter(|order| order.placed > 0) {
        outcome.placed += 1;
        outcome.by_status[order.status.unwrap_or(Status::Pending) as usize] += 1;
        outcome.parked += u64::from(order.parked && order.status.is_none());
    }
    outcome.waits = ledger.waits().collect();
    outcome
}

/// How far the provider's ledger is from what the end of an order calls for: the quote for a completed one, and for one
/// without an end if its goods are on their way; nothing for every other.
fn misplaced_cents(order: &OrderTruth) -> u64 {
    let owed = match order.status {
        None if order.parked => return 0,
        Some(Status::Completed) => order.quote_cents,
        None | Some(Status::Pending) if order.dispatched > 0 => order.quote_cents,
        _ => 0,
    };
    order.net_cents().abs_diff(owed as i64)
}
