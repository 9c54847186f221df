//! Waiting for a moment of virtual time, exactly.
//!
//! madsim's `sleep` lasts a millisecond at least; only a deadline that is set afterwards is kept to the nanosecond. Its
//! timers cannot be called back either, so a task that waits for the earliest of several moments waits for the one
//! it knows, and is woken when there is an earlier one.

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::Duration;

use madsim::time::TimeHandle;

use crate::time::Instant;

/// The moment it is.
pub(super) fn now(clock: &TimeHandle) -> Instant {
    Instant(clock.elapsed().as_micros() as u64)
}

/// Returns at a moment, at once if it is over.
pub(super) async fn until(clock: &TimeHandle, at: Instant) {
    watch(clock, at, |_| false).await;
}

/// Returns at a moment or as soon as `woken` says so, which is asked whenever the waker it was given is woken.
pub(super) async fn watch(clock: &TimeHandle, at: Instant, mut woken: impl FnMut(&Waker) -> bool) {
    if at == Instant::NEVER {
        return poll_fn(|cx| if woken(cx.waker()) { Poll::Ready(()) } else { Poll::Pending }).await;
    }
    let left = Duration::from_micros(at.0).saturating_sub(clock.elapsed());
    let mut sleep = pin!(clock.sleep(Duration::ZERO));
    sleep.as_mut().reset(clock.now_instant() + left);
    // Every poll of a sleep sets another timer of the runtime that cannot be called back.
    let mut asleep = false;
    poll_fn(|cx| {
        if woken(cx.waker()) || sleep.is_elapsed() {
            return Poll::Ready(());
        }
        if !asleep {
            asleep = true;
            return sleep.as_mut().poll(cx);
        }
        Poll::Pending
    })
    .await;
}

/// What a task of a killed node does: nothing, until the runtime drops it.
pub(super) async fn forever() -> ! {
    pending().await
}
