//! By the clock: what a fault does to a node, at the moment it did it.
//!
//! A fault named after one customer often holds up others. Told by the clock it happens without that customer.
//!
//! **Invariant:** only what a node suffers is told by the clock; what a message suffers stays with its message.

use stormcart_sim::Instant;
use stormcart_sim::fault::{Fault, Nodes, PointFault, SustainedFault, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::Node;

/// What a fault that struck at this moment can have been, by the clock. A place names roles and not nodes, and of a
/// sender not even the role: each node that it can have been is one answer.
pub fn by_the_clock(fault: &Fault, struck: Instant, physics: &Physics) -> Vec<Fault> {
    let when = When::At(struck);
    let Fault::At { site, point_fault } = *fault else {
        return match *fault {
            Fault::During { when: When::After(_), lasting, sustained } => {
                vec![Fault::During { when, lasting, sustained }]
            }
            Fault::During { when: When::At(_), .. } | Fault::At { .. } => Vec::new(),
        };
    };
    let cut_off = |node| {
        let a = Nodes::one(node);
        SustainedFault::Partition { a, b: a.others(), one_way: false }
    };
    let receivers = || physics.instances(site.role).collect::<Vec<Node>>();
    let (nodes, lasting, sustained): (Vec<Node>, _, &dyn Fn(Node) -> SustainedFault) = match point_fault {
        PointFault::Pause(lasting) => (receivers(), lasting, &SustainedFault::Pause),
        PointFault::Crash(_, lasting) => {
            (receivers(), lasting, &|node| SustainedFault::Crash(Nodes::one(node)))
        }
        PointFault::IsolateReceiver(lasting) => (receivers(), lasting, &cut_off),
        PointFault::IsolateSender(lasting) => {
            ((0..physics.nodes() as u8).map(Node).collect(), lasting, &cut_off)
        }
        PointFault::Leap(leap, lasting) => {
            (receivers(), lasting, &move |node| SustainedFault::Clock(node, leap))
        }
        PointFault::Drop
        | PointFault::Duplicate(_)
        | PointFault::Delay(_)
        | PointFault::Reorder(_)
        | PointFault::ReorderInbox
        | PointFault::Corrupt
        | PointFault::LoseTie
        | PointFault::FailWrite
        | PointFault::SplitBrain
        | PointFault::Misbehave(_) => return Vec::new(),
    };
    nodes.into_iter().map(|node| Fault::During { when, lasting, sustained: sustained(node) }).collect()
}
