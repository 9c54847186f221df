//! What a fingerprint can be made blind to, to prove that it must not be.
//!
//! A memo whose fingerprint leaves something out takes different states for one, and misses ends. Each part named here
//! is left out in turn by a test, and the ends that are reached must differ; an equal set would mean that the part is
//! either hashed twice or that no model needs it.

/// Parts of the world that a fingerprint does not see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blind(u16);

impl Blind {
    /// Sees everything.
    pub const NOT: Blind = Blind(0);
    /// Ground truth, and with it what monitors remember.
    pub const LEDGER: Blind = Blind(1);
    /// Stores and memory of outside parties.
    pub const OUTSIDE: Blind = Blind(1 << 1);
    /// Cut links.
    pub const LINKS: Blind = Blind(1 << 2);
    /// How many faults are left to place.
    pub const BUDGET: Blind = Blind(1 << 3);
    /// How far off clocks are.
    pub const CLOCKS: Blind = Blind(1 << 4);
    /// How far away in time pending things are.
    pub const TIMES: Blind = Blind(1 << 5);
    /// What services keep in memory.
    pub const MEMORY: Blind = Blind(1 << 6);
    /// Armed timers.
    pub const TIMERS: Blind = Blind(1 << 7);
    /// Messages in flight.
    pub const MESSAGES: Blind = Blind(1 << 8);
    /// Handlers half done.
    pub const TASKS: Blind = Blind(1 << 9);
    /// Stores of services.
    pub const STORES: Blind = Blind(1 << 10);
    /// Who is down, and who leads.
    pub const OUTAGES: Blind = Blind(1 << 11);

    /// Every part with its name.
    pub const ALL: [(Blind, &'static str); 12] = [
        (Blind::LEDGER, "ledger"),
        (Blind::OUTSIDE, "outside parties"),
        (Blind::LINKS, "links"),
        (Blind::BUDGET, "budget"),
        (Blind::CLOCKS, "clocks"),
        (Blind::TIMES, "times"),
        (Blind::MEMORY, "memory"),
        (Blind::TIMERS, "timers"),
        (Blind::MESSAGES, "messages"),
        (Blind::TASKS, "handlers half done"),
        (Blind::STORES, "stores"),
        (Blind::OUTAGES, "outages"),
    ];

    /// Whether any of these is seen.
    #[inline]
    pub(crate) const fn sees(self, part: Blind) -> bool {
        self.0 & part.0 == 0
    }
}
