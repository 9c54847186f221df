//! The same job in a [`World`].

use std::hint::black_box;
use std::sync::Arc;

use stormcart_sim::draw::Draws;
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::property::Violation;
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, Node, Role, Vocabulary};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Context, Instant, Message, Service, Timer, To, Truth, World};

use super::{Hop, Job, LINK, Outcome, SERVICES, Visit, Visits};

/// What it ends with, and when.
pub fn run(job: Job) -> (Outcome, Instant) {
    let role = RoleSpec {
        instances: 1,
        outside: false,
        failover: None,
        service: Spread::default(),
        isolation: Isolation::Serializable,
    };
    let draws = Draws::new(black_box(job.seed));
    let mut physics = Physics::new(draws, vec![role; SERVICES as usize]);
    physics.link = LINK;
    let mut world = World::<Shop>::new(
        Arc::new(physics),
        Nobody,
        |_, _| Shop(job),
        |_| Visits::default(),
        Arc::new([]),
        Trace::off(),
    );
    while world.step() {}
    black_box(world.digest());
    let stores = (0..SERVICES).map(|role| world.database(Role(role)).state());
    (Outcome::of(job, world.events(), stores), world.now())
}

/// Writes down who came by and sends them on.
#[derive(Clone, Hash)]
struct Shop(Job);

impl Service for Shop {
    type Store = Visits;
    type Record = Visit;
    type Message = Hop;
    type Timer = Never;
    type Fact = ();
    type Truth = Nobody;

    const VOCABULARY: &'static Vocabulary =
        &Vocabulary { roles: &[], operations: &[], misbehaviors: &[], subject: "order" };

    fn apply(visits: &mut Visits, visit: &Visit) {
        visit.apply(visits);
    }

    fn fact(_: Role, _: &Visit) -> Option<()> {
        None
    }

    fn on_message(&mut self, cx: &mut Context<'_, Self>, _: Node, message: Hop) {
        cx.commit([Visit(message.order)]);
        if let Some(next) = message.next() {
            cx.send(To::Role(next.to()), next);
        }
    }

    fn on_timer(&mut self, _: &mut Context<'_, Self>, timer: Never) {
        match timer {}
    }

    /// Every role has one instance, so a node's number is its role's.
    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        for first in self.0.first_hops(Role(cx.node().0)) {
            cx.send(To::Role(first.to()), first);
        }
    }

    fn wiped(&self) -> Self {
        self.clone()
    }
}

impl Message for Hop {
    fn identity(&self) -> Identity {
        Hop::identity(self)
    }

    fn refused(&self) -> Option<Self> {
        None
    }
}

/// Nothing here is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Never {}

impl Timer for Never {
    fn identity(&self) -> Identity {
        match *self {}
    }
}

/// Nobody watches.
#[derive(Clone, Hash)]
struct Nobody;

impl Truth for Nobody {
    type Fact = ();

    fn observe(&mut self, _: Moment, (): ()) {}

    fn replayed(&mut self, _: Moment, _: Role, _: bool) {}

    fn exposed(&self, _: Option<u32>) -> bool {
        false
    }

    fn violations(&self) -> &[Violation] {
        &[]
    }
}
