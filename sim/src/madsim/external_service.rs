//! An external service in the storm: an ordinary async process in the place of a participant.
//!
//! It is a future. It is started on the node of each instance of its role when the run begins and after every crash,
//! may spawn tasks, sleep, select and time out as it likes, and is killed with all its tasks by the runtime. It
//! speaks to the others through its [`ServiceHandle`]: what it sends, writes and is told goes the way of every other
//! participant's, past the same adversary, and is judged by the same truth.
//!
//! No backend can see inside it, so crash points are where it touches the world: before, during and after a transaction,
//! and after a message. A failure that was to strike the handling of one message strikes the next such moment. Its
//! clock is the runtime's, which never leaps.
//!
//! **Invariant:** an input that [`ServiceHandle::next`] has not returned is not lost by dropping it: it is taken off
//! the inbox in the same poll that returns it.

mod act;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, OnceLock, Weak};
use std::task::Poll;

use crate::adversary::Backend;
use crate::fault::CrashPoint;
use crate::service::{Service, To};
use crate::site::{Node, Role};
use crate::time::Micros;

use super::place::{Input, Place, Process};
use super::shared::Shared;
use super::sleep;

use act::Transacted;

/// Makes the process of one instance.
pub type ExternalService<S> =
    Arc<dyn Fn(ServiceHandle<S>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// External services, and the roles they have.
#[derive(Clone)]
pub struct ExternalServices<S: Service> {
    services: Vec<(Role, ExternalService<S>)>,
    /// What they wait for cannot be seen: all is at rest when nothing has happened for so long.
    pub(super) quiet: Micros,
}

/// The database gave a transaction up: nothing of it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

/// All that an external service has to do with the world.
pub struct ServiceHandle<S: Service> {
    shared: Arc<Shared<S>>,
    node: Node,
}

impl<S: Service> ExternalServices<S> {
    /// Only the services of the script.
    pub fn none() -> Self {
        ExternalServices { services: Vec::new(), quiet: Micros::ZERO }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }

    /// An external service in the place of the services of a role, which never sleeps for as long as `quiet`.
    pub fn one<F>(
        role: Role,
        quiet: Micros,
        process: impl Fn(ServiceHandle<S>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let service: ExternalService<S> = Arc::new(move |handle| Box::pin(process(handle)));
        ExternalServices { services: vec![(role, service)], quiet }
    }

    /// These and those.
    pub fn and(mut self, others: ExternalServices<S>) -> Self {
        self.services.extend(others.services);
        self.quiet = self.quiet.max(others.quiet);
        self
    }

    /// The place of an instance of a role in a run that `shared` will be the state of.
    pub(super) fn place(&self, role: Role, shared: &Arc<OnceLock<Weak<Shared<S>>>>) -> Option<Place<S>> {
        let (_, service) = self.services.iter().find(|(known, _)| *known == role)?;
        let (service, shared) = (Arc::clone(service), Arc::clone(shared));
        let start = move |node| -> Option<Process> {
            let shared = shared.get()?.upgrade()?;
            Some(service(ServiceHandle { shared, node }))
        };
        Some(Place::new(Box::new(start)))
    }
}

impl<S: Service> ServiceHandle<S> {
    /// The node this instance runs on.
    pub fn node(&self) -> Node {
        self.node
    }

    /// What the service is told next. May be dropped at any await.
    pub async fn next(&self) -> Input<S> {
        poll_fn(|cx| match self.shared.enter().next_input(self.node, cx.waker()) {
            Some(input) => Poll::Ready(input),
            None => Poll::Pending,
        })
        .await
    }

    /// Looks at the store of the role, which its instances share.
    pub fn read<T>(&self, look: impl FnOnce(&S::Store) -> T) -> T {
        let state = self.shared.enter();
        let role = state.physics.role(self.node);
        let mut shelves = state.disk.open();
        look(shelves.of(role).state())
    }

    /// Decides on the store and writes down what was decided, in one serializable transaction, and waits for the disk.
    /// Dropped while it waits, the transaction has happened nevertheless.
    ///
    /// # Errors
    /// If the database aborts.
    pub async fn transact<T>(
        &self,
        decide: impl FnOnce(&S::Store) -> (Vec<S::Record>, T),
    ) -> Result<T, Aborted> {
        let (decided, until) = {
            let mut state = self.shared.enter();
            match state.transact_external(self.node, decide) {
                Transacted::Nothing(decided) => return Ok(decided),
                Transacted::Waits(decided, sync) => (Some(decided), state.now() + sync),
                Transacted::Aborted => return Err(Aborted),
                Transacted::Killed => (None, state.now()),
            }
        };
        let Some(decided) = decided else { sleep::forever().await };
        sleep::until(&self.shared.clock, until).await;
        let killed = self.shared.enter().crashes_external(self.node, CrashPoint::AfterCommit);
        if killed { sleep::forever().await } else { Ok(decided) }
    }

    /// Sends a message to a node or to any instance of a role.
    pub fn send(&self, to: To, message: S::Message) {
        self.shared.enter().send_external(self.node, to, message);
    }

    /// Notes that something rare was reached, by the number of a probe below 64.
    pub fn probe(&self, probe: u8) {
        self.shared.enter().journal.probes |= 1 << probe;
    }
}

impl<S: Service> fmt::Debug for ExternalServices<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.services.iter().map(|(role, _)| role)).finish()
    }
}

impl<S: Service> fmt::Debug for ServiceHandle<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ServiceHandle").field(&self.node).finish()
    }
}
