//! Sentences: what one entry of a trace says to a person.
//!
//! **Invariant:** every entry has a sentence; whether it is worth reading is its weight, and others decide by it.

use stormcart_models::domain::{Basket, HoldEnd, Line as Article};
use stormcart_models::fact::Fact;
use stormcart_models::message::{Body, Command, Message, Order, Timer};
use stormcart_models::service::{Checkout, Record, payments};
use stormcart_models::words::{Event, Op, Outcome, Party};
use stormcart_sim::Service;
use stormcart_sim::site::{MessageKind, Node};
use stormcart_sim::trace::{Entry, Happening, Loss};

use crate::fault_text::{fault_name, node_name};
use crate::plan::Plan;

use super::state_tree::StateTree;

/// How much an entry matters to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Bookkeeping: only in a full log.
    Detail,
    /// A message or a note on the way.
    Step,
    /// What really happened.
    Key,
    /// What went wrong.
    Trouble,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it happened; a node's name, or nobody's.
    pub who: String,
    /// The sentence.
    pub what: String,
    /// The order it is about, if one.
    pub order: Option<Order>,
    /// How much it matters.
    pub weight: Weight,
}

/// Tells the entries of one plan's trace.
pub struct TraceFormatter<'a> {
    plan: &'a Plan,
}

impl<'a> TraceFormatter<'a> {
    /// Somebody who knows this plan.
    pub fn new(plan: &'a Plan) -> Self {
        TraceFormatter { plan }
    }

    fn name(&self, node: Node) -> String {
        node_name(&self.plan.physics, node)
    }

    fn party(&self, node: Node) -> Party {
        Party::of(self.plan.physics.role(node))
    }

    fn at(&self, node: Node, weight: Weight, order: Option<Order>, what: String) -> Line {
        Line { who: self.name(node), what, order, weight }
    }

    /// What this entry says.
    pub fn tell(&self, entry: &Entry<Checkout>) -> Line {
        let nobody = |what: String| Line { who: String::new(), what, order: None, weight: Weight::Trouble };
        match &entry.what {
            Happening::Start => Line { weight: Weight::Detail, ..nobody("the shop opens".into()) },
            Happening::Delivered { from, to, message } => {
                let (weight, what) = self.delivered(*from, message);
                self.at(*to, weight, Some(message.order), what)
            }
            Happening::Lost { from, to, message, why } => {
                self.at(*to, Weight::Trouble, Some(message.order), self.lost(*from, *to, message, *why))
            }
            Happening::Timer { node, timer } => {
                let (weight, what) = timer_words(self.party(*node), *timer);
                let order = (timer.op != Op::Redeliver).then_some(timer.order);
                self.at(*node, weight, order, what)
            }
            Happening::Written { node, record } => self.written(*node, record),
            Happening::Aborted(node) => {
                self.at(*node, Weight::Trouble, None, "the database aborts the transaction".into())
            }
            Happening::Crashed(node) => self.at(*node, Weight::Trouble, None, "crashes".into()),
            Happening::Restarted(node) => self.at(*node, Weight::Key, None, "is back".into()),
            Happening::TookOver { node, lost } => {
                self.at(*node, Weight::Key, None, format!("takes over from {}", self.name(*lost)))
            }
            Happening::Fault { fault } => {
                let words = self.plan.faults.get(usize::from(*fault));
                let words = words.map_or(String::new(), |fault| fault_name(fault, &self.plan.physics));
                nobody(format!("fault {}: {words}", fault + 1))
            }
            Happening::Mended { fault } => {
                Line { weight: Weight::Key, ..nobody(format!("fault {} is over", fault + 1)) }
            }
            Happening::Flapped { fault, carries } => {
                nobody(format!("fault {}: the links are down until {carries}", fault + 1))
            }
            Happening::LeftOut(node) => {
                self.at(*node, Weight::Key, None, "is left out, since the core cannot rely on it".into())
            }
            Happening::Torn(role) => nobody(format!(
                "the log of {} ends in half a transaction, which is cut off",
                Party::of(*role)
            )),
            Happening::Healed { all } => {
                let what = if *all {
                    "everything is healed"
                } else {
                    "a viable core is healed; the rest stays broken"
                };
                Line { weight: Weight::Key, ..nobody(what.into()) }
            }
        }
    }

    /// What a message says when it arrives.
    pub fn arrives(&self, from: Node, message: &Message) -> String {
        self.delivered(from, message).1
    }

    /// What a timer says when it fires.
    pub fn fires(&self, node: Node, timer: Timer) -> String {
        timer_words(self.party(node), timer).1
    }

    /// What a record says when it is written.
    pub fn record(&self, node: Node, record: &Record) -> String {
        match Checkout::fact(self.plan.physics.role(node), record) {
            Some(fact) => fact_words(&fact).1,
            None => StateTree::of(record).words(),
        }
    }

    fn delivered(&self, from: Node, message: &Message) -> (Weight, String) {
        let (who, from) = (self.party(from), self.name(from));
        let name = name(message);
        match (&message.body, message.kind) {
            (Body::Command(Command { via: Some((event, _)), .. }), _) => {
                (Weight::Step, format!("{name}: {event} comes from the log"))
            }
            (Body::Command(_), _) => (Weight::Step, format!("{name}: asked by {from}")),
            (Body::Outcome(_), MessageKind::Ask) => {
                (Weight::Step, format!("{name}: the provider calls: captured"))
            }
            (Body::Outcome(Outcome::NotExecuted), _) => {
                (Weight::Step, format!("{name}: refused, nobody listens at {from}"))
            }
            (Body::Outcome(outcome), _) => (Weight::Step, format!("{name}: {who} answers `{outcome}`")),
            (Body::Publish(event, ..), _) => (Weight::Step, format!("{name}: {who} announces {event}")),
            (Body::Ack(event, _), _) => (Weight::Detail, format!("{name}: {who} acknowledges {event}")),
            (Body::Damaged(event, _), _) => {
                (Weight::Step, format!("{name}: {event} comes from the log, and cannot be read"))
            }
        }
    }

