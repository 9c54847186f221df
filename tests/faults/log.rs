//! Misbehavior of the log: it keeps its promises to the letter. No other architecture has one.

use stormcart::harness::run::{Verdict, run_traced};
use stormcart::harness::seeds::Seed;
use stormcart_models::checkout::architecture::Architecture;
use stormcart_models::checkout::domain::Status;
use stormcart_models::checkout::message::Message;
use stormcart_models::checkout::model::{Checkout, LoadedScenario};
use stormcart_models::checkout::vocabulary::{CoverageGoal, Misbehavior, Op};
use stormcart_sim::Instant;
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::trace::Happening;

use super::seen::{ORDER, Seen, at};

/// All orders in one partition, so that they wait for each other, and two consumers in every group.
const ONE: &str =
    "about = \"one partition\"\n[workload]\norders = 20\n[physics]\ninstances = 2\npartitions = 1\n";

fn choreography() -> &'static Architecture {
    Architecture::named("choreography").unwrap()
}

fn misbehaves(place: &str, misbehaviors: Misbehavior) -> Fault {
    at(place, choreography(), PointFault::Misbehave(misbehaviors.misbehavior()))
}

/// Deliveries of an operation from the log: which order, which attempt, when and where.
fn deliveries(seen: &Seen, wanted: Op) -> Vec<(u32, u8, Instant, Node)> {
    let delivery = seen.entries().iter().filter_map(|entry| match &entry.what {
        Happening::Delivered {
            to,
            message: Message { op, kind: MessageKind::Ask, order, attempt, .. },
            ..
        } if *op == wanted => Some((*order, *attempt, entry.at, *to)),
        _ => None,
    });
    delivery.collect()
}

fn of_order(seen: &Seen, op: Op) -> Vec<(u8, Instant, Node)> {
    let all = deliveries(seen, op).into_iter().filter(|(order, ..)| *order == ORDER);
    all.map(|(_, attempt, at, to)| (attempt, at, to)).collect()
}

fn done_once(seen: &Seen) {
    let order = seen.order();
    assert_eq!((order.captures, order.holds, order.status), (1, 1, Some(Status::Completed)));
}

/// The acknowledgement is lost inside: delivered again, at once, to another instance, and done once.
#[test]
fn that_delivers_again() {
    let seen = Seen::of(ONE, choreography(), &[misbehaves("broker reserve ack", Misbehavior::Redeliver)]);
    let [(1, first, here), (2, second, there)] = of_order(&seen, Op::Reserve)[..] else {
        panic!("twice: {:?}", of_order(&seen, Op::Reserve))
    };
    assert!(here != there && first < seen.struck(0) && seen.struck(0) < second);
    assert!(seen.saw(CoverageGoal::DuplicateSuppressed));
    done_once(&seen);
}

/// Everything a group has under way, in all partitions, goes elsewhere; others do not notice.
#[test]
fn that_rebalances_a_group() {
    let many = ONE
        .replace("partitions = 1", "partitions = 8")
        .replace("orders = 20", "orders = 20\nmean_gap_ms = 0.1");
    let seen = Seen::of(&many, choreography(), &[misbehaves("broker confirm ack", Misbehavior::Rebalance)]);
    let again = |op: Op| deliveries(&seen, op).iter().filter(|(_, attempt, ..)| *attempt == 2).count();
    assert!(again(Op::Reserve) + again(Op::Confirm) > 1, "inventory: more than what was acknowledged");
    assert_eq!(again(Op::Charge) + again(Op::Ship) + again(Op::Close), 0, "nobody else");
    assert!(seen.saw(CoverageGoal::GenerationOver), "acknowledgements were on their way");
    done_once(&seen);
}

/// Two instances work on one delivery, and only the second is heard.
#[test]
fn that_evicts_a_consumer_which_works_on() {
    let seen = Seen::of(ONE, choreography(), &[misbehaves("broker reserve answer", Misbehavior::Evict)]);
    let both = of_order(&seen, Op::Charge);
    let [(_, first, here), (_, second, there)] = both[..] else { panic!("both: {both:?}") };
    assert!(here != there, "{both:?}");
    // Between a hop and a timeout: the one does not wait for the other.
    assert!(first.max(second) - first.min(second) < super::SHORT, "{both:?}");
    done_once(&seen);
    let evicted = |order: u32| Fault::At {
        site: Checkout::site("broker reserve answer", choreography().name, order, 1).unwrap(),
        point_fault: PointFault::Misbehave(Misbehavior::Evict.misbehavior()),
    };
    let unheard = |order| Seen::of(ONE, choreography(), &[evicted(order)]).saw(CoverageGoal::GenerationOver);
    assert!((0..20).any(unheard), "whoever of the two is first");
}

/// Nobody can read it: after some tries it is put aside, the order waits for a person, and the partition goes on.
#[test]
fn that_stores_a_record_damaged() {
    let seen = Seen::of(ONE, choreography(), &[misbehaves("broker reserve answer", Misbehavior::Poison)]);
    let tries = of_order(&seen, Op::Charge).len();
    assert_eq!(tries, usize::from(seen.plan.setup.timeouts.poison_after));
    assert!(seen.order().parked && seen.saw(CoverageGoal::PoisonDeadLettered));
    assert_eq!(seen.order().captures, 0, "nobody knew what to do");
    let others = seen.world.truth().orders().iter().enumerate().filter(|(order, _)| *order != ORDER as usize);
    assert!(others.clone().all(|(_, order)| order.status.is_some() && !order.parked));
    assert!(others.filter(|(_, order)| order.status == Some(Status::Completed)).count() > 10);
    let waited = deliveries(&seen, Op::Charge);
    let behind = waited.iter().find(|(order, _, at, _)| *order > ORDER && *at > seen.struck(0)).unwrap();
    assert!(behind.2 > of_order(&seen, Op::Charge)[tries - 1].1, "the others waited for it");
}

/// Who has read it does not miss it; who lags never gets it, and no architecture makes up for that.
#[test]
fn that_drops_what_is_old() {
    let expire = |place: &str, order: u32| Fault::At {
        site: Checkout::site(place, choreography().name, order, 1).unwrap(),
        point_fault: PointFault::Misbehave(Misbehavior::Expire.misbehavior()),
    };
    let seen = Seen::of(ONE, choreography(), &[expire("broker close answer", 19)]);
    assert!(!seen.saw(CoverageGoal::ReadTooLate), "nobody lagged");
    // The picking of one order is delivered again only when its record is gone.
    let lags = at("inventory confirm ask", choreography(), PointFault::Drop);
    let loaded = LoadedScenario::parse("one", ONE).unwrap();
    let plan = loaded.plan(&Checkout::variant(choreography().name).unwrap(), Seed(1));
    let (run, _) = run_traced(&plan.with_faults(vec![lags, expire("broker place answer", 6)]));
    assert_eq!((run.fired.len(), run.goals >> CoverageGoal::ReadTooLate as u64 & 1), (2, 1));
    let Verdict::Violated(broken) = run.verdict else { panic!("{:?}", run.verdict) };
    assert!(
        broken.iter().any(|broken| (broken.property, broken.subject) == ("L1", Some(ORDER))),
        "{broken:?}"
    );
}
