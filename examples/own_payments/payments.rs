//! Payments, as a team would write it that never heard of this project: tasks, timeouts, a retry loop.
//!
//! A command is decided in one transaction. What the provider owes an answer to is settled by a task of its own, which
//! asks until it knows; whoever waits for the end waits for the row to move, not for the task.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use stormcart_models::checkout::domain::{Basket, Status};
use stormcart_models::checkout::message::{Body, Command, Message, Order};
use stormcart_models::checkout::service::CheckoutService;
use stormcart_models::checkout::vocabulary::{Op, Outcome, Party};
use stormcart_sim::To;
use stormcart_sim::madsim::{Aborted, Input, ServiceHandle};
use stormcart_sim::site::{MessageKind, Node};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::rules::{self, Next};

/// How long the first call waits for the provider; later ones wait twice as long each, up to the cap.
const PATIENCE: Duration = Duration::from_secs(1);
const PATIENCE_CAP: Duration = Duration::from_secs(8);
/// After so many calls a person must act.
const CALLS: u8 = 60;

/// One process of the service.
pub struct Payments {
    handle: ServiceHandle<CheckoutService>,
    /// Orders that are to be settled.
    jobs: mpsc::UnboundedSender<Order>,
    /// Who waits for the answer to which question.
    calls: Mutex<BTreeMap<(Op, Order), oneshot::Sender<Outcome>>>,
    /// Orders that a task of this process is settling.
    settling: Mutex<BTreeSet<Order>>,
    /// A payment moved.
    moved: Notify,
}

impl Payments {
    /// A process that has just started, and the jobs it finds.
    pub fn start(handle: ServiceHandle<CheckoutService>) -> (Arc<Self>, mpsc::UnboundedReceiver<Order>) {
        let (jobs, taken) = mpsc::unbounded_channel();
        let (calls, settling, moved) = Default::default();
        let payments = Payments { handle, jobs, calls, settling, moved };
        payments.resume();
        (Arc::new(payments), taken)
    }

    /// Takes up what arrives, for ever.
    pub async fn listen(self: Arc<Self>) {
        loop {
            match self.handle.next().await {
                Input::Message(from, message) => self.take(from, message),
                Input::TakeOver => self.resume(),
            }
        }
    }

    /// What a process that is gone had under way is settled by this one: the rows say what that is.
    fn resume(&self) {
        self.handle.read(rules::open).into_iter().for_each(|order| self.wants_settling(order));
    }

    fn wants_settling(&self, order: Order) {
        // Nobody listens only when the process is about to end.
        let _ = self.jobs.send(order);
    }

    fn take(self: &Arc<Self>, from: Node, message: Message) {
        let Message { op, kind, order, attempt, body } = message;
        match (kind, body) {
            (MessageKind::Ask, Body::Command(command)) => {
                tokio::spawn(Arc::clone(self).command(from, op, order, attempt, command));
            }
            // The provider calls by itself: as good as an answer.
            (MessageKind::Ask, Body::Outcome(outcome)) => {
                self.answered(Op::Sale, order, outcome);
                let body = Body::Outcome(Outcome::Done);
                self.handle
                    .send(To::Node(from), Message { op, kind: MessageKind::Ack, order, attempt, body });
            }
            (MessageKind::Answer, Body::Outcome(outcome)) => self.answered(op, order, outcome),
            _ => {}
        }
    }

    /// Carries a command out and answers it; where the database gives up, the caller asks again.
    async fn command(self: Arc<Self>, from: Node, op: Op, order: Order, attempt: u8, command: Command) {
        loop {
            // Before looking, so that no move is missed.
            let moved = self.moved.notified();
            match self.handle.transact(|store| rules::decide(store, op, order, &command)).await {
                Err(Aborted) => return,
                Ok(Next::Answer(outcome)) => {
                    return self.handle.send(To::Node(from), Message::answer(op, order, attempt, outcome));
                }
                Ok(Next::Settle) => self.wants_settling(order),
                Ok(Next::Wait) => {}
            }
            moved.await;
        }
    }

    /// Asks the provider for all that is due, until nothing is.
    pub async fn settle(&self, order: Order) {
        if !held(&self.settling).insert(order) {
            return;
        }
        while let Some((due, basket)) = self.handle.read(|store| rules::due(store, order)) {
            let said = self.ask(due, order, &basket).await;
            let concluded = self.handle.transact(|store| match said {
                Some(outcome) => (rules::conclude(store, order, due, outcome), ()),
                None => (rules::dead_letter(store, order), ()),
            });
            match concluded.await {
                Ok(()) => self.moved.notify_waiters(),
                Err(Aborted) => sleep(PATIENCE).await,
            }
        }
        held(&self.settling).remove(&order);
    }

    /// Asks until the outcome is known; what may have happened is looked up before it is repeated.
    async fn ask(&self, due: Op, order: Order, basket: &Basket) -> Option<Outcome> {
        let (mut question, mut patience) = (due, PATIENCE);
        for attempt in 1..=CALLS {
            match timeout(patience, self.call(question, order, attempt, basket)).await {
                Ok(Some(outcome @ (Outcome::Done | Outcome::Declined))) => return Some(outcome),
                Ok(Some(Outcome::NotFound)) => question = due,
                Ok(_) => {
                    sleep(patience).await;
                    question = due.look_up().unwrap_or(due);
                }
                Err(_) => question = due.look_up().unwrap_or(due),
            }
            patience = (patience * 2).min(PATIENCE_CAP);
        }
        None
    }

    /// One question to the provider, and its answer.
    async fn call(&self, op: Op, order: Order, attempt: u8, basket: &Basket) -> Option<Outcome> {
        let (answer, answered) = oneshot::channel();
        held(&self.calls).insert((op, order), answer);
        let command = Command { key: 0, basket: basket.clone(), status: Status::Pending, via: None };
        self.handle.send(To::Role(Party::Psp.role()), Message::ask(op, order, attempt, command));
        answered.await.ok()
    }

    /// The provider said something: whoever asked for it hears it.
    fn answered(&self, op: Op, order: Order, outcome: Outcome) {
        if let Some(answer) = held(&self.calls).remove(&(op, order)) {
            // Who gave up waiting asks again.
            let _ = answer.send(outcome);
        }
    }

    /// How much there is to do, for a dashboard.
    pub fn load(&self) -> usize {
        held(&self.settling).len()
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
