//! Two couples who send a ball to and fro, each in a world of their own that happens to be the same one.
//!
//! The addresses of what they throw are either what is thrown, or the next number of one sequence: then a ball that is
//! lost by one couple changes the luck of the other.

use std::cell::Cell;
use std::sync::Arc;

use stormcart_sim::draw;
use stormcart_sim::fault::{Fault, PointFault};
use stormcart_sim::physics::{Isolation, Physics, RoleSpec, Spread};
use stormcart_sim::service::Moment;
use stormcart_sim::site::{Identity, InjectionPoint, MessageKind, Node, Operation, Role, Vocabulary};
use stormcart_sim::trace::Trace;
use stormcart_sim::{Context, Message, Micros, Service, Timer, To, Truth, World};

use super::cone::{Pair, Side};

const THROWS: u32 = 100;

/// Where luck comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Draws {
    /// From what it is for.
    Addressed,
    /// From how much luck was asked for before.
    Sequenced,
}

thread_local! {
    /// The next number of the one sequence.
    static NEXT: Cell<u32> = const { Cell::new(0) };
}

#[derive(Clone, Debug, Hash)]
pub struct Ball {
    throw: u32,
    /// What its luck is drawn from.
    address: u32,
}

impl Message for Ball {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(0), kind: MessageKind::Ask, subject: self.address, attempt: 1 }
    }
    fn refused(&self) -> Option<Self> {
        None
    }
}

/// Throws the ball again if it does not come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Again;

impl Timer for Again {
    fn identity(&self) -> Identity {
        Identity { operation: Operation(1), kind: MessageKind::Timer, subject: 0, attempt: 1 }
    }
}

/// One of four: 0 plays with 1, and 2 with 3.
#[derive(Clone, Debug, Hash)]
pub struct Player {
    draws: Draws,
    /// The last throw.
    throw: u32,
}

impl Player {
    fn throws(&mut self, cx: &mut Context<'_, Self>, throw: u32) {
        self.throw = throw;
        let address = match self.draws {
            Draws::Addressed => throw << 2 | u32::from(cx.node().0),
            Draws::Sequenced => NEXT.replace(NEXT.get() + 1),
        };
        cx.send(To::Node(Node(cx.node().0 ^ 1)), Ball { throw, address });
        match throw < THROWS {
            true => cx.arm(Again, Micros::millis(50), Micros::ZERO),
            false => cx.disarm(Again),
        }
    }
}

impl Service for Player {
    type Store = ();
    type Record = ();
    type Message = Ball;
    type Timer = Again;
    type Fact = ();
    type Truth = Nothing;

    const VOCABULARY: &'static Vocabulary = &Vocabulary {
        roles: &["a", "b", "c", "d"],
        operations: &["throw", "again"],
        misbehaviors: &[],
        subject: "ball",
    };

    fn apply((): &mut (), (): &()) {}
    fn fact(_: Role, (): &()) -> Option<()> {
        None
    }
    fn on_message(&mut self, cx: &mut Context<'_, Self>, _: Node, ball: Ball) {
        match ball.throw {
            last if last >= THROWS => cx.disarm(Again),
            throw if throw >= self.throw => self.throws(cx, throw + 1),
            _ => {}
        }
    }
    fn on_timer(&mut self, cx: &mut Context<'_, Self>, Again: Again) {
        self.throws(cx, self.throw);
    }
    fn on_restart(&mut self, cx: &mut Context<'_, Self>) {
        if cx.node().0 & 1 == 0 {
            self.throws(cx, 0);
        }
    }
    fn wiped(&self) -> Self {
        Player { throw: 0, ..self.clone() }
    }
}

/// Nobody watches.
#[derive(Clone, Debug, Hash)]
pub struct Nothing;

impl Truth for Nothing {
    type Fact = ();
    fn observe(&mut self, _: Moment, (): ()) {}
    fn replayed(&mut self, _: Moment, _: Role, _: bool) {}
    fn exposed(&self, _: Option<u32>) -> bool {
        false
    }
    fn violations(&self) -> &[stormcart_sim::property::Violation] {
        &[]
    }
}

fn world(draws: Draws, faults: &[Fault]) -> World<Player> {
    NEXT.set(0);
    let role = RoleSpec {
        instances: 1,
        outside: false,
        failover: None,
        service: Spread::default(),
        isolation: Isolation::Serializable,
    };
    let mut physics = Physics::new(draw::Draws::new(5), vec![role; 4]);
    physics.link = Spread { base: Micros(100), spread: Micros(900) };
    let player = |_, _| Player { draws, throw: 0 };
    let mut world = World::new(Arc::new(physics), Nothing, player, |_| (), faults.into(), Trace::on());
    while world.step() {
        assert!(world.events() < 10_000, "they play for ever");
    }
    world
}

/// The first couple loses a ball, and does not.
pub fn runs<T>(draws: Draws, judge: impl FnOnce(Pair<'_, Player>) -> T) -> T {
    let thrown = world(draws, &[]);
    let arrived = thrown.trace().entries().iter().find_map(|entry| match &entry.what {
        stormcart_sim::trace::Happening::Delivered { to: Node(1), message, .. } if message.throw > 20 => {
            Some(message.identity())
        }
        _ => None,
    });
    let site = InjectionPoint { role: Role(1), identity: arrived.unwrap(), occurrence: 1 };
    let fault = Fault::At { site, point_fault: PointFault::Drop };
    let missed = world(draws, &[fault]);
    let side = |world, faults| Side { physics: World::physics(world), trace: World::trace(world), faults };
    judge(Pair { without: side(&thrown, &[]), with: side(&missed, &[fault]), number: 0 })
}
