//! Everything at a moment of a run: what is stored, what is remembered, what waits, what is on its way.
//!
//! **Invariant:** a scene is read from the world of that moment, and shows every node of it; what is empty is left out.

mod print;

use serde::Serialize;
use serde_json::Value;
use stormcart_models::service::Checkout;
use stormcart_models::words::{Party, VOCABULARY};
use stormcart_sim::fault::Nodes;
use stormcart_sim::site::{Identity, InjectionPoint, Node};
use stormcart_sim::{Closed, Effect, Instant, Pending, To};

use crate::determinism_check::DeterminismCheck;
use crate::fault_text::{fault_name, node_name, sustained_fault_name};
use crate::plan::Plan;
use crate::run::{CheckoutWorld, Until, world_after};

use super::order_summary::{self, Standing};
use super::state_tree::{Held, StateTree};
use super::trace_formatter::{TraceFormatter, sent, timer_name};

/// A run at a moment.
#[derive(Clone, Debug, Serialize)]
pub struct StateSnapshot {
    /// When, in virtual microseconds.
    pub at_us: u64,
    /// The number of the last event that had happened.
    pub event: u64,
    /// When the run ended, if it was over by then.
    pub ended_us: Option<u64>,
    /// Links that carry nothing.
    pub cut: Vec<String>,
    /// Faults of the plan that may still strike, by number.
    pub armed: Vec<Armed>,
    /// Who leads a replicated group.
    pub leads: Vec<String>,
    /// How all accepted orders stood, in truth.
    pub orders: Vec<Standing>,
    /// Every node.
    pub nodes: Vec<Place>,
}

/// A fault that may still strike.
#[derive(Clone, Debug, Serialize)]
pub struct Armed {
    /// Its number in the plan.
    pub number: usize,
    /// The fault in words.
    pub name: String,
}

/// A node at a moment.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// Which.
    pub node: String,
    /// `down`, or stopped; up, if there is nothing to say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What is stored; shown with the first of those who share it.
    pub store: Vec<Entry>,
    /// Whose the store is as well.
    pub shared_with: Vec<String>,
    /// Records that a crash of this node would take back.
    pub unsynced: usize,
    /// What is remembered.
    pub memory: Vec<Entry>,
    /// Commands that wait for a worker.
    pub waiting: Vec<String>,
    /// Handlers that are half done.
    pub half_done: Vec<Due>,
    /// Messages on their way here.
    pub in_flight: Vec<Due>,
    /// Armed timers, by what they say when they fire.
    pub timers: Vec<Due>,
    /// What else comes.
    pub to_come: Vec<Due>,
}

/// One thing in a store or in a memory.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// `order 3`, `article 0`, ...; of what is there once, nothing.
    pub about: Option<String>,
    /// The table it is in.
    pub kind: String,
    /// It.
    pub value: Value,
    /// It in words.
    #[serde(skip)]
    pub words: String,
}

/// Something that will happen if nothing comes in between.
#[derive(Clone, Debug, Serialize)]
pub struct Due {
    /// When, in virtual microseconds.
    pub at_us: u64,
    /// What.
    pub what: String,
}

impl StateSnapshot {
    /// A run right after a moment of it.
    pub fn of(twice: &DeterminismCheck, moment: Until) -> StateSnapshot {
        let plan = &twice.plan;
        let world = world_after(plan, moment);
        let artist = Artist { plan, world: &world, formatter: TraceFormatter::new(plan) };
        let armed = world.armed().into_iter().filter_map(|index| {
            let name = fault_name(plan.faults.get(usize::from(index))?, &plan.physics);
            Some(Armed { number: usize::from(index) + 1, name })
        });
        let nodes = || (0..plan.physics.nodes() as u8).map(Node);
        let leaders = Party::ALL.iter().filter_map(|party| world.leader(party.role()));
        StateSnapshot {
            at_us: world.now().0,
            event: world.events(),
            ended_us: (world.events() == twice.run.events).then(|| world.now().0),
            cut: artist.cuts().into_iter().chain(artist.ailments()).collect(),
            armed: armed.collect(),
            leads: leaders.map(|node| artist.name(node)).collect(),
            orders: order_summary::of(plan, world.truth()),
            nodes: nodes().map(|node| artist.place(node)).collect(),
        }
    }
}

/// Somebody who draws what they see of a world.
struct Artist<'a> {
    plan: &'a Plan,
    world: &'a CheckoutWorld,
    formatter: TraceFormatter<'a>,
}

