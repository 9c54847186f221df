//! The menu of faults: families, places, and how a plan draws from them.
//!
//! Places are named in business words shared by all architectures; `coordinator` is whoever coordinates (the engine, the
//! log, or the order service), so that the same storm strikes everybody.
//!
//! **Invariant:** what is drawn depends on the seed and on the scenario, never on the architecture.

use serde::Deserialize;
use stormcart_models::architecture::Architecture;
use stormcart_models::setup::Intent;
use stormcart_models::words::{Manners, Op, Party};
use stormcart_sim::draw::Stream;
use stormcart_sim::fault::{CrashPoint, Verb};
use stormcart_sim::site::{Identity, Leg, Role, Site};
use stormcart_sim::{Instant, Micros};

use crate::error::Error;
use crate::scenario::{Faults, Scenario};

/// How often each family of faults is drawn, relative to the others.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Families {
    /// Messages are lost.
    pub drop: f64,
    /// Messages arrive twice.
    pub duplicate: f64,
    /// Messages are late.
    pub delay: f64,
    /// Simultaneous events change places.
    pub tie: f64,
    /// Nodes crash at a named point.
    pub crash: f64,
    /// One node is cut off from everybody.
    pub isolate: f64,
    /// Two services do not reach each other, perhaps one way only.
    pub partition: f64,
    /// Nodes stop and go on.
    pub pause: f64,
    /// Databases abort transactions.
    pub abort: f64,
    /// Outside parties misbehave.
    pub manners: f64,
}

/// A family of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Messages are lost.
    Drop,
    /// Messages arrive twice.
    Duplicate,
    /// Messages are late.
    Delay,
    /// Simultaneous events change places.
    Tie,
    /// Nodes crash at a named point.
    Crash,
    /// One node is cut off from everybody.
    Isolate,
    /// Two services do not reach each other.
    Partition,
    /// Nodes stop and go on.
    Pause,
    /// Databases abort transactions.
    Abort,
    /// Outside parties misbehave.
    Manners,
}

/// Somebody, in words that fit every architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// This party.
    Party(Party),
    /// Whoever coordinates.
    Coordinator,
}

/// A place where a fault may strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where something arrives.
    pub who: Who,
    /// The operation.
    pub op: Op,
    /// Which part of it.
    pub leg: Leg,
}

/// What a storm may do, ready to be drawn from.
#[derive(Clone, Debug)]
pub struct Menu {
    places: Vec<Place>,
    families: Vec<(Family, f64)>,
    faults: Faults,
}

/// A drawn fault, before it is known which architecture it will strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// At a named point of some order's way.
    At(Place, u32, u8, Verb),
    /// Messages from one party to another stop for a time; both ways, unless one way is said.
    Partition {
        /// One side.
        a: Who,
        /// The other.
        b: Who,
        /// Only from the first to the second.
        one_way: bool,
        /// From when.
        from: Instant,
        /// For how long.
        lasting: Micros,
    },
}

const fn place(party: Party, op: Op, leg: Leg) -> Place {
    Place { who: Who::Party(party), op, leg }
}

const fn coordinator(op: Op, leg: Leg) -> Place {
    Place { who: Who::Coordinator, op, leg }
}

/// Everywhere: around commits and sends of every step, more often on the way forward than on the way back.
const EVERYWHERE: &[(f64, Place)] = &[
    (3.0, place(Party::Orders, Op::Place, Leg::Ask)),
    (3.0, place(Party::Inventory, Op::Reserve, Leg::Ask)),
    (4.0, place(Party::Payments, Op::Charge, Leg::Ask)),
    (4.0, place(Party::Inventory, Op::Confirm, Leg::Ask)),
    (3.0, place(Party::Shipping, Op::Ship, Leg::Ask)),
    (3.0, place(Party::Orders, Op::Close, Leg::Ask)),
    (1.0, place(Party::Notifications, Op::Notify, Leg::Ask)),
    (2.0, coordinator(Op::Place, Leg::Answer)),
    (2.0, coordinator(Op::Reserve, Leg::Answer)),
    (2.0, coordinator(Op::Charge, Leg::Answer)),
    (2.0, coordinator(Op::Confirm, Leg::Answer)),
    (2.0, coordinator(Op::Ship, Leg::Answer)),
    (1.0, coordinator(Op::Close, Leg::Answer)),
    (4.0, place(Party::Psp, Op::Sale, Leg::Ask)),
    (4.0, place(Party::Payments, Op::Sale, Leg::Answer)),
    (2.0, place(Party::Carrier, Op::Dispatch, Leg::Ask)),
    (2.0, place(Party::Shipping, Op::Dispatch, Leg::Answer)),
    (1.0, place(Party::Mailer, Op::Mail, Leg::Ask)),
    (1.0, place(Party::Customers, Op::Place, Leg::Answer)),
    (1.0, place(Party::Orders, Op::Cancel, Leg::Ask)),
    (1.0, coordinator(Op::Cancel, Leg::Answer)),
    (1.0, place(Party::Payments, Op::Withdraw, Leg::Ask)),
    (1.0, place(Party::Inventory, Op::Release, Leg::Ask)),
    (1.0, place(Party::Payments, Op::Refund, Leg::Ask)),
    (1.0, place(Party::Psp, Op::Reverse, Leg::Ask)),
    (1.0, place(Party::Payments, Op::Reverse, Leg::Answer)),
    (1.0, place(Party::Payments, Op::Webhook, Leg::Ask)),
];

