//! What facts, messages, timers and orders of the checkout say to a person.
//!
//! **Invariant:** every fact, message and timer has a sentence: the matches are exhaustive.

use serde_json::json;
use stormcart_harness::model::{Content, Sentence, SubjectSummary};
use stormcart_sim::Instant;
use stormcart_sim::site::MessageKind;

use crate::checkout::domain::{Basket, HoldEnd, Line, PaymentStatus, Status, money};
use crate::checkout::fact::Fact;
use crate::checkout::ledger::{Ledger, OrderTruth};
use crate::checkout::message::{Body, Command, Message, Timer};
use crate::checkout::setup::{Intent, Setup};
use crate::checkout::vocabulary::{Event, Op, Outcome, Party};

/// A fact in words.
pub fn fact(fact: &Fact) -> Sentence {
    let key = |text: String| Sentence::key(text);
    let step = |text: String| Sentence::step(text);
    let detail = |text: String| Sentence::detail(text);
    match fact {
        Fact::Placed(order, cents) => key(format!("order {order} is accepted, for {}", money(*cents))),
        Fact::CancelAsked(order) => key(format!("order {order} is to be given up")),
        Fact::Closed(order, status) => key(format!("order {order} is now {status}")),
        Fact::Held(order, basket) => key(format!("holds {} for order {order}", goods(basket))),
        Fact::HoldEnded(order, end, basket) => key(format!("{}, order {order}", ended(*end, &goods(basket)))),
        Fact::Booked(order, row, cents) => {
            step(format!("books: {} of order {order} {}", money(*cents), booked(*row)))
        }
        Fact::Shipped(order, row) => step(format!("books: shipment of order {order} {}", row.name())),
        Fact::Answered(_, order, op, outcome, _) => detail(format!("{op} order {order} ended `{outcome}`")),
        Fact::Begun(order, op) => detail(format!("{op} order {order} is taken on")),
        Fact::Fenced(order, op) => key(format!("a tombstone: {op} order {order} comes too late from now on")),
        Fact::Queued(order, event) => detail(format!("{event} of order {order} is in the outbox")),
        Fact::Announced(order, Event::OrderPlaced) => {
            detail(format!("order {order}: OrderPlaced is durable"))
        }
        Fact::Announced(order, event) => detail(format!("order {order}: {event} is durable")),
        Fact::Undoing(order, true) => step(format!("order {order} is being undone")),
        Fact::Undoing(order, false) => detail(format!("order {order} goes on")),
        Fact::Parked(order) => key(format!("gives up trying, order {order}: a person must act")),
        Fact::Captured(order, cents) => key(format!("takes {} for order {order}", money(*cents))),
        Fact::Reversed(order, cents) => key(format!("gives {} back for order {order}", money(*cents))),
        Fact::Dispatched(order) => key(format!("takes the goods of order {order}")),
        Fact::ShipmentRefused(order) => key(format!("will never take the goods of order {order}")),
        Fact::Mailed(order, status) => key(format!("delivers the notice: order {order} is {status}")),
        Fact::Told(order, outcome) => key(format!("order {order}: the customer hears `{outcome}`")),
        Fact::Regretted(order) => detail(format!("order {order}: no longer wanted")),
    }
}

fn ended(end: HoldEnd, goods: &str) -> String {
    match end {
        HoldEnd::Released => format!("frees {goods}"),
        HoldEnd::Confirmed => format!("picks {goods}"),
        HoldEnd::Expired => format!("the hold expires: frees {goods}"),
        HoldEnd::Returned => format!("puts {goods} back on the shelf"),
    }
}

fn booked(row: PaymentStatus) -> &'static str {
    match row {
        PaymentStatus::Charging { given_up: false } => "are being charged",
        PaymentStatus::Charging { given_up: true } => "are being charged, and no longer wanted",
        PaymentStatus::Charged => "are charged",
        PaymentStatus::NotNeeded => "need no charge",
        PaymentStatus::Declined => "are declined",
        PaymentStatus::Withdrawn => "will not be charged",
        PaymentStatus::Refunding => "are being refunded",
        PaymentStatus::Refunded => "are refunded",
    }
}

/// What a message says beside its name.
pub fn content(message: &Message) -> Content {
    match (&message.body, message.kind) {
        (Body::Command(Command { via: Some((event, _)), .. }), _) => Content::Event(event.to_string()),
        (Body::Command(Command { via: None, .. }), _) => Content::Request,
        (Body::Outcome(_), MessageKind::Ask) => Content::Callback("the provider calls: captured".into()),
        (Body::Outcome(Outcome::NotExecuted), _) => Content::Refusal,
        (Body::Outcome(outcome), _) => Content::Reply(outcome.to_string()),
        (Body::Publish(event, ..), _) => Content::Announcement(event.to_string()),
        (Body::Ack(event, _), _) => Content::Acknowledgement(event.to_string()),
        (Body::Damaged(event, _), _) => Content::Unreadable(event.to_string()),
    }
}

