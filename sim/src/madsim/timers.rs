//! The timers of one process: the earliest is what it waits for.
//!
//! A name is armed at most once, because arming disarms it before; of several due at one instant the one armed first
//! fires first.

use std::collections::BTreeMap;
use std::task::Waker;

use rustc_hash::FxBuildHasher;

use crate::service::Timer;
use crate::time::Instant;
use crate::trace::Cause;

#[expect(clippy::disallowed_types, reason = "looked up by name, never iterated")]
type Names<T> = std::collections::HashMap<T, (Instant, u64), FxBuildHasher>;

/// Armed timers.
pub(super) struct Timers<T> {
    armed: BTreeMap<(Instant, u64), (T, Cause)>,
    names: Names<T>,
    armings: u64,
    /// The moment the process waits for.
    pub awaited: Instant,
    /// Wakes the process.
    pub waker: Option<Waker>,
}

impl<T: Timer> Timers<T> {
    pub fn new() -> Self {
        let (armed, names) = (BTreeMap::new(), Names::default());
        Timers { armed, names, armings: 0, awaited: Instant::NEVER, waker: None }
    }

    pub fn is_empty(&self) -> bool {
        self.armed.is_empty()
    }

    pub fn arm(&mut self, timer: T, at: Instant, cause: Cause) {
        self.disarm(timer);
        self.armings += 1;
        self.armed.insert((at, self.armings), (timer, cause));
        self.names.insert(timer, (at, self.armings));
        self.wake();
    }

    pub fn disarm(&mut self, timer: T) {
        if let Some(key) = self.names.remove(&timer) {
            self.armed.remove(&key);
        }
    }

    /// The process is gone, and with it what it had armed.
    pub fn clear(&mut self) {
        self.armed.clear();
        self.names.clear();
        self.waker = None;
    }

    /// When the first fires.
    pub fn next_at(&self) -> Instant {
        self.armed.first_key_value().map_or(Instant::NEVER, |((at, _), _)| *at)
    }

    /// Takes the first one that is due by now.
    pub fn due(&mut self, now: Instant) -> Option<(T, Cause)> {
        let first = self.armed.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let (timer, cause) = first.remove();
        self.names.remove(&timer);
        Some((timer, cause))
    }

    /// Moves these to other times.
    pub fn retime(&mut self, these: impl Fn(T, Instant) -> bool, moved: impl Fn(Instant) -> Instant) {
        let found = self.armed.extract_if(.., |(at, _), (timer, _)| these(*timer, *at));
        let found: Vec<_> = found.collect();
        for ((at, _), (timer, cause)) in found {
            self.names.remove(&timer);
            self.arm(timer, moved(at), cause);
        }
    }

    /// Wakes the process if it waits for too late a moment.
    fn wake(&self) {
        if let Some(waker) = self.waker.as_ref().filter(|_| self.next_at() < self.awaited) {
            waker.wake_by_ref();
        }
    }
}
