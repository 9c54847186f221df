//! Misbehavior of customers: impatient, undecided, or gone. One intent is one order, whatever they do.

use stormcart::harness::run::{Verdict, run};
use stormcart::harness::seeds::Seed;
use stormcart::harness::variant::VariantArgs;
use stormcart_models::checkout::architecture::{ARCHITECTURES, Architecture};
use stormcart_models::checkout::domain::Status;
use stormcart_models::checkout::message::{Body, Message};
use stormcart_models::checkout::model::{Checkout, LoadedScenario};
use stormcart_models::checkout::vocabulary::{CoverageGoal, Misbehavior, Op, Party};
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::site::MessageKind;
use stormcart_sim::trace::Happening;

use super::seen::{ORDER, Seen, at};

const TWO: &str = "about = \"two of each\"\n[workload]\norders = 20\n[physics]\ninstances = 2\n";

/// An operation, an attempt and a key.
type Ask = (Op, u8, u8);

fn misbehaves(place: &str, architecture: &'static Architecture, misbehaviors: Misbehavior) -> Fault {
    at(place, architecture, PointFault::Misbehave(misbehaviors.misbehavior()))
}

/// What arrived at orders from this customer.
fn asked(seen: &Seen) -> Vec<Ask> {
    let customers = seen.node(Party::Customers);
    let asks = seen.entries().iter().filter_map(|entry| match &entry.what {
        Happening::Delivered {
            from,
            message: Message { op, kind: MessageKind::Ask, order: ORDER, attempt, body },
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
    let rows: [(&str, Misbehavior, &[Ask]); 6] = [
        ("customers arrive timer", Misbehavior::SubmitTwice, &[once, twice]),
        ("customers arrive timer", Misbehavior::Reload, &[once, anew]),
        ("customers place answer", Misbehavior::Reload, &[once, anew]),
        ("customers arrive timer", Misbehavior::CancelAtOnce, &[once, cancel]),
        ("customers arrive timer", Misbehavior::Abandon, &[once]),
        ("customers place answer", Misbehavior::Abandon, &[once]),
    ];
    for architecture in ARCHITECTURES {
        for (place, misbehaviors, expected) in rows {
            let seen = Seen::of(TWO, architecture, &[misbehaves(place, architecture, misbehaviors)]);
            let case = format!("{}, {place}: {misbehaviors}", architecture.name);
            // In a chain that is walked while the customer waits, a resubmission may have been answered by nobody yet.
            if architecture.claims_safety() {
                assert_eq!(asked(&seen), expected, "{case}");
                assert_eq!(seen.order().placed, 1, "{case}");
            }
            let cancelled = seen.order().status.is_some_and(Status::given_up);
            assert!(
                cancelled == (misbehaviors == Misbehavior::CancelAtOnce) || !architecture.claims_safety(),
                "{case}"
            );
            assert_eq!(seen.order().told == 0, misbehaviors == Misbehavior::Abandon, "{case}");
        }
    }
}

/// Nobody answers, and the customer loses patience in one way or another.
#[test]
fn of_customers_who_wait_in_vain() {
    let (once, again, anew) = ((Op::Place, 1, 0), (Op::Place, 2, 0), (Op::Place, 2, 1));
    for architecture in ARCHITECTURES.iter().filter(|architecture| architecture.claims_safety()) {
        let unheard = at("customers place answer", architecture, PointFault::Drop);
        let asks = |more: Option<Misbehavior>| {
            let more =
                more.map(|misbehaviors| misbehaves("customers patience timer", architecture, misbehaviors));
            let faults: Vec<Fault> = [unheard].into_iter().chain(more).collect();
            asked(&Seen::of(TWO, architecture, &faults))
        };
        assert_eq!(asks(None), [once, again]);
        assert_eq!(asks(Some(Misbehavior::Reload)), [once, anew]);
        assert_eq!(asks(Some(Misbehavior::Abandon)), [once]);
    }
}

/// Who goes by the key sells twice to a customer who loads the page again.
#[test]
fn a_purchase_is_recognised_by_its_intent() {
    for architecture in ARCHITECTURES.iter().filter(|architecture| architecture.claims_safety()) {
        let reload = misbehaves("customers place answer", architecture, Misbehavior::Reload);
        assert!(Seen::of(TWO, architecture, &[reload]).saw(CoverageGoal::SamePurchase));
        let by_key = VariantArgs { policies: vec!["resubmission=by-key".into()], ..VariantArgs::default() };
        let variant = Checkout::variant_with(architecture.name, &by_key).unwrap();
        let plan = LoadedScenario::load("calm").unwrap().plan(&variant, Seed(1)).with_faults(vec![reload]);
        let Verdict::Violated(broken) = run(&plan).verdict else {
            panic!("{} sells once", architecture.name)
        };
        assert!(broken.iter().any(|broken| broken.property == "C4"), "{broken:?}");
    }
}
