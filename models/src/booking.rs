//! A trip of a flight, a hotel and a car: a whole model in one file, to copy.
//!
//! An agency asks three sellers in turn, each of whom may be sold out. If one refuses, or does not answer until the trip is
//! overdue, what may be booked is cancelled. Everybody asks until there is an answer, which the store gives again.
//!
//! **Invariant:** whatever is decided is in a store before anybody hears of it; nobody has memory to lose.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::ControlFlow::{self, Break, Continue};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};
use stormcart_harness::model::prelude::*;

const TRAVELLERS: Role = Role(0);
const AGENCY: Role = Role(1);
const SELLERS: [Role; 3] = [Role(2), Role(3), Role(4)];
const ACCEPT: Operation = Operation(0);
const REQUEST: Operation = Operation(1);
const BOOK: [Operation; 3] = [Operation(2), Operation(3), Operation(4)];
const CANCEL: [Operation; 3] = [Operation(5), Operation(6), Operation(7)];
const OVERDUE: Operation = Operation(8);
/// Who is asked for each operation.
const ASKED: [Role; 8] = [AGENCY, AGENCY, Role(2), Role(3), Role(4), Role(2), Role(3), Role(4)];
// Policies, in the order of the catalog.
const SILENCE: usize = 0;
const UNDO: usize = 1;
const COUNT: usize = 2;

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// There was one left; of a request: all three are booked.
    Booked,
    /// There was none left; of a request: nothing is booked.
    Refused,
    /// What nobody refuses is done.
    Done,
}
use Outcome::{Booked, Done, Refused};

/// What somebody has written down about one trip, by the names of operations.
type Log = BTreeMap<&'static str, Outcome>;
/// How an operation on a trip ended, and with whom.
type Fact = (Role, (u32, Operation, Outcome));
type Setup = Drawn<Trips>;
type Truth = Facts<Fact, Trips>;
type Cx<'a> = Context<'a, Party>;

fn name(operation: Operation) -> &'static str {
    Party::VOCABULARY.operation(operation)
}

/// The section of a scenario. Nothing has a default, so every number of a run is in its file.
#[derive(Clone, Debug, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trips {
    trips: NonZeroU32,
    mean_gap_ms: u32,
    seats_rooms_cars: [usize; 3],
    call_timeout_ms: NonZeroU32,
    deadline_ms: u32,
}

