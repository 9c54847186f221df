//! The loop one would write for this job and no other: a heap, a match, and the work.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hash::{Hash, Hasher};
use std::hint::black_box;

use stormcart_sim::Instant;
use stormcart_sim::digest::Digest;
use stormcart_sim::draw::{Draws, Lane, Purpose};

use super::{HOPS, Hop, Job, LINK, Outcome, SERVICES, Visit, Visits};

/// Ordered by time and priority; the order and the hop only break what never ties.
type Pending = BinaryHeap<Reverse<(Instant, u64, u32, u8)>>;

#[derive(Clone, Default)]
struct Shop {
    visits: Visits,
    log: Vec<Visit>,
}

/// What it ends with, and when.
pub fn run(job: Job) -> (Outcome, Instant) {
    let draws = Draws::new(black_box(job.seed));
    let mut pending = Pending::new();
    let mut shops = vec![Shop::default(); SERVICES as usize];
    let mut digest = Digest::default();
    let (mut now, mut hops) = (Instant::ZERO, 0);
    for order in 0..job.orders {
        send(&draws, &mut pending, now, &Hop { order, hop: 1 });
    }
    while let Some(Reverse((at, _, order, hop))) = pending.pop() {
        let message = Hop { order, hop };
        let to = message.to();
        now = at;
        hops += 1;
        digest.word(now.0);
        digest.word(message.identity().packed(to) ^ u64::from(to.0));
        message.hash(&mut digest);
        let shop = &mut shops[to.0 as usize];
        let visit = Visit(order);
        visit.apply(&mut shop.visits);
        shop.log.push(visit);
        if hop < HOPS {
            send(&draws, &mut pending, now, &Hop { order, hop: hop + 1 });
        }
    }
    black_box(digest.finish());
    (Outcome::of(job, hops, shops.iter().map(|shop| &shop.visits)), now)
}

fn send(draws: &Draws, pending: &mut Pending, now: Instant, message: &Hop) {
    let name = message.identity().packed(message.to());
    let bits = draws.bits(Purpose::Message, name >> 32, u64::from(message.order));
    pending.push(Reverse((now + LINK.draw(bits, Lane::Link), bits.priority(), message.order, message.hop)));
}
