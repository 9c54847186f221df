//! By the clock: what a fault does to a node, at the moment it did it.
//!
//! A fault named after one customer often holds up others. Told by the clock it happens without that customer.
//!
//! **Invariant:** only what a node suffers is told by the clock; what a message suffers stays with its message.

use stormcart_sim::Instant;
use stormcart_sim::fault::{Fault, Nodes, Strike, Verb, When};
use stormcart_sim::physics::Physics;
use stormcart_sim::site::Node;

/// What a fault that struck at this moment can have been, by the clock. A place names roles and not nodes, and of a
/// sender not even the role: each node that it can have been is one answer.
pub(super) fn by_the_clock(fault: &Fault, struck: Instant, physics: &Physics) -> Vec<Fault> {
    let when = When::At(struck);
    let Fault::At { site, verb } = *fault else {
        return match *fault {
            Fault::During { when: When::After(_), lasting, strike } => {
                vec![Fault::During { when, lasting, strike }]
            }
            _ => Vec::new(),
        };
    };
    let cut_off = |node| {
        let a = Nodes::one(node);
        Strike::Partition { a, b: a.others(), one_way: false }
    };
    let receivers = || physics.instances(site.role).collect::<Vec<Node>>();
    let (nodes, lasting, strike): (Vec<Node>, _, &dyn Fn(Node) -> Strike) = match verb {
        Verb::Pause(lasting) => (receivers(), lasting, &Strike::Pause),
        Verb::Crash(_, lasting) => (receivers(), lasting, &|node| Strike::Crash(Nodes::one(node))),
        Verb::IsolateReceiver(lasting) => (receivers(), lasting, &cut_off),
        Verb::IsolateSender(lasting) => ((0..physics.nodes() as u8).map(Node).collect(), lasting, &cut_off),
        Verb::Leap(leap, lasting) => (receivers(), lasting, &move |node| Strike::Clock(node, leap)),
        Verb::Drop
        | Verb::Duplicate(_)
        | Verb::Delay(_)
        | Verb::Reorder(_)
        | Verb::Overtaken
        | Verb::Corrupt
        | Verb::Yield
        | Verb::FailWrite
        | Verb::Supersede
        | Verb::Manner(_) => return Vec::new(),
    };
    nodes.into_iter().map(|node| Fault::During { when, lasting, strike: strike(node) }).collect()
}

#[cfg(test)]
mod tests {
    use stormcart_sim::Micros;
    use stormcart_sim::fault::CrashPoint;

    use super::*;
    use crate::menu::Place;
    use crate::plan::Stage;
    use stormcart_models::architecture::ARCHITECTURES;

    /// How many answers there are: one for each instance of the receiver, one for each node that may have sent it.
    #[test]
    fn what_nodes_suffer_has_a_moment_and_what_messages_suffer_has_none() {
        let contender = crate::contender::Contender::best(ARCHITECTURES[0]);
        let physics = Stage::load("storm").unwrap().plan(&contender, crate::seeds::Seed(1)).physics;
        let site = Place::named("payments charge ask").unwrap().site(ARCHITECTURES[0], 0, 1);
        let (time, struck) = (Micros::secs(6), Instant(70_000));
        let verbs = [
            (Verb::Pause(time), 2),
            (Verb::Crash(CrashPoint::AfterCommit, time), 2),
            (Verb::IsolateReceiver(time), 2),
            (Verb::IsolateSender(time), physics.nodes()),
            (Verb::Drop, 0),
            (Verb::Delay(time), 0),
            (Verb::FailWrite, 0),
        ];
        for (verb, answers) in verbs {
            let told = by_the_clock(&Fault::At { site, verb }, struck, &physics);
            assert_eq!(told.len(), answers, "{verb:?}");
            for fault in told {
                let Fault::During { when, lasting, .. } = fault else { panic!("{fault:?}") };
                assert_eq!((when, lasting), (When::At(struck), time));
            }
        }
    }
}