/// The travellers, the agency, or a seller.
#[derive(Clone, Debug, Hash, Serialize)]
pub struct Party(#[serde(skip)] Role, #[serde(skip)] Arc<Setup>);

impl Party {
    /// The saga: what is to be asked for next, or how it ended.
    fn next(&self, log: &Log) -> ControlFlow<Outcome, Operation> {
        let of = |operation| log.get(name(operation));
        let parts = BOOK.map(of);
        let forward = !parts.contains(&Some(&Refused)) && of(OVERDUE).is_none();
        // What was asked for may be booked although nobody has heard so.
        let asked = |part: usize| parts[..part].iter().all(|before| *before == Some(&Booked));
        let stands = |part: usize| asked(part) && parts[part] != Some(&Refused) && of(CANCEL[part]).is_none();
        let (book, undo) = ((0..3).find(|part| parts[*part].is_none()), (0..3).find(|part| stands(*part)));
        match self.0 {
            TRAVELLERS => of(REQUEST).map_or(Continue(REQUEST), |end| Break(*end)),
            _ if forward => book.map_or(Break(Booked), |part| Continue(BOOK[part])),
            _ if self.1.choices.get(UNDO) > 0 => Break(Refused),
            _ => undo.map_or(Break(Refused), |part| Continue(CANCEL[part])),
        }
    }

    fn waits(&self, cx: &Cx<'_>, about: Identity) -> bool {
        self.next(cx.store().get(&about.subject).unwrap_or(&Log::new())) == Continue(about.operation)
    }

    fn ask(&self, cx: &mut Cx<'_>, operation: Operation, subject: u32, attempt: u8) {
        let about = Identity { operation, kind: MessageKind::Ask, subject, attempt };
        cx.send(To::Role(ASKED[usize::from(operation.0)]), Letter(about, None));
        let after = Booking::timing(&self.1).call_timeout;
        cx.arm(Identity { kind: MessageKind::Timer, ..about }, after, Micros::ZERO);
    }

    /// An outcome is written down before anybody acts on it.
    fn write(&self, cx: &mut Cx<'_>, about: Identity, operation: Operation, outcome: Outcome) {
        let mut log = cx.store().get(&about.subject).cloned().unwrap_or_default();
        log.insert(name(operation), outcome);
        cx.commit([(about.subject, operation, outcome)]);
        cx.disarm(Identity { kind: MessageKind::Timer, ..about });
        let request = Identity { operation: REQUEST, attempt: 1, ..about };
        match self.next(&log) {
            Continue(next) => self.ask(cx, next, about.subject, 1),
            Break(end) if self.0 == AGENCY => cx.send(To::Role(TRAVELLERS), Letter::answer(request, end)),
            Break(_) => {}
        }
    }

    /// The agency accepts a trip once; a seller decides once, and refuses what comes after its own cancellation.
    fn answer(&self, cx: &mut Cx<'_>, from: Node, about: Identity) {
        let Identity { subject: trip, operation, .. } = about;
        let log = cx.store().get(&trip);
        let answer = match (self.0, log, log.and_then(|log| log.get(name(operation)))) {
            (AGENCY, None, _) => return self.write(cx, about, ACCEPT, Done),
            (AGENCY, Some(log), _) => self.next(log).break_value(),
            (_, _, Some(known)) => Some(*known),
            (_, _, None) => {
                let taken = cx.store().values().filter(|log| log.values().eq([&Booked])).count();
                let left = taken < self.1.scenario.seats_rooms_cars[usize::from(self.0.0 - SELLERS[0].0)];
                let booked = if left && log.is_none() { Booked } else { Refused };
                let decided = if BOOK.contains(&operation) { booked } else { Done };
                cx.probe(decided as u8);
                cx.commit([(trip, operation, decided)]);
                Some(decided)
            }
        };
        answer.into_iter().for_each(|answer| cx.send(To::Node(from), Letter::answer(about, answer)));
    }
}

impl Service for Party {
    type Store = BTreeMap<u32, Log>;
    type Record = (u32, Operation, Outcome);
    type Message = Letter<Outcome>;
    type Timer = Identity;
    type Fact = Fact;
    type Truth = Truth;

    #[rustfmt::skip]
    const VOCABULARY: &'static Vocabulary = &Vocabulary {
        roles: &["travellers", "agency", "flights", "hotels", "cars"],
        operations: &[
            "accept", "request", "book-flight", "book-hotel", "book-car", "cancel-flight", "cancel-hotel", "cancel-car", "overdue",
        ],
        misbehaviors: &[],
        subject: "trip",
    };

    fn apply(store: &mut Self::Store, (trip, operation, outcome): &Self::Record) {
        store.entry(*trip).or_default().insert(name(*operation), *outcome);
    }
    fn fact(role: Role, record: &Self::Record) -> Option<Fact> {
        Some((role, *record))
    }
    fn on_message(&mut self, cx: &mut Cx<'_>, from: Node, Letter(about, outcome): Letter<Outcome>) {
        match outcome {
            None => self.answer(cx, from, about),
            Some(outcome) if self.waits(cx, about) => self.write(cx, about, about.operation, outcome),
            Some(_) => {}
        }
    }
    fn on_timer(&mut self, cx: &mut Cx<'_>, about: Identity) {
        let Timing { call_timeout, deadline } = Booking::timing(&self.1);
        let late = call_timeout.times(about.attempt.into()) >= deadline;
        match BOOK.contains(&about.operation) {
            _ if !self.waits(cx, about) => {}
            true if self.1.choices.get(SILENCE) > 0 => self.write(cx, about, about.operation, Refused),
            true if late => self.write(cx, about, OVERDUE, Done),
            _ => self.ask(cx, about.operation, about.subject, about.attempt.wrapping_add(1).max(1)),
        }
    }
    fn on_restart(&mut self, cx: &mut Cx<'_>) {
        for (subject, at) in self.1.came() {
            let comes = Identity { operation: REQUEST, kind: MessageKind::Timer, subject, attempt: 0 };
            match (self.0, cx.store().get(&subject).map(|log| self.next(log))) {
                (TRAVELLERS, _) => cx.arm(comes, at, Micros::ZERO),
                (AGENCY, Some(Continue(next))) => self.ask(cx, next, subject, 1),
                _ => {}
            }
        }
    }
    fn wiped(&self) -> Self {
        self.clone()
    }
}

/// Who really keeps something for a trip.
fn booked(truth: &Truth, trip: u32) -> Vec<&'static str> {
    let did = |part, operation, outcome| truth.has(&(SELLERS[part], (trip, operation, outcome)));
    let booked = (0..3).filter(|part| did(*part, BOOK[*part], Booked) && !did(*part, CANCEL[*part], Done));
    booked.map(|part| Party::VOCABULARY.role(SELLERS[part])).collect()
}

/// What the traveller has heard, and since when.
fn heard(truth: &Truth, trip: u32) -> Option<(Outcome, Instant)> {
    let since = |end| Some((end, truth.since(&(TRAVELLERS, (trip, REQUEST, end)))?));
    since(Booked).or_else(|| since(Refused))
}

/// A trip of a flight, a hotel and a car.
#[derive(Clone, Copy, Debug)]
pub struct Booking;

impl Model for Booking {
    type Service = Party;
    type Scenario = Trips;
    type Setup = Setup;

