//! Sustained faults: how they start, come again, end and are healed.
//!
//! **Invariant:** every outage has an inverse, and healing is an event in the trace
//! (`what_lasts_for_ever_ends_with_the_healing`, and that letter 10 arrives in every test of
//! `sim/tests/madsim/faults.rs`).

use crate::fault::{Fault, Nodes, SustainedFault};
use crate::service::Service;
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening};

use super::backend::{Backend, Origin, Repetition, Scheduled, end_at, struck};
use super::degrade::{self, degrade};
use super::outage::{crash_all, partition, pause};
use super::takeover;

/// Something that was scheduled happens.
pub(crate) fn happen<S: Service>(world: &mut impl Backend<S>, what: Scheduled) {
    match what {
        Scheduled::End { fault } => end(world, fault),
        Scheduled::Restart { node, cause } => world.restart(node, cause),
        Scheduled::Takeover { node, lost, cause } => takeover::take_over(world, node, lost, cause),
        Scheduled::Start(fault) => start(world, fault),
        Scheduled::Repeat(repetition) => repeat(world, repetition, 0),
    }
}

/// A sustained fault of the plan starts.
fn start<S: Service>(world: &mut impl Backend<S>, fault: u16) {
    let planned = world.adversary().plan.get(usize::from(fault)).copied();
    let Some(Fault::During { lasting, sustained, .. }) = planned else { return };
    let cause = struck(world, fault, None, 0);
    let by = Origin { fault, cause };
    match sustained {
        SustainedFault::Partition { a, b, one_way } => {
            partition(world, (a, b), one_way, lasting, cause);
            end_at(world, world.now() + lasting, fault);
        }
        SustainedFault::Pause(node) => pause(world, node, lasting, by),
        SustainedFault::Crash(nodes) => crash_all(world, nodes, lasting, cause),
        SustainedFault::Flap { .. } | SustainedFault::CrashLoop(..) => {
            degrade(world, sustained, lasting, by);
            repeat(world, Repetition { fault, sustained, left: lasting }, cause);
        }
        SustainedFault::SlowLink { .. }
        | SustainedFault::LossyLink { .. }
        | SustainedFault::Slow(..)
        | SustainedFault::SlowDisk(..)
        | SustainedFault::FullDisk(_)
        | SustainedFault::Clock(..)
        | SustainedFault::Drift(..) => degrade(world, sustained, lasting, by),
    }
}

/// What comes and goes is there for its time, and comes again after as long, unless it is over by then. What is
/// healed is spared.
fn repeat<S: Service>(world: &mut impl Backend<S>, repetition: Repetition, cause: Cause) {
    let Repetition { fault, sustained, left } = repetition;
    let (now, spared) = (world.now(), world.adversary().healed);
    world.journal().mark(u64::from(fault), 48);
    let each = if let SustainedFault::Flap { a, b, each } = sustained {
        let carries = now + each.min(left);
        world.adversary_mut().forget_cuts(now);
        let cause = world.journal().record(cause, || Happening::LinksDown { fault, carries });
        partition(world, (a, b), false, each.min(left), cause);
        world.adversary_mut().join(spared);
        world.links_changed();
        world.links_carry_at(carries);
        each
    } else if let SustainedFault::CrashLoop(nodes, each) = sustained {
        crash_all(world, nodes.without(spared), each.min(left), cause);
        each
    } else {
        return;
    };
    let period = each.max(Micros(1)).times(2);
    if period < left {
        let left = if left == Micros::FOREVER { left } else { Micros(left.0 - period.0) };
        world.schedule(now + period, Scheduled::Repeat(Repetition { left, ..repetition }));
    }
}

/// What a fault started is over.
fn end<S: Service>(world: &mut impl Backend<S>, fault: u16) {
    expire(world);
    let journal = world.journal();
    journal.digest.word(journal.now.0);
    journal.record(0, || Happening::Ended { fault });
}

/// Lets go on what is over by now.
pub(crate) fn expire<S: Service>(world: &mut impl Backend<S>) {
    let now = world.now();
    world.adversary_mut().forget_cuts(now);
    world.links_changed();
    let over: Vec<(Node, Instant)> =
        world.adversary_mut().pauses.extract_if(.., |(_, until)| *until <= now).collect();
    over.into_iter().for_each(|(node, _)| world.resume(node));
    degrade::clear(world, |degradation| degradation.until <= now);
}

/// Ends the safety phase: no fault strikes any more, and links and nodes within `core` work again. What lies outside
/// stays as it is, and a node on which the core cannot rely is evicted, so that a core that suffices has to do
/// without it.
pub(crate) fn heal<S: Service>(world: &mut impl Backend<S>, core: Nodes) {
    let all = core == Nodes::ALL;
    let adversary = world.adversary_mut();
    adversary.faults.disarm();
    adversary.healed = adversary.healed.and(core);
    world.cancel(|what| match what {
        Scheduled::Start(_) => true,
        Scheduled::Repeat(_) => all,
        Scheduled::End { .. } | Scheduled::Restart { .. } | Scheduled::Takeover { .. } => false,
    });
    world.journal().record(0, || Happening::Healed { all });
    world.adversary_mut().join(core);
    world.links_changed();
    let freed: Vec<(Node, Instant)> =
        world.adversary_mut().pauses.extract_if(.., |(node, _)| core.has(*node)).collect();
    for (node, until) in freed {
        world.bring_forward(node, until);
        world.resume(node);
    }
    degrade::heal(world, core);
    if !all {
        takeover::evict(world, core);
    }
    let down = world.adversary().down.within(core);
    for node in down.iter() {
        world.cancel(|what| matches!(what, Scheduled::Restart { node: who, .. } if *who == node));
        world.restart(node, 0);
    }
}
