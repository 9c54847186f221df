//! Bad manners of customers: impatient, undecided, or gone. One intent is one order, whatever they do.

use stormcart::contender::{Contender, Wish};
use stormcart::plan::Stage;
use stormcart::run::{Verdict, run};
use stormcart::seeds::Seed;
use stormcart_models::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::domain::Status;
use stormcart_models::message::{Body, Message};
use stormcart_models::words::{Manners, Op, Party, Sighting};
use stormcart_sim::fault::{Fault, Verb};
use stormcart_sim::site::Leg;
use stormcart_sim::trace::Happening;

use super::seen::{ORDER, Seen, at};

const TWO: &str = "about = \"two of each\"\n[workload]\norders = 20\n[physics]\ninstances = 2\n";

/// An operation, an attempt and a key.
type Ask = (Op, u8, u8);

fn misbehaves(place: &str, architecture: &'static Architecture, manners: Manners) -> Fault {
    at(place, architecture, Verb::Manner(manners.manner()))
}

/// What arrived at orders from this customer.
fn asked(seen: &Seen) -> Vec<Ask> {
    let customers = seen.node(Party::Customers);
    let asks = seen.entries().iter().filter_map(|entry| match &entry.what {
        Happening::Delivered {
            from,
            message: Message { op, leg: Leg::Ask, order: ORDER, attempt, body },
            ..
        } if *from == customers => {
            let Body::Command(command) = body else { panic!("customers command") };
            Some((*op, *attempt, command.key))
        }
        _ => None,
    });
    let mut asks: Vec<Ask> = asks.collect();
    asks.sort_unstable();
    asks
}

/// Each habit: where it shows, what arrives because of it, and how the order ends.
#[test]
fn of_customers() {
    let (once, twice) = ((Op::Place, 1, 0), (Op::Place, 2, 0));
    let anew = (Op::Place, 2, 1);
    let cancel = (Op::Cancel, 1, 0);
    let rows: [(&str, Manners, &[Ask]); 6] = [
        ("customers arrive timer", Manners::SubmitTwice, &[once, twice]),
        ("customers arrive timer", Manners::Reload, &[once, anew]),
        ("customers place answer", Manners::Reload, &[once, anew]),
        ("customers arrive timer", Manners::CancelAtOnce, &[once, cancel]),
        ("customers arrive timer", Manners::Abandon, &[once]),
        ("customers place answer", Manners::Abandon, &[once]),
    ];
    for architecture in ARCHITECTURES {
        for (place, manners, expected) in rows {
            let seen = Seen::of(TWO, architecture, &[misbehaves(place, architecture, manners)]);
            let case = format!("{}, {place}: {manners}", architecture.name);
            // In a chain that is walked while the customer waits, a resubmission may have been answered by nobody yet.
            if architecture.claims_safety() {
                assert_eq!(asked(&seen), expected, "{case}");
                assert_eq!(seen.order().placed, 1, "{case}");
            }
            let cancelled = seen.order().status.is_some_and(Status::given_up);
            assert!(
                cancelled == (manners == Manners::CancelAtOnce) || !architecture.claims_safety(),
                "{case}"
            );
            assert_eq!(seen.order().told == 0, manners == Manners::Abandon, "{case}");
        }
    }
}

/// Nobody answers, and the customer loses patience in one way or another.
#[test]
fn of_customers_who_wait_in_vain() {
    let (once, again, anew) = ((Op::Place, 1, 0), (Op::Place, 2, 0), (Op::Place, 2, 1));
    for architecture in ARCHITECTURES.iter().filter(|architecture| architecture.claims_safety()) {
        let unheard = at("customers place answer", architecture, Verb::Drop);
        let asks = |more: Option<Manners>| {
            let more = more.map(|manners| misbehaves("customers patience timer", architecture, manners));
            let faults: Vec<Fault> = [unheard].into_iter().chain(more).collect();
            asked(&Seen::of(TWO, architecture, &faults))
        };
        assert_eq!(asks(None), [once, again]);
        assert_eq!(asks(Some(Manners::Reload)), [once, anew]);
        assert_eq!(asks(Some(Manners::Abandon)), [once]);
    }
}

/// Who goes by the key sells twice to a customer who loads the page again.
#[test]
fn a_purchase_is_recognised_by_its_intent() {
    for architecture in ARCHITECTURES.iter().filter(|architecture| architecture.claims_safety()) {
        let reload = misbehaves("customers place answer", architecture, Manners::Reload);
        assert!(Seen::of(TWO, architecture, &[reload]).saw(Sighting::SamePurchase));
        let by_key = Wish { policies: vec!["resubmission=by-key".into()], ..Wish::default() };
        let contender = Contender::with(architecture, &by_key).unwrap();
        let plan = Stage::load("calm").unwrap().plan(&contender, Seed(1)).with_faults(vec![reload]);
        let Verdict::Violated(broken) = run(&plan).verdict else {
            panic!("{} sells once", architecture.name)
        };
        assert!(broken.iter().any(|broken| broken.property == "C4"), "{broken:?}");
    }
}
