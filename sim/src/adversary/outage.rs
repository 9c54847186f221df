//! Nodes that are cut off, stopped or down.

use crate::fault::Nodes;
use crate::service::Service;
use crate::site::Node;
use crate::time::{Instant, Micros};
use crate::trace::{Cause, Happening};

use super::backend::{Backend, Origin, Scheduled, end_at};
use super::detection::{detect_failure, suspect_unheard};

/// Crashes nodes.
pub(super) fn crash_all<S: Service>(world: &mut impl Backend<S>, nodes: Nodes, down: Micros, cause: Cause) {
    for node in world.adversary().among(nodes) {
        crash(world, node, down, cause);
    }
}

/// Cuts the links between two groups, or from the first to the second.
pub(crate) fn partition<S: Service>(
    world: &mut impl Backend<S>,
    (a, b): (Nodes, Nodes),
    one_way: bool,
    lasting: Micros,
    cause: Cause,
) {
    let until = world.now() + lasting;
    world.adversary_mut().cut_off(a, b, until);
    suspect_unheard(world, a, b, cause);
    if !one_way {
        world.adversary_mut().cut_off(b, a, until);
        suspect_unheard(world, b, a, cause);
    }
    world.links_changed();
}

/// Cuts a node off from every other one.
pub(crate) fn isolate<S: Service>(world: &mut impl Backend<S>, node: Node, lasting: Micros, by: Origin) {
    let alone = Nodes::one(node);
    partition(world, (alone, alone.others()), false, lasting, by.cause);
    end_at(world, world.now() + lasting, by.fault);
}

/// A node stops, and continues as if nothing had happened.
pub(crate) fn pause<S: Service>(world: &mut impl Backend<S>, node: Node, lasting: Micros, by: Origin) {
    let until = world.now() + lasting;
    world.adversary_mut().pauses.push((node, until));
    world.stop(node);
    end_at(world, until, by.fault);
    detect_failure(world, node, until, by.cause);
}

/// A node crashes, and comes back after so long; nothing if it is down already or belongs to an outside party.
#[cold]
pub(crate) fn crash<S: Service>(world: &mut impl Backend<S>, node: Node, down: Micros, cause: Cause) {
    let adversary = world.adversary_mut();
    if adversary.down.has(node) || adversary.outside.has(node) {
        return;
    }
    adversary.down = adversary.down.and(Nodes::one(node));
    adversary.pauses.retain(|(who, _)| *who != node);
    world.kill(node);
    let journal = world.journal();
    journal.mark(u64::from(node.0), 32);
    let cause = journal.record(cause, || Happening::Crashed(node));
    let back = world.now() + world.adversary().away(node, down);
    if back != Instant::NEVER {
        world.schedule(back, Scheduled::Restart { node, cause });
    }
    detect_failure(world, node, back, cause);
}
