//! How degradations start and end.

use crate::fault::{Leap, Nodes, SustainedFault};
use crate::service::Service;
use crate::time::{Instant, Micros};

use super::backend::{Backend, Origin, end_at};
use super::detection::detect_failure;
use super::state::Degradation;
use super::takeover;

/// A degradation starts.
pub(crate) fn degrade<S: Service>(
    world: &mut impl Backend<S>,
    sustained: SustainedFault,
    lasting: Micros,
    by: Origin,
) {
    let until = world.now() + lasting;
    world.adversary_mut().degradations.push(Degradation { sustained, until });
    end_at(world, until, by.fault);
    if let SustainedFault::Clock(node, leap) = sustained {
        world.leap(node, leap);
        takeover::suspect_by_clock(world, node, leap, by.cause);
    }
    // An instance that cannot write cannot renew a lease either, nor answer the question whether it is well.
    if let SustainedFault::FullDisk(nodes) = sustained {
        for node in world.adversary().among(nodes) {
            detect_failure(world, node, until, by.cause);
        }
    }
}

/// Clears these degradations, and moves back what their clocks had moved.
pub(crate) fn clear<S: Service>(world: &mut impl Backend<S>, over: impl Fn(&Degradation) -> bool) {
    if !world.adversary().is_degraded() {
        return;
    }
    let degradations = &mut world.adversary_mut().degradations;
    let over: Vec<Degradation> = degradations.extract_if(.., |degradation| over(degradation)).collect();
    for degradation in over {
        if let SustainedFault::Clock(node, leap) = degradation.sustained {
            world.leap(node, leap.inverse());
        }
    }
}

/// Within the core nothing is degraded any more, and what waited for room goes on.
pub(crate) fn heal<S: Service>(world: &mut impl Backend<S>, core: Nodes) {
    for Degradation { sustained, until } in world.adversary().degradations.clone() {
        if let SustainedFault::FullDisk(nodes) = sustained {
            for node in world.adversary().among(nodes.within(core)) {
                world.make_room(node, until);
            }
        }
    }
    clear(world, |degradation| {
        let inside = matches!(degradation.sustained, SustainedFault::Clock(node, _) if core.has(node));
        inside || core == Nodes::ALL
    });
}

impl Leap {
    /// The leap that undoes this one.
    fn inverse(self) -> Leap {
        match self {
            Leap::Ahead(by) => Leap::Behind(by),
            Leap::Behind(by) => Leap::Ahead(by),
        }
    }

    /// When something happens now that was to happen at a moment by the clock that leapt: at once if it is due.
    pub(crate) fn moved(self, at: Instant, now: Instant) -> Instant {
        match self {
            _ if at == Instant::NEVER => at,
            Leap::Ahead(by) => Instant(at.0.saturating_sub(by.0)).max(now),
            Leap::Behind(by) => at + by,
        }
    }
}
