//! Wiring is data, so what an architecture claims to be can be read off its tables.
//!
//! **Invariant:** a choreography is one: no component's rows contain the order of other components' steps. Formally, a
//! *hand-over* is a pair of rows (announced by, heard by). In a choreography every service does its own operations and
//! announces their own ends, an event means one thing, and nobody takes part in every hand-over; a process manager
//! would.

use std::collections::{BTreeMap, BTreeSet};

use stormcart_models::checkout::architecture::{ARCHITECTURES, Architecture, Level, Process};
use stormcart_models::checkout::domain::{Basket, Line, Status};
use stormcart_models::checkout::message::Command;
use stormcart_models::checkout::policy::Policies;
use stormcart_models::checkout::service::Store;
use stormcart_models::checkout::service::decision::Decision;
use stormcart_models::checkout::service::rules::{Change, State};
use stormcart_models::checkout::setup::{ProviderCapabilities, Setup, Timeouts};
use stormcart_models::checkout::vocabulary::{Event, Op, Outcome, Party};
use stormcart_sim::Micros;

type Reactions = [(Event, Party, Op)];
type Announcements = [(Op, Outcome, Event)];

fn named(name: &str) -> &'static Architecture {
    Architecture::named(name).expect("it is in the list")
}

fn choreography() -> (&'static Reactions, &'static Announcements) {
    let architecture = named("choreography");
    match architecture.process {
        Process::Reactions(reactions) => (reactions, architecture.announces),
        _ => panic!("in a choreography services react"),
    }
}

/// Who hands over to whom: who announces an event, and who hears it.
fn hand_overs(on: &Reactions, announces: &Announcements) -> BTreeSet<(Party, Event, Party)> {
    let heard_by = |event: Event| on.iter().filter(move |row| row.0 == event).map(|row| row.1);
    announces.iter().flat_map(|(op, _, event)| heard_by(*event).map(|by| (op.owner(), *event, by))).collect()
}

/// What keeps these rows from being a choreography.
fn objections(on: &Reactions, announces: &Announcements) -> Vec<String> {
    let mut found = Vec::new();
    for (event, party, op) in on {
        if op.owner() != *party {
            found.push(format!("{party} does {op} for {}", op.owner()));
        }
        if on.iter().filter(|row| (row.0, row.1) == (*event, *party)).count() > 1 {
            found.push(format!("{party} decides which step {event} means"));
        }
        if announces.iter().all(|row| row.2 != *event) {
            found.push(format!("nobody announces {event}"));
        }
    }
    let mut speakers: BTreeMap<Event, BTreeSet<Party>> = BTreeMap::new();
    announces.iter().for_each(|(op, _, event)| {
        speakers.entry(*event).or_default().insert(op.owner());
    });
    for (event, speakers) in speakers {
        if speakers.len() > 1 {
            found.push(format!("{event} is announced by {speakers:?}"));
        }
        if on.iter().all(|row| row.0 != event) {
            found.push(format!("nobody hears {event}"));
        }
    }
    let hand_overs = hand_overs(on, announces);
    for party in Party::ALL {
        if hand_overs.iter().all(|(from, _, to)| from == party || to == party) {
            found.push(format!("{party} takes part in every hand-over"));
        }
    }
    found.dedup();
    found
}

#[test]
fn choreography_is_choreography() {
    let (on, announces) = choreography();
    assert_eq!(objections(on, announces), [""; 0]);
}

/// Each of these rows makes a process manager of somebody, or a remote control of an event.
#[test]
fn what_is_none_is_found_out() {
    #[track_caller]
    fn check(on: &Reactions, announces: &Announcements, objection: &str) {
        let found = objections(on, announces);
        assert!(found.iter().any(|found| found == objection), "{found:?}");
    }
    let (on, announces) = choreography();
    // Orders hears every step and asks for the next one.
    let hub = [
        (Event::StockReserved, Party::Orders, Op::Close),
        (Event::OrderPlaced, Party::Inventory, Op::Reserve),
        (Event::PaymentCaptured, Party::Orders, Op::Close),
        (Event::OrderClosed, Party::Payments, Op::Charge),
    ];
    let says = [
        (Op::Place, Outcome::Accepted, Event::OrderPlaced),
        (Op::Reserve, Outcome::Done, Event::StockReserved),
        (Op::Close, Outcome::Done, Event::OrderClosed),
        (Op::Charge, Outcome::Done, Event::PaymentCaptured),
    ];
    check(&hub, &says, "orders takes part in every hand-over");
    let with = |row| [on, &[row]].concat();
    check(
        &with((Event::StockReserved, Party::Orders, Op::Charge)),
        announces,
        "orders does charge for payments",
    );
    let twice = with((Event::StockReserved, Party::Payments, Op::Refund));
    check(&twice, announces, "payments decides which step StockReserved means");
    let copied = [announces, &[(Op::Close, Outcome::Done, Event::PaymentCaptured)]].concat();
    check(on, &copied, "PaymentCaptured is announced by {Orders, Payments}");
    check(on, &announces[1..], "nobody announces OrderPlaced");
    check(&on[1..], announces, "nobody hears OrderPlaced");
}

