//! Misbehavior of the outside: what the provider, the carrier and the mailer did, and what they said.

use stormcart_models::checkout::architecture::ARCHITECTURES;
use stormcart_models::checkout::domain::Status;
use stormcart_models::checkout::ledger::OrderTruth;
use stormcart_models::checkout::message::Body;
use stormcart_models::checkout::vocabulary::{CoverageGoal, Misbehavior, Op, Outcome};
use stormcart_sim::fault::PointFault;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind};
use stormcart_sim::trace::Happening;

use super::seen::{ORDER, Seen, arrivals, at, site};

const UNDELIVERABLE: &str = "about = \"no carrier\"\n[workload]\norders = 20\nundeliverable_percent = 100\n";

/// One bad answer at a place, everywhere; the first answer that was heard, how the order ended, and what is true then.
#[track_caller]
fn check(
    scenario: &str,
    place: &str,
    misbehaviors: Misbehavior,
    said: Outcome,
    status: Status,
    truth: impl Fn(&OrderTruth) -> bool,
) {
    for architecture in ARCHITECTURES {
        let fault = at(place, architecture, PointFault::Misbehave(misbehaviors.misbehavior()));
        let seen = Seen::of(scenario, architecture, &[fault]);
        let op = Op::ALL.iter().find(|op| place.contains(op.name())).unwrap();
        let answers = seen.entries().iter().filter_map(|entry| match &entry.what {
            Happening::Delivered { message, .. }
                if message.order == ORDER && message.op == *op && message.kind == MessageKind::Answer =>
            {
                Some(&message.body)
            }
            _ => None,
        });
        let case = format!("{place}: {misbehaviors} in {}", architecture.name);
        assert_eq!(
            answers.clone().next(),
            (said != Outcome::Unanswered).then_some(&Body::Outcome(said)),
            "{case}"
        );
        assert_eq!(seen.order().status, Some(status), "{case}");
        assert!(truth(seen.order()), "{case}: {:?}", seen.order());
    }
}

#[test]
fn of_the_provider_at_a_sale() {
    let paid_once = |order: &OrderTruth| (order.captures, order.reversals) == (1, 0);
    let (sale, completed) = ("psp sale ask", Status::Completed);
    check("calm", sale, Misbehavior::ErrorBefore, Outcome::Error, completed, paid_once);
    check("calm", sale, Misbehavior::ErrorAfter, Outcome::Error, completed, paid_once);
    check("calm", sale, Misbehavior::Decline, Outcome::Declined, Status::Rejected, |order| {
        order.captures == 0
    });
}

/// It succeeds after the deadline: the money comes, and goes back.
#[test]
fn of_the_provider_that_succeeds_late() {
    let there_and_back =
        |order: &OrderTruth| (order.captures, order.reversals, order.dispatched) == (1, 1, 0);
    check(
        "calm",
        "psp sale ask",
        Misbehavior::LateSuccess,
        Outcome::Unanswered,
        Status::Refunded,
        there_and_back,
    );
}

#[test]
fn of_the_provider_at_a_refund() {
    let given_back_once = |order: &OrderTruth| (order.captures, order.reversals) == (1, 1);
    for misbehaviors in [Misbehavior::ErrorBefore, Misbehavior::ErrorAfter] {
        let (place, refunded) = ("psp reverse ask", Status::Refunded);
        check(UNDELIVERABLE, place, misbehaviors, Outcome::Error, refunded, given_back_once);
    }
}

#[test]
fn of_the_carrier() {
    let (dispatch, completed) = ("carrier dispatch ask", Status::Completed);
    let gone_once = |order: &OrderTruth| order.dispatched == 1;
    check("calm", dispatch, Misbehavior::ErrorBefore, Outcome::Error, completed, gone_once);
    check("calm", dispatch, Misbehavior::ErrorAfter, Outcome::Error, completed, gone_once);
    let given_back = |order: &OrderTruth| (order.dispatched, order.reversals) == (0, 1);
    check("calm", dispatch, Misbehavior::Decline, Outcome::Refused, Status::Refunded, given_back);
}

#[test]
fn of_the_mailer() {
    let told_once = |order: &OrderTruth| order.mailed.count_ones() == 1 && !order.mailed_twice;
    for misbehaviors in [Misbehavior::ErrorBefore, Misbehavior::ErrorAfter] {
        check("calm", "mailer mail ask", misbehaviors, Outcome::Error, Status::Completed, told_once);
    }
}

const WEBHOOKS: &str = "about = \"the provider calls\"\n[workload]\norders = 20\n[provider]\nwebhooks = true\n[physics]\ninstances = 2\n";

#[test]
fn of_the_provider_that_calls_twice() {
    for architecture in ARCHITECTURES {
        let twice =
            at("psp sale ask", architecture, PointFault::Misbehave(Misbehavior::WebhookTwice.misbehavior()));
        let seen = Seen::of(WEBHOOKS, architecture, &[twice]);
        let first = site("payments webhook ask", architecture);
        let second = InjectionPoint { identity: Identity { attempt: 2, ..first.identity }, ..first };
        assert_eq!([arrivals(&seen.world, &first).len(), arrivals(&seen.twin, &first).len()], [1, 1]);
        assert_eq!([arrivals(&seen.world, &second).len(), arrivals(&seen.twin, &second).len()], [1, 0]);
        assert_eq!((seen.order().captures, seen.order().status), (1, Some(Status::Completed)));
    }
}

/// The webhook tells payments what became of the charge, whatever the answer says afterwards.
#[test]
fn of_the_provider_that_calls_before_it_answers() {
    for architecture in ARCHITECTURES {
        let first =
            at("psp sale ask", architecture, PointFault::Misbehave(Misbehavior::WebhookFirst.misbehavior()));
        let seen = Seen::of(WEBHOOKS, architecture, &[first]);
        let [webhook, answer] = ["payments webhook ask", "payments sale answer"].map(|place| {
            let arrived = arrivals(&seen.world, &site(place, architecture));
            *arrived.first().expect("it comes")
        });
        assert!(webhook < answer, "{}: {webhook} {answer}", architecture.name);
        assert!(seen.saw(CoverageGoal::WebhookFirst));
        assert_eq!((seen.order().captures, seen.order().status), (1, Some(Status::Completed)));
    }
}