    fn lost(&self, from: Node, to: Node, message: &Message, why: Loss) -> String {
        let reason = match why {
            Loss::Dropped => "lost".into(),
            Loss::Cut => "the link is cut".into(),
            Loss::Down => format!("{} is down", self.name(to)),
            Loss::Full => format!("the queue of {} is full", self.name(to)),
            Loss::Damaged => "damaged on the way".into(),
            Loss::Lost => "the link lost it".into(),
        };
        let (name, from) = (name(message), self.name(from));
        match (&message.body, message.kind) {
            (Body::Publish(event, ..), _) => {
                format!("{name}: {event} from {from} does not arrive ({reason})")
            }
            (Body::Ack(event, _), _) => {
                format!("{name}: the acknowledgement of {event} does not arrive ({reason})")
            }
            (_, MessageKind::Answer) => format!("{name}: no answer got through ({reason})"),
            _ => format!("{name}: the request of {from} does not arrive ({reason})"),
        }
    }

    fn written(&self, node: Node, record: &Record) -> Line {
        match Checkout::fact(self.plan.physics.role(node), record) {
            Some(fact) => {
                let (weight, what) = fact_words(&fact);
                self.at(node, weight, Some(fact.order()), what)
            }
            None => self.at(node, Weight::Detail, None, format!("writes {}", self.record(node, record))),
        }
    }
}

/// `sale order 3 attempt 1: `done``.
pub fn sent(message: &Message) -> String {
    let name = name(message);
    match &message.body {
        Body::Command(_) => name,
        Body::Outcome(outcome) => format!("{name}: `{outcome}`"),
        Body::Publish(event, ..) => format!("{name}: {event}"),
        Body::Ack(event, _) => format!("{name}: the acknowledgement of {event}"),
        Body::Damaged(event, _) => format!("{name}: {event}, damaged"),
    }
}

/// `sale order 3`, or `redeliver partition 0 of payments`.
pub fn timer_name(timer: Timer) -> String {
    match timer {
        Timer { op: Op::Redeliver, order, group } => format!("redeliver partition {order} of {group}"),
        Timer { op, order, .. } => format!("{op} order {order}"),
    }
}

/// `sale order 3 attempt 1`.
fn name(message: &Message) -> String {
    format!("{} order {} attempt {}", message.op, message.order, message.attempt)
}

fn timer_words(party: Party, timer: Timer) -> (Weight, String) {
    let Timer { op, order, group } = timer;
    let key = |what: String| (Weight::Key, what);
    match (party, op) {
        (Party::Customers, Op::Arrive) => key(format!("order {order}: a customer comes")),
        (Party::Customers, Op::Patience) => {
            key(format!("order {order}: no answer from the shop for too long; the customer asks again"))
        }
        (Party::Customers, Op::Cancel) => key(format!("order {order}: the customer has a change of mind")),
        (_, Op::Deadline) => key(format!("order {order} is overdue")),
        (_, Op::Expiry) => (Weight::Step, format!("order {order}: its stock was held for long enough")),
        (_, Op::Relay) => (Weight::Step, format!("order {order}: nobody took the event; once more")),
        (_, Op::Redeliver) => {
            (Weight::Step, format!("partition {order}: {group} did not acknowledge; once more"))
        }
        (Party::Psp, Op::Sale) => key(format!("order {order}: the late sale goes through")),
        (Party::Psp, _) => (Weight::Step, format!("order {order}: the shop did not hear; calling once more")),
        (_, op) => key(format!("{op} order {order}: no answer in time")),
    }
}

fn fact_words(fact: &Fact) -> (Weight, String) {
    let key = |what: String| (Weight::Key, what);
    let step = |what: String| (Weight::Step, what);
    let detail = |what: String| (Weight::Detail, what);
    match fact {
        Fact::Placed(order, cents) => key(format!("order {order} is accepted, for {}", money(*cents))),
        Fact::CancelAsked(order) => key(format!("order {order} is to be given up")),
        Fact::Closed(order, status) => key(format!("order {order} is now {status}")),
        Fact::Held(order, basket) => key(format!("holds {} for order {order}", goods(basket))),
        Fact::HoldEnded(order, end, basket) => key(format!("{}, order {order}", ended(*end, &goods(basket)))),
        Fact::Booked(order, row, cents) => {
            step(format!("books: {} of order {order} {}", money(*cents), booked(*row)))
        }
        Fact::Shipped(order, row) => step(format!("books: shipment of order {order} {row:?}").to_lowercase()),
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

fn booked(row: payments::Row) -> &'static str {
    match row {
        payments::Row::Charging { given_up: false } => "are being charged",
        payments::Row::Charging { given_up: true } => "are being charged, and no longer wanted",
        payments::Row::Charged => "are charged",
        payments::Row::NotNeeded => "need no charge",
        payments::Row::Declined => "are declined",
        payments::Row::Withdrawn => "will not be charged",
        payments::Row::Refunding => "are being refunded",
        payments::Row::Refunded => "are refunded",
    }
}

/// `2 of article 1 and 1 of article 3`.
pub fn goods(basket: &Basket) -> String {
    let line = |line: &Article| format!("{} of article {}", line.quantity, line.sku);
    basket.lines().iter().map(line).collect::<Vec<_>>().join(" and ")
}

/// An amount in words.
pub fn money(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