/// Everything that can follow an event, without the customer or a clock.
fn follows(event: Event) -> (BTreeSet<Op>, BTreeSet<Event>) {
    let (on, announces) = choreography();
    let (mut ops, mut events, mut next) = (BTreeSet::new(), BTreeSet::new(), vec![event]);
    while let Some(event) = next.pop() {
        for (.., op) in on.iter().filter(|row| row.0 == event) {
            ops.insert(*op);
            let fresh = announces.iter().filter(|row| row.0 == *op).map(|row| row.2);
            next.extend(fresh.filter(|event| events.insert(*event)));
        }
    }
    (ops, events)
}

#[test]
fn what_follows_from_an_order_and_from_a_cancellation() {
    let (ops, events) = follows(Event::OrderPlaced);
    use Op::{Charge, Close, Confirm, Notify, Refund, Release, Reserve, Ship, Withdraw};
    assert_eq!(ops, [Reserve, Release, Charge, Refund, Confirm, Ship, Close, Notify].into());
    let silent: Vec<Event> = Event::ALL.iter().copied().filter(|event| !events.contains(event)).collect();
    assert_eq!(silent, [Event::OrderPlaced, Event::CancelAsked, Event::PaymentWithdrawn]);
    let (ops, events) = follows(Event::CancelAsked);
    assert_eq!(ops, [Release, Withdraw, Close, Notify].into());
    assert_eq!(events, [Event::PaymentWithdrawn, Event::PaymentRefunded, Event::OrderClosed].into());
}

/// Every way through the rows ends with an order that is closed and a customer who is told.
#[test]
fn every_event_leads_to_the_customer() {
    for event in Event::ALL {
        assert!(follows(*event).0.contains(&Op::Notify), "{event} leads nowhere");
    }
}

fn command(status: Status, cents: u64) -> Command {
    let line = Line { sku: 0, quantity: 1, price_cents: cents };
    Command { key: 0, basket: Basket::new(vec![line]), status, via: None }
}

/// How the rules of a party can end its operations, whatever happened before and whatever the outside says.
fn ends(party: Party, stock: &[u32]) -> BTreeSet<(Op, Outcome)> {
    let setup = Setup { stock: stock.to_vec(), ..setup("choreography") };
    let Store::Business(_, genesis) = Store::genesis(party, &setup) else { return BTreeSet::new() };
    let own = || Op::ALL.iter().copied().filter(|op| op.owner() == party && *op <= Op::Notify);
    let (mut ends, mut seen, mut next) = (BTreeSet::new(), BTreeSet::new(), vec![genesis]);
    while let Some(state) = next.pop() {
        let asked = own().flat_map(|op| [0, 500].map(|cents| (op, command(Status::Completed, cents))));
        let asked = asked.map(|(op, command)| state.decide(op, 0, &command, &Policies::default()));
        let said = [Op::Sale, Op::Reverse, Op::Dispatch, Op::Mail];
        let said = said.iter().flat_map(|op| Outcome::ALL.iter().map(move |outcome| (*op, *outcome)));
        let told = said.filter_map(|(op, outcome)| state.conclude(op, 0, outcome, 500));
        let decisions: Vec<Decision<Change>> = asked.chain(told).collect();
        for decision in decisions {
            ends.extend(decision.answers.iter().copied());
            let mut after: State = state.clone();
            decision.entries.iter().for_each(|entry| after.apply(entry));
            // Rules alone can sell the same piece for ever; a few turns are enough to see every end.
            if seen.len() < 2_000 && seen.insert(format!("{after:?}")) {
                next.push(after);
            }
        }
    }
    ends
}

