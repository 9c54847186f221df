//! What a hop costs: the kernel against the event loop one would write by hand for this one job.
//!
//! Eight services hand 1,000 orders around, 20 hops each. A hop is one event, one durable update of a map, one
//! record in a log, one addressed ChaCha8 draw and one more piece of the digest, in both contenders; both end at the
//! same virtual time with the same stores, which is asserted. What is left is the price of a world that can be
//! crashed, cut, forked and compared.
//!
//! Wall-clock time says little on a shared machine, so the bound is on instructions, and `instructions.txt` beside
//! this file keeps their count. `--once` runs one contender once and nothing else:
//!
//! ```text
//! cargo bench --bench hop --no-run            # prints the path of the executable
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null <executable> --once kernel
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null <executable> --once loop
//! ```

#[path = "hop/by_hand.rs"]
mod by_hand;
#[path = "hop/by_kernel.rs"]
mod by_kernel;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use stormcart_sim::digest::Digest;
use stormcart_sim::physics::Spread;
use stormcart_sim::site::{Identity, Leg, Operation, Role};
use stormcart_sim::{Instant, Micros, Table};

const SERVICES: u8 = 8;
const ORDERS: u32 = 1_000;
const HOPS: u8 = 20;
const SEED: u64 = 7;
/// The spread is what makes the draw of each hop matter.
const LINK: Spread = Spread { base: Micros(500), spread: Micros(1_000) };

/// An order on its way, with the number of the hop, from 1.
#[derive(Clone, Debug, Hash)]
struct Hop {
    order: u32,
    hop: u8,
}

impl Hop {
    const fn identity(&self) -> Identity {
        Identity { operation: Operation(self.hop), leg: Leg::Ask, subject: self.order, attempt: 1 }
    }

    /// Where it goes: orders start at different services and go round.
    const fn to(&self) -> Role {
        Role(((self.order + self.hop as u32) % SERVICES as u32) as u8)
    }

    /// The hop after this one.
    fn next(&self) -> Option<Hop> {
        (self.hop < HOPS).then_some(Hop { order: self.order, hop: self.hop + 1 })
    }
}

/// What a service keeps: how often it saw each order.
type Visits = Table<u32>;

/// One visit, for the log.
#[derive(Clone, Debug, Hash)]
struct Visit(u32);

impl Visit {
    fn apply(&self, visits: &mut Visits) {
        *visits.entry(self.0) += 1;
    }
}

/// What both contenders must agree on.
#[derive(Debug, PartialEq)]
struct Outcome {
    hops: u64,
    rest: Instant,
    /// The digest of each store.
    stores: Vec<u64>,
}

impl Outcome {
    fn of<'a>(hops: u64, rest: Instant, stores: impl Iterator<Item = &'a Visits>) -> Self {
        assert_eq!(hops, u64::from(ORDERS) * u64::from(HOPS), "every order made all its hops");
        Outcome { hops, rest, stores: stores.map(Digest::of).collect() }
    }
}

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--once").skip(1);
    match arguments.next().as_deref() {
        Some("kernel") => drop(black_box(by_kernel::run())),
        Some("loop") => drop(black_box(by_hand::run())),
        Some(other) => panic!("--once takes `kernel` or `loop`, not `{other}`"),
        None => compare(),
    }
}

fn compare() {
    assert_eq!(by_kernel::run(), by_hand::run());
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("hop");
    group.throughput(Throughput::Elements(u64::from(ORDERS) * u64::from(HOPS)));
    group.bench_function("kernel", |bencher| bencher.iter(by_kernel::run));
    group.bench_function("loop", |bencher| bencher.iter(by_hand::run));
    group.finish();
    criterion.final_summary();
}
