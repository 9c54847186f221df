//! A mutant of every property, told by hand, next to the nearest story that is sound.
//!
//! Where other properties see the mutant as well, they are named: [`also`](Mutant::also). All the others stay silent, so
//! if a property is deleted, its mutant survives, unless it is one of those that others cover.

use stormcart_models::checkout::domain::PaymentStatus as Payment;
use stormcart_models::checkout::domain::ShipmentStatus as Shipment;
use stormcart_models::checkout::domain::{HoldEnd, Status};
use stormcart_models::checkout::fact::Fact;
use stormcart_models::checkout::ledger::Ledger;
use stormcart_models::checkout::property::PROPERTIES;
use stormcart_models::checkout::setup::ProviderCapabilities;
use stormcart_models::checkout::vocabulary::{Event, Op, Outcome, Party};
use stormcart_sim::Truth;
use stormcart_sim::service::Moment;

use super::stories::{
    PRICE, Story, basket, cancelled, completed, instead, ledger, refunded, rejected, sooner,
};

const CAREFUL: ProviderCapabilities =
    ProviderCapabilities { replays_errors: true, look_up: true, webhooks: false };
/// Neither replays errors nor can be asked: a key charges again after an error.
const CARELESS: ProviderCapabilities =
    ProviderCapabilities { replays_errors: false, look_up: false, webhooks: false };

struct Mutant {
    /// The property it breaks.
    id: &'static str,
    /// Others that see it too.
    also: &'static [&'static str],
    broken: Story,
    sound: Story,
}

fn mutant(id: &'static str, broken: Story, sound: Story) -> Mutant {
    Mutant { id, also: &[], broken, sound }
}

/// What a ledger says of a story.
fn told(story: &[Fact], capabilities: ProviderCapabilities) -> Vec<&'static str> {
    let mut ledger = ledger(capabilities);
    for (event, fact) in (1..).zip(story) {
        ledger.observe(Moment { event, ..Moment::default() }, fact.clone());
    }
    ledger.rest(Moment::default());
    broken(&ledger)
}

fn broken(ledger: &Ledger) -> Vec<&'static str> {
    let mut broken: Vec<&str> = ledger.violations().iter().map(|broken| broken.property).collect();
    broken.sort_unstable();
    broken.dedup();
    broken
}

/// Exactly the property and those that see it too are broken; the sound story breaks nothing.
#[track_caller]
fn check(mutant: &Mutant) {
    let Mutant { id, also, broken, sound } = mutant;
    let mut expected = [&[*id], *also].concat();
    expected.sort_unstable();
    assert_eq!(told(broken, CAREFUL), expected, "{id}");
    assert_eq!(told(sound, CAREFUL), [""; 0], "{id}: {sound:?}");
}