/// Services between which a partition may fall.
const SIDES: &[Who] = &[
    Who::Coordinator,
    Who::Party(Party::Orders),
    Who::Party(Party::Inventory),
    Who::Party(Party::Payments),
    Who::Party(Party::Shipping),
    Who::Party(Party::Psp),
    Who::Party(Party::Carrier),
];

impl Families {
    fn weights(&self) -> Vec<(Family, f64)> {
        vec![
            (Family::Drop, self.drop),
            (Family::Duplicate, self.duplicate),
            (Family::Delay, self.delay),
            (Family::Tie, self.tie),
            (Family::Crash, self.crash),
            (Family::Isolate, self.isolate),
            (Family::Partition, self.partition),
            (Family::Pause, self.pause),
            (Family::Abort, self.abort),
            (Family::Manners, self.manners),
        ]
    }
}

impl Who {
    /// The party it is in an architecture.
    pub fn party(self, architecture: &Architecture) -> Party {
        match self {
            Who::Party(party) => party,
            Who::Coordinator => architecture.platform().unwrap_or(Party::Orders),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Who::Party(party) => party.name(),
            Who::Coordinator => "coordinator",
        }
    }

    /// Whoever has this name.
    ///
    /// # Errors
    /// If nobody has.
    pub fn named(name: &str) -> Result<Who, Error> {
        let parties = Party::ALL.iter().map(|party| Who::Party(*party));
        let mut everybody = parties.chain([Who::Coordinator]);
        everybody
            .find(|who| who.name() == name)
            .ok_or_else(|| Error::unknown("node", name, Party::NAMES.iter().copied().chain(["coordinator"])))
    }
}

impl Place {
    /// The place of this name: `service operation leg`.
    ///
    /// # Errors
    /// If there is no such place.
    pub fn named(name: &str) -> Result<Place, Error> {
        let words: Vec<&str> = name.split_whitespace().collect();
        let [who, op, leg] = words[..] else {
            return Err(Error::Plain(format!("`{name}` is not a place: say `service operation leg`")));
        };
        let op = Op::ALL.iter().find(|known| known.name() == op);
        let op = op.ok_or_else(|| Error::unknown("operation", words[1], Op::NAMES.iter().copied()))?;
        let leg_named = Leg::ALL.iter().find(|(_, word)| *word == leg);
        let leg =
            leg_named.ok_or_else(|| Error::unknown("leg", leg, Leg::ALL.iter().map(|(_, word)| *word)))?.0;
        Ok(Place { who: Who::named(who)?, op: *op, leg })
    }

    /// The site of this place on the way of one order, in an architecture.
    pub fn site(self, architecture: &Architecture, order: u32, attempt: u8) -> Site {
        let identity = Identity { operation: self.op.operation(), leg: self.leg, subject: order, attempt };
        Site { role: Role(self.who.party(architecture) as u8), identity, occurrence: 1 }
    }

    /// An order that is likely to come by here: nobody withdraws a payment that everybody wants.
    fn order(&self, stream: &mut Stream, intents: &[Intent]) -> u32 {
        let comes = |intent: &Intent| match self.op {
            Op::Cancel | Op::Withdraw => intent.cancels_after.is_some(),
            Op::Release => intent.cancels_after.is_some() || intent.declines || intent.undeliverable,
            Op::Refund | Op::Reverse => intent.undeliverable && !intent.declines,
            Op::Sale => intent.basket.total_cents() > 0,
            Op::Webhook => intent.basket.total_cents() > 0 && !intent.declines,
            Op::Confirm | Op::Ship | Op::Dispatch => !intent.declines,
            _ => true,
        };
        let likely: Vec<u32> =
            (0..).zip(intents).filter(|(_, intent)| comes(intent)).map(|(order, _)| order).collect();
        stream.pick(&likely).copied().unwrap_or_else(|| stream.below(intents.len() as u64) as u32)
    }

    /// Whether a fault of this family can strike here.
    fn admits(&self, family: Family) -> bool {
        let outside = matches!(self.who, Who::Party(party) if party.outside());
        match family {
            Family::Crash | Family::Abort | Family::Pause => !outside,
            Family::Manners => outside && self.leg == Leg::Ask,
            Family::Isolate => !matches!(self.who, Who::Party(Party::Customers)),
            _ => true,
        }
    }
}

