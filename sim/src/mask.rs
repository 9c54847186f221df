//! What a fingerprint can leave out, to prove that it must not. For tests: the parts are shown with feature `testing`.
//!
//! A memo whose fingerprint leaves something out takes different states for one, and misses ends. Each part named here
//! is left out in turn by a test (`tests/explore/mask.rs`, and `a_blind_memo_misses_ends` of the checkout), and the
//! ends that are reached must differ; an equal set would mean that the part is either hashed twice or that no model
//! needs it.

/// Parts of the world that a fingerprint does not see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FingerprintMask(u16);

impl FingerprintMask {
    /// Sees everything.
    pub const NONE: FingerprintMask = FingerprintMask(0);

    /// Whether any of these is seen.
    #[inline]
    pub(crate) const fn sees(self, part: FingerprintMask) -> bool {
        self.0 & part.0 == 0
    }
}

/// The parts, for tests.
#[cfg_attr(not(feature = "testing"), doc(hidden))]
impl FingerprintMask {
    /// Ground truth, and with it what monitors remember.
    pub const LEDGER: FingerprintMask = FingerprintMask(1);
    /// Stores and memory of outside parties.
    pub const OUTSIDE: FingerprintMask = FingerprintMask(1 << 1);
    /// Cut links.
    pub const LINKS: FingerprintMask = FingerprintMask(1 << 2);
    /// How many faults are left to place.
    pub const BUDGET: FingerprintMask = FingerprintMask(1 << 3);
    /// How far off clocks are.
    pub const CLOCKS: FingerprintMask = FingerprintMask(1 << 4);
    /// How far away in time pending things are.
    pub const TIMES: FingerprintMask = FingerprintMask(1 << 5);
    /// What services keep in memory.
    pub const MEMORY: FingerprintMask = FingerprintMask(1 << 6);
    /// Armed timers.
    pub const TIMERS: FingerprintMask = FingerprintMask(1 << 7);
    /// Messages in flight.
    pub const MESSAGES: FingerprintMask = FingerprintMask(1 << 8);
    /// Handlers half done.
    pub const TASKS: FingerprintMask = FingerprintMask(1 << 9);
    /// Stores of services.
    pub const STORES: FingerprintMask = FingerprintMask(1 << 10);
    /// Which nodes are down, and which ones lead.
    pub const OUTAGES: FingerprintMask = FingerprintMask(1 << 11);

    /// Every part with its name.
    pub const ALL: [(FingerprintMask, &'static str); 12] = [
        (FingerprintMask::LEDGER, "ledger"),
        (FingerprintMask::OUTSIDE, "outside parties"),
        (FingerprintMask::LINKS, "links"),
        (FingerprintMask::BUDGET, "budget"),
        (FingerprintMask::CLOCKS, "clocks"),
        (FingerprintMask::TIMES, "times"),
        (FingerprintMask::MEMORY, "memory"),
        (FingerprintMask::TIMERS, "timers"),
        (FingerprintMask::MESSAGES, "messages"),
        (FingerprintMask::TASKS, "handlers half done"),
        (FingerprintMask::STORES, "stores"),
        (FingerprintMask::OUTAGES, "outages"),
    ];
}