/// A timer that fires, in words.
pub fn timer(party: Party, timer: Timer) -> Sentence {
    let Timer { op, order, group } = timer;
    let key = |text: String| Sentence::key(text);
    match (party, op) {
        (Party::Customers, Op::Arrive) => key(format!("order {order}: a customer comes")),
        (Party::Customers, Op::Patience) => {
            key(format!("order {order}: no answer from the shop for too long; the customer asks again"))
        }
        (Party::Customers, Op::Cancel) => key(format!("order {order}: the customer has a change of mind")),
        (_, Op::Deadline) => key(format!("order {order} is overdue")),
        (_, Op::Expiry) => Sentence::step(format!("order {order}: its stock was held for long enough")),
        (_, Op::Relay) => Sentence::step(format!("order {order}: nobody took the event; once more")),
        (_, Op::Redeliver) => {
            Sentence::step(format!("partition {order}: {group} did not acknowledge; once more"))
        }
        (Party::Psp, Op::Sale) => key(format!("order {order}: the late sale goes through")),
        (Party::Psp, _) => Sentence::step(format!("order {order}: the shop did not hear; calling once more")),
        (_, op) => key(format!("{op} order {order}: no answer in time")),
    }
}

/// What a timer is called: `sale order 3`, or `redeliver partition 0 of payments`.
pub fn timer_name(timer: &Timer) -> String {
    match *timer {
        Timer { op: Op::Redeliver, order, group } => format!("redeliver partition {order} of {group}"),
        Timer { op, order, .. } => format!("{op} order {order}"),
    }
}

/// `2 of article 1 and 1 of article 3`.
pub fn goods(basket: &Basket) -> String {
    let line = |line: &Line| format!("{} of article {}", line.quantity, line.sku);
    basket.lines().iter().map(line).collect::<Vec<_>>().join(" and ")
}

/// Who comes, and what is on the shelf, in a line.
pub fn workload(setup: &Setup) -> String {
    let span = setup.intents.last().map_or(0, |last| last.at.as_millis());
    let stock = setup.stock.first().map_or(0, |stock| *stock);
    format!(
        "{} customers within {span} ms; {} articles, {stock} of each on the shelf",
        setup.customers(0).count(),
        setup.stock.len(),
    )
}

/// Every customer, the shelf, and what else the provider does.
pub fn workload_in_full(setup: &Setup) -> Vec<String> {
    let customer = |(order, intent): (usize, &Intent)| {
        let mind = intent.cancels_after.map(|after| format!(", given up after {after}")).unwrap_or_default();
        format!("order {order} at {}: {}{mind}", Instant::ZERO + intent.at, quantities(&intent.basket))
    };
    let stock: Vec<String> = setup.stock.iter().map(ToString::to_string).collect();
    let shelf = format!("on the shelf: {}", stock.join(", "));
    let calls = setup.capabilities.webhooks.then(|| "the provider calls back when it has taken money".into());
    setup.intents.iter().enumerate().map(customer).chain([shelf]).chain(calls).collect()
}

/// `2 of article 1, 1 of article 3`.
fn quantities(basket: &Basket) -> String {
    let line = |line: &Line| format!("{} of article {}", line.quantity, line.sku);
    basket.lines().iter().map(line).collect::<Vec<_>>().join(", ")
}

/// How every accepted order stands, in truth.
pub fn summaries(setup: &Setup, truth: &Ledger) -> Vec<SubjectSummary> {
    let orders = (0..).zip(truth.orders()).zip(&setup.intents);
    let accepted = orders.filter(|((_, order), _)| order.placed > 0);
    accepted.map(|((number, order), intent)| summary(number, order, &intent.basket)).collect()
}

fn summary(number: u32, order: &OrderTruth, basket: &Basket) -> SubjectSummary {
    let status = order.status.unwrap_or_default();
    let stock = match order.hold {
        None => "none held",
        Some(None) => "held",
        Some(Some(HoldEnd::Confirmed)) => "picked",
        Some(Some(HoldEnd::Returned)) => "returned",
        Some(Some(HoldEnd::Released)) => "freed",
        Some(Some(HoldEnd::Expired)) => "expired",
    };
    let payment = match order.payment {
        None => "none",
        Some(PaymentStatus::Charging { given_up: false }) => "charging",
        Some(PaymentStatus::Charging { given_up: true }) => "charging, given up",
        Some(PaymentStatus::Charged) => "charged",
        Some(PaymentStatus::NotNeeded) => "not needed",
        Some(PaymentStatus::Declined) => "declined",
        Some(PaymentStatus::Withdrawn) => "withdrawn",
        Some(PaymentStatus::Refunding) => "refunding",
        Some(PaymentStatus::Refunded) => "refunded",
    };
    let (net, quote, wants) = (order.net_cents(), order.quote_cents, goods(basket));
    let dispatched = order.dispatched;
    let text = format!(
        "order {number:<4} {status:<10} stock {stock:<10} payment {payment:<18} {} of {} taken, {dispatched} dispatched: \
         {wants}",
        money(net),
        money(quote),
    );
    let fields = json!({
        "order": number, "wants": wants, "quote_cents": quote, "status": status.to_string(), "stock": stock,
        "payment": payment, "net_cents": net, "dispatched": dispatched,
    });
    SubjectSummary { number, over: status != Status::Pending, text, fields }
}