fn money() -> Vec<Mutant> {
    let charged = Fact::Booked(0, Payment::Charged, PRICE);
    let twice = [charged.clone(), charged.clone(), Fact::Booked(0, Payment::Refunded, PRICE)];
    let back = [Fact::Captured(0, PRICE), Fact::Captured(0, PRICE), Fact::Reversed(0, PRICE)];
    let charged_twice =
        instead(instead(completed(0), Fact::Captured(0, PRICE), &back), charged.clone(), &twice);
    let charged_twice = instead(
        charged_twice,
        Fact::Begun(0, Op::Ship),
        &[Fact::Booked(0, Payment::Charged, 0), Fact::Begun(0, Op::Ship)],
    );
    let less = PRICE - 1;
    let underpaid = [
        (Fact::Captured(0, PRICE), Fact::Captured(0, less)),
        (charged.clone(), Fact::Booked(0, Payment::Charged, less)),
        (Fact::Reversed(0, PRICE), Fact::Reversed(0, less)),
        (Fact::Booked(0, Payment::Refunded, PRICE), Fact::Booked(0, Payment::Refunded, less)),
    ];
    let shelf_price =
        underpaid.into_iter().fold(refunded(0), |story, (of, less)| instead(story, of, &[less]));
    let halves = [Fact::Reversed(0, PRICE / 2), Fact::Reversed(0, PRICE / 2)];
    let unpaid = instead(refunded(0), Fact::Reversed(0, PRICE), &[]);
    let nothing = Fact::Booked(0, Payment::Refunded, 0);
    let refund_forgotten = instead(unpaid, Fact::Booked(0, Payment::Refunded, PRICE), &[nothing]);
    let kept = [Fact::Dispatched(0), Fact::Shipped(0, Shipment::Refused)];
    vec![
        Mutant { also: &["S13"], ..mutant("S1", charged_twice, completed(0)) },
        Mutant {
            also: &["S11"],
            ..mutant("S2", instead(refunded(0), Fact::Shipped(0, Shipment::Refused), &kept), refunded(0))
        },
        mutant(
            "S3",
            sooner(completed(0), Fact::Dispatched(0), Fact::Captured(0, PRICE)),
            sooner(completed(0), Fact::Dispatched(0), charged.clone()),
        ),
        mutant(
            "S6",
            instead(completed(0), charged, &[Fact::Booked(0, Payment::Charged, less)]),
            completed(0),
        ),
        mutant("S7", instead(refunded(0), Fact::Reversed(0, PRICE), &halves), refunded(0)),
        mutant("S16", shelf_price, refunded(0)),
        Mutant { also: &["S2", "S11"], ..mutant("L3", refund_forgotten, refunded(0)) },
    ]
}

fn stock() -> Vec<Mutant> {
    let end = |end| Fact::HoldEnded(0, end, basket());
    let held = Fact::Held(0, basket());
    let both = [vec![held.clone()], rejected(1)].concat();
    let again = [held.clone(), end(HoldEnd::Released), held.clone()];
    let released_twice = [end(HoldEnd::Released), end(HoldEnd::Released)];
    vec![
        mutant("S4", instead(completed(0), held.clone(), &both), [rejected(1), completed(0)].concat()),
        mutant("S5", instead(refunded(0), end(HoldEnd::Confirmed), &[end(HoldEnd::Released)]), refunded(0)),
        Mutant {
            also: &["S4", "S5"],
            ..mutant("S8", instead(rejected(0), end(HoldEnd::Released), &released_twice), rejected(0))
        },
        mutant("S13", instead(completed(0), held.clone(), &again), completed(0)),
        Mutant { also: &["S8"], ..mutant("L2", vec![held.clone()], vec![held, end(HoldEnd::Expired)]) },
    ]
}

fn process() -> Vec<Mutant> {
    let close = Fact::Closed(0, Status::Rejected);
    let undecided = [Fact::Closed(0, Status::Cancelled), close.clone()];
    let late = [Fact::Held(0, basket()), Fact::HoldEnded(0, HoldEnd::Released, basket())];
    let fenced = Fact::Answered(Party::Inventory, 0, Op::Reserve, Outcome::Fenced, None);
    let refund = Fact::Answered(Party::Payments, 0, Op::Refund, Outcome::Withdrawn, None);
    let placed = Fact::Placed(0, PRICE);
    vec![
        mutant(
            "S9",
            instead(rejected(0), close.clone(), &undecided),
            instead(rejected(0), close.clone(), &[close.clone(), close.clone()]),
        ),
        mutant("S10", instead(completed(0), Fact::Shipped(0, Shipment::Dispatched), &[]), completed(0)),
        mutant("S11", sooner(rejected(0), close, Fact::Announced(0, Event::PaymentDeclined)), rejected(0)),
        mutant("S12", [&cancelled(0)[..], &late].concat(), [&cancelled(0)[..], &[fenced]].concat()),
        mutant("L1", vec![placed.clone()], vec![placed.clone(), Fact::Parked(0)]),
        mutant(
            "L7",
            [&completed(0)[..], &[Fact::Begun(0, Op::Refund)]].concat(),
            [&completed(0)[..], &[Fact::Begun(0, Op::Refund), refund]].concat(),
        ),
        mutant("C4", instead(completed(0), placed.clone(), &[placed.clone(), placed]), completed(0)),
    ]
}

