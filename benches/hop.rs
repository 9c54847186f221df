//! What a hop costs: the kernel against the event loop one would write by hand for this one job, and against the
//! same services as async processes on madsim and on turmoil.
//!
//! Eight services hand orders around, 20 hops each: 1,000 orders at once (dense), or one order in a world of its own
//! (a short seed). A hop is one message and one update of a map, in every contender; all end with the same maps,
//! which is asserted before anything is measured.
//!
//! In the kernel and in the loop it is also one record in a log, one addressed ChaCha8 draw and one more piece of the
//! digest, and both end at the same virtual time. What is left between these two is the price of a world that can be
//! crashed, cut, forked and compared.
//!
//! Wall-clock time says little on a shared machine. So what is compared are ratios within one run, printed as a table
//! at the end, and the bound on the kernel is on instructions: `instructions.txt` beside this file keeps their count.
//! `--once` runs the dense workload of one contender once and nothing else:
//!
//! ```text
//! cargo bench --bench hop                     # times, and the table of ratios
//! cargo bench --bench hop --no-run            # prints the path of the executable
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null <executable> --once kernel
//! valgrind --tool=callgrind --callgrind-out-file=/dev/null <executable> --once loop
//! ```

#[path = "hop/by_hand.rs"]
mod by_hand;
#[path = "hop/by_kernel.rs"]
mod by_kernel;
#[cfg(madsim)]
#[path = "hop/by_madsim.rs"]
mod by_madsim;
#[path = "hop/by_turmoil.rs"]
mod by_turmoil;
#[path = "hop/ratios.rs"]
mod ratios;

use std::hint::black_box;

use stormcart_sim::digest::Digest;
use stormcart_sim::physics::Spread;
use stormcart_sim::site::{Identity, MessageKind, Operation, Role};
use stormcart_sim::{DenseMap, Micros};

const SERVICES: u8 = 8;
const HOPS: u8 = 20;
/// The spread is what makes the draw of each hop matter.
const LINK: Spread = Spread { base: Micros(500), spread: Micros(1_000) };

/// How many orders go round, in a world of which seed.
#[derive(Clone, Copy, Debug, Hash)]
struct Job {
    orders: u32,
    seed: u64,
}

const DENSE: Job = Job { orders: 1_000, seed: 7 };

/// One order in a fresh world.
const fn short(seed: u64) -> Job {
    Job { orders: 1, seed }
}

impl Job {
    const fn hops(self) -> u64 {
        self.orders as u64 * HOPS as u64
    }

    /// The first hops that `role` sends: each order starts one service before its first hop, so that every hop goes
    /// over a link.
    fn first_hops(self, role: Role) -> impl Iterator<Item = Hop> {
        (u32::from(role.0)..self.orders).step_by(usize::from(SERVICES)).map(|order| Hop { order, hop: 1 })
    }

    /// How many hops reach each service; a process that receives in a loop has to know when it has seen them all.
    fn arrivals(self) -> [u32; SERVICES as usize] {
        let mut arrivals = [0; SERVICES as usize];
        for order in 0..self.orders {
            for hop in 1..=HOPS {
                arrivals[usize::from(Hop { order, hop }.to().0)] += 1;
            }
        }
        arrivals
    }
}

/// An order on its way, with the number of the hop, from 1.
#[derive(Clone, Debug, Hash)]
struct Hop {
    order: u32,
    hop: u8,
}

/// A hop as a datagram.
type Wire = [u8; 5];

impl Hop {
    const fn identity(&self) -> Identity {
        Identity { operation: Operation(self.hop), kind: MessageKind::Ask, subject: self.order, attempt: 1 }
    }

    /// Where it goes: orders start at different services and go round.
    const fn to(&self) -> Role {
        Role(((self.order + self.hop as u32) % SERVICES as u32) as u8)
    }

    /// The hop after this one.
    fn next(&self) -> Option<Hop> {
        (self.hop < HOPS).then_some(Hop { order: self.order, hop: self.hop + 1 })
    }

    const fn write(&self) -> Wire {
        let [a, b, c, d] = self.order.to_le_bytes();
        [a, b, c, d, self.hop]
    }

    const fn read([a, b, c, d, hop]: Wire) -> Self {
        Hop { order: u32::from_le_bytes([a, b, c, d]), hop }
    }
}

/// What a service keeps: how often it saw each order.
type Visits = DenseMap<u32>;

/// One visit, for the log.
#[derive(Clone, Debug, Hash)]
struct Visit(u32);

impl Visit {
    fn apply(&self, visits: &mut Visits) {
        *visits.entry(self.0) += 1;
    }
}

/// What all contenders must agree on.
#[derive(Debug, PartialEq)]
struct Outcome {
    hops: u64,
    /// The digest of each store.
    stores: Vec<u64>,
}

impl Outcome {
    fn of<'a>(job: Job, hops: u64, stores: impl Iterator<Item = &'a Visits>) -> Self {
        assert_eq!(hops, job.hops(), "every order made all its hops");
        Outcome { hops, stores: stores.map(Digest::of).collect() }
    }

    /// Of those who count no events: every hop is a visit.
    fn seen(job: Job, stores: &[Visits]) -> Self {
        let visits = stores.iter().flat_map(Visits::iter).map(|(_, times)| u64::from(*times));
        Outcome::of(job, visits.sum(), stores.iter())
    }
}

/// Who does the job, and how many times longer than the kernel it is to take at least.
struct Variant {
    name: &'static str,
    run: fn(Job) -> Outcome,
    at_least: Option<Aim>,
}

/// Times the kernel.
struct Aim {
    dense: f64,
    short: f64,
}

#[cfg(madsim)]
const BESIDE_MADSIM: Option<Aim> = Some(Aim { dense: 5.0, short: 20.0 });
const BESIDE_TURMOIL: Option<Aim> = Some(Aim { dense: 2.5, short: 300.0 });

const KERNEL: Variant = Variant { name: "kernel", run: |job| by_kernel::run(job).0, at_least: None };

const CONTENDERS: &[Variant] = &[
    KERNEL,
    Variant { name: "loop", run: |job| by_hand::run(job).0, at_least: None },
    #[cfg(madsim)]
    Variant { name: "madsim", run: by_madsim::run, at_least: BESIDE_MADSIM },
    #[cfg(madsim)]
    Variant { name: "madsim-thread", run: by_madsim::run_in_thread, at_least: BESIDE_MADSIM },
    Variant { name: "turmoil", run: by_turmoil::run, at_least: BESIDE_TURMOIL },
];

fn main() {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--once").skip(1);
    match arguments.next() {
        Some(name) => {
            let variant = CONTENDERS.iter().find(|variant| variant.name == name);
            let names = || CONTENDERS.iter().map(|variant| variant.name).collect::<Vec<_>>().join(", ");
            let variant = variant.unwrap_or_else(|| panic!("--once takes one of {}", names()));
            drop(black_box((variant.run)(DENSE)));
        }
        None => {
            agree();
            ratios::measure();
        }
    }
}

/// Every contender delivers every hop and ends with the same maps; the loop also takes as long as the kernel does.
fn agree() {
    for job in [DENSE].into_iter().chain((0..8).map(short)) {
        assert_eq!(by_kernel::run(job), by_hand::run(job), "the loop, {job:?}");
        for variant in CONTENDERS {
            assert_eq!((variant.run)(job), (KERNEL.run)(job), "{}, {job:?}", variant.name);
        }
    }
}