    fn catalog() -> &'static Catalog {
        static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
            let scenarios = &[
                ("calm", include_str!("../scenarios/booking/calm.toml")),
                ("storm", include_str!("../scenarios/booking/storm.toml")),
                ("exploration", include_str!("../scenarios/booking/exploration.toml")),
            ];
            let text = include_str!("../booking.toml");
            let read = Catalog::read("models/booking.toml", text, Party::VOCABULARY, scenarios);
            read.unwrap_or_else(|error| panic!("{error}"))
        });
        &CATALOG
    }
    fn read(name: &str, text: &str) -> Result<Trips, Error> {
        section::read_one(name, text, "trips")
    }
    fn draw(trips: &Trips, draw: &Draw<'_>) -> Setup {
        let subjects = Subject::poisson(draw.draws, trips.trips.get(), trips.mean_gap_ms.into());
        Drawn { subjects, scenario: trips.clone(), choices: draw.variant.choices }
    }
    fn subjects(setup: &Setup) -> Vec<Subject> {
        setup.subjects.clone()
    }
    fn keep_subjects(setup: &mut Setup, trips: &[u32]) {
        Subject::keep(&mut setup.subjects, trips);
    }
    fn timing(Drawn { scenario: trips, .. }: &Setup) -> Timing {
        let ms = |ms: u32| Micros::millis(ms.into());
        Timing { call_timeout: ms(trips.call_timeout_ms.get()), deadline: ms(trips.deadline_ms) }
    }
    fn roles(physics: &Physics, setup: &Setup) -> Vec<RoleSpec> {
        let agency = RoleSpec { instances: physics.instances, service: physics.service(), ..RoleSpec::ONE };
        let isolation = [Isolation::Serializable, Isolation::ReadCommitted][setup.choices.get(COUNT)];
        let seller = RoleSpec { isolation, ..agency };
        vec![RoleSpec { outside: true, ..RoleSpec::ONE }, agency, seller, seller, seller]
    }
    fn service(setup: &Arc<Setup>, role: Role, _instance: u8) -> Party {
        Party(role, Arc::clone(setup))
    }
    fn store(_setup: &Setup, _role: Role) -> BTreeMap<u32, Log> {
        BTreeMap::new()
    }
    fn truth(setup: &Arc<Setup>) -> Truth {
        let open = |t: &Truth, trip| t.has(&(AGENCY, (trip, ACCEPT, Done))) && heard(t, trip).is_none();
        Facts::new(setup, open, |truth, moment, (role, (trip, ..))| {
            let Some(part) = SELLERS.iter().position(|seller| seller == role) else { return };
            let (setup, seller) = (truth.setup(), Party::VOCABULARY.role(*role));
            let taken = setup.came().filter(|(trip, _)| booked(truth, *trip).contains(&seller)).count();
            let there = setup.scenario.seats_rooms_cars[part];
            truth.check("B2", moment, *trip, taken <= there, || format!("{taken} {seller} sold, of {there}"));
        })
    }
    fn with_core(truth: &mut Truth, moment: Moment) {
        for (trip, _) in truth.setup().came() {
            truth.check("B3", moment, trip, heard(truth, trip).is_some(), || "it is never told".into());
        }
    }
    fn at_rest(truth: &mut Truth, moment: Moment) {
        Booking::with_core(truth, moment);
        for (trip, _) in truth.setup().came() {
            let (booked, heard) = (booked(truth, trip), heard(truth, trip).map(|(heard, _)| heard));
            let why = || format!("the traveller hears `{}`, booked: {}", words(&heard), booked.join(", "));
            truth.check("B1", moment, trip, [0, 3].contains(&booked.len()), why);
            if heard.is_some() {
                truth.check("B4", moment, trip, (heard == Some(Booked)) == (booked.len() == 3), why);
            }
        }
    }
    fn exercised(truth: &Truth) -> Vec<u32> {
        truth.exercised(Booking::catalog())
    }
    fn totals(setup: &Setup, truth: &Truth) -> Totals {
        let ends = setup.came().map(|(trip, came)| SubjectEnd {
            accepted: truth.has(&(AGENCY, (trip, ACCEPT, Done))),
            end: heard(truth, trip).map(|(end, at)| (1 + end as usize, at)),
            waited: heard(truth, trip).map(|(_, at)| at - (Instant::ZERO + came)),
        });
        Totals::of(Booking::catalog().ends.len(), ends)
    }
    fn fact_subject((_, (trip, ..)): &Fact) -> Option<u32> {
        Some(*trip)
    }
    fn fact((role, (trip, operation, outcome)): &Fact) -> Sentence {
        let verb = *["hear of", "notes"].get(usize::from(role.0)).unwrap_or(&"decide");
        Sentence::key(format!("{verb} {} trip {trip}: {}", name(*operation), words(outcome)))
    }
}