fn words() -> Vec<Mutant> {
    let said = Fact::Answered(Party::Inventory, 0, Op::Reserve, Outcome::Done, Some(Event::StockReserved));
    let mailed = Fact::Mailed(0, Status::Completed);
    vec![
        mutant("S14", sooner(completed(0), Fact::Announced(0, Event::StockReserved), said), completed(0)),
        mutant("S14", instead(completed(0), Fact::Announced(0, Event::OrderClosed), &[]), completed(0)),
        mutant("S19", sooner(completed(0), mailed.clone(), Fact::Closed(0, Status::Completed)), completed(0)),
        mutant("S19", instead(completed(0), mailed.clone(), &[mailed.clone(), mailed.clone()]), completed(0)),
        mutant(
            "S24",
            sooner(completed(0), Fact::Told(0, Outcome::Accepted), Fact::Placed(0, PRICE)),
            completed(0),
        ),
        mutant("C5", instead(completed(0), mailed, &[]), completed(0)),
    ]
}

fn all() -> Vec<Mutant> {
    [money(), stock(), process(), words()].into_iter().flatten().collect()
}

#[test]
fn every_story_breaks_its_property_and_no_other() {
    all().iter().for_each(check);
}

/// S18 hears of replays, not of facts.
#[test]
fn a_log_that_does_not_add_up_is_seen() {
    let replayed = |equal| {
        let mut ledger = ledger(CAREFUL);
        ledger.replayed(Moment::default(), Party::Orders.role(), equal);
        broken(&ledger)
    };
    assert_eq!((replayed(false), replayed(true)), (vec!["S18"], vec![]));
}

/// Every property has a story, S18 its own; and these are the ones whose mutants others see: deleting any other of the
/// properties lets its mutant survive.
#[test]
fn a_deleted_property_lets_its_mutant_survive() {
    let all = all();
    let told = |id: &str| id == "S18" || all.iter().any(|mutant| mutant.id == id);
    assert!(PROPERTIES.iter().all(|invariant| told(invariant.id)));
    let survives = |mutant: &&Mutant| !told_without(mutant).is_empty();
    let covered: Vec<&str> = all.iter().filter(survives).map(|mutant| mutant.id).collect();
    assert_eq!(covered, ["S1", "S2", "L3", "S8", "L2"]);
}

fn told_without(mutant: &Mutant) -> Vec<&'static str> {
    told(&mutant.broken, CAREFUL).into_iter().filter(|id| *id != mutant.id).collect()
}

/// A crash loop makes hundreds of redeliveries, and who is blind acts on each: too often to count is still broken.
#[test]
fn what_happens_hundreds_of_times_is_broken_all_the_same() {
    let table = [
        (Fact::Held(0, basket()), "S13"),
        (Fact::HoldEnded(0, HoldEnd::Confirmed, basket()), "S8"),
        (Fact::Captured(0, PRICE), "S1"),
        (Fact::Reversed(0, PRICE), "S7"),
        (Fact::Dispatched(0), "S3"),
    ];
    for (fact, property) in table {
        let told = told(&vec![fact.clone(); 300], CAREFUL);
        assert!(told.contains(&property), "{fact:?} breaks {told:?}");
    }
}

/// Where the provider promises nothing, nobody can promise more than one net charge at rest.
#[test]
fn no_double_charge_weakens_with_the_provider() {
    let twice = [Fact::Captured(0, PRICE), Fact::Captured(0, PRICE)];
    let charged_twice = instead(completed(0), Fact::Captured(0, PRICE), &twice);
    assert!(told(&charged_twice, CARELESS).contains(&"S1"), "net two charges");
    let back = [&twice[..], &[Fact::Reversed(0, PRICE)]].concat();
    let given_back = instead(completed(0), Fact::Captured(0, PRICE), &back);
    let said = told(&given_back, CARELESS);
    assert!(!said.contains(&"S1") && !said.contains(&"S13"), "net one charge: {said:?}");
    assert!(told(&given_back, CAREFUL).contains(&"S1"), "and this provider promises more");
}