impl Artist<'_> {
    fn name(&self, node: Node) -> String {
        node_name(&self.plan.physics, node)
    }

    fn names(&self, nodes: Nodes) -> String {
        let there = nodes.iter().take_while(|node| usize::from(node.0) < self.plan.physics.nodes());
        there.map(|node| self.name(node)).collect::<Vec<_>>().join(" ")
    }

    /// What is cut, and for how long; a cut in both directions is one.
    fn cuts(&self) -> Vec<String> {
        let closed: Vec<Closed> = self.world.closed().collect();
        let back = |cut: &Closed| Closed { from: cut.to, to: cut.from, until: cut.until };
        let mut cuts = Vec::new();
        for (index, cut) in closed.iter().enumerate() {
            if closed[..index].contains(&back(cut)) {
                continue;
            }
            let (from, to) = (self.side(cut.from, cut.to), self.side(cut.to, cut.from));
            let until = lasting(cut.until);
            cuts.push(match closed.contains(&back(cut)) {
                true => format!("{from} and {to} do not reach each other {until}"),
                false => format!("what {from} sends to {to} does not arrive {until}"),
            });
        }
        cuts
    }

    /// What else lasts.
    fn ailments(&self) -> impl Iterator<Item = String> {
        let ails = |(sustained, until)| {
            format!("{} {}", sustained_fault_name(&sustained, &self.plan.physics), lasting(until))
        };
        self.world.ailing().map(ails)
    }

    /// The names of a group; of the larger of two groups that are everybody, who they are not.
    fn side(&self, one: Nodes, other: Nodes) -> String {
        let everybody = one == other.others() && one.0.count_ones() > other.0.count_ones();
        if everybody { "everybody else".into() } else { self.names(one) }
    }

    fn place(&self, node: Node) -> Place {
        let (world, physics) = (self.world, &self.plan.physics);
        let role = physics.role(node);
        let first = physics.instances(role).next() == Some(node);
        let trouble = match world.stands_still(node) {
            _ if world.is_down(node) => Some(self.down(node)),
            Some(until) => Some(format!("stands still {}", lasting(until))),
            None => None,
        };
        let mut place = Place {
            node: self.name(node),
            trouble,
            store: if first {
                self.entries(&StateTree::of(world.database(role).state()))
            } else {
                Vec::new()
            },
            shared_with: physics
                .instances(role)
                .skip(1)
                .filter(|_| first)
                .map(|node| self.name(node))
                .collect(),
            unsynced: world.database(role).unsynced(node),
            memory: self.entries(&StateTree::of(world.memory(node))),
            waiting: world
                .waiting(node)
                .map(|(from, message)| self.formatter.arrives(from, message))
                .collect(),
            half_done: Vec::new(),
            in_flight: Vec::new(),
            timers: Vec::new(),
            to_come: Vec::new(),
        };
        for (at, pending) in world.pending().filter(|(_, pending)| pending.node() == Some(node)) {
            self.add(&mut place, at, &pending);
        }
        place
    }

    /// Everything in a store or a memory.
    fn entries(&self, shape: &StateTree) -> Vec<Entry> {
        let intents = &self.plan.setup.intents;
        let name = |node: u8| self.name(Node(node));
        let quoted = |order: u32| intents.get(order as usize).map(|intent| StateTree::of(&intent.basket));
        let entry = |Held { about, kind, value }: Held| {
            let order = about.as_deref().and_then(|about| about.strip_prefix("order ")?.parse().ok());
            let words = value.known(&name, &quoted, order).words();
            Entry { about, kind, value: value.document(), words }
        };
        shape.held().into_iter().map(entry).collect()
    }

    fn down(&self, node: Node) -> String {
        let back = self
            .world
            .pending()
            .find(|(_, pending)| matches!(pending, Pending::Restart(who) if *who == node));
        format!("down {}", lasting(back.map_or(Instant::NEVER, |(at, _)| at)))
    }

    fn add(&self, place: &mut Place, at: Instant, pending: &Pending<'_, Checkout>) {
        let due = |what: String| Due { at_us: at.0, what };
        match pending {
            Pending::Message { from, message, .. } => {
                place.in_flight.push(due(self.formatter.arrives(*from, message)));
            }
            Pending::Timer { node, timer } => place.timers.push(due(self.formatter.fires(*node, *timer))),
            Pending::Handler { node, identity, effects } => {
                let left: Vec<String> =
                    effects.iter().filter_map(|effect| self.effect(*node, effect)).collect();
                let left = if left.is_empty() { "nothing left to do".into() } else { left.join("; ") };
                place.half_done.push(due(format!("{}: {left}", self.handled(*node, *identity))));
            }
            Pending::Takeover { lost, .. } => {
                place.to_come.push(due(format!("takes over from {}, if that is not back", self.name(*lost))));
            }
            Pending::Restart(_) => place.to_come.push(due("is back".into())),
            Pending::SustainedFault(_) | Pending::Mend(_) => {}
        }
    }

    /// `charge order 5 attempt 1, ask`.
    fn handled(&self, node: Node, identity: Identity) -> String {
        let site = InjectionPoint { role: self.plan.physics.role(node), identity, occurrence: 1 };
        let words = VOCABULARY.site(&site).to_string();
        words.split_once(' ').map_or(words.clone(), |(_, what)| what.to_owned())
    }

    fn effect(&self, node: Node, effect: &Effect<Checkout>) -> Option<String> {
        Some(match effect {
            Effect::Write(record) => format!("write `{}`", self.formatter.record(node, record)),
            Effect::Append(record) => format!("note `{}`", self.formatter.record(node, record)),
            Effect::Send(to, message) => format!("send {} to {}", sent(message), self.address(*to)),
            Effect::Arm(timer, after, _) => format!("arm {} in {after}", timer_name(*timer)),
            Effect::Disarm(timer) => format!("disarm {}", timer_name(*timer)),
            Effect::Sync => return None,
        })
    }

    fn address(&self, to: To) -> String {
        match to {
            To::Node(node) => self.name(node),
            To::Role(role) => VOCABULARY.role(role).into(),
        }
    }
}

fn lasting(until: Instant) -> String {
    match until {
        Instant::NEVER => "until it is healed".into(),
        until => format!("until {until}"),
    }
}
