//! The alphabet of an exploration: which faults it places, for how long, and how wide the choice is.
//!
//! **Invariant:** durations follow from the scenario's terms: the short one heals before a call's timeout, the late one
//! passes it, the long one outlasts the deadline.

use stormcart_models::misbehaviors::{MISBEHAVIORS, MisbehaviorSite};
use stormcart_models::setup::{ProviderCapabilities, Timeouts};
use stormcart_models::words::Party;
use stormcart_sim::Micros;
use stormcart_sim::explore::FaultSet;
use stormcart_sim::fault::{CrashPoint, Leap, PointFault};

/// How long things last and how late they come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durations {
    /// Over before a call times out.
    pub short: Micros,
    /// Later than the timeout of a call.
    pub late: Micros,
    /// Longer than the deadline of an order.
    pub long: Micros,
}

/// How wide the choice of faults is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FaultSetSize {
    /// Every kind, outages short.
    Least,
    /// Every kind, short and long, with aborted transactions and everybody's bad manners.
    Full,
}

impl Durations {
    /// The durations that go with these terms.
    pub fn of(timeouts: &Timeouts) -> Durations {
        Durations {
            short: Micros(timeouts.call_timeout.0 / 50),
            late: Micros(timeouts.call_timeout.0 * 3 / 2),
            long: Micros(timeouts.deadline.0 * 4 / 3),
        }
    }
}

impl FaultSetSize {
    /// What is used where nobody says: with three faults or more the full choice takes too long.
    pub fn usual(faults: u8) -> FaultSetSize {
        if faults <= 2 { FaultSetSize::Full } else { FaultSetSize::Least }
    }

    /// The verbs.
    pub fn fault_set(self, durations: Durations, capabilities: &ProviderCapabilities) -> FaultSet {
        let Durations { short, late, long } = durations;
        let full = self == FaultSetSize::Full;
        let outages = if full { vec![short, long] } else { vec![short] };
        let lateness = if full { vec![late, long] } else { vec![late] };
        let lasting = |point_fault: &dyn Fn(Micros) -> PointFault| {
            outages.iter().map(|time| point_fault(*time)).collect()
        };
        let crash = |(point, _)| -> Vec<PointFault> { lasting(&|time| PointFault::Crash(point, time)) };
        let (recovery, points): (Vec<_>, Vec<_>) =
            CrashPoint::ALL.into_iter().partition(|(point, _)| *point == CrashPoint::DuringRecovery);
        let wrong = |leap| PointFault::Leap(leap, long);
        let senders: Vec<PointFault> = lasting(&PointFault::IsolateSender);
        let receivers: Vec<PointFault> = lasting(&PointFault::IsolateReceiver);
        FaultSet {
            delivery: [PointFault::Drop, PointFault::Duplicate(short)]
                .into_iter()
                .chain([PointFault::Corrupt, PointFault::ReorderInbox].into_iter().filter(|_| full))
                .chain(lateness.into_iter().map(PointFault::Delay))
                .chain(senders)
                .chain(receivers)
                .collect(),
            handler: (points.iter().copied())
                .flat_map(crash)
                .chain(
                    [PointFault::FailWrite, wrong(Leap::Ahead(long)), wrong(Leap::Behind(long))]
                        .into_iter()
                        .filter(|_| full),
                )
                .collect(),
            recovery: (recovery.into_iter())
                .chain(points.iter().copied().filter(|_| full))
                .flat_map(crash)
                .chain(Some(PointFault::FailWrite).filter(|_| full))
                .collect(),
            misbehaviors: outsiders(full)
                .filter(|misbehavior_site| misbehavior_site.misbehavior.within(capabilities))
                .map(|misbehavior_site| {
                    (
                        misbehavior_site.party.role(),
                        misbehavior_site.kind,
                        PointFault::Misbehave(misbehavior_site.misbehavior.misbehavior()),
                    )
                })
                .collect(),
            tie: vec![PointFault::LoseTie],
        }
    }
}

/// What lies between short and long, for who looks for one fault that does what several did: outages that pass a timeout
/// once or a few times and are over before a deadline, and zombies.
pub fn between(durations: Durations) -> FaultSet {
    let outages = [durations.late, durations.late.times(4)];
    let senders = outages.map(PointFault::IsolateSender);
    FaultSet {
        delivery: outages.map(PointFault::IsolateReceiver).into_iter().chain(senders).collect(),
        handler: vec![PointFault::SplitBrain],
        ..FaultSet::default()
    }
}

/// Other orders of messages: at one place, and of one instant.
pub fn orders() -> FaultSet {
    FaultSet {
        delivery: vec![PointFault::ReorderInbox],
        tie: vec![PointFault::LoseTie],
        ..FaultSet::default()
    }
}

/// Who misbehaves how: the provider at least; everybody, short of what nobody is safe from.
fn outsiders(full: bool) -> impl Iterator<Item = &'static MisbehaviorSite> {
    let least = move |misbehavior_site: &&MisbehaviorSite| full || misbehavior_site.party == Party::Psp;
    MISBEHAVIORS.iter().filter(least).filter(|misbehavior_site| !misbehavior_site.misbehavior.beyond_care())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_stand_on_the_sides_they_claim() {
        let scenario = crate::scenario::Scenario::load("exploration").unwrap();
        let stage = crate::plan::LoadedScenario::open(scenario).unwrap();
        let variant = crate::variant::Variant::best(stormcart_models::architecture::ARCHITECTURES[0]);
        let plan = stage.plan(&variant, crate::seeds::Seed(0));
        let timeouts = &plan.setup.timeouts;
        let Durations { short, late, long } = Durations::of(timeouts);
        assert!(short < timeouts.call_timeout && late > timeouts.call_timeout && long > timeouts.deadline);
    }

    #[test]
    fn the_least_is_part_of_the_full() {
        let durations =
            Durations { short: Micros::millis(20), late: Micros::millis(1_500), long: Micros::secs(40) };
        let capabilities = ProviderCapabilities { replays_errors: true, look_up: true, webhooks: true };
        let [least, full] =
            [FaultSetSize::Least, FaultSetSize::Full].map(|width| width.fault_set(durations, &capabilities));
        let within = |some: &[PointFault], all: &[PointFault]| {
            some.iter().all(|point_fault| all.contains(point_fault))
        };
        assert!(within(&least.delivery, &full.delivery) && within(&least.handler, &full.handler));
        assert!(within(&least.recovery, &full.recovery) && within(&least.tie, &full.tie));
        assert!(least.misbehaviors.iter().all(|misbehavior| full.misbehaviors.contains(misbehavior)));
    }
}
