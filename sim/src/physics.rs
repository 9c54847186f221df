//! The constants of a world: where each role runs, how long things take, what a database promises.
//!
//! **Invariant:** every number here comes from a script; only [`Physics::new`] has any of its own, and those mean
//! that nothing takes time.

use std::ops::Range;

use crate::draw::{DrawBits, Draws, Lane, Purpose};
use crate::fault::Nodes;
use crate::service::To;
use crate::site::{Identity, Node, Role};
use crate::time::Micros;

/// A duration between `base` and `base + spread`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    /// The least it takes.
    pub base: Micros,
    /// How much longer it may take.
    pub spread: Micros,
}

impl Spread {
    /// Always exactly this long.
    pub const fn constant(base: Micros) -> Self {
        Spread { base, spread: Micros::ZERO }
    }

    /// The duration that these drawn bits give.
    #[inline]
    pub fn draw(self, bits: DrawBits, part: Lane) -> Micros {
        self.base + Micros(bits.within(part, self.spread.0))
    }
}

/// What concurrent handlers over one store may see of each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Isolation {
    /// A handler reads and commits at one instant: as if transactions ran one after the other.
    #[default]
    Serializable,
    /// A handler reads when it starts and commits when its service time is over, unchecked: what another instance
    /// committed in between is overlooked.
    ReadCommitted,
}

/// One role's place in the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleSpec {
    /// How many instances share its store.
    pub instances: u8,
    /// Outside parties never crash and are reached over outside links.
    pub outside: bool,
    /// A replicated role has one leader, to which all others speak. A single node stands for the whole group and comes
    /// back after this gap, whatever crashed it; of several, another one takes over.
    pub failover: Option<Micros>,
    /// Time on a worker for one command.
    pub service: Spread,
    /// What its database promises.
    pub isolation: Isolation,
}

impl RoleSpec {
    /// One instance inside, whose handlers take no time.
    pub const ONE: RoleSpec = RoleSpec {
        instances: 1,
        outside: false,
        failover: None,
        service: Spread::constant(Micros::ZERO),
        isolation: Isolation::Serializable,
    };
}

/// Everything constant about a world.
#[derive(Clone, Debug)]
pub struct Physics {
    /// The addressed draws of this run.
    pub draws: Draws,
    /// Roles, by [`Role`].
    pub roles: Vec<RoleSpec>,
    /// One way between two nodes inside.
    pub link: Spread,
    /// One way to or from an outside party.
    pub outside_link: Spread,
    /// A forced write.
    pub sync: Spread,
    /// Workers of one instance.
    pub workers: u8,
    /// Commands that may wait for a worker; further ones are refused.
    pub inbox: u16,
    /// How long it takes the other instances of a role to find out that one is gone.
    pub takeover: Micros,
    /// Per mille of the messages caught by a partition that are lost; the rest arrives after it.
    pub lost_per_mille: u16,
    /// Effects wait for the sync of the commit before them. Only a mutant in the tests says no.
    #[cfg_attr(not(feature = "testing"), doc(hidden))]
    pub barrier: bool,
    /// A recovery takes nothing for real that lacks the mark of its commit. Only a mutant in the tests says no.
    #[cfg_attr(not(feature = "testing"), doc(hidden))]
    pub marks: bool,
    nodes: Vec<(Role, u8)>,
    first: Vec<u8>,
}

impl Physics {
    /// A world in which nothing takes time and nothing queues.
    ///
    /// # Panics
    /// With more than 64 nodes.
    pub fn new(draws: Draws, roles: Vec<RoleSpec>) -> Self {
        let mut nodes = Vec::new();
        let mut first = Vec::new();
        for (index, role) in roles.iter().enumerate() {
            first.push(nodes.len() as u8);
            nodes.extend((0..role.instances).map(|instance| (Role(index as u8), instance)));
        }
        assert!(nodes.len() <= 64, "a set of nodes is 64 bits wide");
        Physics {
            draws,
            roles,
            link: Spread::default(),
            outside_link: Spread::default(),
            sync: Spread::default(),
            workers: u8::MAX,
            inbox: 0,
            takeover: Micros::ZERO,
            lost_per_mille: 1_000,
            barrier: true,
            marks: true,
            nodes,
            first,
        }
    }

    /// The bits drawn for something that arrives at a role.
    #[inline]
    pub(crate) fn bits(&self, purpose: Purpose, role: Role, identity: Identity) -> DrawBits {
        self.draws.bits(purpose, identity.packed(role) >> 32, u64::from(identity.subject))
    }

    /// When a timer of a node fires, by its clock: after so long and a drawn part of the jitter.
    #[inline]
    pub(crate) fn timer(
        &self,
        node: Node,
        identity: Identity,
        after: Micros,
        jitter: Micros,
    ) -> (Micros, DrawBits) {
        let name = identity.packed(self.role(node)) >> 32 | u64::from(self.instance(node)) << 32;
        let bits = self.draws.bits(Purpose::Timer, name, u64::from(identity.subject));
        (after + Micros(bits.within(Lane::Link, jitter.0)), bits)
    }

    /// How many nodes there are.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// The set of all nodes.
    pub fn all_nodes(&self) -> Nodes {
        Nodes((0..self.nodes()).fold(0, |nodes, node| nodes | 1 << node))
    }

    /// The role of a node.
    #[inline]
    pub fn role(&self, node: Node) -> Role {
        self.nodes[node.0 as usize].0
    }

    /// Which instance of its role a node is, from 0.
    pub fn instance(&self, node: Node) -> u8 {
        self.nodes[node.0 as usize].1
    }

    /// The first node of a role: the leader at the start, if it is replicated.
    pub(crate) fn first(&self, role: Role) -> Node {
        Node(self.first[role.0 as usize])
    }

    /// The nodes of a role.
    pub fn instances(&self, role: Role) -> impl Iterator<Item = Node> + use<> {
        let first = self.first[role.0 as usize];
        let all: Range<u8> = first..first + self.roles[role.0 as usize].instances;
        all.map(Node)
    }

    /// The spec of a node's role.
    #[inline]
    pub fn spec(&self, node: Node) -> &RoleSpec {
        &self.roles[self.role(node).0 as usize]
    }

    /// The node an address means for this subject and attempt: sticky by subject, another one at each retry.
    #[inline]
    pub fn resolve(&self, to: To, subject: u32, attempt: u8) -> Node {
        match to {
            To::Node(node) => node,
            To::Role(role) => {
                let instances = self.roles[role.0 as usize].instances as u32;
                debug_assert!(instances > 0, "a message to {role:?}, of which there is none");
                let pick = if instances == 1 { 0 } else { (subject + attempt as u32) % instances };
                Node(self.first[role.0 as usize] + pick as u8)
            }
        }
    }
}
