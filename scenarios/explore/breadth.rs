//! The alphabet of an exploration: which faults it places, for how long, and how wide the choice is.
//!
//! **Invariant:** durations follow from the scenario's terms: the short one heals before a call's timeout, the late one
//! passes it, the long one outlasts the deadline.

use stormcart_models::manners::{HABITS, Habit};
use stormcart_models::setup::{Contract, Terms};
use stormcart_models::words::Party;
use stormcart_sim::Micros;
use stormcart_sim::explore::Alphabet;
use stormcart_sim::fault::{CrashPoint, Leap, Verb};

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
pub enum Breadth {
    /// Every kind, outages short.
    Least,
    /// Every kind, short and long, with aborted transactions and everybody's bad manners.
    Full,
}

impl Durations {
    /// The durations that go with these terms.
    pub fn of(terms: &Terms) -> Durations {
        Durations {
            short: Micros(terms.call_timeout.0 / 50),
            late: Micros(terms.call_timeout.0 * 3 / 2),
            long: Micros(terms.deadline.0 * 4 / 3),
        }
    }
}

impl Breadth {
    /// What is used where nobody says: with three faults or more the full choice takes too long.
    pub fn usual(faults: u8) -> Breadth {
        if faults <= 2 { Breadth::Full } else { Breadth::Least }
    }

    /// The verbs.
    pub fn alphabet(self, durations: Durations, contract: &Contract) -> Alphabet {
        let Durations { short, late, long } = durations;
        let full = self == Breadth::Full;
        let outages = if full { vec![short, long] } else { vec![short] };
        let lateness = if full { vec![late, long] } else { vec![late] };
        let lasting = |verb: &dyn Fn(Micros) -> Verb| outages.iter().map(|time| verb(*time)).collect();
        let crash = |(point, _)| -> Vec<Verb> { lasting(&|time| Verb::Crash(point, time)) };
        let (recovery, points): (Vec<_>, Vec<_>) =
            CrashPoint::ALL.into_iter().partition(|(point, _)| *point == CrashPoint::DuringRecovery);
        let wrong = |leap| Verb::Leap(leap, long);
        let senders: Vec<Verb> = lasting(&Verb::IsolateSender);
        let receivers: Vec<Verb> = lasting(&Verb::IsolateReceiver);
        Alphabet {
            delivery: [Verb::Drop, Verb::Duplicate(short)]
                .into_iter()
                .chain([Verb::Corrupt, Verb::Overtaken].into_iter().filter(|_| full))
                .chain(lateness.into_iter().map(Verb::Delay))
                .chain(senders)
                .chain(receivers)
                .collect(),
            handler: (points.iter().copied())
                .flat_map(crash)
                .chain(
                    [Verb::FailWrite, wrong(Leap::Ahead(long)), wrong(Leap::Behind(long))]
                        .into_iter()
                        .filter(|_| full),
                )
                .collect(),
            recovery: (recovery.into_iter())
                .chain(points.iter().copied().filter(|_| full))
                .flat_map(crash)
                .chain(Some(Verb::FailWrite).filter(|_| full))
                .collect(),
            manners: outsiders(full)
                .filter(|habit| habit.manner.within(contract))
                .map(|habit| (habit.party.role(), habit.leg, Verb::Manner(habit.manner.manner())))
                .collect(),
            tie: vec![Verb::Yield],
        }
    }
}

/// What lies between short and long, for who looks for one fault that does what several did: outages that pass a timeout
/// once or a few times and are over before a deadline, and zombies.
pub fn between(durations: Durations) -> Alphabet {
    let outages = [durations.late, durations.late.times(4)];
    let senders = outages.map(Verb::IsolateSender);
    Alphabet {
        delivery: outages.map(Verb::IsolateReceiver).into_iter().chain(senders).collect(),
        handler: vec![Verb::Supersede],
        ..Alphabet::default()
    }
}

/// Other orders of messages: at one place, and of one instant.
pub fn orders() -> Alphabet {
    Alphabet { delivery: vec![Verb::Overtaken], tie: vec![Verb::Yield], ..Alphabet::default() }
}

/// Who misbehaves how: the provider at least; everybody, short of what nobody is safe from.
fn outsiders(full: bool) -> impl Iterator<Item = &'static Habit> {
    let least = move |habit: &&Habit| full || habit.party == Party::Psp;
    HABITS.iter().filter(least).filter(|habit| !habit.manner.beyond_care())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_stand_on_the_sides_they_claim() {
        let scenario = crate::scenario::Scenario::load("exploration").unwrap();
        let stage = crate::plan::Stage::open(scenario).unwrap();
        let contender = crate::contender::Contender::best(stormcart_models::architecture::ARCHITECTURES[0]);
        let plan = stage.plan(&contender, crate::seeds::Seed(0));
        let terms = &plan.setup.terms;
        let Durations { short, late, long } = Durations::of(terms);
        assert!(short < terms.call_timeout && late > terms.call_timeout && long > terms.deadline);
    }

    #[test]
    fn the_least_is_part_of_the_full() {
        let durations =
            Durations { short: Micros::millis(20), late: Micros::millis(1_500), long: Micros::secs(40) };
        let contract = Contract { replays_errors: true, look_up: true, webhooks: true };
        let [least, full] = [Breadth::Least, Breadth::Full].map(|width| width.alphabet(durations, &contract));
        let within = |some: &[Verb], all: &[Verb]| some.iter().all(|verb| all.contains(verb));
        assert!(within(&least.delivery, &full.delivery) && within(&least.handler, &full.handler));
        assert!(within(&least.recovery, &full.recovery) && within(&least.tie, &full.tie));
        assert!(least.manners.iter().all(|manner| full.manners.contains(manner)));
    }
}