#[test]
fn what_is_announced_can_happen() {
    let possible: BTreeSet<(Op, Outcome)> = Party::ALL
        .iter()
        .flat_map(|party| [&[][..], &[1][..]].map(|stock| ends(*party, stock)))
        .flatten()
        .collect();
    for architecture in ARCHITECTURES {
        for (op, outcome, event) in architecture.announces {
            assert!(
                possible.contains(&(*op, *outcome)),
                "{op} never ends with {outcome}: who announces {event}?"
            );
        }
    }
}

/// Whoever owns the process hears of a new order and of a change of mind; whoever keeps it in memory needs no log.
#[test]
fn who_owns_the_process_is_told_what_starts_and_stops_it() {
    let announced = |name: &str| named(name).announces.iter().map(|row| row.2).collect::<Vec<_>>();
    assert_eq!(announced("orchestrated-saga"), [Event::OrderPlaced, Event::CancelAsked]);
    assert_eq!(announced("call-chain"), []);
    let platform = |name: &str| named(name).platform();
    assert_eq!(platform("orchestrated-saga"), Some(Party::Engine));
    assert_eq!(platform("choreography"), Some(Party::Broker));
    assert_eq!(platform("call-chain"), None);
}

/// The same steps, walked through by different hands.
#[test]
fn every_architecture_does_the_same_operations() {
    let (on, _) = choreography();
    let reacting: BTreeSet<Op> = on.iter().map(|row| row.2).collect();
    for name in ["orchestrated-saga", "call-chain"] {
        let steps = match named(name).process {
            Process::Engine(steps) | Process::Memory(steps) => steps,
            Process::Reactions(_) => panic!("{name} has a process"),
        };
        let give_up = steps.iter().filter_map(|step| match step {
            stormcart_models::checkout::platform::workflow::Step::Pivot(_, give_up, _) => Some(*give_up),
            _ => None,
        });
        let there_and_back =
            steps.iter().flat_map(|step| step.backward().into_iter().chain([step.forward()]));
        let walked: BTreeSet<Op> = there_and_back.chain(give_up).chain([Op::Close, Op::Notify]).collect();
        assert_eq!(walked, reacting, "{name}");
    }
}

/// No service of a choreography has a place to keep a position in the process: of all stores only the engine's has, and
/// there is no engine.
#[test]
fn nobody_in_a_choreography_keeps_a_position() {
    let setup = setup("choreography");
    for party in Party::ALL {
        match Store::genesis(*party, &setup) {
            Store::Engine(_) => assert_ne!(Some(*party), setup.architecture.platform(), "there is an engine"),
            // Exhaustive on purpose: a store that is new has to say here whether it holds a position.
            Store::Business(..)
            | Store::Log(_)
            | Store::Customers(_)
            | Store::Psp(_)
            | Store::Carrier(_)
            | Store::Mailer(_) => {}
        }
    }
}

#[test]
fn levels_of_care_come_best_first() {
    for architecture in ARCHITECTURES {
        let levels: Vec<Level> = architecture.levels.iter().map(|(level, _)| *level).collect();
        assert!(levels.is_sorted_by(|better, worse| better > worse), "{}: {levels:?}", architecture.name);
        assert_eq!(architecture.best_level(), levels[0]);
        assert_eq!(architecture.claims_safety(), levels.contains(&Level::Hardened), "{}", architecture.name);
        assert_eq!(
            architecture.missing_level.is_some(),
            levels.len() < Level::ALL.len(),
            "{}",
            architecture.name
        );
        let unusual = |level| architecture.policies(level).map_or(0, |policies| policies.unusual().count());
        assert!(unusual(Level::Hardened) == 0 && unusual(Level::Matched) <= unusual(Level::FirstWritten));
    }
}

#[test]
fn a_call_chain_has_no_hardened_level_and_says_why() {
    let chain = named("call-chain");
    assert_eq!(chain.policies(Level::Hardened), None);
    assert!(chain.missing_level.is_some_and(|why| why.contains("a crash forgets the process")));
}

fn setup(name: &str) -> Setup {
    let none = Micros::ZERO;
    Setup {
        architecture: named(name),
        policies: Policies::default(),
        timeouts: Timeouts {
            call_timeout: none,
            backoff_cap: none,
            jitter_percent: 0,
            park_after: 0,
            poison_after: 0,
            deadline: none,
            hold_ttl: none,
            patience: none,
            resubmissions: 0,
            late_success: none,
        },
        capabilities: ProviderCapabilities { replays_errors: true, look_up: true, webhooks: false },
        intents: vec![],
        stock: vec![],
        partitions: 1,
    }
}
