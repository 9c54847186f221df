//! The same job in a [`World`].

use std::hint::black_box;
use std::sync::Arc;

use stormcart_sim::draw::Draws;
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, Node, Role, Vocabulary};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Context, Message, Service, Timer, To, Truth, World};

use super::{Hop, LINK, ORDERS, Outcome, SEED, SERVICES, Visit, Visits};

pub fn run() -> Outcome {
    let role = RoleSpec {
        instances: 1,
        outside: false,
        failover: None,
        service: Spread::default(),
        isolation: Isolation::Serializable,
    };
    let draws = Draws::new(black_box(SEED));
    let mut physics = Physics::new(draws, vec![role; SERVICES as usize]);
    physics.link = LINK;
    let mut world = World::<Shop>::new(
        Arc::new(physics),
        Nobody,
        |_, _| Shop,
        |_| Visits::default(),
        Arc::new([]),
        Trace::off(),
    );
    while world.step() {}
    black_box(world.digest());
    let stores = (0..SERVICES).map(|role| world.database(Role(role)).state());
    Outcome::of(world.events(), world.now(), stores)
}

/// Writes down who came by and sends them on.
#[derive(Clone, Hash)]
struct Shop;

impl Service for Shop {
    type Store = Visits;
    type Record = Visit;
    type Message = Hop;
    type Timer = Never;
    type Fact = ();
    type Truth = Nobody;

    const VOCABULARY: &'static Vocabulary =
        &Vocabulary { roles: &[], operations: &[], manners: &[], subject: "order" };

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

    /// Each order starts one service before its first hop, so that every hop goes over a link.
    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        for order in (u32::from(cx.node().0)..ORDERS).step_by(usize::from(SERVICES)) {
            let first = Hop { order, hop: 1 };
            cx.send(To::Role(first.to()), first);
        }
    }

    fn wiped(&self) -> Self {
        Shop
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

    fn violations(&self) -> usize {
        0
    }
}
