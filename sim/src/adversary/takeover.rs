//! When an instance is gone for long, another one of its role takes over. What comes back from a pause finds a
//! successor at work, and does not know it yet.
//!
//! **Invariant:** a replicated role has one leader in the eyes of the others, whatever the old one believes
//! (`an_old_leader_works_beside_its_successor`).

use crate::fault::{Leap, Nodes};
use crate::service::Service;
use crate::site::{Identity, Node};
use crate::task::Task;
use crate::time::Instant;
use crate::trace::{Cause, Happening};

use super::backend::{Backend, Scheduled};
use super::outage;

/// An instance whose clock leapt ahead by longer than it takes to be lost believes to have heard nothing from the
/// others for so long, and takes over from them, alive as they are: a lease and a failure detector are judged by a
/// clock too.
pub(crate) fn suspect_by_clock<S: Service>(
    world: &mut impl Backend<S>,
    node: Node,
    leap: Leap,
    cause: Cause,
) {
    let Leap::Ahead(by) = leap else { return };
    let adversary = world.adversary();
    if by < adversary.patience() || !adversary.can_take_over(node, world.now()) {
        return;
    }
    for other in world.adversary().siblings(node) {
        if world.adversary().suspected(other, world.now()).is_none() {
            promote(world, node, other, cause);
        }
    }
}

/// Evicts nodes outside the core that reach it only in part, or come and go: they are cut off from every other node.
/// Such a node is heard, so no instance would take over from it, and what it leads or has under way would hang as
/// long as it is there: membership that lets a core suffice votes out a node on which one of its members cannot rely
/// (Suresh et al., Rapid, 2018; Alquraan et al., 2018, for what partial partitions do to systems without it).
pub(crate) fn evict<S: Service>(world: &mut impl Backend<S>, core: Nodes) {
    for node in world.adversary().among(core.others()) {
        let now = world.now();
        if let Some(until) = world.adversary().unreliable(node, core, now) {
            let cause = world.journal().record(0, || Happening::Evicted(node));
            let alone = Nodes::one(node);
            outage::partition(world, (alone, alone.others()), false, until - now, cause);
        }
    }
}

/// An instance finds out that another one is gone, if that is still so. One that is away itself does when it is back,
/// and one that cannot write takes nothing over before there is room.
pub(crate) fn take_over<S: Service>(world: &mut impl Backend<S>, node: Node, lost: Node, cause: Cause) {
    let (adversary, now) = (world.adversary(), world.now());
    if adversary.is_down(node) || adversary.suspected(lost, now).is_none() {
        return;
    }
    let unavailable = adversary.unavailable(node, now);
    match unavailable.or(adversary.full(node, now)) {
        Some(Instant::NEVER) if unavailable.is_some() => {}
        Some(until) => world.schedule(until, Scheduled::Takeover { node, lost, cause }),
        None => promote(world, node, lost, cause),
    }
}

/// An instance does what another one would do when it came back: the store is shared, so all it needs is there. The
/// other one may be alive, and is not asked.
pub(crate) fn promote<S: Service>(world: &mut impl Backend<S>, node: Node, lost: Node, cause: Cause) {
    if !world.adversary_mut().succeeds(node, lost) {
        return;
    }
    let journal = world.journal();
    journal.mark(u64::from(node.0), 16);
    let cause = journal.record(cause, || Happening::TookOver { node, lost });
    if world.is_external(node) {
        return world.tell_takeover(node, cause);
    }
    let effects = world.handle(node, None, |service, cx| service.on_takeover(cx));
    let place = (node, world.adversary().role(node));
    world.run(Task::without_worker(place, Identity::RECOVERY, effects, None, cause));
}
