//! One run: a pure function from a plan to what happened.
//!
//! Safety phase with faults; then a viable core heals while the rest stays broken; then everything heals, and all must
//! come to rest. Limits give *inconclusive*, with the reason, never a hang.
//!
//! **Invariant:** equal plans give equal runs.

use std::sync::Arc;

use stormcart_models::domain::Status;
use stormcart_models::ledger::{Ledger, OrderTruth, Violation};
use stormcart_models::service::{Checkout, Store};
use stormcart_models::words::{Party, Sighting};
use stormcart_sim::fault::{CrashPoint, Fault, Nodes, Verb};
use stormcart_sim::site::Leg;
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
    /// What was seen, as bits of [`Sighting`].
    pub sightings: u64,
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
    finish(plan, world(plan, Trace::off())).0
}

/// Runs a plan and keeps the world it ended in, with its trace.
pub fn run_traced(plan: &Plan) -> (Run, CheckoutWorld) {
    finish(plan, world(plan, Trace::on()))
}

/// The world of a plan, before anything has happened.
pub fn world(plan: &Plan, trace: Trace<Checkout>) -> CheckoutWorld {
    let setup = &plan.setup;
    World::new(
        Arc::clone(&plan.physics),
        Ledger::new(Arc::clone(setup)),
        |role, instance| Checkout::fresh(Party::of(role), instance, setup),
        |role| Store::genesis(Party::of(role), setup),
        Arc::clone(&plan.faults),
        trace,
    )
}

/// Takes a world from where it is through all phases to its verdict.
pub fn finish(plan: &Plan, mut world: CheckoutWorld) -> (Run, CheckoutWorld) {
    let limited = phases(plan, &mut world).err();
    world.check_all_replays();
    if limited.is_none() {
        world.judge(Ledger::rest);
    }
    let broken = world.truth().broken();
    let verdict = match limited {
        _ if !broken.is_empty() => Verdict::Violated(broken.to_vec()),
        Some(reason) => Verdict::Inconclusive(reason),
        None => Verdict::Held,
    };
    let run = Run {
        verdict,
        digest: world.digest(),
        events: world.events(),
        ended: world.now(),
        fired: world.fired().to_vec(),
        counts: world.counts().clone(),
        sightings: world.probes() | struck(plan, world.fired()),
        exercised: world.truth().exercised().to_vec(),
        outcome: outcome(world.truth()),
    };
    (run, world)
}

/// What is done to a world when a phase of the run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// A viable core heals.
    Core,
    /// Everything heals.
    All,
    /// Nothing.
    Rest,
}

impl Turn {
    /// The phases of a run: when each ends, and what is done then. Where nothing can go wrong, nothing heals.
    fn all(plan: &Plan) -> Vec<(Instant, Turn)> {
        let limits = &plan.limits;
        let core = plan.safety_until + Micros::millis(limits.core_ms);
        let rest = core + Micros::millis(limits.rest_ms);
        let all = [(plan.safety_until, Turn::Core), (core, Turn::All), (rest, Turn::Rest)];
        let first = if plan.faults.is_empty() { 2 } else { 0 };
        all[first..].to_vec()
    }

    fn take(self, plan: &Plan, world: &mut CheckoutWorld, at: Instant) {
        if self != Turn::Rest {
            world.wait_until(at);
        }
        match self {
            Turn::Core => world.heal(plan.core),
            Turn::All => {
                world.judge(Ledger::core);
                world.heal(Nodes::ALL);
            }
            Turn::Rest => {}
        }
    }
}

/// Safety, core, rest; the error says which limit was hit.
fn phases(plan: &Plan, world: &mut CheckoutWorld) -> Result<(), String> {
    let limits = &plan.limits;
    for (at, turn) in Turn::all(plan) {
        if !world.run_until(at, limits.events) {
            return Err(format!("more than {} events", limits.events));
        }
        turn.take(plan, world, at);
    }
    match world.next_at() {
        None => Ok(()),
        Some(_) => {
            let lasted =
                Micros::millis(limits.core_ms + limits.rest_ms) + (plan.safety_until - Instant::ZERO);
            Err(format!("not at rest after {lasted} of virtual time"))
        }
    }
}

/// The world of a plan right after a moment of its run: after everything that happened until then, and after whatever
/// was healed until then.
pub fn world_after(plan: &Plan, moment: Until) -> CheckoutWorld {
    let mut world = world(plan, Trace::off());
    let limits = &plan.limits;
    for (at, turn) in Turn::all(plan) {
        let (time, events) = match moment {
            Until::Time(moment) => (at.min(moment + Micros(1)), limits.events),
            Until::Event(event) => (at, limits.events.min(event)),
        };
        let stopped = !world.run_until(time, events);
        if stopped || moment.reached(at, world.events()) {
            break;
        }
        turn.take(plan, &mut world, at);
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
    let sighting = |fired: &Fired| match plan.faults.get(fired.fault as usize)? {
        Fault::At { verb: Verb::Crash(CrashPoint::AfterCommit | CrashPoint::AfterSend, _), .. } => {
            Some(Sighting::CrashBeforeSend)
        }
        Fault::At { verb: Verb::Crash(CrashPoint::DuringSync, _), .. } => Some(Sighting::CrashDuringSync),
        Fault::At { site, verb: Verb::Drop } if site.identity.leg == Leg::Answer => Some(Sighting::ReplyLost),
        _ => None,
    };
    fired.iter().filter_map(sighting).fold(0, |seen, sighting| seen | 1 << sighting as u64)
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
