//! Everything at a moment of a run: what is stored, what is remembered, what waits, what is on its way.
//!
//! **Invariant:** a snapshot is read from the world of that moment, and shows every node of it; what is empty is left out.

mod print;

use serde::Serialize;
use serde_json::Value;
use stormcart_sim::fault::Nodes;
use stormcart_sim::site::{Identity, InjectionPoint, Node, Role};
use stormcart_sim::{Cut, Effect, Instant, Pending, To};

use crate::determinism_check::DeterminismCheck;
use crate::model::{Model, ServiceOf, SubjectSummary};
use crate::plan::Plan;
use crate::run::{Until, WorldOf, world_after};

use super::state_tree::{Held, Key, Known, StateTree};
use super::trace_formatter::{TraceFormatter, sent};

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
    /// How all accepted subjects stood, in truth.
    #[serde(rename = "orders")]
    pub subjects: Vec<SubjectSummary>,
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
    /// The number of the subject it is about, if it is about one.
    #[serde(skip)]
    pub subject: Option<u32>,
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
    /// What will happen, in words.
    pub what: String,
}

impl StateSnapshot {
    /// A run right after a moment of it.
    pub fn of<M: Model>(checked: &DeterminismCheck<M>, moment: Until) -> StateSnapshot {
        let plan = &checked.plan;
        let world = world_after(plan, moment);
        let artist = Artist { plan, world: &world, formatter: TraceFormatter::new(plan) };
        let armed = world.armed().into_iter().filter_map(|index| {
            let name = plan.names().fault(plan.faults.get(usize::from(index))?);
            Some(Armed { number: usize::from(index) + 1, name })
        });
        let nodes = || (0..plan.physics.nodes() as u8).map(Node);
        let leaders = (0..plan.physics.roles.len() as u8).filter_map(|role| world.leader(Role(role)));
        StateSnapshot {
            at_us: world.now().0,
            event: world.events(),
            ended_us: (world.events() == checked.run.events).then(|| world.now().0),
            cut: artist.cuts().into_iter().chain(artist.degradations()).collect(),
            armed: armed.collect(),
            leads: leaders.map(|node| artist.name(node)).collect(),
            subjects: M::summaries(&plan.setup, world.truth()),
            nodes: nodes().map(|node| artist.place(node)).collect(),
        }
    }
}

/// Somebody who draws what they see of a world.
struct Artist<'a, M: Model> {
    plan: &'a Plan<M>,
    world: &'a WorldOf<M>,
    formatter: TraceFormatter<'a, M>,
}

impl<M: Model> Artist<'_, M> {
    fn name(&self, node: Node) -> String {
        self.plan.names().node(node)
    }

    fn names(&self, nodes: Nodes) -> String {
        let there = nodes.iter().take_while(|node| usize::from(node.0) < self.plan.physics.nodes());
        there.map(|node| self.name(node)).collect::<Vec<_>>().join(" ")
    }

    /// What is cut, and for how long; a cut in both directions is one.
    fn cuts(&self) -> Vec<String> {
        let closed: Vec<Cut> = self.world.cuts().collect();
        let back = |cut: &Cut| Cut { from: cut.to, to: cut.from, until: cut.until };
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
    fn degradations(&self) -> impl Iterator<Item = String> {
        let physics = &self.plan.physics;
        let words =
            |(fault, until)| format!("{} {}", M::vocabulary().sustained(physics, &fault), lasting(until));
        self.world.degradations().map(words)
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
        let trouble = match world.paused_until(node) {
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
    fn entries(&self, tree: &StateTree) -> Vec<Entry> {
        let node = |node: Node| self.name(node);
        let implied = |subject: u32| M::implied(&self.plan.setup, subject);
        let word = M::vocabulary().subject;
        let world = Known { subject: word, node: &node, implied: &implied };
        let entry = |Held { about, kind, value }: Held| {
            let subject = match &about {
                Some(Key::Subject(subject)) => Some(*subject),
                Some(Key::Words(_)) | None => None,
            };
            let about = about.map(|key| match key {
                Key::Subject(subject) => format!("{word} {subject}"),
                Key::Words(words) => words,
            });
            // A table of flags is a set: that something is in it is all there is to say.
            let words = match &value {
                StateTree::Flag(true) => String::new(),
                value => value.known(&world, subject).words(),
            };
            Entry { about, subject, kind, value: value.document(), words }
        };
        tree.held().into_iter().map(entry).collect()
    }

    fn down(&self, node: Node) -> String {
        let back = self
            .world
            .pending()
            .find(|(_, pending)| matches!(pending, Pending::Restart(who) if *who == node));
        format!("down {}", lasting(back.map_or(Instant::NEVER, |(at, _)| at)))
    }

    fn add(&self, place: &mut Place, at: Instant, pending: &Pending<'_, ServiceOf<M>>) {
        let due = |what: String| Due { at_us: at.0, what };
        match pending {
            Pending::Message { from, message, .. } => {
                place.in_flight.push(due(self.formatter.arrives(*from, message)));
            }
            Pending::Timer { node, timer } => place.timers.push(due(self.formatter.fires(*node, timer))),
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
            Pending::SustainedFault(_) | Pending::End(_) => {}
        }
    }

    /// `charge order 5 attempt 1, ask`.
    fn handled(&self, node: Node, identity: Identity) -> String {
        let site = InjectionPoint { role: self.plan.physics.role(node), identity, occurrence: 1 };
        let words = M::vocabulary().site(&site).to_string();
        words.split_once(' ').map_or(words.clone(), |(_, what)| what.to_owned())
    }

    fn effect(&self, node: Node, effect: &Effect<ServiceOf<M>>) -> Option<String> {
        Some(match effect {
            Effect::Write(record) => format!("write `{}`", self.formatter.record(node, record)),
            Effect::Append(record) => format!("note `{}`", self.formatter.record(node, record)),
            Effect::Send(to, message) => format!("send {} to {}", sent::<M>(message), self.address(*to)),
            Effect::Arm(timer, after, _) => format!("arm {} in {after}", M::timer_name(timer)),
            Effect::Disarm(timer) => format!("disarm {}", M::timer_name(timer)),
            Effect::Sync => return None,
        })
    }

    fn address(&self, to: To) -> String {
        match to {
            To::Node(node) => self.name(node),
            To::Role(role) => M::vocabulary().role(role).into(),
        }
    }
}

fn lasting(until: Instant) -> String {
    match until {
        Instant::NEVER => "until it is healed".into(),
        until => format!("until {until}"),
    }
}