impl Menu {
    /// The menu of a scenario.
    ///
    /// # Errors
    /// If a place does not exist.
    pub fn of(scenario: &Scenario) -> Result<Menu, Error> {
        let faults = scenario.faults.clone();
        let named: Result<Vec<Place>, Error> = faults.places.iter().map(|name| Place::named(name)).collect();
        Ok(Menu { places: named?, families: faults.families.weights(), faults })
    }

    /// Refuses a scenario whose menu makes no sense.
    ///
    /// # Errors
    /// With the place in the file.
    pub fn check(scenario: &Scenario, text: &str) -> Result<(), Error> {
        for name in &scenario.faults.places {
            if let Err(error) = Place::named(name) {
                let offset = text.find(name.as_str()).unwrap_or(0);
                return Err(Error::in_file(&scenario.name, text, offset, error.to_string()));
            }
        }
        Ok(())
    }

    /// Draws the faults of one plan: first what kind of storm it is, then each fault.
    pub fn draw(&self, stream: &mut Stream, intents: &[Intent], span: Micros) -> Vec<Drawn> {
        let Some(count) = stream.weighted(&self.faults.count_weights) else { return Vec::new() };
        let families = self.swarm(stream);
        (0..count).filter_map(|_| self.one(stream, &families, intents, span)).collect()
    }

    /// A uniform mix of everything hides bugs that need the absence of something (swarm testing, Groce et al. 2012).
    fn swarm(&self, stream: &mut Stream) -> Vec<(Family, f64)> {
        if !self.faults.swarm {
            return self.families.clone();
        }
        let turn = |(family, weight): &(Family, f64)| {
            let off = stream.chance(0.4);
            let rate = 0.1 + 3.0 * stream.unit();
            (*family, if off { 0.0 } else { weight * rate })
        };
        let drawn: Vec<(Family, f64)> = self.families.iter().map(turn).collect();
        if drawn.iter().all(|(_, weight)| *weight == 0.0) { self.families.clone() } else { drawn }
    }

    fn one(
        &self,
        stream: &mut Stream,
        families: &[(Family, f64)],
        intents: &[Intent],
        span: Micros,
    ) -> Option<Drawn> {
        let weights: Vec<f64> = families.iter().map(|(_, weight)| *weight).collect();
        let family = families[stream.weighted(&weights)?].0;
        let attempt = if stream.chance(0.05) { 2 } else { 1 };
        let lasting = Micros::millis(*stream.pick(&self.faults.durations_ms)?);
        let late = Micros::millis(*stream.pick(&self.faults.delays_ms)?);
        let place = self.place(stream, family)?;
        let order = place.order(stream, intents);
        if family == Family::Partition {
            let (a, b) = (*stream.pick(SIDES)?, *stream.pick(SIDES)?);
            let from = Instant(stream.below(span.0 + 1));
            return (a != b).then_some(Drawn::Partition { a, b, one_way: stream.chance(0.3), from, lasting });
        }
        let verb = match family {
            Family::Drop => Verb::Drop,
            Family::Duplicate => Verb::Duplicate(late),
            Family::Delay => Verb::Delay(late),
            Family::Tie => Verb::Yield,
            Family::Crash => {
                let for_good = stream.chance(self.faults.down_for_good_percent / 100.0);
                Verb::Crash(crash_point(stream), if for_good { Micros(u64::MAX) } else { lasting })
            }
            Family::Isolate if stream.chance(0.4) => Verb::IsolateSender(lasting),
            Family::Isolate => Verb::IsolateReceiver(lasting),
            Family::Pause => Verb::Pause(lasting),
            Family::Abort => Verb::FailWrite,
            Family::Manners => Verb::Manner(stream.pick(&Manners::ALL[..4])?.manner()),
            Family::Partition => return None,
        };
        Some(Drawn::At(place, order, attempt, verb))
    }

    fn place(&self, stream: &mut Stream, family: Family) -> Option<Place> {
        if !self.places.is_empty() {
            let fitting: Vec<Place> =
                self.places.iter().copied().filter(|place| place.admits(family)).collect();
            return stream.pick(&fitting).copied();
        }
        let weights: Vec<f64> = EVERYWHERE
            .iter()
            .map(|(weight, place)| if place.admits(family) { *weight } else { 0.0 })
            .collect();
        Some(EVERYWHERE[stream.weighted(&weights)?].1)
    }
}

/// Just before or after a durable write or a send is where crashes hurt.
fn crash_point(stream: &mut Stream) -> CrashPoint {
    const POINTS: [(CrashPoint, f64); 4] = [
        (CrashPoint::BeforeCommit, 1.0),
        (CrashPoint::DuringSync, 2.0),
        (CrashPoint::AfterCommit, 3.0),
        (CrashPoint::AfterSend, 2.0),
    ];
    let drawn = stream.weighted(&POINTS.map(|(_, weight)| weight));
    POINTS[drawn.unwrap_or(0)].0
}
