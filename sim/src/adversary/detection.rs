//! When the instances of a role find out that one of them is gone.

use crate::fault::Nodes;
use crate::service::Service;
use crate::site::Node;
use crate::time::Instant;
use crate::trace::Cause;

use super::backend::{Backend, Scheduled};

/// The other instances of a role find out that one is gone until `back`, each by its own clock, if that is long enough.
pub(crate) fn detect_failure<S: Service>(
    world: &mut impl Backend<S>,
    lost: Node,
    back: Instant,
    cause: Cause,
) {
    if world.adversary().is_outside(lost) {
        return;
    }
    for node in world.adversary().siblings(lost) {
        let detected = world.adversary().detects_at(node, world.now());
        if detected < back {
            world.schedule(detected, Scheduled::Takeover { node, lost, cause });
        }
    }
}

/// A node that comes back finds out which others are still away.
pub(crate) fn detect_failed_siblings<S: Service>(world: &mut impl Backend<S>, node: Node, cause: Cause) {
    let detected = world.adversary().detects_at(node, world.now());
    for lost in world.adversary().siblings(node) {
        if world.adversary().suspected(lost, world.now()).is_some() {
            world.schedule(detected, Scheduled::Takeover { node, lost, cause });
        }
    }
}

/// Links from one group to the other were cut: a node of the first that no other instance hears now is suspected.
pub(crate) fn suspect_unheard<S: Service>(world: &mut impl Backend<S>, from: Nodes, to: Nodes, cause: Cause) {
    for node in world.adversary().among(from) {
        let adversary = world.adversary();
        if adversary.siblings(node).any(|other| to.has(other))
            && let Some(until) = adversary.unheard(node, world.now())
        {
            detect_failure(world, node, until, cause);
        }
    }
}
