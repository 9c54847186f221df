//! Who settles, and how many at once: the provider lets each of our processes ask about two orders at a time.
//!
//! Two ways to write the same loop. Both pass every test of a calm day. A `select!` is `biased`: the branch that tokio
//! draws otherwise comes from a generator of the real thread, and a run could not be repeated.

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use stormcart::harness::backend::ExternalServices;
use stormcart::testing::Check;
use stormcart_models::checkout::vocabulary::Party;
use stormcart_sim::Micros;

use stormcart_models::checkout::message::Order;
use stormcart_models::checkout::service::CheckoutService;
use stormcart_sim::madsim::ServiceHandle;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;

use super::payments::Payments;

const AT_ONCE: usize = 2;
/// How often the dashboard is told.
const REPORT: Duration = Duration::from_millis(100);

/// Longer than this service ever sleeps.
const SILENCE: Micros = Micros::secs(30);

/// Storms over the orchestrated saga, with one of the two in the place of payments.
pub fn check<F>(service: fn(ServiceHandle<CheckoutService>) -> F, seeds: Range<u64>) -> Check<'static>
where
    F: Future<Output = ()> + Send + 'static,
{
    let externals = ExternalServices::one(Party::Payments.role(), SILENCE, service);
    Check { architecture: "orchestrated-saga", externals, seeds, ..Check::default() }
}

/// The service as it should be: first a permit, then an order. Where the report cuts in, nothing is in anybody's hands.
pub async fn careful(handle: ServiceHandle<CheckoutService>) {
    let (payments, mut jobs) = Payments::start(handle);
    tokio::spawn(Arc::clone(&payments).listen());
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
        let order = loop {
            tokio::select! {
                biased;
                order = jobs.recv() => break order,
                () = sleep(REPORT) => { payments.load(); }
            }
        };
        let Some(order) = order else { return };
        tokio::spawn(settle(Arc::clone(&payments), order, permit));
    }
}

/// The bug: [`next`] looks like one step. While it waits for a permit it holds an order, and the report drops it.
pub async fn careless(handle: ServiceHandle<CheckoutService>) {
    let (payments, mut jobs) = Payments::start(handle);
    tokio::spawn(Arc::clone(&payments).listen());
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        tokio::select! {
            biased;
            Some((order, permit)) = next(&mut jobs, &permits) => {
                tokio::spawn(settle(Arc::clone(&payments), order, permit));
            }
            () = sleep(REPORT) => { payments.load(); }
        }
    }
}

/// The next order, once it may be settled. Not to be cancelled.
async fn next(
    jobs: &mut UnboundedReceiver<Order>,
    permits: &Arc<Semaphore>,
) -> Option<(Order, OwnedSemaphorePermit)> {
    let order = jobs.recv().await?;
    let permit = Arc::clone(permits).acquire_owned().await.ok()?;
    Some((order, permit))
}

async fn settle(payments: Arc<Payments>, order: Order, permit: OwnedSemaphorePermit) {
    payments.settle(order).await;
    drop(permit);
}
